"""What happens next in an exercise that scripted responders play: an answer, a step of the clock, or nothing.

The clock is never stepped over anything that falls due: a warning, an inject, somebody's answer. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Awaited:
    """An answer that will be given: to which question, and not before when."""

    question: str
    ready_at: datetime
    is_last: bool = False
    """Whether it closes an incident: given once nothing else is left to be done."""


@dataclass(frozen=True, slots=True)
class Due:
    """Something that falls due by itself: `what` in words; the story's own holds back the end."""

    at: datetime
    what: str
    is_story: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """How things stand; instants are incident time."""

    now: datetime
    awaited: Sequence[Awaited] = ()
    due: Sequence[Due] = ()
    open_beside: int = 0
    """Open questions that nobody scripted will answer, the commanders' own left out."""
    ends_at: datetime | None = None
    may_step: bool = True
    """Whether the clock may be stepped: not while it runs by itself, nor while a person is asked."""
    has_people: bool = False
    """Whether people play too: then the clock is stepped only towards a scripted answer."""


@dataclass(frozen=True, slots=True)
class Answering:
    """A question is answered at an instant, to which the clock is stepped where it may be."""

    question: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Stepping:
    """The clock is stepped to where something falls due."""

    to: datetime
    why: str


@dataclass(frozen=True, slots=True)
class Standing:
    """Nothing is to be done now."""


@dataclass(frozen=True, slots=True)
class Ending:
    """The exercise has lasted as long as it may."""


Move: TypeAlias = Answering | Stepping | Standing | Ending


def next_move(table: Table) -> Move:
    """What happens next."""
    if table.ends_at is not None and table.now >= table.ends_at:
        return Ending()
    first, coming = first_answer(table), _coming(table)
    at = None if first is None else max(first.ready_at, table.now)
    if first is not None and at is not None and (coming is None or at < coming.at):
        return Answering(first.question, at) if at == table.now or table.may_step else Standing()
    if coming is None or not table.may_step or (first is None and table.has_people):
        return Standing()
    return Stepping(max(coming.at, table.now), coming.what)


def first_answer(table: Table) -> Awaited | None:
    """The next answer; one that closes an incident only where nothing else is open and the story is told."""
    others = [one for one in table.awaited if not one.is_last]
    is_done = not others and not table.open_beside and not any(one.is_story for one in table.due)
    return min(table.awaited if is_done else others, key=lambda one: one.ready_at, default=None)


def _coming(table: Table) -> Due | None:
    """What falls due next, the end of the exercise among it."""
    end = [] if table.ends_at is None else [Due(table.ends_at, "the exercise ends")]
    return min([*table.due, *end], key=lambda one: one.at, default=None)
