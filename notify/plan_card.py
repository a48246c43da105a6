"""What the card of one step says: title, role, time target, and the marks of what is special about it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from textwrap import wrap
from typing import Final, Literal, TypeAlias

from notify.condition_words import condition_words
from notify.text import clip, one_line
from playbooks.models import Playbook, Step
from playbooks.vocabulary import whom

Mark: TypeAlias = Literal["if", "approval", "client", "optional", "repeat", "automated", "notice", "after"]
CARD_WIDTH: Final = 248
TITLE_LINE, ROLE_LINE, NOTE_LINE, PADDING = 16, 17, 14, 9
TITLE_LETTERS, NOTE_LETTERS = 28, 34
TITLE_LINES, NOTE_LINES = 3, 3


@dataclass(frozen=True, slots=True)
class Note:
    """One thing that is special about a step, with its mark and its words in lines."""

    mark: Mark
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Card:
    """The words of one step's card, already cut into lines."""

    step: Step
    title: tuple[str, ...]
    role: str
    notes: tuple[Note, ...]

    @property
    def height(self) -> int:
        """How tall the card is, in pixels of the picture's grid."""
        notes = sum(len(note.lines) for note in self.notes) * NOTE_LINE
        return PADDING * 2 + len(self.title) * TITLE_LINE + ROLE_LINE + notes


def card_of(plan: Playbook, step: Step, follows: str | None) -> Card:
    """The card of a step that is drawn beneath the one it follows, if any."""
    notes = tuple(
        Note(mark, _lines(words, NOTE_LETTERS, NOTE_LINES)) for mark, words in notes_of(plan, step, follows)
    )
    return Card(step, _lines(step.title, TITLE_LETTERS, TITLE_LINES), role_words(step), notes)


def role_words(step: Step) -> str:
    """Who does it, and until when."""
    return f"{said(step.role)} · {period_words(step.target)}"


def notes_of(plan: Playbook, step: Step, follows: str | None = None) -> Iterator[tuple[Mark, str]]:
    """Yield what is special about a step, in words; `follows` is what its place shows already."""
    others = [plan.step(name).title for name in step.after if name != follows]
    if others:
        joint = " or " if step.join == "any" else " and "
        yield "after", ("also after " if follows else "after ") + joint.join(others)
    elif step.join == "any":
        yield "after", "after any of them"
    if step.when is not None:
        yield "if", f"if {condition_words(step.when)}{_unknown(plan, step)}"
    if step.optional:
        yield "optional", "offered; nothing waits for it"
    if step.repeat is not None:
        often = f"{step.repeat.at_most} times at most"
        yield "repeat", f"again until {condition_words(step.repeat.until)}, {often}"
    if step.kind == "automated":
        yield "automated", "done by the system"
    if step.recipient is not None:
        yield "notice", f"notice to {whom(step.recipient, step.addressee)}"
    if step.per == "case":
        yield "client", "once for each client"
    yield from _second_words(step)


def _second_words(step: Step) -> Iterator[tuple[Mark, str]]:
    """Who else has a word in it."""
    if step.approvals:
        yield "approval", f"a second person approves: {', '.join(said(role) for role in step.approvals)}"
    if step.counsel:
        yield "approval", "counsel reads it before its release"
    if step.privileged:
        yield "notice", "marked as privileged"


def _unknown(plan: Playbook, step: Step) -> str:
    return ", or not yet known" if plan.if_unknown(step.id) == "open" else ""


def period_words(period: timedelta) -> str:
    """A time target as a playbook writes it: 30m, 4h, 2d."""
    minutes = period // timedelta(minutes=1)
    if minutes % 1440 == 0:
        return f"{minutes // 1440}d"
    return f"{minutes // 60}h" if minutes % 60 == 0 else f"{minutes}m"


def said(name: str) -> str:
    """A role or phase as people say it."""
    return "IT" if name == "it" else name.replace("_", " ")


def _lines(words: str, letters: int, most: int) -> tuple[str, ...]:
    """The words in lines of so many letters, the last one cut where there are more."""
    lines = wrap(one_line(words), letters) or [""]
    if len(lines) > most:
        lines[most - 1 :] = [clip(f"{lines[most - 1]} …", letters)]
    return tuple(lines)
