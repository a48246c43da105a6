"""The way to a clock adds up, and says who kept it waiting."""

from __future__ import annotations

from array import array
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import nan

import pytest

from playbooks.library import load_playbooks
from playbooks.roster.models import Away, DutyRoster, Shift
from playbooks.simulation.critical import ENOUGH, Critical, critical
from playbooks.simulation.durations import Fixed
from playbooks.simulation.model import Lifetimes, Simulation, Staff, Story, Truth
from playbooks.simulation.results import found_in
from playbooks.simulation.runs import simulate
from tests.harness.lifetimes import HOUR, Done, clock, lifetimes, result, slot
from tests.harness.simulating import simulation_of, step, story_of

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
SLOTS = [
    slot("triage", "commander"),
    slot("tell", "privacy", "draft"),
    slot("tell", "approver", "release"),
    slot("tell", "privacy", "deliver"),
    slot("beside", "it"),
]
CLOCK = clock("R", 3)
DAY = {"from": "08:00", "until": "18:00"}


def simulation(roster: DutyRoster | None = None) -> Simulation:
    plan = load_playbooks(()).named("phishing")
    staff = Staff({"privacy": ("privacy-1",), "approver": ("approver-1",)}, roster)
    return Simulation((Story("story", plan),), staff, MONDAY, horizon=timedelta(days=7))


def lives(*rows: tuple[list[Done], list[tuple[float, float]]], opened_at: datetime = MONDAY) -> Lifetimes:
    return lifetimes(SLOTS, [CLOCK], rows, opened_at=[opened_at.timestamp()] * len(rows))


CHAIN = [
    Done(0, 1, 2, -1),
    Done(2, 5, 9, 0),
    Done(9, 9, 10, 1),
    Done(10, 10, 30, 2),
    Done(0, 0, 29, -1),
]


def way(found: Lifetimes, given: Simulation | None = None) -> Critical:
    return critical(given or simulation(), found, found_in(result(found)).clock("R"))


def test_the_legs_of_the_way_add_up_to_the_time_until_it_is_met() -> None:
    found = way(lives(*[(CHAIN, [(24.0, 30.0)])] * ENOUGH))
    assert found.total == pytest.approx(30 * HOUR)
    assert [leg.slot.step for leg in found.legs] == ["triage", "tell", "tell", "tell"]
    assert [leg.working / HOUR for leg in found.legs] == pytest.approx([1, 4, 1, 20])
    assert [leg.waiting / HOUR for leg in found.legs] == pytest.approx([1, 3, 0, 0])


def test_what_is_done_beside_the_way_is_not_on_it() -> None:
    assert "beside" not in {leg.slot.step for leg in way(lives(*[(CHAIN, [(24.0, 30.0)])] * ENOUGH)).legs}


def test_the_misses_are_looked_at_where_there_are_enough() -> None:
    quick = [Done(0, 0, 1, -1), Done(1, 1, 2, 0), Done(2, 2, 3, 1), Done(3, 3, 4, 2), Done()]
    late, in_time = (CHAIN, [(24.0, 30.0)]), (quick, [(24.0, 4.0)])
    found = way(lives(*[late] * ENOUGH, *[in_time] * 30))
    assert (found.of, found.looked_at) == ("misses", ENOUGH)
    few = way(lives(late, *[in_time] * 9))
    assert (few.of, few.looked_at) == ("all", 10)
    assert few.total == pytest.approx((30 + 9 * 4) / 10 * HOUR)


def test_time_in_which_nobody_of_the_role_is_on_duty_stands_apart() -> None:
    shift = Shift.model_validate({"role": "privacy", "people": ("privacy-1",), **DAY})
    roster = DutyRoster(zone="UTC", shifts=(shift,))
    evening = MONDAY + timedelta(hours=15)  # 17:00 when the draft is ready: an hour of duty is left
    found = way(lives(*[(CHAIN, [(24.0, 30.0)])] * ENOUGH, opened_at=evening), simulation(roster))
    draft = next(leg for leg in found.legs if leg.slot.part == "draft")
    assert draft.off_duty == pytest.approx((2 + 4) * HOUR)  # 18:00 to 20:00 waiting, 20:00 to 24:00 begun
    assert draft.waiting == pytest.approx(HOUR)
    assert draft.working == 0
    assert found.total == pytest.approx(30 * HOUR)


