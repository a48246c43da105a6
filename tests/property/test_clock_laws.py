from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playbooks.calendar_file import CalendarEntry, SpecialDay
from playbooks.calendars import Calendars, shipped_calendars
from playbooks.clocks import Due, due, schedule, standing, warnings
from playbooks.contracts import ContractTermView, contract_rule
from playbooks.errors import InstantFault
from playbooks.instants import read_instant
from playbooks.law import BusinessHours, Rule
from playbooks.places import Place, place, place_codes, place_of_zone
from playbooks.rulebook import load_rules
from playbooks.timebase import Segment, incident_time, wall_for
from playbooks.zones import occurrences, zone, zone_names

HOUR = timedelta(hours=1)
TICK = timedelta(microseconds=1)
SHIPPED = tuple(rule for rule in load_rules().values() if rule.counting != "asap")
NAIVE = st.datetimes(datetime(2018, 1, 1), datetime(2037, 1, 1))  # noqa: DTZ001 - a zone is drawn beside it
UTC_INSTANTS = NAIVE.map(lambda at: at.replace(tzinfo=UTC))
# The awkward zones first: 5:45 ahead, half-hour summer time, 3:30 behind.
ZONES = st.one_of(
    st.sampled_from(["Asia/Kathmandu", "Australia/Lord_Howe", "America/St_Johns"]),
    st.sampled_from(sorted(zone_names())),
)
PLACES = st.one_of(ZONES.map(place_of_zone), st.sampled_from(place_codes()).map(place))
NOT_MONOTONE = ("month_same_time", "dora_month", "dora_initial", "dora_hours")
"""What the study excepts: months clamp to their last day, DORA has two limbs and its noon."""


def made(counting: str, value: float, unit: str, legal: str = "", contested: tuple[str, ...] = ()) -> Rule:
    """A rule of no law, so that every way of counting is tried with every number."""
    return Rule.model_validate(
        {
            "id": f"MADE-{counting}",
            "version": "1",
            "title": "Tell the regulator",
            "status": "in_force",
            "in_force_from": "2000-01-01",
            "jurisdiction": "XX",
            "citation": {"act": "Act"},
            "evidence": "M-L",
            "obliged_role": "controller",
            "recipient": "supervisory_authority",
            "starts": ["classified_at", "aware_at"] if counting == "dora_initial" else "aware_at",
            "when": "personal_data",
            "counting": counting,
            "period": {"value": value, "unit": unit},
            "legal": {"method": legal} if legal else None,
            "contested": [{"method": method} for method in contested],
        }
    )


WINDOWS = st.builds(
    BusinessHours,
    days=st.lists(st.integers(0, 6), min_size=1, max_size=7, unique=True).map(tuple),
    opens=st.sampled_from(["00:00", "07:30", "09:00"]),
    closes=st.sampled_from(["09:30", "17:00", "23:59"]),
)
CONTRACTS = st.builds(ContractTermView, st.just("example"), st.integers(0, 120), window=WINDOWS)


def drawn(counting: str, most: int, unit: str, legal: str = "", *contested: str) -> st.SearchStrategy[Rule]:
    """Made-up rules that count in one way, with any number up to the most."""
    return st.integers(1, most).map(lambda value: made(counting, value, unit, legal, contested))


MADE: dict[str, st.SearchStrategy[Rule]] = {
    "hours_elapsed": drawn(
        "hours_elapsed", 200, "hours", "hours_1182", "hours_1182_touch", "hours_1182_full"
    ),
    "days_excl": drawn("days_excl", 90, "days", "days_excl_rolled"),
    "days_incl": drawn("days_incl", 90, "days", "days_incl_rolled"),
    "days_after_year_end": drawn("days_after_year_end", 90, "days"),
    "bdays_excl": drawn("bdays_excl", 40, "business_days"),
    "bdays_sec": drawn("bdays_sec", 40, "business_days"),
    "month_same_time": drawn("month_same_time", 24, "months", "month_1182"),
    "dora_initial": drawn("dora_initial", 24, "hours"),
    "dora_hours": drawn("dora_hours", 90, "hours"),
    "dora_month": drawn("dora_month", 3, "months"),
    "business_hours": CONTRACTS.map(contract_rule),
}


