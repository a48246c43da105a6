from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from playbooks.clocks import Due, Standing, due, not_computable, schedule, stamp, standing, warnings
from playbooks.contracts import ContractTermView, contract_rule
from playbooks.errors import InstantFault, Mend
from playbooks.law import BusinessHours, Rule
from playbooks.places import UTC_PLACE, Place, place
from playbooks.rulebook import load_rules

HOUR = timedelta(hours=1)
AWARE = datetime(2026, 11, 20, 9, 23, tzinfo=UTC)
LAW = load_rules()


def at(text: str) -> datetime:
    """An instant from its ISO text."""
    return datetime.fromisoformat(text)


def rule(counting: str, value: float = 1, unit: str = "", **more: Any) -> Rule:
    """A made-up rule that counts in that way, from awareness unless told otherwise."""
    given: dict[str, Any] = {
        "id": "XX-1",
        "version": "1",
        "title": "Tell the regulator",
        "status": "in_force",
        "in_force_from": "2000-01-01",
        "jurisdiction": "XX",
        "citation": {"act": "Act"},
        "evidence": "M-L",
        "obliged_role": "controller",
        "recipient": "supervisory_authority",
        "starts": "aware_at",
        "when": "personal_data",
        "counting": counting,
        "period": {"value": value, "unit": unit} if unit else None,
    }
    return Rule.model_validate(given | more)


def count(counted: Rule, told: str, where: str = "UTC", **facts: Any) -> Due:
    """The clock of a made-up rule from one local or full instant."""
    return due(counted, {"aware_at": at(told)}, place=place(where), facts=facts)


def shipped(name: str) -> Rule:
    """The shipped rule of that id in its version of today."""
    return next(rule for rule in LAW.values() if rule.id == name and rule.status == "in_force")


def test_the_clock_hour_is_that_of_the_authoritys_place() -> None:
    """In Kathmandu, 5:45 ahead, 09:23Z is 15:08: the hour ends at 10:15Z."""
    counted = rule("hours_elapsed", 1, "hours", legal={"method": "hours_1182"})
    found = due(counted, {"aware_at": AWARE}, place=Place("NP", "Asia/Kathmandu", "NP"))
    assert found.legal_due_at == at("2026-11-20T11:15Z")


def test_a_rule_with_a_place_of_its_own_counts_there() -> None:
    counted = rule("days_excl", 1, "days", place="SG")
    found = count(counted, "2026-11-20T20:00Z", "US-CA")
    assert (found.place, found.due_at) == ("SG", at("2026-11-22T16:00Z"))


def test_asap_has_no_number_and_shows_a_target_labelled_as_policy() -> None:
    found = count(rule("asap", policy_hours=24), "2026-11-20T09:23Z", "DE")
    assert (found.due_at, found.legal_due_at, found.policy, found.place) == (
        AWARE + 24 * HOUR,
        None,
        True,
        "DE",
    )
    assert "policy, not law" in found.explanation


def test_a_duty_without_number_or_target_is_due_at_no_instant() -> None:
    found = count(rule("asap"), "2026-11-20T09:23Z")
    assert (found.due_at, found.policy, found.anchor_at) == (None, False, AWARE)


def test_a_computed_deadline_explains_itself_and_names_its_data() -> None:
    found = due(shipped("EU-GDPR-33-1"), {"aware_at": AWARE}, place=place("DE"))
    assert "2026-11-20T09:23Z + 72 elapsed hours = 2026-11-23T09:23Z" in found.explanation
    assert "Regulation 1182/71 art 3(1), clock of Europe/Berlin" in found.explanation
    assert "DE (Europe/Berlin)" in found.explanation
    assert found.tzdata_version
    assert found.holidays_version


