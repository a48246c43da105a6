"""The clocks of simulated incidents: counted as the engine counts, met by the notice that tells."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import isnan

import pytest

from playbooks.clocks import due
from playbooks.contracts import ContractTermView
from playbooks.fact_types import FactValue, Range
from playbooks.law import Rule
from playbooks.models import Phase, Playbook, Step
from playbooks.places import place
from playbooks.rulebook import load_rules
from playbooks.simulation.counted import Counting
from playbooks.simulation.durations import Duration, Fixed
from playbooks.simulation.model import CaseTruth, Law, Lifetimes, Simulation, Story, Truth
from playbooks.simulation.results import found_in
from playbooks.simulation.runs import simulate
from playbooks.simulation.telling import clocks_of, everything
from tests.harness.simulating import HOUR, simulation_of, step

RULES = load_rules()
EU = frozenset({"EU"})
NONE = frozenset({"none"})
FACTS: dict[str, FactValue] = {
    "personal_data": True,
    "risk": "high",
    "encrypted": False,
    "data_categories": frozenset({"contact"}),
    "people_affected": Range(low=500, high=500),
    "information_missing": False,
}
PLAN = Playbook(
    id="play", version="1", title="Play", neutral_title="Play", kind="play",
    phases=(
        Phase(id="triage", steps=(
            step("triage", "commander", fields=[{"fact": name, "required": True} for name in FACTS]),
        )),
        Phase(id="notify", steps=(
            step(
                "tell-client", "client_lead", kind="notice", per="case", recipient="client_controller",
                template="notice-client", when='our_role == "processor" and personal_data',
            ),
            step(
                "tell-authority", "privacy", kind="notice", per="case", recipient="supervisory_authority",
                template="notice-authority", when='our_role == "controller" and personal_data',
            ),
        )),
    ),
)  # fmt: skip
PEOPLE = {
    "commander": ("ada",),
    "client_lead": ("bo",),
    "privacy": ("cy",),
    "approver": ("di", "ed", "flo"),
    "counsel": ("gil",),
}


def given(
    role: str = "processor", hours: float = 24, paces: dict[str, Duration] | None = None, **case: int
) -> Simulation:
    """One incident of one client for whom we have that role."""
    record: dict[str, FactValue] = {"our_role": role, "jurisdictions": EU, "client_status": NONE}
    truth = Truth(FACTS, {"our_status": NONE, "jurisdictions": EU}, {"A": CaseTruth(record, **case)})
    law = Law(
        tuple(RULES.values()), {"A": ContractTermView("A", hours)}, {None: place("EU"), "A": place("EU")}, EU
    )
    return simulation_of(Story("one", PLAN, truth, law), people=PEOPLE, paces=paces)


def clock(life: Lifetimes, rule: str) -> tuple[float, float, bool | None]:
    """When a clock was due and met, in hours, and whether it was missed."""
    number = [one.rule for one in life.clocks].index(rule)
    return life.clock("due", number)[0] / 3600, life.clock("met", number)[0] / 3600, next(life.missed(number))


def test_the_client_is_told_by_the_plan_and_its_contract_met() -> None:
    life = simulate(given()).stories[0]
    assert clock(life, "CONTRACT") == (24, 3, False)  # triage, draft, release
    assert [one.step for one in life.slots if one.by_law] == ["answer-the-law"]


def test_a_notice_that_comes_late_misses_its_clock() -> None:
    late = simulate(given(paces={"release": Fixed(30 * HOUR)})).stories[0]
    assert clock(late, "CONTRACT") == (24, 32, True)


def test_a_clock_that_nobody_meets_by_the_horizon_is_missed() -> None:
    stuck = given()
    people = {**stuck.staff.people, "approver": ()}
    never = simulate(simulation_of(stuck.stories[0], people=people)).stories[0]
    due_at, met, missed = clock(never, "CONTRACT")
    assert (due_at, isnan(met), missed) == (24, True, True)


def test_a_clock_that_outlasts_the_simulation_unmet_is_neither_met_nor_missed() -> None:
    stuck = given()
    people = {**stuck.staff.people, "approver": ()}
    found = simulate(simulation_of(stuck.stories[0], people=people, horizon=timedelta(hours=23)))
    assert clock(found.stories[0], "CONTRACT")[2] is None
    told = found_in(found)
    assert "CONTRACT" in [one.rule for one in told.still_ran]
    assert "CONTRACT" not in [one.spec.rule for one in told.clocks]


def test_a_clock_that_was_met_before_the_simulation_ended_counts_though_it_is_due_after() -> None:
    met = simulation_of(given().stories[0], people=PEOPLE, horizon=timedelta(hours=23))
    assert clock(simulate(met).stories[0], "CONTRACT") == (24, 3, False)


def test_a_policy_target_is_never_later_than_the_contracts_number() -> None:
    assert clock(simulate(given(hours=8)).stories[0], "EU-GDPR-33-2")[0] == 8


def test_a_contract_may_want_two_people_and_counsel_before_its_notice_goes() -> None:
    life = simulate(given(approvals=2, counsel=1)).stories[0]
    assert [one.part for one in life.slots if one.step == "tell-client"] == [
        "draft", "counsel", "release", "release", "deliver",
    ]  # fmt: skip
    assert clock(life, "CONTRACT")[1] == 4


def test_nobody_releases_the_notice_that_they_wrote() -> None:
    alone = simulation_of(given().stories[0], people={**PEOPLE, "approver": ("bo",)})
    assert isnan(clock(simulate(alone).stories[0], "CONTRACT")[1])


def test_whom_no_step_of_the_plan_tells_the_law_has_told_by_a_step_of_its_own() -> None:
    life = simulate(given("controller")).stories[0]
    told = {one.step for one in life.slots if one.by_law and one.part == "draft"}
    assert told == {"tell-data-subjects-eu"}
    assert clock(life, "EU-GDPR-33-1")[2] is False
    assert clock(life, "EU-GDPR-34")[2] is False


ANCHORS = [
    datetime(2026, 3, 6, 16, 59, tzinfo=UTC),
    datetime(2026, 12, 23, 23, 30, tzinfo=UTC),
    datetime(2026, 4, 1, 6, 0, tzinfo=UTC),
]
ALWAYS = {
    "when": "personal_data",
    "source": "contract",
    "status": "in_force",
    "in_force_from": None,
    "in_force_until": None,
}
CLOCKS = [rule for rule in RULES.values() if rule.has_clock]


@pytest.mark.parametrize("rule", CLOCKS, ids=lambda rule: rule.key)
def test_every_rule_is_counted_as_the_law_counts_it(rule: Rule) -> None:
    always = rule.model_copy(
        update={
            "when": "personal_data",
            "status": "in_force",
            "in_force_from": None,
            "source": "contract",
            "in_force_until": None,
        }
    )
    law = Law((always,), places={None: place("EU")})
    view = everything(PLAN, Truth({"personal_data": True}), ANCHORS[0])
    (duty,) = clocks_of(law, view, ANCHORS[0])
    counting = Counting((duty,), law, {})
    for anchor in ANCHORS:
        events = {
            name: anchor + timedelta(hours=5 * at) for at, limb in enumerate(rule.limbs) for name in limb[:1]
        }
        expected = due(rule, events, place=duty.place).due_at
        found = counting.due(0, {name: at.timestamp() for name, at in events.items()})
        assert isnan(found) if expected is None else found == expected.timestamp()


def test_of_several_events_that_are_all_needed_the_last_starts_the_clock() -> None:
    rule = next(rule for rule in CLOCKS if rule.counting == "hours_elapsed" and len(rule.limbs) == 1)
    both = rule.model_copy(update={**ALWAYS, "starts": ("aware_at", "contained_at")})
    law = Law((both,), places={None: place("EU")})
    (duty,) = clocks_of(law, everything(PLAN, Truth({"personal_data": True}), ANCHORS[0]), ANCHORS[0])
    counting = Counting((duty,), law, {})
    hours = both.period.value if both.period else 0
    assert counting.due(0, {"aware_at": 0.0, "contained_at": 7200.0}) == 7200 + hours * 3600
    assert isnan(counting.due(0, {"aware_at": 0.0}))


def test_of_many_clients_that_wait_the_one_whose_contract_gives_least_is_told_first() -> None:
    story = given().stories[0]
    hours = {"A": 48.0, "B": 24.0, "C": 8.0}
    law = Law(
        story.law.rules,
        {name: ContractTermView(name, of) for name, of in hours.items()},
        dict.fromkeys((None, *hours), place("EU")),
        EU,
    )
    truth = replace(story.truth, cases=dict.fromkeys(hours, story.truth.cases["A"]))
    life = simulate(simulation_of(Story("many", PLAN, truth, law), people=PEOPLE)).stories[0]
    met = {
        one.case: life.clock("met", at)[0] / 3600
        for at, one in enumerate(life.clocks)
        if one.rule == "CONTRACT"
    }
    assert met == {"A": 3, "C": 4, "B": 5}  # the first is taken up at once, then what is most urgent


AUTHORITY = "tell-supervisory-authority-eu"
"""By what the law has the authority told where no step of the plan does."""


def drafted_by_law(life: Lifetimes) -> tuple[float, float]:
    """When the law's own notice to the authority was asked for and drafted, in hours."""
    (at,) = [at for at, one in enumerate(life.slots) if (one.step, one.part) == (AUTHORITY, "draft")]
    return life.column("ready", at)[0] / 3600, life.column("ended", at)[0] / 3600