def counting(*methods: str) -> st.SearchStrategy[Rule]:
    """Shipped and made-up rules that count in one of these ways."""
    shipped = [rule for rule in SHIPPED if rule.counting in methods]
    return st.one_of(*(MADE[name] for name in methods if name in MADE), st.sampled_from(shipped))


RULES = st.one_of(st.sampled_from(SHIPPED), *MADE.values())
FACTS = st.sampled_from([{}, {"entity_class": "other"}, {"entity_class": "credit_institution"}])


def events(rule: Rule, at: datetime) -> dict[str, datetime]:
    """Every event that starts the rule, all at one instant."""
    return {name: at for limb in rule.limbs for name in limb}


def readings(found: Due) -> list[datetime]:
    """The number shown, the legal and the contested readings, as far as the rule has them."""
    shown = [at for at in (found.due_at, found.legal_due_at) if at is not None]
    return shown + [reading.due_at for reading in found.contested]


@given(RULES, UTC_INSTANTS, PLACES, FACTS)
def test_no_reading_is_earlier_than_the_one_above_it(
    rule: Rule, anchor: datetime, where: Place, facts: Mapping[str, Any]
) -> None:
    """Shown, then legal, then contested: acting on the number shown is in time by every reading."""
    found = due(rule, events(rule, anchor), place=where, facts=facts)
    assert found.due_at is not None
    legal = found.legal_due_at or found.due_at
    assert found.due_at <= legal
    assert all(legal <= reading.due_at for reading in found.contested)


ROUNDED = [rule for rule in SHIPPED if rule.legal is not None and rule.legal.method == "hours_1182"]


@given(st.one_of(st.sampled_from(ROUNDED), MADE["hours_elapsed"]), UTC_INSTANTS, PLACES)
def test_the_hour_of_the_union_is_later_by_up_to_an_hour(rule: Rule, anchor: datetime, where: Place) -> None:
    found = due(rule, events(rule, anchor), place=where)
    assert found.due_at is not None
    assert found.legal_due_at is not None
    assert timedelta(0) < found.legal_due_at - found.due_at <= HOUR


@given(RULES, UTC_INSTANTS, st.timedeltas(timedelta(0), timedelta(days=9)), PLACES)
def test_a_later_start_is_never_due_earlier(
    rule: Rule, anchor: datetime, later: timedelta, where: Place
) -> None:
    first = due(rule, events(rule, anchor), place=where)
    second = due(rule, events(rule, anchor + later), place=where)
    assert first.due_at is not None
    assert second.due_at is not None
    if rule.counting not in NOT_MONOTONE:
        assert first.due_at <= second.due_at
    if first.legal_due_at is not None and second.legal_due_at is not None:
        assert first.legal_due_at <= second.legal_due_at


@given(RULES, UTC_INSTANTS, PLACES, ZONES, FACTS)
def test_the_zone_in_which_an_event_is_told_changes_nothing(
    rule: Rule, anchor: datetime, where: Place, told_in: str, facts: Mapping[str, Any]
) -> None:
    told = events(rule, anchor.astimezone(zone(told_in)))
    assert due(rule, told, place=where, facts=facts) == due(
        rule, events(rule, anchor), place=where, facts=facts
    )


@given(st.integers(0, 24 * 60), UTC_INSTANTS, PLACES)
def test_hours_are_so_many_times_3600_seconds_in_every_zone(
    hours: int, anchor: datetime, where: Place
) -> None:
    told = anchor.astimezone(zone(where.zone_name))
    found = due(made("hours_elapsed", hours, "hours"), {"aware_at": told}, place=where).due_at
    assert found is not None
    assert found - anchor == timedelta(seconds=hours * 3600)


@given(counting("month_same_time"), UTC_INSTANTS, PLACES)
def test_a_month_keeps_its_day_number_or_ends_with_the_month(
    rule: Rule, anchor: datetime, where: Place
) -> None:
    found = due(rule, events(rule, anchor), place=where)
    assert found.due_at is not None
    assert rule.period is not None
    there = zone((place(rule.place) if rule.place else where).zone_name)
    start, end = anchor.astimezone(there), found.due_at.astimezone(there)
    months = (end.year - start.year) * 12 + end.month - start.month
    assert months == int(rule.period.value)
    assert end.day == start.day or (start.day > 28 and (end + timedelta(days=1)).month != end.month)