def test_the_text_of_an_instant_drops_what_is_below_a_second_and_the_instant_keeps_it() -> None:
    told = at("2026-11-20T09:23:59.999999Z")
    found = due(rule("hours_elapsed", 1, "hours"), {"aware_at": told})
    assert found.due_at == told + HOUR
    assert "2026-11-20T09:23:59Z + 1 elapsed hours = 2026-11-20T10:23:59Z" in found.explanation


@pytest.mark.parametrize(
    ("starts", "events", "says"),
    [
        ("aware_at", {}, "nobody has stated aware_at yet"),
        ("discovered_at|aware_at", {}, "nobody has stated discovered_at or aware_at yet"),
        ("submitted(XX-0)", {"aware_at": AWARE}, "XX-0 has not been submitted yet"),
        ("submitted(XX-0)|submitted(XX-9)", {}, "XX-0 or XX-9 has not been submitted yet"),
        (["classified_at", "aware_at"], {"aware_at": AWARE}, "nobody has stated classified_at yet"),
    ],
)
def test_without_its_event_a_clock_is_not_computable_and_names_what_is_missing(
    starts: Any, events: Mapping[str, datetime], says: str
) -> None:
    found = due(rule("hours_elapsed", 24, "hours", starts=starts, place="FR"), events)
    assert (found.anchor_at, found.due_at, found.legal_due_at) == (None, None, None)
    assert (found.not_computable_because, found.place) == (says, "FR")
    assert not_computable(rule("asap"), says).not_computable_because == says


def test_of_alternative_events_the_first_that_is_known_counts() -> None:
    counted = rule("hours_elapsed", 1, "hours", starts="discovered_at|aware_at")
    both = {"aware_at": AWARE, "discovered_at": AWARE - HOUR}
    assert due(counted, both).anchor_at == AWARE - HOUR
    assert due(counted, {"aware_at": AWARE}).anchor_at == AWARE


def test_a_dependent_clock_starts_with_the_submission_not_with_its_deadline() -> None:
    final = shipped("EU-NIS2-23-4d")
    told = {"submitted(EU-NIS2-23-4b)": at("2026-11-21T08:00Z"), "aware_at": AWARE}
    assert due(final, told, place=place("DE")).anchor_at == at("2026-11-21T08:00Z")


@pytest.mark.parametrize(
    ("hours", "told", "touch", "full"),
    [
        # the hours begin with Friday and end where Monday begins: Monday is not touched
        (72, "2026-11-19T23:30+01:00", "2026-11-24T00:00+01:00", "2026-11-24T00:00+01:00"),
        # two whole days to the minute
        (48, "2026-11-17T23:30+01:00", "2026-11-20T00:00+01:00", "2026-11-20T00:00+01:00"),
        # less than two days, over a weekend: art 3(5) has nothing to say
        (24, "2026-11-20T22:30+01:00", "2026-11-21T23:00+01:00", "2026-11-21T23:00+01:00"),
    ],
)
def test_two_working_days_are_counted_to_the_edge_of_a_day(
    hours: float, told: str, touch: str, full: str
) -> None:
    contested = [{"method": "hours_1182_touch"}, {"method": "hours_1182_full"}]
    found = count(rule("hours_elapsed", hours, "hours", contested=contested), told, "DE")
    assert {reading.reading: reading.due_at for reading in found.contested} == {
        "art 3(5) touch": at(touch),
        "art 3(5) full": at(full),
    }


# Months: the same day number or the last day, at the same local time; never into the month after.
@pytest.mark.parametrize(
    ("told", "where", "shown"),
    [
        ("2027-01-31T18:00+01:00", "DE", "2027-02-28T18:00+01:00"),
        ("2028-01-31T18:00+01:00", "DE", "2028-02-29T18:00+01:00"),
        ("2026-12-31T09:00+01:00", "DE", "2027-01-31T09:00+01:00"),
        # the local clock stays, though summer time begins between
        ("2027-03-10T09:00+01:00", "DE", "2027-04-10T09:00+02:00"),
        # 02:30 on 28 March 2027 does not exist in Paris: the first instant after it
        ("2027-02-28T02:30+01:00", "FR", "2027-03-28T03:00+02:00"),
        # 02:30 on 25 October 2026 comes twice: the earlier
        ("2026-09-25T02:30+02:00", "FR", "2026-10-25T02:30+02:00"),
    ],
)
def test_a_month_keeps_day_number_and_local_time(told: str, where: str, shown: str) -> None:
    assert count(rule("month_same_time", 1, "months"), told, where).due_at == at(shown)


