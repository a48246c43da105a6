"""What a manual command says to a human beside the step's description, and how to read it again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from playbooks.cacao.vocabulary import ROLES
from playbooks.models import Step
from playbooks.wording import Role

_DO_NOT: Final = "Do not:"
_STATE: Final = "State:"
_EVIDENCE: Final = "Record as evidence:"
_APPROVED: Final = "Approved by: "
_IF_KNOWN: Final = " (if known)"
_EACH_CLIENT: Final = "Once for each affected client."
_OPTIONAL: Final = "Offered: nothing waits for it."
_COUNSEL: Final = "Counsel reads it before it is released."
_PRIVILEGED: Final = "It is marked as privileged."
_ANY: Final = "It may begin as soon as one of these is done: "
_AS_DESCRIBED: Final = "Carry out what the step describes."
_AUTOMATED: Final = "Seventytwo carries this out by itself; elsewhere a person does what the step describes."
_FLAGS: Final = (_EACH_CLIENT, _OPTIONAL, _COUNSEL, _PRIVILEGED)
_ROLE_NAMED: Final = {name: role for role, name in ROLES.items()}


@dataclass(frozen=True, slots=True)
class Told:
    """What a command of ours tells beside the description."""

    do_not: tuple[str, ...] = ()
    asks: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    approvals: tuple[Role, ...] = ()
    per_case: bool = False
    more: tuple[str, ...] = ()


def command_text(step: Step) -> str:
    """Return the text of a step's one command; nothing in it can be executed."""
    lead = _AUTOMATED if step.kind == "automated" else _AS_DESCRIBED
    return "\n\n".join((lead, *_sections(step)))


def told_by(text: str) -> Told | None:
    """Return what a text of ours tells; None for a text that holds anything else."""
    lead, *sections = text.split("\n\n")
    if lead not in (_AUTOMATED, _AS_DESCRIBED):
        return None
    lists: dict[str, tuple[str, ...]] = {}
    approvals: tuple[Role, ...] = ()
    more: list[str] = []
    for head, *lines in (section.split("\n") for section in sections):
        if head in (_DO_NOT, _STATE, _EVIDENCE) and all(line.startswith("- ") for line in lines):
            lists[head] = tuple(line.removeprefix("- ") for line in lines)
        elif not lines and (named := _approving(head)):
            approvals = named
        elif not lines and (head in _FLAGS or head.startswith(_ANY)):
            more.append(head)
        else:
            return None
    return Told(
        do_not=lists.get(_DO_NOT, ()),
        asks=lists.get(_STATE, ()),
        evidence=lists.get(_EVIDENCE, ()),
        approvals=approvals,
        per_case=_EACH_CLIENT in more,
        more=tuple(line for line in more if line != _EACH_CLIENT),
    )


def question(asked: str) -> tuple[str, bool]:
    """Return the words of a question as it is told, and whether it must be answered."""
    return asked.removesuffix(_IF_KNOWN), not asked.endswith(_IF_KNOWN)


def _sections(step: Step) -> Iterator[str]:
    if step.per == "case":
        yield _EACH_CLIENT
    if step.optional:
        yield _OPTIONAL
    if step.counsel:
        yield _COUNSEL
    if step.privileged:
        yield _PRIVILEGED
    if step.join == "any":
        yield _ANY + ", ".join(step.after)
    asked = [field.label + ("" if field.required else _IF_KNOWN) for field in step.fields]
    for head, lines in ((_DO_NOT, step.do_not), (_STATE, asked), (_EVIDENCE, step.evidence)):
        if lines:
            yield "\n".join((head, *(f"- {line}" for line in lines)))
    if step.approvals:
        yield _APPROVED + ", ".join(ROLES[role] for role in step.approvals)


def _approving(line: str) -> tuple[Role, ...]:
    """The roles that a line names as approving; none when it is no such line."""
    names = line.removeprefix(_APPROVED).split(", ") if line.startswith(_APPROVED) else []
    known = tuple(_ROLE_NAMED[name] for name in names if name in _ROLE_NAMED)
    return known if len(known) == len(names) else ()
