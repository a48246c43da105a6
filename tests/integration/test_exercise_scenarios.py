"""Every scenario played by three teams without Prefect: the score tells them apart, and says why.

The good team plays every other one here, the other two every fourth, and the rest in `make soak`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlmodel import select

from flows.exercise.after_action import read_after_action, score_of
from flows.exercise.alone import tried
from flows.exercise.recording import incidents_of
from notify.after_action import after_action_markdown
from notify.markdown import markdown
from playbooks.exercises.library import load_scenarios
from playbooks.exercises.record import Record
from playbooks.exercises.scenario import Scenario
from playbooks.exercises.score import Point, Score
from store.database import Store
from store.tables import Question
from tests.harness.desks import house_on
from tests.harness.stocks import shipped, stock

SCENARIOS = load_scenarios()
FORGOTTEN = "client_controller"


def some(*, of: int, every: int = 4) -> list[object]:
    """Every scenario, all but some left to the soak."""
    return [
        pytest.param(name, marks=pytest.mark.soak if place % every != of else ())
        for place, name in enumerate(SCENARIOS)
    ]


@dataclass(frozen=True)
class Played:
    """A scenario that a team has played, what it left behind, and what that was worth."""

    scenario: Scenario
    record: Record
    score: Score
    states: list[str]
    faults: list[str]
    report: str

    def lost(self, aspect: str) -> list[Point]:
        """The points of an aspect of which something was lost."""
        return [point for point in self.score.lost if point.aspect == aspect]

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
        exercise = tried(house, SCENARIOS[name], team).name
        found, record, worth = score_of(house, exercise)
        report = after_action_markdown(read_after_action(house, exercise))
        with sqlite_store.reading() as session:
            return Played(
                SCENARIOS[name],
                record,
                worth,
                [incident.state for incident in incidents_of(session, found)],
                [fault for fault in session.exec(select(Question.fault)) if fault],
                report,
            )

    return played


@pytest.mark.parametrize("name", some(of=0, every=2))
def test_the_good_team_brings_a_scenario_to_its_end_and_loses_nothing(name: str, play: Play) -> None:
    played = play(name, "good")
    assert not {"open", "candidate"}.intersection(played.states)
    assert played.faults == []
    for aspect in ("duties", "decisions", "windows", "injects"):
        assert not played.lost(aspect), played.told()
    assert {one.rating for one in played.score.objectives} == {"P"}, played.score.objectives
    assert (played.score.percent or 0) >= 98, played.told()
    waiting = {one.key for one in played.record.happened if one.state == "waiting"}
    assert not waiting, "the whole story was told"
    assert_reported(played)


@pytest.mark.parametrize("name", some(of=2))
def test_the_slow_team_tells_everybody_and_loses_by_time_alone(name: str, play: Play) -> None:
    played = play(name, "slow")
    assert {point.verdict for point in played.lost("duties")} <= {"late"}, played.told()
    assert "wrong" not in {point.verdict for point in played.lost("decisions")}, played.told()
    assert [point for point in played.lost("decisions") if "later than a good team" in point.why]
    assert [point for point in played.lost("targets") if "past its target" in point.why]
    assert played.lost("windows"), "it leaves no reserve in any window"
    assert (played.score.part("targets").percent or 0) <= 75
    assert (played.score.percent or 0) <= 80, played.score.percent
    assert_reported(played)
    assert "P" not in {one.rating for one in played.score.objectives if one.id in _timed(played)}


@pytest.mark.parametrize("name", some(of=1))
def test_the_team_that_forgets_the_client_loses_by_that_alone(name: str, play: Play) -> None:
    played = play(name, "forgets-the-client")
    ended = played.record.ended_at
    owed = [duty for duty in played.record.duties if duty.recipient == FORGOTTEN and duty.state == "owed"]
    lost = played.lost("duties")
    assert len(lost) == len([duty for duty in owed if duty.due_at is None or duty.due_at <= ended]) > 0
    assert {(point.about, point.verdict) for point in lost} == {(FORGOTTEN, "missed")}, played.told()
    assert all(point.why.startswith("nobody told the client") for point in lost)
    assert {point.about for point in played.lost("windows")} == {FORGOTTEN}
    assert {point.why for point in played.lost("decisions")} == {"asked, and never answered"}
    assert (played.score.part("targets").percent or 0) >= 85, "it is as fast as the good team"
    assert (played.score.percent or 0) <= 75, played.score.percent
    reproached = {one.id for one in played.scenario.injects if one.unless_done == "tell-client"}
    came = {one.key for one in played.record.happened if one.delivered_at is not None}
    assert reproached <= came, "the client asks why it was not told"
    assert_reported(played)
    assert "nobody told the client" in played.report


def assert_reported(played: Played) -> None:
    """The report names every objective with its rating, and gives the reason for everything that was lost."""
    for one in played.score.objectives:
        assert markdown(one.title) in played.report
    for area in played.score.improvements:
        assert markdown(area.title) in played.report


def _timed(played: Played) -> set[str]:
    """The objectives that are measured by something that the team was late with."""
    late = {point.key.partition(":")[2] for point in played.lost("decisions")}
    return {
        one.id
        for one in played.scenario.objectives
        if late.intersection(measure.expected or "" for measure in one.measures)
    }