def test_a_month_over_a_day_that_clocks_skipped_is_never_later_than_its_legal_end() -> None:
    """Samoa had no 30 December 2011."""
    counted = rule("month_same_time", 1, "months", legal={"method": "month_1182"})
    found = due(counted, {"aware_at": at("2011-11-30T10:00-10:00")}, place=Place("WS", "Pacific/Apia", ""))
    assert found.due_at == found.legal_due_at == at("2011-12-31T00:00+14:00")


def test_a_month_that_ends_on_a_saturday_ends_legally_with_monday() -> None:
    """21 November 2026 is a Saturday."""
    counted = rule("month_same_time", 1, "months", legal={"method": "month_1182"})
    found = count(counted, "2026-10-21T09:00+02:00", "DE")
    assert found.due_at == at("2026-11-21T09:00+01:00")
    assert found.legal_due_at == at("2026-11-24T00:00+01:00")
    assert "a Saturday" in found.explanation


def test_the_seat_of_the_authority_decides_about_its_holidays() -> None:
    """6 January 2027, a Wednesday, is free in Bavaria and not in Berlin."""
    counted = rule("month_same_time", 1, "months", legal={"method": "month_1182"})
    told = "2026-12-06T09:00+01:00"
    assert count(counted, told, "DE-BE").legal_due_at == at("2027-01-07T00:00+01:00")
    assert count(counted, told, "DE-BY").legal_due_at == at("2027-01-08T00:00+01:00")


def test_a_filing_is_due_when_edgar_closes_wherever_its_days_are_counted() -> None:
    found = count(rule("bdays_sec", 1, "business_days"), "2026-11-18T09:00-08:00", "US-CA")
    assert found.due_at == at("2026-11-19T17:30-05:00")


def test_a_date_of_the_next_year_ends_with_that_date() -> None:
    counted = rule("date_next_year", calendar="03-31", place="PH")
    found = due(counted, {"aware_at": at("2026-12-31T23:30+08:00")})
    assert found.due_at == at("2027-04-01T00:00+08:00")
    assert due(counted, {"aware_at": at("2027-01-01T00:30+08:00")}).due_at == at("2028-04-01T00:00+08:00")


@pytest.mark.parametrize("text", ["", "31 March", "02-29", "13-01"])
def test_a_date_that_is_none_is_refused_with_what_to_write(text: str) -> None:
    with pytest.raises(Mend, match="03-31"):
        due(rule("date_next_year", calendar=text), {"aware_at": AWARE})


# DORA: Delegated Regulation (EU) 2025/301 art 5.
DORA = {"initial": "EU-DORA-initial", "intermediate": "EU-DORA-intermediate", "final": "EU-DORA-final"}


def dora(stage: str, events: Mapping[str, str], where: str = "FR", **facts: Any) -> Due:
    """The clock of a shipped rule of DORA."""
    told = {name: at(text) for name, text in events.items()}
    return due(shipped(DORA[stage]), told, place=place(where), facts=facts)


def test_dora_classified_after_a_day_of_awareness_has_its_four_hours_alone() -> None:
    found = dora("initial", {"aware_at": "2026-11-17T08:00Z", "classified_at": "2026-11-18T08:00:01Z"})
    assert found.due_at == at("2026-11-18T12:00:01Z")
    assert found.anchor_at == at("2026-11-18T08:00:01Z")
    on_the_limit = dora("initial", {"aware_at": "2026-11-17T08:00Z", "classified_at": "2026-11-18T08:00Z"})
    assert on_the_limit.due_at == at("2026-11-18T08:00Z")
    assert on_the_limit.anchor_at == at("2026-11-17T08:00Z")


