"""What an after-action report says, as plain values; the templates add nothing of their own.

All instants are incident time but for those of the session itself (`started_at`, `ended_at`, `prepared_at`)
and of the plan. Responders stand by handle, clients by reference. The facilitator's notes are no part of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from notify.report_view import Proof
from notify.timeline_picture import Picture
from playbooks.exercises.record import Decided, Happened, Record
from playbooks.exercises.scenario import Expected, Scenario
from playbooks.exercises.score import Point, Score, Window
from playbooks.exercises.within import BY_HAND


@dataclass(frozen=True, slots=True)
class Participant:
    """Somebody who answered, or whom the scenario would have had answer."""

    handle: str
    roles: tuple[str, ...]
    answers: int
    is_scripted: bool


@dataclass(frozen=True, slots=True)
class PlanLine:
    """One corrective action of the improvement plan, as it stands in the list of action items."""

    ref: str
    title: str
    area: str
    capability: str
    owner: str
    due_at: datetime
    state: str


@dataclass(frozen=True, slots=True)
class Chained:
    """The timeline of one incident of the exercise, and whether it verifies."""

    incident: str
    proof: Proof


@dataclass(frozen=True, slots=True)
class Chosen:
    """An expected decision beside what was decided."""

    expected: Expected
    point: Point


@dataclass(frozen=True, slots=True)
class Brought:
    """An inject beside what became of it."""

    happened: Happened
    point: Point

    @property
    def is_by_hand(self) -> bool:
        """Whether the facilitator brought it beside the scenario."""
        return self.happened.key.startswith(BY_HAND)


@dataclass(frozen=True, slots=True)
class AfterAction:
    """Everything an after-action report says of one exercise."""

    name: str
    organisation: str
    marking: str
    playbook: str
    pace: str
    team: str
    facilitator: str
    scenario: Scenario
    record: Record
    score: Score
    started_at: datetime
    ended_at: datetime | None
    prepared_at: datetime
    clients: Mapping[str, str]
    """By case, the client on record, and whom it played."""
    participants: tuple[Participant, ...]
    plan: tuple[PlanLine, ...]
    pictures: tuple[Picture, ...]
    chains: tuple[Chained, ...]

    @property
    def is_stopped(self) -> bool:
        """Whether it was stopped before its end."""
        return self.record.state == "stopped"

    @property
    def is_whole(self) -> bool:
        """Whether every timeline of it verifies."""
        return all(one.proof.is_whole for one in self.chains)

    @property
    def entries(self) -> int:
        """How many entries its timelines have."""
        return sum(one.proof.entries for one in self.chains)

    @property
    def widest(self) -> Window | None:
        """The legal window of which the most was used; none where none came to its end."""
        legal = [one for one in self.score.windows if one.percent is not None and not one.policy]
        return max(legal, key=lambda one: one.percent or 0, default=None)

    @property
    def chosen(self) -> tuple[Chosen, ...]:
        """The expected decisions in the scenario's order."""
        points = {point.key: point for point in self.score.part("decisions").points}
        return tuple(Chosen(one, points[f"expected:{one.id}"]) for one in self.scenario.expected)

    @property
    def brought(self) -> tuple[Brought, ...]:
        """The injects in the order in which they were due."""
        points = {point.key: point for point in self.score.part("injects").points}
        return tuple(Brought(one, points[f"inject:{one.key}"]) for one in self.record.happened)

    @property
    def released(self) -> tuple[Point, ...]:
        """The notices that were released, by their checks."""
        return self.score.part("content").points

    @property
    def hot_wash(self) -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
        """Each question of the hot wash with who said what."""
        return tuple(
            (
                one.text,
                tuple((said.handle, said.said) for said in self.record.hot_wash if said.question == one.id),
            )
            for one in self.scenario.hot_wash
        )

    def client(self, case: str) -> str:
        """The client of a case; empty for the incident as a whole."""
        return self.clients.get(case, case)

    def answered(self, point: Point) -> Decided | None:
        """The answer that a point of time was given for."""
        return next(
            (
                one
                for one in self.record.decided
                if one.answered_at == point.at and one.title == point.what and one.case == point.case
            ),
            None,
        )
