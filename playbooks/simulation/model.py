"""What a simulation is given, and what it gives back.

Spans are `timedelta` in what is given, seconds (float) since the incident's opening in what comes back; what
did not happen is NaN there.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import isfinite
from typing import Final, Literal, TypeAlias

from playbooks.calendars import Calendars
from playbooks.contracts import ContractTermView
from playbooks.facts import Facts
from playbooks.law import Rule
from playbooks.models import Playbook
from playbooks.places import Place
from playbooks.roster.models import Away, DutyRoster
from playbooks.simulation.durations import NONE, Duration, Fixed, Lognormal
from playbooks.verdicts import Subject

Part: TypeAlias = Literal["do", "act", "approve", "draft", "counsel", "release", "deliver"]
"""What is done for a step: the answer, an action of the machine, a second person's word, and of a notice its
draft, counsel's review, each word that releases it, and its way to the recipient until that has accepted."""
STAFFLESS: Final = frozenset({"act", "deliver"})
"""The parts that take time and nobody's work."""
AS_ANSWERED: Final = frozenset(
    {"contained_at", "recovered_at", "assessed_at", "classified_at", "determined_at", "materiality_at"}
)


@dataclass(frozen=True, slots=True)
class CaseTruth:
    """What is so of one client's case."""

    on_record: Facts = field(default_factory=dict)
    """What the client's record says: known as soon as the case is there."""
    facts: Facts = field(default_factory=dict)
    """What is answered about this case, where it differs from the incident's."""
    from_the_start: bool = True
    """Whether the alert names the client; else the case is there once a step has asked for the clients."""
    approvals: int = 1
    """How many people release a notice to this client, as its contract wants."""
    counsel: bool = False
    """Whether its contract wants counsel to read the notice first."""
    instants: Mapping[str, timedelta] = field(default_factory=dict)
    """The instants that differ from the incident's, as spans after its opening; known when those are."""


@dataclass(frozen=True, slots=True)
class Truth:
    """What is so of an incident, whoever comes to know it; a fact is known once a step that asks it is done.

    Facts of type instant stand in `instants`, as spans after the opening.
    """

    facts: Facts = field(default_factory=dict)
    known: Facts = field(default_factory=dict)
    """What is known at the opening already."""
    cases: Mapping[str, CaseTruth] = field(default_factory=dict)
    instants: Mapping[str, timedelta] = field(
        default_factory=lambda: {"detected_at": timedelta(), "aware_at": timedelta()}
    )
    known_instants: frozenset[str] = frozenset({"detected_at", "aware_at"})
    """Those of them that are known from the start: the provisional start of the clocks."""
    as_answered: frozenset[str] = AS_ANSWERED
    """Instants that a step states as those of its own answer."""


@dataclass(frozen=True, slots=True)
class Law:
    """Which duties there are: rules, contracts by case, whose clocks count (None: the incident's own)."""

    rules: tuple[Rule, ...] = ()
    terms: Mapping[str, ContractTermView] = field(default_factory=dict)
    places: Mapping[Subject, Place] = field(default_factory=dict)
    footprint: frozenset[str] | None = None
    calendars: Calendars | None = None


@dataclass(frozen=True, slots=True)
class Staff:
    """Who can do what, when: every responder does one thing at a time, the most urgent first.

    `people` holds the handles of each role, in the order in which they are asked. A role for which the roster
    has shifts is on duty by these; one without is reachable at any hour. What is unfinished at the end of
    somebody's duty goes to whoever is on duty then, and costs `hand_over` more; to the same person later,
    nothing.
    """

    people: Mapping[str, tuple[str, ...]]
    roster: DutyRoster | None = None
    absences: tuple[Away, ...] = ()
    hand_over: timedelta = timedelta(minutes=20)


@dataclass(frozen=True, slots=True)
class Shares:
    """How much of its target work takes where nothing better is known: half `median`, 19 of 20 `p95`."""

    median: float = 1 / 3
    p95: float = 1.2

    def of(self, target: timedelta) -> Lognormal:
        """How long work with that target takes."""
        return Lognormal(target * self.median, target * self.p95)


@dataclass(frozen=True, slots=True)
class Paces:
    """How long work takes: looked up as `step/part`, for a step's first part as `step`, then as the part.

    A step that is called like a part is looked up with its part alone. What stands in none takes a share of
    its target; what nobody works on, as in `DELIVERY`.
    """

    by_name: Mapping[str, Duration] = field(default_factory=dict)
    of_target: Shares = Shares()
    reaction: Duration = NONE
    """From the instant at which somebody is free for it until they begin."""


