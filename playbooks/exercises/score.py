"""What an exercise is worth: every point with its reason, objectives rated, what to keep and to mend.

The ratings are those of the Homeland Security Exercise and Evaluation Program (HSEEP, FEMA 2020): P performed
without challenges, S with some challenges, M with major challenges, U unable to be performed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

Aspect: TypeAlias = Literal["duties", "decisions", "targets", "windows", "injects", "content", "handovers"]
Verdict: TypeAlias = Literal["met", "late", "missed", "wrong", "open"]
Rating: TypeAlias = Literal["P", "S", "M", "U", ""]

ASPECTS: Final[Mapping[Aspect, str]] = MappingProxyType(
    {
        "duties": "Duties to tell somebody",
        "decisions": "Expected decisions",
        "targets": "Time to each decision",
        "windows": "Share of each window used",
        "injects": "Injects handled",
        "content": "Content of what was sent",
        "handovers": "Hand-overs",
    }
)
"""What is judged, in the order in which it is told."""
WEIGHTS: Final[Mapping[Aspect, int]] = MappingProxyType(
    {
        "duties": 30,
        "decisions": 25,
        "targets": 15,
        "windows": 10,
        "injects": 10,
        "content": 5,
        "handovers": 5,
    }
)
"""How much each counts, of a hundred; what an exercise did not show is left out. A judgement of ours."""
RATINGS: Final[Mapping[Rating, str]] = MappingProxyType(
    {
        "P": "performed without challenges",
        "S": "performed with some challenges",
        "M": "performed with major challenges",
        "U": "unable to be performed",
        "": "not rated: the exercise did not come to it",
    }
)
EARNED: Final[Mapping[Verdict, float]] = MappingProxyType(
    {"met": 1.0, "late": 0.5, "missed": 0.0, "wrong": 0.0, "open": 0.0}
)


@dataclass(frozen=True, slots=True)
class Point:
    """One thing that was judged; `key` names it in its exercise, instants are incident time."""

    key: str
    aspect: Aspect
    what: str
    verdict: Verdict
    """`late` is worth half, `open` was not yet to be judged at the end."""
    why: str
    role: str = ""
    """Whose it was to do, where that is known."""
    case: str = ""
    about: str = ""
    """What points of a kind have in common: the recipient told, the role asked."""
    at: datetime | None = None
    due_at: datetime | None = None

    @property
    def earned(self) -> float:
        """What it is worth, between 0 and 1."""
        return EARNED[self.verdict]

    @property
    def is_judged(self) -> bool:
        """Whether it counts."""
        return self.verdict != "open"

    @property
    def is_lost(self) -> bool:
        """Whether something of it was lost."""
        return self.is_judged and self.earned < 1


@dataclass(frozen=True, slots=True)
class Part:
    """One aspect with its points."""

    aspect: Aspect
    points: tuple[Point, ...]

    @property
    def judged(self) -> tuple[Point, ...]:
        """The points that count."""
        return tuple(point for point in self.points if point.is_judged)

    @property
    def earned(self) -> float:
        """The sum of what they are worth."""
        return sum(point.earned for point in self.judged)

    @property
    def percent(self) -> int | None:
        """The share earned, rounded down; none where nothing was to be judged."""
        return int(100 * self.earned / len(self.judged)) if self.judged else None


@dataclass(frozen=True, slots=True)
class Window:
    """How much of the time for telling somebody was used; over 100 percent is past it."""

    rule: str
    title: str
    recipient: str
    case: str
    policy: bool
    """A target of our own, where the law names no number."""
    due_at: datetime
    met_at: datetime | None
    percent: int | None
    """None where its time still ran at the end."""

    @property
    def words(self) -> str:
        """The share in words; of what nobody ever told, only that it ran out."""
        if self.percent is None:
            return "still ran"
        return "ran out" if self.met_at is None else f"{self.percent} %"


@dataclass(frozen=True, slots=True)
class Measured:
    """One measure of an objective, judged."""

    what: str
    verdict: Verdict
    why: str


@dataclass(frozen=True, slots=True)
class ObjectiveScore:
    """An objective with its HSEEP rating, and the measures that it rests on."""

    id: str
    title: str
    capability: str
    rating: Rating
    measures: tuple[Measured, ...]


@dataclass(frozen=True, slots=True)
class Strength:
    """Something that went as it should, worth keeping."""

    title: str
    observation: str
    capability: str = ""


@dataclass(frozen=True, slots=True)
class Improvement:
    """An area for improvement and what will be done about it; `key` stays the same at every scoring."""

    key: str
    title: str
    observation: str
    analysis: str
    action: str
    role: str
    """Who is to mend it."""
    days: int
    """Within how many days of the exercise."""
    capability: str = ""


@dataclass(frozen=True, slots=True)
class Score:
    """What one exercise is worth, and why."""

    parts: tuple[Part, ...]
    windows: tuple[Window, ...]
    objectives: tuple[ObjectiveScore, ...]
    strengths: tuple[Strength, ...]
    improvements: tuple[Improvement, ...]
    refused: int
    """Answers that did not count."""
    escalations: int

    @property
    def points(self) -> tuple[Point, ...]:
        """Every point of every part."""
        return tuple(point for part in self.parts for point in part.points)

    @property
    def lost(self) -> tuple[Point, ...]:
        """The points of which something was lost, the heaviest part first."""
        return tuple(point for point in self.points if point.is_lost)

    @property
    def percent(self) -> int | None:
        """The whole by the weights of its parts, rounded down; none where nothing was to be judged."""
        judged = [part for part in self.parts if part.judged]
        whole = sum(WEIGHTS[part.aspect] for part in judged)
        if not whole:
            return None
        got = sum(WEIGHTS[part.aspect] * part.earned / len(part.judged) for part in judged)
        return int(100 * got / whole + 1e-9)

    def part(self, aspect: Aspect) -> Part:
        """The part of an aspect."""
        return next(part for part in self.parts if part.aspect == aspect)