def test_dora_counts_a_day_from_awareness_until_the_incident_is_classified() -> None:
    found = dora("initial", {"aware_at": "2026-11-17T08:00Z"})
    assert (found.anchor_at, found.due_at) == (at("2026-11-17T08:00Z"), at("2026-11-18T08:00Z"))
    assert "until it is classified as major; 4 hours from then" in found.explanation
    assert not found.not_computable_because


def test_dora_counts_from_classification_alone_while_nobody_has_stated_awareness() -> None:
    found = dora("initial", {"classified_at": "2026-11-17T08:00Z"})
    assert (found.anchor_at, found.due_at) == (at("2026-11-17T08:00Z"), at("2026-11-17T12:00Z"))
    assert "awareness is not stated" in found.explanation


def test_dora_without_either_of_its_events_has_no_clock() -> None:
    assert dora("initial", {}).not_computable_because == (
        "nobody has stated classified_at yet; nobody has stated aware_at yet"
    )


def test_the_day_from_awareness_has_doras_noon_too() -> None:
    """21 November 2026 is a Saturday."""
    found = dora("initial", {"aware_at": "2026-11-20T15:00+01:00"}, entity_class="other")
    assert found.due_at == at("2026-11-23T12:00+01:00")


SATURDAY = {"aware_at": "2026-11-20T22:00+01:00", "classified_at": "2026-11-21T09:00+01:00"}


@pytest.mark.parametrize("entity_class", ["credit_institution", "ccp", "trading_venue", "nis2_entity", None])
def test_dora_gives_these_classes_no_relief_and_an_unknown_one_none_either(entity_class: str | None) -> None:
    facts = {"entity_class": entity_class} if entity_class else {}
    found = dora("initial", SATURDAY, **facts)
    assert found.due_at == at("2026-11-21T13:00+01:00")
    assert "no relief" in found.explanation


def test_doras_noon_is_that_of_the_place_and_the_raw_limit_stays_in_the_explanation() -> None:
    found = dora("initial", SATURDAY, "FI", entity_class="other")
    assert found.due_at == at("2026-11-23T12:00+02:00")
    assert "2026-11-21T12:00Z" in found.explanation
    assert found.legal_due_at is None


def test_doras_final_report_has_the_relief_whoever_reports() -> None:
    """22 November 2026 is a Sunday."""
    told = {"submitted(EU-DORA-intermediate)": "2026-10-22T15:00+02:00"}
    for facts in ({}, {"entity_class": "credit_institution"}):
        assert dora("final", told, **facts).due_at == at("2026-11-23T12:00+01:00")


def test_without_a_state_nobody_knows_whose_noon_and_there_is_no_relief() -> None:
    """Noon in UTC is after noon almost everywhere in the Union."""
    assert dora("initial", SATURDAY, "UTC", entity_class="other").due_at == at("2026-11-21T13:00+01:00")


GOOD_FRIDAY = {"aware_at": "2026-04-03T04:00Z", "classified_at": "2026-04-03T06:00Z"}


def test_for_the_union_no_holiday_gives_doras_relief_for_some_state_works_on_it() -> None:
    """Good Friday 2026 is free in Spain and not in France; 1 May is not free in the Netherlands."""
    found = dora("initial", GOOD_FRIDAY, "EU", entity_class="other")
    assert found.due_at == at("2026-04-03T10:00Z")
    assert "no Member State is named, so only weekends give relief" in found.explanation
    assert dora("initial", GOOD_FRIDAY, "ES", entity_class="other").due_at == at("2026-04-06T12:00+02:00")
    final = {"submitted(EU-DORA-intermediate)": "2026-04-01T10:00Z"}
    assert dora("final", final, "EU").due_at == at("2026-05-01T10:00Z")


