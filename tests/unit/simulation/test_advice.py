"""What a change buys is what the same incidents do once it is made."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache

import pytest

from playbooks.library import load_playbooks
from playbooks.models import Playbook
from playbooks.roster.models import ROLES
from playbooks.rulebook import load_rules
from playbooks.simulation.advice import Advice, advise, ways_to
from playbooks.simulation.changes import half_the_time, on_call, one_more, span_said, times
from playbooks.simulation.critical import Critical
from playbooks.simulation.durations import Duration, Empirical, Fixed, Lognormal, Triangular
from playbooks.simulation.model import Paces, Simulation, Slot, Staff, Story
from playbooks.simulation.parts import pace_of
from playbooks.simulation.results import Found, found_in
from playbooks.simulation.runs import simulate
from playbooks.simulation.usual import people_of, premise, usual_roster

RULES = [rule for rule in load_rules(()).values() if rule.id.startswith("EU-GDPR-33")]
"""Two of the law are enough to tell what a change buys; all of them are put in other tests."""
MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
TRIAGE = Slot("triage", "Triage", None, 1, "do", 1, "commander", timedelta(hours=1))
RELEASE = Slot("tell-client", "Tell", "client-1", 1, "release", 1, "approver", timedelta(hours=1))


def plan() -> Playbook:
    return load_playbooks(()).named("unclassified-incident")


def simulation(runs: int = 120, **paces: object) -> Simulation:
    so = premise(plan(), RULES)
    people = {role: people_of(role) for role in ROLES}
    staff = Staff(people, usual_roster("Europe/Berlin", ROLES))
    story = Story("it", plan(), so.truth, so.law)
    return Simulation((story,), staff, MONDAY, Paces(**paces), runs=runs)  # type: ignore[arg-type]


def pace(paces: Paces, slot: Slot) -> Duration:
    return pace_of(paces, slot.step, slot.part, slot.target)


@cache
def advised() -> tuple[Found, Advice]:
    given = simulation()
    result = simulate(given)
    found = found_in(result)
    ways = ways_to(given, result, found)
    return found, advise(given, ways, lambda each: [simulate(one) for one in each])


def test_the_way_to_a_notice_ends_with_its_delivery_and_lasts_as_long_as_telling_takes() -> None:
    _, advice = advised()
    for way in advice.ways:
        assert way.legs[-1].slot.part == "deliver"
        assert way.clock.met is not None
    first = advice.ways[0]
    spent = sum(leg.total for leg in first.legs) + first.until_instants + first.again
    assert spent == pytest.approx(first.total)
    assert first.total == pytest.approx(told_after(first))


def told_after(way: Critical) -> float:
    """After how long on average it is done in the incidents that miss it, counted anew."""
    (lives,) = simulate(simulation()).stories
    (number,) = way.clock.clocks
    late = [
        met for met, is_late in zip(lives.clock("met", number), lives.missed(number), strict=True) if is_late
    ]
    return sum(late) / len(late)


def test_only_deadlines_that_bind_are_explained_where_there_are_some() -> None:
    _, advice = advised()
    assert [way.clock.spec.rule for way in advice.ways] == ["CONTRACT", "EU-GDPR-33-1"]


def test_people_on_call_do_away_with_misses_that_wait_for_them() -> None:
    found, advice = advised()
    best = next(one for one in advice.bought if "client_lead" in one.change.subject.split(", "))
    on = next(one for one in best.on if one.clock.spec.rule == "CONTRACT")
    assert found.clock("CONTRACT").missed.value > 0.2
    assert on.missed.before == pytest.approx(found.clock("CONTRACT").missed.value)
    assert on.missed.after < 0.03
    assert on.missed.is_sure
    assert on.earlier > 3600


def test_one_more_approver_is_always_tried_and_told_as_no_difference_where_it_makes_none() -> None:
    _, advice = advised()
    (more,) = [one for one in advice.bought if one.change.words == "one more approver"]
    assert not more.missed.is_sure
    assert more.missed.change == pytest.approx(0, abs=0.01)


def test_the_changes_are_ordered_by_what_they_save() -> None:
    _, advice = advised()
    worths = [one.worth for one in advice.bought]
    assert worths == sorted(worths)
    assert worths[0] < (0, 0)


def test_every_change_is_tried_once() -> None:
    _, advice = advised()
    assert len({one.change.words for one in advice.bought}) == len(advice.bought)


def test_one_more_person_stands_beside_the_others_in_every_shift() -> None:
    changed = one_more(simulation(), "approver").simulation.staff
    assert changed.people["approver"] == ("approver-1", "approver-2", "approver-more")
    assert changed.roster is not None
    shifts = [shift for shift in changed.roster.shifts if shift.role == "approver"]
    assert [shift.people for shift in shifts][-2:] == [("approver-more",)] * 2
    assert one_more(replace(simulation(), staff=changed), "approver").simulation.staff.people["approver"][
        -1
    ] == ("approver-more1")


def test_one_more_in_shifts_around_the_clock_is_nobody_who_never_sleeps() -> None:
    given = simulation()
    change = one_more(given, "commander")
    changed = change.simulation.staff
    assert change.words == "one more commander in every shift (2 people)"
    assert changed.people["commander"][2:] == ("commander-more", "commander-more1")
    assert changed.roster is not None
    hours = {
        shift.from_: shift.people for shift in changed.roster.shifts if "commander-more" in shift.people[0]
    }
    assert hours == {"08:00": ("commander-more",), "20:00": ("commander-more1",)}


def test_on_call_takes_the_shifts_of_these_roles_alone() -> None:
    roster = on_call(simulation(), "approver", "privacy").simulation.staff.roster
    assert roster is not None
    assert set(roster.roles) == set(ROLES) - {"approver", "privacy"}
    assert on_call(simulation(), *ROLES).simulation.staff.roster is None


@pytest.mark.parametrize(
    ("hours", "words"),
    [(0.5, "30 min"), (3, "3 h"), (9.97, "10 h"), (71, "71 h"), (100, "4.2 d"), (2_500, "104 d")],
)
def test_a_span_is_told_as_people_say_it(hours: float, words: str) -> None:
    assert span_said(timedelta(hours=hours)) == words


def test_half_the_time_halves_target_and_pace_of_one_piece_of_work() -> None:
    changed = half_the_time(simulation(), TRIAGE).simulation
    before, after = plan(), changed.stories[0].plan
    assert after.step("triage").target == before.step("triage").target / 2
    others = [step.id for step in before.steps if step.id != "triage"]
    assert all(after.step(name).target == before.step(name).target for name in others)
    assert pace(changed.paces, TRIAGE) == times(pace(Paces(), TRIAGE), 0.5)


def test_half_the_time_of_a_second_word_leaves_the_plan_as_it_is() -> None:
    given = simulation(by_name={"release": Fixed(timedelta(hours=2))})
    changed = half_the_time(given, RELEASE).simulation
    assert changed.stories == given.stories
    assert pace(changed.paces, RELEASE) == Fixed(timedelta(hours=1))
    assert changed.paces.by_name["release"] == Fixed(timedelta(hours=2))


def test_a_target_of_a_quarter_of_an_hour_is_halved_to_whole_minutes() -> None:
    steps = [step for step in plan().steps if step.target == timedelta(minutes=15)]
    one = steps[0] if steps else plan().step("triage")
    slot = Slot(one.id, one.title, None, 1, "do", 1, one.role, one.target)
    after = half_the_time(simulation(), slot).simulation.stories[0].plan
    assert after.step(one.id).target % timedelta(minutes=1) == timedelta()


def test_every_kind_of_distribution_is_multiplied() -> None:
    hour = timedelta(hours=1)
    for given in (
        Fixed(hour),
        Lognormal(hour, 2 * hour),
        Triangular(hour, 2 * hour, 3 * hour),
        Empirical((hour,)),
    ):
        assert times(times(given, 2), 0.5) == given


def test_where_nothing_is_missed_the_nearest_deadline_is_explained() -> None:
    given = simulation(runs=30, by_name={name: Fixed(timedelta()) for name in ("do", "draft", "release")})
    given = on_call(given, *ROLES).simulation
    result = simulate(given)
    found = found_in(result)
    (way,) = ways_to(given, result, found)
    assert found.any_missed.hits == 0
    assert way.of == "all"
