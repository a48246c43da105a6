from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playbooks.clocks import due, schedule, standing, warnings
from playbooks.errors import InstantFault
from playbooks.law import Rule
from playbooks.rulebook import load_rules
from playbooks.timebase import Segment, incident_time, wall_for
from playbooks.zones import zone, zone_names

HOUR = timedelta(hours=1)
RULES = tuple(load_rules().values())
NAIVE = st.datetimes(datetime(2018, 1, 1), datetime(2037, 1, 1))  # noqa: DTZ001 - a zone is drawn beside it
UTC_INSTANTS = NAIVE.map(lambda at: at.replace(tzinfo=UTC))
# The places of authorities, the awkward ones first: 5:45 ahead, half-hour summer time, 3:30 behind.
PLACES = st.one_of(
    st.sampled_from(["Asia/Kathmandu", "Australia/Lord_Howe", "America/St_Johns"]),
    st.sampled_from(sorted(zone_names())),
)
HOURS = st.integers(0, 24 * 60).map(float)
RULE = st.sampled_from(RULES)


@given(RULE, UTC_INSTANTS, UTC_INSTANTS)
def test_a_later_start_is_never_due_earlier(rule: Rule, one: datetime, other: datetime) -> None:
    first, second = due(rule, min(one, other)).due_at, due(rule, max(one, other)).due_at
    assert first is not None
    assert second is not None
    assert first <= second


@given(UTC_INSTANTS, PLACES)
def test_the_number_shown_is_never_later_than_the_legal_reading_and_at_most_an_hour_earlier(
    anchor: datetime, place: str
) -> None:
    for rule in RULES:
        computed = due(rule, anchor, zone_name=place)
        if rule.legal_counting == "hours_1182":
            assert computed.due_at is not None
            assert computed.legal_due_at is not None
            assert timedelta(0) < computed.legal_due_at - computed.due_at <= HOUR


@given(UTC_INSTANTS, PLACES, HOURS)
def test_hours_are_elapsed_hours_in_every_zone(anchor: datetime, place: str, hours: float) -> None:
    """The same instant told in any zone, over summer time or not, is due at the same instant."""
    told = anchor.astimezone(zone(place))
    computed = due(hours, told).due_at
    assert computed is not None
    assert computed.timestamp() - anchor.timestamp() == pytest.approx(hours * 3600, abs=1e-5)
    assert computed == due(hours, anchor).due_at


@given(NAIVE, RULE)
def test_a_naive_start_is_refused(anchor: datetime, rule: Rule) -> None:
    with pytest.raises(InstantFault):
        due(rule, anchor)


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
