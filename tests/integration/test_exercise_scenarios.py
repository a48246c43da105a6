"""Every scenario played by three teams without Prefect: the score tells them apart, and says why.

The good team plays all of them here; the others play every third, and the rest in `make soak`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlmodel import col, select

from flows.clock import wall_now
from flows.exercise.alone import begin_alone
from flows.exercise.recording import incidents_of, record_of
from playbooks.exercises.library import load_scenarios
from playbooks.exercises.record import Record
from playbooks.exercises.scenario import Scenario
from playbooks.exercises.score import Point, Score
from playbooks.exercises.scoring import score
from store.database import Store
from store.tables import Exercise, Question
from tests.harness.desks import house_on
from tests.harness.stocks import shipped, stock

SCENARIOS = load_scenarios()
FORGOTTEN = "client_controller"


def some(*, of: int) -> list[object]:
    """Every scenario, all but every third left to the soak."""
    return [
        pytest.param(name, marks=pytest.mark.soak if place % 3 != of else ())
        for place, name in enumerate(SCENARIOS)
    ]


@dataclass(frozen=True)
class Played:
    """A scenario that a team has played, and what it was worth."""

    scenario: Scenario
    record: Record
    score: Score
    states: list[str]
    faults: list[str]

    def lost(self, aspect: str) -> list[Point]:
        """The points of an aspect of which something was lost."""
        return [point for point in self.score.lost if point.aspect == aspect]

    def percent(self, aspect: str) -> int:
        """What share of an aspect's points was earned."""
        return next(part.percent for part in self.score.parts if part.aspect == aspect) or 0

    def told(self) -> list[str]:
        """What was lost and why, for whoever reads that a test failed."""
        return [f"{point.key}: {point.verdict}, {point.why}" for point in self.score.lost]


Play = Callable[[str, str], Played]


@pytest.fixture
def play(sqlite_store: Store, tmp_path: Path) -> Play:
    """How a team plays a scenario, in an empty store."""

    def played(name: str, team: str) -> Played:
        house = house_on(sqlite_store, tmp_path, SEVENTYTWO_ORGANISATION="Example Outsourcing")
        stock(house, shipped())
        scenario = SCENARIOS[name]
        rehearsal = begin_alone(house, scenario, team)
        rehearsal.player.play()
        with sqlite_store.reading() as session:
            exercise = session.get_one(Exercise, rehearsal.exercise_id)
            record = record_of(session, exercise, wall_now())
            return Played(
                scenario,
                record,
                score(scenario, record),
                [incident.state for incident in incidents_of(session, exercise)],
                list(session.exec(select(Question.fault).where(col(Question.fault) != ""))),
            )

    return played


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_good_team_brings_a_scenario_to_its_end_and_loses_nothing(name: str, play: Play) -> None:
    played = play(name, "good")
    assert not {"open", "candidate"}.intersection(played.states)
    assert played.faults == []
    for aspect in ("duties", "decisions", "windows", "injects"):
        assert not played.lost(aspect), played.told()
    assert {one.rating for one in played.score.objectives} == {"P"}, played.score.objectives
    assert (played.score.percent or 0) >= 98, played.told()
    assert {one.key for one in played.record.happened} == {one.id for one in played.scenario.injects}


@pytest.mark.parametrize("name", some(of=1))
def test_the_slow_team_tells_everybody_and_loses_by_time_alone(name: str, play: Play) -> None:
    played = play(name, "slow")
    for aspect in ("duties", "decisions"):
        lost = played.lost(aspect)
        assert {point.verdict for point in lost} <= {"late"}, played.told()
    assert [point for point in played.lost("decisions") if "later than a good team" in point.why]
    assert [point for point in played.lost("targets") if "past its target" in point.why]
    assert played.lost("windows"), "it leaves no reserve in any window"
    assert played.percent("targets") <= 75
    assert (played.score.percent or 0) <= 80, played.score.percent
    assert "P" not in {one.rating for one in played.score.objectives if one.id in _timed(played)}


@pytest.mark.parametrize("name", some(of=2))
def test_the_team_that_forgets_the_client_loses_by_that_alone(name: str, play: Play) -> None:
    played = play(name, "forgets-the-client")
    owed = [duty for duty in played.record.duties if duty.recipient == FORGOTTEN and duty.state != "not_owed"]
    lost = played.lost("duties")
    assert len(lost) == len(owed) > 0
    assert {(point.about, point.verdict) for point in lost} == {(FORGOTTEN, "missed")}, played.told()
    assert all(point.why.startswith("nobody told the client") for point in lost)
    assert {point.about for point in played.lost("windows")} == {FORGOTTEN}
    assert {point.why for point in played.lost("decisions")} == {"asked, and never answered"}
    assert played.percent("targets") >= 85, "what it does, it does as fast as the good team"
    assert (played.score.percent or 0) <= 75, played.score.percent
    reproached = {one.id for one in played.scenario.injects if one.unless_done == "tell-client"}
    came = {one.key for one in played.record.happened if one.delivered_at is not None}
    assert reproached <= came, "the client asks why it was not told"


def _timed(played: Played) -> set[str]:
    """The objectives that are measured by something that the team was late with."""
    late = {point.key.partition(":")[2] for point in played.lost("decisions")}
    return {
        one.id
        for one in played.scenario.objectives
        if late.intersection(measure.expected or "" for measure in one.measures)
    }
