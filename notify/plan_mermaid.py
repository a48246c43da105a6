"""The plan of a playbook as Mermaid text: the same phases and words, for pages that draw it themselves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from types import MappingProxyType
from typing import Final

from notify.plan_card import Mark, notes_of, role_words, said
from notify.text import clip, one_line
from playbooks.models import TRUNK, Phase, Playbook, Step
from playbooks.order import prerequisites

SIGNS: Final[Mapping[Mark, str]] = MappingProxyType(
    {
        "if": "◇",
        "approval": "⚇",
        "client": "❐",
        "optional": "○",
        "repeat": "↻",
        "automated": "⚙",
        "notice": "✉",
        "after": "↳",
    }
)
"""The signs that stand for the marks of the picture."""
LONGEST_WORDS: Final = 160
_FRAMES: Final = MappingProxyType({"manual": '["{}"]', "automated": '[["{}"]]', "notice": '(["{}"])'})


def plan_mermaid(plan: Playbook) -> str:
    """The plan as a Mermaid flowchart; titles and conditions cannot end a label or begin a command."""
    names = {step.id: f"s{number}" for number, step in enumerate(plan.steps, 1)}
    return (
        "\n".join(["flowchart TB", *_phases(plan, names), *_arrows(plan, names), *_looks(plan, names)]) + "\n"
    )


def _phases(plan: Playbook, names: Mapping[str, str]) -> Iterator[str]:
    for phase in plan.phases:
        yield f'  subgraph {_box(phase.id)}["{said(phase.id).title()}"]'
        yield "    direction TB"
        for step in phase.steps:
            yield f"    {names[step.id]}{_FRAMES[step.kind].format(_label(plan, step))}"
        yield "  end"


def _label(plan: Playbook, step: Step) -> str:
    notes = [f"{SIGNS[mark]} {words}" for mark, words in notes_of(plan, step) if mark != "after"]
    return "<br/>".join(_inert(line) for line in (step.title, role_words(step), *notes))


def _inert(words: str) -> str:
    """Every character that Mermaid might take for its own as the number it has."""
    text = clip(one_line(words), LONGEST_WORDS)
    return "".join(char if char.isalnum() or char in " .,:'-·◇⚇❐○↻⚙✉…" else f"#{ord(char)};" for char in text)


def _arrows(plan: Playbook, names: Mapping[str, str]) -> Iterator[str]:
    """From phase to phase, and from step to step where a step says what it waits for."""
    present = {phase.id: phase for phase in plan.phases}
    trunk = [name for name in TRUNK if name in present]
    yield from (f"  {_box(one)} ==> {_box(other)}" for one, other in pairwise(trunk))
    if "notify" in present and (source := _source_of(plan, present["notify"])):
        yield f"  {_box(source)} ==> {_box('notify')}"
    for step in plan.steps:
        line = "-.->" if step.join == "any" else "-->"
        yield from (f"  {names[name]} {line} {names[step.id]}" for name in step.after)


def _source_of(plan: Playbook, notify: Phase) -> str | None:
    """The phase on which notify hangs; none where each of its steps names what it waits for."""
    waits = prerequisites(plan)
    barriers = (waits[step.id] for step in notify.steps if not step.after)
    return next((plan.phase_of(names[0]) for names in barriers if names), None)


def _looks(plan: Playbook, names: Mapping[str, str]) -> Iterator[str]:
    optional = [names[step.id] for step in plan.steps if step.optional]
    if optional:
        yield "  classDef optional stroke-dasharray: 5 3"
        yield f"  class {','.join(optional)} optional"


def _box(phase: str) -> str:
    return f"phase_{phase}"
