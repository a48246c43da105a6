"""What happens in one simulated run: who takes what up, when, and what waits."""

from __future__ import annotations

from datetime import timedelta
from math import isnan
from typing import Any

import pytest

from playbooks.fact_types import FactValue
from playbooks.roster.models import Away, DutyRoster, Shift
from playbooks.simulation.durations import Fixed
from playbooks.simulation.model import Lifetimes, Simulation, Staff, Truth
from playbooks.simulation.runs import Stage, course_of, simulate
from tests.harness.simulating import HOUR, MONDAY, simulation_of, step, story_of

CHECKED = [{"fact": "contained", "required": True}]


def ended(given: Simulation, number: int = 0) -> dict[str, float]:
    """When each piece of work ended, in hours after the opening."""
    return {
        f"{one.step}/{one.part}" + (f"/{one.round}" if one.round > 1 else ""): one.at / 3600
        for one in course_of(Stage(given), number)
    }


def only(given: Simulation) -> Lifetimes:
    return simulate(given).stories[0]


def truth(**facts: FactValue) -> Truth:
    return Truth(facts=facts)


def test_one_person_does_one_thing_at_a_time_the_most_urgent_first() -> None:
    given = simulation_of(story_of(step("slow", hours=8), step("quick", hours=2), step("next", hours=4)))
    assert ended(given) == {"slow/do": 1, "quick/do": 2, "next/do": 3}


def test_two_people_do_two_things_at_once() -> None:
    given = simulation_of(story_of(step("one"), step("two")), people={"it": ("ada", "bo")})
    assert ended(given) == {"one/do": 1, "two/do": 1}


def test_a_step_waits_for_what_it_names() -> None:
    given = simulation_of(story_of(step("first"), step("then", after=["first"])), people={"it": ("a", "b")})
    life = only(given)
    assert life.column("ready", 1)[0] == 3600
    assert life.causes(1)[0] == 0


def test_nobody_approves_what_they_did_themselves() -> None:
    asked = story_of(step("do-it", approvals=["it"]))
    alone = only(simulation_of(asked, people={"it": ("ada",)}))
    assert isnan(alone.closed[0])
    assert not isnan(only(simulation_of(asked, people={"it": ("ada", "bo")})).closed[0])


def test_two_approvals_are_two_peoples() -> None:
    asked = story_of(step("do-it", approvals=["approver", "approver"]))
    two = {"it": ("ada",), "approver": ("bo", "cy")}
    assert ended(simulation_of(asked, people=two)) == {"do-it/do": 1, "do-it/approve": 2}
    assert isnan(only(simulation_of(asked, people={**two, "approver": ("bo",)})).closed[0])


def test_what_is_unfinished_at_the_end_of_a_shift_is_handed_over_and_costs_more() -> None:
    by_day = {"role": "it", "zone": "UTC"}
    shifts = (
        Shift.model_validate({**by_day, "from": "08:00", "until": "10:00", "people": ["ada"]}),
        Shift.model_validate({**by_day, "from": "10:00", "until": "18:00", "people": ["bo"]}),
    )
    staff = Staff({"it": ("ada", "bo")}, DutyRoster(zone="UTC", shifts=shifts), hand_over=HOUR / 2)
    given = simulation_of(story_of(step("long")), staff=staff, paces={"do": Fixed(3 * HOUR)})
    assert ended(given) == {"long/do": 3.5}
    assert only(given).hand_overs[0] == 1


def test_the_same_person_goes_on_the_next_day_without_loss() -> None:
    shift = Shift.model_validate({"role": "it", "from": "09:00", "until": "11:00", "people": ["ada"]})
    staff = Staff({"it": ("ada",)}, DutyRoster(zone="UTC", shifts=(shift,)), hand_over=HOUR)
    given = simulation_of(story_of(step("long")), staff=staff, paces={"do": Fixed(3 * HOUR)})
    assert ended(given) == {"long/do": 25}
    assert only(given).hand_overs[0] == 0