def test_for_the_union_a_weekend_ends_at_noon_of_the_next_weekday_be_it_a_holiday_somewhere() -> None:
    """Saturday 4 April 2026 is followed by Easter Monday."""
    easter = {"aware_at": "2026-04-04T04:00Z", "classified_at": "2026-04-04T06:00Z"}
    assert dora("initial", easter, "EU", entity_class="other").due_at == at("2026-04-06T12:00+02:00")
    assert dora("initial", SATURDAY, "EU", entity_class="other").due_at == at("2026-11-23T12:00+01:00")
    assert dora("initial", SATURDAY, "EU", entity_class="ccp").due_at == at("2026-11-21T13:00+01:00")
    told = {"submitted(EU-DORA-initial)": "2026-12-23T10:00+01:00"}
    assert dora("intermediate", told, "EU", entity_class="other").due_at == at("2026-12-28T12:00+01:00")
    assert dora("intermediate", told, "EU", entity_class="ccp").due_at == at("2026-12-26T10:00+01:00")


def test_doras_holidays_are_those_of_the_entitys_state() -> None:
    """Friday 1 January 2027 is free everywhere; Wednesday 6 January in Austria and not in France."""
    told = {"submitted(EU-DORA-initial)": "2027-01-03T15:00+01:00"}
    assert dora("intermediate", told, "FR", entity_class="other").due_at == at("2027-01-06T15:00+01:00")
    assert dora("intermediate", told, "AT", entity_class="other").due_at == at("2027-01-07T12:00+01:00")


# The hours of a contract: weekdays 09:00 to 17:00 in Germany.
def contract(hours: float, told: str, where: str = "DE", **window: Any) -> Due:
    """The clock of a contract in business hours."""
    term = ContractTermView("example", hours, window=BusinessHours(**window))
    return due(contract_rule(term), {"aware_at": at(told)}, place=place(where))


@pytest.mark.parametrize(
    ("hours", "told", "shown"),
    [
        (4, "2026-11-18T10:00+01:00", "2026-11-18T14:00+01:00"),
        (8, "2026-11-18T10:00+01:00", "2026-11-19T10:00+01:00"),
        (7, "2026-11-18T10:00+01:00", "2026-11-18T17:00+01:00"),
        # over night and before opening counts nothing
        (4, "2026-11-18T22:00+01:00", "2026-11-19T13:00+01:00"),
        (4, "2026-11-19T03:00+01:00", "2026-11-19T13:00+01:00"),
        # over a weekend, and over Christmas (Friday 25 December 2026)
        (4, "2026-11-20T16:00+01:00", "2026-11-23T12:00+01:00"),
        (4, "2026-12-24T16:00+01:00", "2026-12-28T12:00+01:00"),
        (0.5, "2026-11-21T12:00+01:00", "2026-11-23T09:30+01:00"),
    ],
)
def test_business_hours_run_while_the_window_is_open(hours: float, told: str, shown: str) -> None:
    assert contract(hours, told).due_at == at(shown)


def test_a_window_may_open_on_saturdays_and_lie_elsewhere() -> None:
    found = contract(4, "2026-11-20T16:00+08:00", "DE", days=(0, 1, 2, 3, 4, 5), place="PH")
    assert found.due_at == at("2026-11-21T12:00+08:00")
    assert "Asia/Manila" in found.explanation


def test_a_window_over_the_change_of_clocks_counts_elapsed_hours() -> None:
    found = contract(4, "2027-03-28T00:00+01:00", days=(6,), opens="01:00", closes="06:00")
    assert found.due_at == at("2027-03-28T06:00+02:00")


def test_business_hours_that_never_fill_are_said_to_be_no_deadline() -> None:
    found = contract(8000, "2026-11-18T10:00+01:00", days=(0,), opens="09:00", closes="09:01")
    assert found.due_at is None
    assert "ten years" in found.not_computable_because