@given(counting("bdays_excl", "bdays_sec"), UTC_INSTANTS, PLACES)
def test_a_period_of_business_days_ends_on_a_working_day(rule: Rule, anchor: datetime, where: Place) -> None:
    found = due(rule, events(rule, anchor), place=where)
    assert found.due_at is not None
    counted_in = place(rule.place) if rule.place else where
    last = (found.due_at - TICK).astimezone(zone(counted_in.zone_name)).date()
    if rule.counting == "bdays_sec":
        last = found.due_at.astimezone(zone("America/New_York")).date()
    assert shipped_calendars().named(rule.calendar or counted_in.calendar).is_working(last)


DAYS = st.lists(st.integers(0, 60), max_size=12, unique=True)


def changed(rule: Rule, where: Place, **days: tuple[date, ...]) -> Calendars:
    """The shipped calendars, with closures or openings in every one that the rule may ask."""
    special = {
        kind: tuple(SpecialDay(on=day, reason="announced") for day in dates) for kind, dates in days.items()
    }
    named = place(rule.place) if rule.place else where
    names = {rule.calendar, named.calendar, *(reading.calendar for reading in rule.contested)}
    entries = dict(shipped_calendars().entries)
    for name in names:
        entries[name] = entries.get(name, CalendarEntry()).extended(CalendarEntry(**special))
    return Calendars(entries)


@given(RULES, UTC_INSTANTS, PLACES, FACTS, DAYS)
def test_a_holiday_more_never_makes_a_deadline_earlier_and_an_opening_never_later(
    rule: Rule, anchor: datetime, where: Place, facts: Mapping[str, Any], away: list[int]
) -> None:
    told, days = events(rule, anchor), tuple(anchor.date() + timedelta(days=count) for count in away)
    before = readings(due(rule, told, place=where, facts=facts))
    closed = changed(rule, where, closures=days)
    opened = changed(rule, where, openings=days)
    for then, now in zip(
        before, readings(due(rule, told, place=where, facts=facts, calendars=closed)), strict=True
    ):
        assert then <= now
    for then, now in zip(
        before, readings(due(rule, told, place=where, facts=facts, calendars=opened)), strict=True
    ):
        assert now <= then


@given(
    UTC_INSTANTS, st.timedeltas(-timedelta(days=3), timedelta(days=3)), st.sampled_from(["FR", "DE-BY", "FI"])
)
def test_doras_first_report_is_due_by_its_earlier_limb_or_at_a_noon_after_it(
    known: datetime, after: timedelta, state: str
) -> None:
    rule, classified = made("dora_initial", 4, "hours"), known + after
    told = {"aware_at": known, "classified_at": classified}
    raw = classified + 4 * HOUR
    if after <= 24 * HOUR:
        raw = min(raw, known + 24 * HOUR)
    assert due(rule, told, place=place(state)).due_at == raw
    relieved = due(rule, told, place=place(state), facts={"entity_class": "other"}).due_at
    assert relieved is not None
    assert raw <= relieved
    assert relieved == raw or relieved.astimezone(zone(place(state).zone_name)).hour == 12


@given(st.sampled_from([rule for rule in SHIPPED if rule.depends_on]), UTC_INSTANTS)
def test_a_dependent_clock_never_runs_from_a_fact(rule: Rule, anchor: datetime) -> None:
    facts = dict.fromkeys(("aware_at", "discovered_at", "classified_at", "determined_at"), anchor)
    found = due(rule, facts)
    if any(name in facts for limb in rule.limbs for name in limb):
        return
    assert found.due_at is None
    assert "has not been submitted yet" in found.not_computable_because


@given(NAIVE, RULES)
def test_a_naive_start_is_refused(anchor: datetime, rule: Rule) -> None:
    with pytest.raises(InstantFault):
        due(rule, events(rule, anchor))


CHANGING = ["Europe/Paris", "Australia/Lord_Howe", "America/Santiago", "America/St_Johns"]


@st.composite
def small_hours(draw: st.DrawFn) -> tuple[datetime, str]:
    """A local time between midnight and four, about the next night in which the clocks of its zone change."""
    where = draw(st.sampled_from(CHANGING))
    first = draw(NAIVE).replace(hour=0, minute=0, second=0, microsecond=0)
    nights = [first + timedelta(days=day) for day in range(370)]
    offsets = [night.replace(tzinfo=zone(where)).utcoffset() for night in nights]
    change = next(day for day, offset in enumerate(offsets) if offset != offsets[0])
    night = nights[change - draw(st.integers(0, 1))]
    return night + timedelta(minutes=draw(st.integers(0, 240))), where


