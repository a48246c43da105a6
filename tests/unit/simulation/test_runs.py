"""Many runs: the same for any number of processes, comparable, and refused where they cannot be."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from playbooks.errors import Mend
from playbooks.simulation.durations import Fixed, Lognormal
from playbooks.simulation.model import Paces, Result, Simulation, Staff, Truth
from playbooks.simulation.runs import Stage, simulate
from tests.harness.simulating import HOUR, simulation_of, step, story_of

ABOUT_AN_HOUR = Lognormal(HOUR, 3 * HOUR)


def given(**more: object) -> Simulation:
    steps = (step("first", approvals=["approver"]), step("then", after=["first"]), step("beside"))
    paces = {"do": ABOUT_AN_HOUR, "approve": ABOUT_AN_HOUR}
    return replace(
        simulation_of(story_of(*steps, count=2, after=ABOUT_AN_HOUR), paces=paces),
        **{"runs": 450, "seed": 7, "within": timedelta(days=7), **more},
    )


def rows(result: Result) -> list[list[float]]:
    life = result.stories[0]
    columns = (life.opened_at, life.closed, life.ready, life.begun, life.ended, life.cause, life.hand_overs)
    return [*(column.tolist() for column in columns), result.busy.tolist()]


def test_the_result_does_not_depend_on_the_number_of_processes() -> None:
    assert rows(simulate(given(), 1)) == rows(simulate(given(), 2))


def test_work_that_is_asked_once_more_is_told_of_the_same_incidents_on_two_processes() -> None:
    """Somebody approves on facts that have changed by then: it is done, and approved, anew."""
    story = story_of(
        step("act", approvals=["approver"]),
        step("look", "forensics", fields=[{"fact": "contained", "required": True}]),
        truth=Truth(facts={"contained": True}),
    )
    people = {"it": ("ada",), "approver": ("bo",), "forensics": ("cy",)}
    one = replace(simulation_of(story, people=people, paces={"look": ABOUT_AN_HOUR}), runs=450, seed=7)
    alone, shared = (simulate(one, processes).stories[0] for processes in (1, 2))
    assert 0 < len(alone.redone) < 450
    assert alone.redone == shared.redone


def test_more_than_memory_holds_is_refused_before_anything_runs() -> None:
    many = given(runs=1_000_000)
    with pytest.raises(Mend, match="does not fit into memory") as told:
        simulate(replace(many, stories=(replace(many.stories[0], count=100),)))
    assert "ask for at most" in str(told.value)


def test_the_same_seed_gives_the_same_result_and_another_seed_another() -> None:
    assert rows(simulate(given())) == rows(simulate(given()))
    assert rows(simulate(given())) != rows(simulate(given(seed=8)))


def test_a_run_does_not_depend_on_how_many_there_are_or_what_ran_before() -> None:
    few, many = simulate(given(runs=20)).stories[0], simulate(given(runs=40)).stories[0]
    assert few.closed.tolist() == many.closed.tolist()[:40]
    stage = Stage(given())
    first = [life.ended for life in stage.run(3)]
    stage.run(4)
    assert [life.ended for life in stage.run(3)] == first


def test_what_an_incident_draws_stays_when_others_are_added() -> None:
    with_others = given(runs=50)
    alone = replace(with_others, stories=(replace(with_others.stories[0], count=1),))
    openings = [simulate(one).stories[0].opened_at.tolist() for one in (with_others, alone)]
    assert openings[0][::2] == openings[1]


def test_where_everything_takes_less_nothing_ends_later() -> None:
    alone = replace(given().stories[0], count=1, after=Fixed(timedelta()))
    slow = given(stories=(alone,))
    paces = {**slow.paces.by_name, "do": Lognormal(HOUR / 2, 3 * HOUR / 2)}
    fast = replace(slow, paces=replace(slow.paces, by_name=paces))
    pairs = zip(simulate(fast).stories[0].closed, simulate(slow).stories[0].closed, strict=True)
    assert all(quick <= late for quick, late in pairs)


def test_runs_open_at_whole_minutes_within_the_stretch_given() -> None:
    alone = replace(given(within=timedelta(minutes=3)), stories=(story_of(step("one")),))
    opened = simulate(alone).stories[0]
    begins = alone.opens_at.timestamp()
    assert {at - begins for at in opened.opened_at} == {0.0, 60.0, 120.0, 180.0}


@pytest.mark.parametrize(
    "wrong",
    [
        {"runs": 0},
        {"runs": 2_000_000},
        {"seed": -1},
        {"stories": ()},
        {"horizon": timedelta()},
        {"within": timedelta(minutes=-1)},
        {"stories": (story_of(step("one"), count=0),)},
        {"stories": (story_of(step("one"), truth=Truth(instants={})),)},
        {"staff": Staff({"it": ("ada",)}, hand_over=timedelta(minutes=-1))},
        {"paces": Paces({"do": Lognormal(HOUR, HOUR / 2)})},
    ],
)
def test_a_simulation_that_cannot_be_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(Mend):
        simulate(given(**wrong))


def test_every_incident_of_a_run_draws_its_own_numbers() -> None:
    opened = simulate(given(runs=10)).stories[0].opened_at.tolist()
    assert len(set(opened)) == len(opened)