def test_a_deadline_beyond_the_calendar_is_refused() -> None:
    for counted in (
        rule("hours_elapsed", 8784, "hours"),
        rule("days_excl", 40, "days"),
        rule("month_same_time", 1, "months"),
        rule("date_next_year", calendar="03-31"),
    ):
        with pytest.raises(InstantFault, match="beyond the calendar"):
            due(counted, {"aware_at": at("9999-12-30T00:00Z")}, place=UTC_PLACE)


def test_72_hours_warn_at_each_share_and_in_the_last_hour() -> None:
    names = [(name, (when - AWARE) / HOUR) for name, when in warnings(AWARE, AWARE + 72 * HOUR)]
    assert names == [("50", 36), ("75", 54), ("90", pytest.approx(64.8)), ("1h", 71), ("overdue", 72)]


def test_a_short_clock_warns_in_order_of_time_not_of_name() -> None:
    assert [name for name, _ in warnings(AWARE, AWARE + 4 * HOUR)] == ["50", "75", "1h", "90", "overdue"]


def test_a_clock_of_an_hour_has_no_warning_before_it_starts() -> None:
    assert [name for name, _ in warnings(AWARE, AWARE + HOUR)] == ["50", "75", "90", "overdue"]


def test_a_deadline_already_behind_its_anchor_is_only_overdue() -> None:
    assert warnings(AWARE, AWARE) == (("overdue", AWARE),)


def test_after_a_moved_anchor_only_the_highest_threshold_passed_fires() -> None:
    found = schedule(AWARE, AWARE + 72 * HOUR, AWARE + 60 * HOUR)
    assert [(warn.threshold, warn.passed) for warn in found] == [
        ("50", True),
        ("75", False),
        ("90", False),
        ("1h", False),
        ("overdue", False),
    ]


def test_a_new_clock_swallows_no_warning() -> None:
    assert not any(warn.passed for warn in schedule(AWARE, AWARE + 72 * HOUR, AWARE))


DUE = AWARE + 72 * HOUR


@pytest.mark.parametrize(
    ("met", "now", "stands"),
    [
        (None, AWARE, Standing.ON_TRACK),
        (None, AWARE + 54 * HOUR, Standing.DUE_SOON),
        (None, DUE, Standing.DUE_SOON),
        (None, DUE + timedelta(microseconds=1), Standing.OVERDUE),
        (DUE, DUE + HOUR, Standing.MET),
        (DUE + timedelta(microseconds=1), DUE + HOUR, Standing.MET_LATE),
    ],
)
def test_the_due_instant_itself_is_still_in_time(
    met: datetime | None, now: datetime, stands: Standing
) -> None:
    assert standing(DUE, met, now, anchor_at=AWARE) is stands


def test_without_its_start_only_the_last_hour_is_due_soon() -> None:
    assert standing(DUE, None, DUE - 2 * HOUR) is Standing.ON_TRACK
    assert standing(DUE, None, DUE - HOUR) is Standing.DUE_SOON


def test_a_clock_without_a_number_is_not_computable_until_the_duty_is_met() -> None:
    assert standing(None, None, AWARE) is Standing.NOT_COMPUTABLE
    assert standing(None, AWARE, AWARE) is Standing.MET


def test_naive_instants_are_refused_everywhere() -> None:
    naive = AWARE.replace(tzinfo=None)
    for call in (
        lambda: due(rule("hours_elapsed", 72, "hours"), {"aware_at": naive}),
        lambda: warnings(naive, AWARE),
        lambda: warnings(AWARE, naive),
        lambda: schedule(AWARE, AWARE, naive),
        lambda: standing(AWARE, None, naive),
        lambda: standing(naive, None, AWARE),
        lambda: standing(AWARE, naive, AWARE),
        lambda: stamp(naive),
    ):
        with pytest.raises(InstantFault):
            call()