def test_a_delivery_waits_for_nobodys_duty() -> None:
    shift = Shift.model_validate({"role": "privacy", "people": ("privacy-1",), **DAY})
    found = way(
        lives(*[(CHAIN, [(24.0, 30.0)])] * ENOUGH), simulation(DutyRoster(zone="UTC", shifts=(shift,)))
    )
    deliver = next(leg for leg in found.legs if leg.slot.part == "deliver")
    assert (deliver.working, deliver.off_duty) == (pytest.approx(20 * HOUR), 0)


def test_an_instant_that_had_to_come_is_told_apart_from_work() -> None:
    waited = [Done(0, 0, 1, -1), Done(6, 6, 7, -2), Done(7, 7, 8, 1), Done(8, 8, 30, 2), Done()]
    found = way(lives(*[(waited, [(24.0, 30.0)])] * ENOUGH))
    assert found.until_instants == pytest.approx(6 * HOUR)
    assert found.total == pytest.approx(30 * HOUR)


def test_work_that_was_asked_once_more_is_no_instant_that_had_to_come() -> None:
    again = [Done(0, 0, 1, -1), Done(6, 6, 7, 0), Done(7, 7, 8, 1), Done(8, 8, 30, 2), Done()]
    found = way(lives(*[(again, [(24.0, 30.0)])] * ENOUGH))
    assert (found.again, found.until_instants) == (pytest.approx(5 * HOUR), 0)
    assert found.total == pytest.approx(30 * HOUR)


def test_work_whose_word_was_void_is_told_apart_from_waiting() -> None:
    given = simulation_of(
        story_of(
            step("act", approvals=["approver"]),
            step("look", "forensics", fields=[{"fact": "contained", "required": True}]),
            step("end", "privacy", after=["act"]),
            truth=Truth(facts={"contained": True}),
        ),
        people={"it": ("ada",), "approver": ("bo",), "forensics": ("cy",), "privacy": ("di",)},
        paces={"look": Fixed(timedelta(minutes=90))},
    )
    (life,) = simulate(given).stories
    end = [one.step for one in life.slots].index("end")
    life = replace(life, clocks=(clock("R", end),), due=array("d", [HOUR]), met=array("d", [5 * HOUR]))
    found = critical(given, life, found_in(result(life)).clock("R"))
    spent = {f"{leg.slot.step}/{leg.slot.part}": (leg.working / HOUR, leg.waiting) for leg in found.legs}
    assert spent == {"act/do": (1, 0), "act/approve": (1, 0), "end/do": (1, 0)}
    assert (found.again, found.total) == (2 * HOUR, 5 * HOUR)


def test_work_that_was_done_anew_counts_until_what_followed_from_it() -> None:
    anew = [Done(0, 9, 10, -1), Done(2, 5, 9, 0), Done(9, 9, 10, 1), Done(10, 10, 30, 2), Done()]
    found = way(lives(*[(anew, [(24.0, 30.0)])] * ENOUGH))
    assert found.total == pytest.approx(30 * HOUR)


def test_whoever_is_away_is_not_busy() -> None:
    away = (Away("privacy-1", MONDAY, MONDAY + timedelta(hours=5)),)
    given = simulation()
    found = way(
        lives(*[(CHAIN, [(24.0, 30.0)])] * ENOUGH), replace(given, staff=replace(given.staff, absences=away))
    )
    draft = next(leg for leg in found.legs if leg.slot.part == "draft")
    assert (draft.off_duty, draft.waiting) == (pytest.approx(3 * HOUR), 0)


def test_what_was_never_told_says_where_it_stands() -> None:
    stuck = [Done(0, 1, 2, -1), Done(2, 5, 9, 0), Done(9, nan, nan, 1), Done(), Done()]
    found = way(lives(*[(stuck, [(24.0, nan)])] * ENOUGH))
    assert [(one.step, one.part, count) for one, count in found.stands_at] == [("tell", "release", ENOUGH)]
    assert not found.legs


def test_one_work_for_many_cases_is_one_leg() -> None:
    slots = [slot("tell", "privacy", case=case) for case in ("a", "b")]
    clocks = [clock("R", 0, case="a"), clock("R", 1, case="b")]
    row = ([Done(0, 0, 30), Done(0, 10, 40)], [(24.0, 30.0), (24.0, 40.0)])
    found = lifetimes(slots, clocks, [row] * ENOUGH, opened_at=[MONDAY.timestamp()] * ENOUGH)
    (leg,) = way(found).legs
    assert leg.on_path == 1.0
    assert leg.total == pytest.approx(35 * HOUR)


def test_roles_are_ordered_by_what_they_take() -> None:
    found = way(lives(*[(CHAIN, [(24.0, 30.0)])] * ENOUGH))
    assert [role for role, *_ in found.by_role] == ["", "privacy", "commander", "approver"]
