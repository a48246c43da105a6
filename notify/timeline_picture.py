"""What a drawn timeline shows, apart from how it is drawn. All instants are incident time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Band:
    """A phase from its first step's opening to its last one's end."""

    label: str
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Dot:
    """An answer, counted or refused, in the lane of its phase."""

    band: str
    at: datetime
    label: str
    refused: bool


@dataclass(frozen=True, slots=True)
class Tick:
    """A warning that was sent."""

    at: datetime
    label: str


@dataclass(frozen=True, slots=True)
class Clock:
    """A duty's clock: from its anchor to when it was met, with the instant at which it was due."""

    label: str
    note: str
    anchor: datetime
    due: datetime
    met: datetime | None
    end: datetime
    ticks: tuple[Tick, ...]

    @property
    def is_late(self) -> bool:
        """Whether it ran past its due instant."""
        return self.end > self.due


@dataclass(frozen=True, slots=True)
class Milestone:
    """An instant that the whole incident is measured by."""

    label: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Picture:
    """What a timeline shows between two instants."""

    title: str
    start: datetime
    end: datetime
    bands: tuple[Band, ...]
    dots: tuple[Dot, ...]
    clocks: tuple[Clock, ...]
    milestones: tuple[Milestone, ...]
