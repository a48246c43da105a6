"""In which phase a foreign step stands: by its activity, its name, the playbook's one type, else contain."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from playbooks.cacao.vocabulary import PHASE_OF_ACTIVITY
from playbooks.wording import TRUNK, PhaseId, Role

_STEMS: Final[tuple[tuple[PhaseId, str], ...]] = (
    ("review", r"lesson|retrospect|post[- ]incident|post[- ]mortem"),
    ("recover", r"recover|restor|rebuil|reimag|reinstat|resum"),
    ("notify", r"notif|inform the|disclos|report to"),
    ("contain", r"contain|block|isolat|quarantin|disabl|revok|restrict|disconnect|eradicat|remov|patch"),
    ("triage", r"triag|classif|prioriti|sever"),
    ("investigate", r"investigat|analy|forensic|hunt|correlat|enrich|lookup|hashlookup|examin|collect"),
    ("detect", r"detect|alert|monitor|receiv|initiali|prepar"),
)
_WORDS: Final = tuple((phase, re.compile(rf"\b(?:{stems})", re.IGNORECASE)) for phase, stems in _STEMS)
_PHASE_OF_TYPE: Final[Mapping[str, PhaseId]] = {
    "detection": "detect",
    "investigation": "investigate",
    "mitigation": "contain",
    "remediation": "recover",
}
ROLE_OF_PHASE: Final[Mapping[PhaseId, Role]] = {
    "detect": "it",
    "triage": "commander",
    "contain": "it",
    "investigate": "forensics",
    "notify": "privacy",
    "recover": "it",
    "review": "commander",
}
"""Who carries out a step whose agent says nothing that we know."""


def phase_named(step: Mapping[str, Any], types: Sequence[str]) -> PhaseId:
    """Return the phase that a step's activities or name speak of, else that of the playbook's one type."""
    for command in step.get("commands", ()):
        if (phase := PHASE_OF_ACTIVITY.get(command.get("playbook_activity", ""))) is not None:
            return phase
    name = str(step.get("name", ""))[:300]
    usual = _PHASE_OF_TYPE.get(types[0], "contain") if len(types) == 1 else "contain"
    return next((phase for phase, stems in _WORDS if stems.search(name)), usual)


def settled_phases(wanted: Mapping[str, PhaseId], after: Mapping[str, tuple[str, ...]]) -> dict[str, PhaseId]:
    """Return a phase for each step none before what it waits for; `wanted` is in running order.

    Notify stands beside the trunk: a step there waits for detect, triage and notify only, and nothing of the
    trunk waits for it. A step that wants to be there and cannot stands on the trunk.
    """
    beside = {step for step, phase in wanted.items() if phase == "notify"}
    while True:
        found = _on_trunk(wanted, after, beside)
        wrong = {step for step in beside if not _may_stand_beside(step, found, after)}
        wrong |= {name for step in wanted if step not in beside for name in after[step] if name in beside}
        if not wrong:
            return found
        beside -= wrong


def _on_trunk(
    wanted: Mapping[str, PhaseId], after: Mapping[str, tuple[str, ...]], beside: set[str]
) -> dict[str, PhaseId]:
    found: dict[str, PhaseId] = {}
    for step, phase in wanted.items():
        if step in beside:
            found[step] = "notify"
            continue
        own: PhaseId = "contain" if phase == "notify" else phase
        earlier = [found[name] for name in after[step] if found[name] != "notify"]
        found[step] = max((own, *earlier), key=TRUNK.index)
    return found


def _may_stand_beside(step: str, phases: Mapping[str, PhaseId], after: Mapping[str, tuple[str, ...]]) -> bool:
    return all(phases[name] in ("detect", "triage", "notify") for name in after[step])