DELIVERY: Final[Mapping[str, Duration]] = {
    "act": Fixed(timedelta(minutes=1)),
    "deliver": Lognormal(timedelta(minutes=10), timedelta(hours=2)),
}
"""What is assumed of the parts that nobody works on, where nothing else is said."""


@dataclass(frozen=True, slots=True)
class Story:
    """One kind of incident in a simulation: its plan, what is so, the law about it, and how many there are.

    Each of `count` opens after the run's opening, as `after` says.
    """

    name: str
    plan: Playbook
    truth: Truth = Truth()
    law: Law = Law()
    count: int = 1
    after: Duration = NONE
    offers_taken: bool = False
    """Whether optional steps are done; else they are left."""


@dataclass(frozen=True, slots=True)
class Simulation:
    """Everything a simulation is given; the same gives the same result, whatever the number of processes.

    Each run opens at `opens_at` or, evenly spread over the minutes of `within`, after it. What has not come
    to its end after `horizon` is left as it stands.
    """

    stories: tuple[Story, ...]
    staff: Staff
    opens_at: datetime
    paces: Paces = Paces()
    within: timedelta = timedelta(days=7)
    horizon: timedelta = timedelta(days=90)
    runs: int = 10_000
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Slot:
    """One piece of work of a lifetime: a part of a round of a step, by whom, and how long it may take.

    `place` tells apart the words of several people on one thing, from 1. A step that the law asks for beside
    the plan has `by_law`.
    """

    step: str
    title: str
    case: str | None
    round: int
    part: Part
    place: int
    role: str
    target: timedelta
    recipient: str = ""
    by_law: bool = False


@dataclass(frozen=True, slots=True)
class ClockSpec:
    """One clock of a lifetime: the duty, and which slots meet it, the first that ends with it running."""

    case: str | None
    rule: str
    title: str
    recipient: str
    addressee: str
    stage: str
    kind: str
    policy: bool
    """A target of ours, where the law gives no number."""
    met_by: tuple[int, ...] = ()
    """The slots whose end can meet it; none: nobody does, or a fact does."""


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """What became of every incident of one story, run by run: row r of a column is lifetime r.

    With a `count` of k, lifetimes r * k up to r * k + k - 1 are those of run r. A slot is *ready* when its
    question is put, *begun* when somebody takes it up, *ended* when it is done; `cause` is the slot whose end
    made it ready (-1: the opening, -2: an instant that came). The columns of slots and clocks are flat, row
    after row: read them by `column`.
    """

    story: str
    slots: tuple[Slot, ...]
    clocks: tuple[ClockSpec, ...]
    opened_at: array[float]
    """Seconds since 1970, UTC."""
    closed: array[float]
    ready: array[float]
    begun: array[float]
    ended: array[float]
    cause: array[int]
    due: array[float]
    """NaN where a clock never began, infinite where it still ran, unmet, when the simulation ended."""
    met: array[float]
    """NaN where the duty was not met."""
    hand_overs: array[int]
    redone: Mapping[int, float] = field(default_factory=dict)
    """When a slot was put last that was done once more as a word on it was void, by its place in `ready`."""

    def __len__(self) -> int:
        return len(self.closed)

    def column(self, of: Literal["ready", "begun", "ended"], slot: int) -> array[float]:
        """One slot's instants, lifetime by lifetime."""
        flat: array[float] = getattr(self, of)
        return flat[slot :: len(self.slots)]

    def causes(self, slot: int) -> array[int]:
        """What made one slot ready, lifetime by lifetime."""
        return self.cause[slot :: len(self.slots)]

    def clock(self, of: Literal["due", "met"], clock: int) -> array[float]:
        """One clock's instants, lifetime by lifetime."""
        flat: array[float] = getattr(self, of)
        return flat[clock :: len(self.clocks)]

    def missed(self, clock: int) -> Iterator[bool | None]:
        """Whether each lifetime missed a clock: it was met late or never; None where that cannot be said."""
        for due, met in zip(self.clock("due", clock), self.clock("met", clock), strict=True):
            yield not met <= due if isfinite(due) else None


@dataclass(frozen=True, slots=True)
class Result:
    """The outcome of a simulation: the lifetimes of each story, and how long each responder was at work."""

    stories: tuple[Lifetimes, ...]
    people: tuple[str, ...]
    busy: array[float]
    """Seconds of work, run by run, in the order of `people`: flat."""
    runs: int
    seed: int
    seconds: float = 0.0
    """How long it took, in wall time; no part of what is compared."""
