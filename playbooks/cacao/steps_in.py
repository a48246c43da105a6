"""A foreign action as a manual step of ours: its words, its role, its time target and its questions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from playbooks.cacao.agents import role_id
from playbooks.cacao.command_text import question
from playbooks.cacao.commands_in import Said, said_by
from playbooks.cacao.foreign_text import SECRET_NAME, line, without_secrets, words
from playbooks.cacao.phases_in import ROLE_OF_PHASE
from playbooks.cacao.report import Report, pointer
from playbooks.cacao.steps_out import STEP_REFERENCE
from playbooks.cacao.vocabulary import ROLES, fact_of
from playbooks.models import Playbook
from playbooks.wording import PhaseId, Role, free_in_forms

_LONGEST: Final = 4_000
_LONGEST_ADDED: Final = 2_600
_MOST_QUOTED: Final = 3
_TARGET: Final = "4h"
_TYPES: Final[Mapping[str, str]] = {"bool": "yes_no_unknown", "integer": "integer", "long": "integer"}
_VARIABLE: Final = re.compile(r"__[A-Za-z_][A-Za-z0-9_-]{0,199}?__", re.ASCII)
_ROLES: Final[Mapping[str, Role]] = {role_id(role): role for role in ROLES}
_RESULT: Final = {
    "id": "result",
    "type": "text",
    "label": "What was done, and what came of it?",
    "required": True,
}
_CARRIED: Final = frozenset(
    ("description", "commands", "agent", "targets", "in_args", "out_args", "timeout", "delay")
)
_FLOW: Final = frozenset(
    (
        "type",
        "name",
        "on_completion",
        "on_success",
        "on_failure",
        "on_true",
        "on_false",
        "next_steps",
        "cases",
    )
) | {"condition", "switch", "playbook_id"}
_WHYS: Final[Mapping[str, str]] = {
    "owner": "an identity outside this document; the role carries the step out",
    "step_extensions": "an extension that is not read here",
    "external_references": "a step cites nothing here",
    "playbook_version": "the version is not looked up",
    "description": "what branches has no words of its own here",
}


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the document says beside its steps, and where the account is kept."""

    document: Mapping[str, Any]
    report: Report
    known: Mapping[str, Playbook] = field(default_factory=dict)
    """The playbooks of this house, which the document may refer to."""

    def variables(self, step: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the variables that a step may speak of."""
        return {**self.document.get("playbook_variables", {}), **step.get("step_variables", {})}


def action_step(step_id: str, phase: PhaseId, lead: tuple[str, ...], around: Surroundings) -> dict[str, Any]:
    """Return the keys of the step that an action becomes; `lead` are lines on when it is to be done."""
    step, report = around.document["workflow"][step_id], around.report
    place = pointer("workflow", step_id)
    said = _said(step, place, report)
    added = (*lead, *_beside(step, place, around), *(one.words for one in said if one.words))
    do_not = [line(text, 300) for one in said for text in one.told.do_not]
    evidence = [line(text, 300) for one in said for text in one.told.evidence]
    approvals = list(dict.fromkeys(role for one in said for role in one.told.approvals))
    return {
        "title": line(step.get("name", "")) or "A step without a name",
        "kind": "manual",
        "role": _role(step, phase, place, around),
        "target": _target(step, place, report),
        "instructions": _instructions(step.get("description", ""), added, place, report),
        **({"per": "case"} if any(one.told.per_case for one in said) else {}),
        **({"do_not": do_not[:30]} if do_not else {}),
        "fields": list(_fields(step, [text for one in said for text in one.told.asks], place, around)),
        **({"approvals": approvals[:5]} if approvals else {}),
        **({"evidence": evidence[:30]} if evidence else {}),
    }


def own_id(step: Mapping[str, Any]) -> str:
    """Return the id that a step bore in a playbook of ours, as its reference says; empty for none."""
    for reference in step.get("external_references", ()):
        if reference.get("name") == STEP_REFERENCE and isinstance(reference.get("external_id"), str):
            return str(reference["external_id"])
    return ""


def _said(step: Mapping[str, Any], place: str, report: Report) -> list[Said]:
    commands = step.get("commands", [])
    if not commands:
        report.changed(place, "it has no command; what is to be done is its description alone")
    if len(commands) > _MOST_QUOTED:
        what = f"the first {_MOST_QUOTED} of {len(commands)} commands are quoted"
        report.refused(f"{place}/commands", what)
    return [said_by(one, f"{place}/commands/{at}", report) for at, one in enumerate(commands[:_MOST_QUOTED])]


def _instructions(description: str, added: tuple[str, ...], place: str, report: Report) -> str:
    rest = words("\n\n".join(added), _LONGEST_ADDED)
    room = _LONGEST - len(rest) - 2
    own = words(description, room)
    if len(description.strip()) > room:
        report.changed(f"{place}/description", f"shortened from {len(description):,} characters")
    elif own != description.strip():
        report.changed(f"{place}/description", "control characters and tabs written out")
    return "\n\n".join(part for part in (own, rest) if part) or "No instructions came with this step."


def _beside(step: Mapping[str, Any], place: str, around: Surroundings) -> Iterator[str]:
    """Lines on whom it concerns, on waiting, and on the variables that its words name."""
    for target in step.get("targets", ())[:5]:
        if (name := _name_of(target, around)) is not None:
            yield f"Concerns: {name}."
    if step.get("targets"):
        around.report.changed(
            f"{place}/targets", "named in the instructions; addresses and contacts left out"
        )
    if "delay" in step:
        around.report.changed(f"{place}/delay", "stated in the instructions")
        yield f"Wait {_shown(step['delay'])} before you begin."
    yield from _variables(step, around)


def _variables(step: Mapping[str, Any], around: Surroundings) -> Iterator[str]:
    spoken = str(step.get("description", "")) + "".join(
        str(command.get("command", ""))[:_LONGEST] for command in step.get("commands", ())[:_MOST_QUOTED]
    )
    named = dict.fromkeys((*step.get("in_args", ()), *_VARIABLE.findall(spoken[: 4 * _LONGEST])))
    defined = around.variables(step)
    for name in [name for name in named if name in defined][:10]:
        definition = defined[name]
        value = definition.get("value")
        secret = SECRET_NAME.search(name) or SECRET_NAME.search(definition.get("description", ""))
        told = f" = {without_secrets(line(str(value)))[0]}" if value is not None and not secret else ""
        yield f"{line(name)}{told}: {line(definition.get('description', '')) or 'a variable'}"


def _name_of(identifier: str, around: Surroundings) -> str | None:
    """Name an agent or target by its kind; a person is not named."""
    definition = {
        **around.document.get("agent_definitions", {}),
        **around.document.get("target_definitions", {}),
    }.get(identifier)
    if not isinstance(definition, dict) or definition.get("type") == "individual":
        return None
    return f"{line(str(definition.get('name', '')), 80)} ({line(str(definition.get('type', '')), 40)})"


def _role(step: Mapping[str, Any], phase: PhaseId, place: str, around: Surroundings) -> Role:
    agent = step.get("agent", "")
    if agent in _ROLES:
        return _ROLES[agent]
    role = ROLE_OF_PHASE[phase]
    if agent not in around.document.get("agent_definitions", {}):
        around.report.changed(f"{place}/agent", f"no agent is defined: role `{role}`, by its phase")
        return role
    around.report.changed(f"{place}/agent", f"role `{role}`, by its phase")
    return role


def _target(step: Mapping[str, Any], place: str, report: Report) -> str:
    """A time limit becomes the time target: whole minutes, five at least for a person, a year at most."""
    if "timeout" not in step:
        return _TARGET
    minutes = min(max(5, -(-step["timeout"] // 60_000)), 366 * 24 * 60)
    report.changed(f"{place}/timeout", f"a time target of {minutes} minutes: a late step is told, not failed")
    return f"{minutes}m"


def _fields(
    step: Mapping[str, Any], asks: list[str], place: str, around: Surroundings
) -> Iterator[dict[str, Any]]:
    """The facts and variables that come out of a step, and its questions; else the one for what was done."""
    defined = around.variables(step)
    found: dict[str, dict[str, Any]] = {}
    labels: set[str] = set()
    for name in step.get("out_args", ())[:20]:
        if (fact := fact_of(name, defined.get(name))) is not None:
            found[fact.name] = {"fact": fact.name, "required": fact.label in asks}
            labels |= {fact.label, *(asked for asked in asks if question(asked)[0] == fact.label)}
            continue
        own = _field_name(name)
        definition = defined.get(name, {})
        label = line(definition.get("description", ""), 160) or f"The value of {line(name, 100)}"
        found[own] = {"id": own, "type": _TYPES.get(definition.get("type", ""), "text"), "label": label}
        around.report.changed(f"{place}/out_args", f"asked as the field `{own}`")
    for asked in [asked for asked in asks if asked not in labels][:20]:
        label, required = question(asked)
        own = _field_name(label)
        found[own] = {"id": own, "type": "text", "label": line(label), "required": required}
    if not any(field.get("required") for field in found.values()):
        found = {"result": dict(_RESULT)} | {name: one for name, one in found.items() if name != "result"}
    yield from found.values()


def _field_name(name: str) -> str:
    own = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")[:30].strip("_") or "value"
    own = own if own[0].isalpha() else f"value_{own}"
    try:
        return free_in_forms(own)
    except ValueError:
        return f"value_{own}"


def tell_rest(step: Mapping[str, Any], place: str, report: Report) -> None:
    """Note the properties of a step that have no place here."""
    carried = _CARRIED | _FLOW if step["type"] == "action" else _FLOW
    if step["type"] == "playbook-action":
        carried |= {"description"}
    for name in step:
        if name in carried or (name == "external_references" and own_id(step)):
            continue
        if name == "step_variables" and step["type"] == "action":
            told = "told in the instructions where they are named; secrets left out"
            report.changed(place + pointer(name), told)
            continue
        report.refused(place + pointer(line(name, 100)), _WHYS.get(name, "no place for it here"))


def _shown(milliseconds: int) -> str:
    return str(timedelta(milliseconds=min(max(milliseconds, 0), 10**11)))
