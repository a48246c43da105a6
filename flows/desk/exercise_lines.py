"""The board of an exercise as plain data: what the page and the console show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from notify.wall_view import ClockRow
from playbooks.exercises.scenario import Scenario


@dataclass(frozen=True, slots=True)
class Waits:
    """A question that waits for somebody, and whether a script will answer it."""

    ref: str
    title: str
    incident: str
    phase: str
    who: str
    case_ref: str
    since: str
    due_at: datetime | None
    left: str
    is_over: bool
    is_scripted: bool
    fault: str


@dataclass(frozen=True, slots=True)
class InjectLine:
    """An inject as the facilitator reads it: what it says, to whom, and the note beside it."""

    key: str
    kind: str
    title: str
    text: str
    note: str
    about: str
    """To whom it goes, whom it is about, what makes it come."""
    state: str
    due_at: datetime
    left: str
    delivered_at: datetime | None
    until: datetime | None
    why: str
    answer: str
    """What the answer says was done about it."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A notice that a sink took in place of its recipient."""

    number: int
    incident: str
    recipient: str
    case_ref: str
    version: int
    state: str
    marking: str
    at: datetime | None
    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """Something said to those who play, or after the end by them."""

    at: datetime
    head: str
    text: str


@dataclass(frozen=True, slots=True)
class ExerciseView:
    """The whole page."""

    name: str
    state: str
    title: str
    playbook: str
    pace: str
    now: datetime
    played: str
    began_at: datetime | None
    ends_at: datetime | None
    facilitator: str
    scripted: tuple[tuple[str, str], ...]
    clients: tuple[tuple[str, str], ...]
    """Each client of the scenario that another client on record plays, and which."""
    why: str
    incidents: tuple[tuple[str, str], ...]
    real: tuple[str, ...]
    scenario: Scenario | None
    waits: tuple[Waits, ...]
    clocks: tuple[tuple[str, ClockRow], ...]
    injects: tuple[InjectLine, ...]
    taken: tuple[Taken, ...]
    messages: tuple[Line, ...]
    hot_wash: tuple[Line, ...]
    reader: str