def test_where_the_plan_cannot_say_yet_whether_it_tells_the_law_does_at_half_the_time() -> None:
    life = simulate(undecided(40)).stories[0]
    assert drafted_by_law(life) == (36, 37)
    assert clock(life, "EU-GDPR-33-1") == (72, 38, False)  # its draft, and its release


def test_what_the_law_began_to_tell_is_taken_back_once_the_plan_says_that_it_tells() -> None:
    life = simulate(undecided(35.5)).stories[0]
    asked, drafted = drafted_by_law(life)
    assert asked == 36
    assert isnan(drafted)
    assert clock(life, "EU-GDPR-33-1") == (72, 38.5, False)


def test_what_is_owed_is_told_by_the_law_at_once_where_the_plan_cannot_say_yet() -> None:
    life = simulate(undecided(40, "processor")).stories[0]
    assert clock(life, "CONTRACT") == (24, 3, False)


def test_an_incident_that_the_law_wakes_again_is_not_closed() -> None:
    offer, look = step("offer", optional=True), undecided(40).stories[0].plan.step("look")
    waiting = look.model_copy(update={"after": ("offer",)})  # nobody takes the offer
    story = undecided(40, steps=(offer, waiting)).stories[0]
    rules = tuple(rule for rule in RULES.values() if rule.id == "EU-GDPR-33-1")
    story = replace(story, law=replace(story.law, rules=rules, terms={}))
    told, never = (
        simulate(simulation_of(story, people={**PEOPLE, "privacy": who})).stories[0] for who in (("cy",), ())
    )
    assert told.closed[0] == 38 * 3600  # nothing was left to do after triage, until half the time was gone
    assert isnan(never.closed[0])


def undecided(hours: float, role: str = "controller", steps: tuple[Step, ...] = ()) -> Simulation:
    """One incident in which so many hours pass until it is known whether the plan tells anybody."""
    known = [{"fact": name, "required": True} for name in FACTS if name != "risk"]
    look = step("look", "commander", fields=[{"fact": "risk", "required": True}])
    notify = PLAN.phases[1]
    unsure = {"if_unknown": "wait"}
    telling = [
        one.model_copy(update={**unsure, "when": f'{one.when} and risk == "high"'}) for one in notify.steps
    ]
    phases = (
        Phase(id="triage", steps=(step("triage", "counsel", fields=known),)),
        Phase(id="contain", steps=steps or (look,)),
        notify.model_copy(update={"steps": tuple(telling)}),
    )
    story = given(role).stories[0]
    story = Story(
        "one",
        PLAN.from_pinned(PLAN.model_copy(update={"phases": phases}).model_dump_json(exclude_none=True)),
        story.truth,
        story.law,
    )
    paces: dict[str, Duration] = {"look": Fixed(hours * HOUR), "triage": Fixed(HOUR)}
    return simulation_of(story, people=PEOPLE, paces=paces)