@given(small_hours())
def test_a_local_time_is_read_as_its_first_instant_or_refused(told: tuple[datetime, str]) -> None:
    local, where = told
    text, happens = local.isoformat(timespec="minutes"), occurrences(local, zone(where))
    if not happens:
        with pytest.raises(InstantFault):
            read_instant(text, where)
        return
    found, notes = read_instant(text, where)
    assert found == min(happens)
    assert found.astimezone(zone(where)).replace(tzinfo=None, fold=0) == local
    assert len(notes) == len(happens) - 1


@given(UTC_INSTANTS, st.timedeltas(timedelta(seconds=1), timedelta(days=90)))
def test_warnings_lie_in_order_between_start_and_deadline(anchor: datetime, span: timedelta) -> None:
    found = warnings(anchor, anchor + span)
    instants = [at for _, at in found]
    assert instants == sorted(instants)
    assert all(anchor < at for at in instants)
    assert found[-1] == ("overdue", anchor + span)
    assert len({name for name, _ in found}) == len(found)


@given(UTC_INSTANTS, st.timedeltas(timedelta(seconds=1), timedelta(days=90)), st.floats(-1, 2))
def test_at_most_one_warning_behind_now_fires(anchor: datetime, span: timedelta, share: float) -> None:
    now = anchor + span * share
    found = schedule(anchor, anchor + span, now)
    behind = [warn for warn in found if warn.at <= now]
    assert [warn.passed for warn in behind] == [True] * (len(behind) - 1) + [False] * bool(behind)
    assert not any(warn.passed for warn in found if warn.at > now)


@given(
    UTC_INSTANTS,
    st.timedeltas(timedelta(0), timedelta(days=90)),
    st.timedeltas(timedelta(0), timedelta(days=9)),
)
def test_an_unmet_clock_only_ever_gets_worse(anchor: datetime, span: timedelta, later: timedelta) -> None:
    order = ["on_track", "due_soon", "overdue"]
    deadline, now = anchor + span, anchor + span / 2
    before = standing(deadline, None, now, anchor_at=anchor)
    after = standing(deadline, None, now + later, anchor_at=anchor)
    assert order.index(before) <= order.index(after)


@st.composite
def sound_clocks(draw: st.DrawFn) -> tuple[Segment, ...]:
    """Segments of an exercise whose clock only ever stands, runs or jumps ahead."""
    wall, at = draw(UTC_INSTANTS), draw(UTC_INSTANTS)
    segments = []
    for _ in range(draw(st.integers(0, 5))):
        segments.append(Segment(wall, at, draw(st.sampled_from([0.0, 0.3, 1.0, 60.0, 3600.0, 1234.5]))))
        step = draw(st.timedeltas(timedelta(0), timedelta(hours=1)))
        wall += step
        at += step * segments[-1].rate + draw(st.timedeltas(timedelta(0), timedelta(hours=12)))
    return tuple(segments)


@given(sound_clocks(), UTC_INSTANTS, st.timedeltas(timedelta(0), timedelta(days=1)))
def test_incident_time_never_runs_back(clock: tuple[Segment, ...], wall: datetime, later: timedelta) -> None:
    start = clock[0].wall_at - HOUR if clock else wall
    assert incident_time(clock, start) <= incident_time(clock, start + later)


@given(sound_clocks(), UTC_INSTANTS, st.timedeltas(-timedelta(days=1), timedelta(days=3)))
def test_wall_for_is_the_first_wall_instant_that_has_reached_it(
    clock: tuple[Segment, ...], start: datetime, ahead: timedelta
) -> None:
    wanted = (clock[0].incident_at if clock else start) + ahead
    wall = wall_for(clock, wanted)
    if wall is None:
        assert incident_time(clock, clock[-1].wall_at + timedelta(days=3650)) < wanted
    else:
        assert incident_time(clock, wall) >= wanted
        if clock and wall > clock[0].wall_at:
            assert incident_time(clock, wall - timedelta(microseconds=2)) < wanted
