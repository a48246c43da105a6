"""What a manual command says to a human: what not to do, what to record, what to state, who approves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from playbooks.cacao.vocabulary import ROLES
from playbooks.models import Step

DO_NOT: Final = "Do not:"
EVIDENCE: Final = "Record as evidence:"
_STATE: Final = "State:"
_AS_DESCRIBED: Final = "Carry out what the step describes."
_AUTOMATED: Final = "Seventytwo carries this out by itself; elsewhere a person does what the step describes."


def command_text(step: Step) -> str:
    """Return the text of a step's one command; nothing in it can be executed."""
    lead = _AUTOMATED if step.kind == "automated" else _AS_DESCRIBED
    return "\n\n".join((lead, *_sections(step)))


def lists_of(text: str) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """Return what not to do and what to record from a text of ours; None for anybody else's."""
    lead, *sections = text.split("\n\n")
    if lead not in (_AUTOMATED, _AS_DESCRIBED):
        return None
    found = {head: tuple(line.removeprefix("- ") for line in lines) for head, *lines in _split(sections)}
    return found.get(DO_NOT, ()), found.get(EVIDENCE, ())


def _split(sections: list[str]) -> Iterator[list[str]]:
    yield from (section.split("\n") for section in sections)


def _sections(step: Step) -> Iterator[str]:
    asked = [field.label + ("" if field.required else " (if known)") for field in step.fields]
    for head, lines in ((DO_NOT, step.do_not), (_STATE, asked), (EVIDENCE, step.evidence)):
        if lines:
            yield "\n".join((head, *(f"- {line}" for line in lines)))
    if step.approvals:
        yield "Approved by: " + ", ".join(ROLES[role] for role in step.approvals)