def test_local_hours_follow_their_zone() -> None:
    shift = Shift.model_validate(
        {"role": "it", "from": "09:00", "until": "17:00", "zone": "America/New_York", "people": ["ada"]}
    )
    staff = Staff({"it": ("ada",)}, DutyRoster(zone="UTC", shifts=(shift,)))
    assert ended(simulation_of(story_of(step("one")), staff=staff)) == {
        "one/do": 6
    }  # 14:00 UTC is nine there


def test_whoever_is_on_leave_is_not_asked() -> None:
    away = (Away("ada", MONDAY, MONDAY + 5 * HOUR),)
    staff = Staff({"it": ("ada",)}, absences=away)
    assert ended(simulation_of(story_of(step("one")), staff=staff)) == {"one/do": 6}


def test_incidents_at_once_share_their_people() -> None:
    given = simulation_of(story_of(step("one"), count=3))
    assert list(only(given).closed) == [3600, 7200, 10800]


def test_a_step_whose_condition_is_false_is_passed_by() -> None:
    steps = (
        step("look", fields=CHECKED),
        step("act", after=["look"], when="not contained"),
        step("end", after=["act"]),
    )
    assert "act/do" not in ended(simulation_of(story_of(*steps, truth=truth(contained=True))))
    assert ended(simulation_of(story_of(*steps, truth=truth(contained=False))))["act/do"] == 2


def test_an_open_step_is_taken_back_and_its_person_is_free_at_once() -> None:
    steps = (
        step("long", "forensics", when="not contained"),
        step("look", fields=CHECKED),
        step("after-long", "forensics", 9, after=["look"]),
    )
    paces: dict[str, Any] = {"long": Fixed(9 * HOUR)}
    people = {"it": ("ada",), "forensics": ("bo",)}
    given = simulation_of(story_of(*steps, truth=truth(contained=True)), people=people, paces=paces)
    assert ended(given) == {"look/do": 1, "after-long/do": 2}
    assert simulate(given).busy.tolist() == [3600, 7200]


def test_a_step_that_repeats_is_done_again_at_its_rhythm_until_its_condition_is_true() -> None:
    repeated = step("tell", "commander", 24, repeat={"until": "contained", "at_most": 9})
    given = simulation_of(
        story_of(repeated, step("look", fields=CHECKED), truth=truth(contained=True)),
        people={"it": ("ada",), "commander": ("bo",)},
        paces={"look": Fixed(60 * HOUR)},
    )
    assert ended(given) == {"tell/do": 1, "tell/do/2": 25, "tell/do/3": 49, "look/do": 60}


def test_what_is_offered_is_left_unless_the_story_says_otherwise() -> None:
    steps = (step("must"), step("may", optional=True))
    assert ended(simulation_of(story_of(*steps))) == {"must/do": 1}
    assert "may/do" in ended(simulation_of(story_of(*steps, offers_taken=True)))


def test_a_word_counts_only_while_what_it_was_asked_on_is_still_so() -> None:
    given = simulation_of(
        story_of(
            step("act", approvals=["approver"]),
            step("look", "forensics", fields=CHECKED),
            truth=truth(contained=True),
        ),
        people={"it": ("ada",), "approver": ("bo",), "forensics": ("cy",)},
        paces={"look": Fixed(HOUR * 3 / 2)},
    )
    parts = [(one.part, one.at / 3600) for one in course_of(Stage(given), 0) if one.step == "act"]
    assert parts == [("do", 1), ("approve", 2), ("do", 3), ("approve", 4)]


def test_what_has_not_ended_by_the_horizon_is_left_as_it_stands() -> None:
    given = simulation_of(story_of(step("one"), step("two", hours=2)), horizon=timedelta(minutes=90))
    life = only(given)
    assert life.column("ended", 0)[0] == 3600
    assert isnan(life.column("ended", 1)[0])
    assert isnan(life.closed[0])


@pytest.mark.parametrize("role", ["counsel", "it"])
def test_a_role_that_nobody_holds_stops_the_incident(role: str) -> None:
    given = simulation_of(story_of(step("one", role)), people={"it": (), "approver": ("bo",)})
    assert isnan(only(given).closed[0])
