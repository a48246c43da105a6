"""A roster that covers the day names exactly whom it says at every instant, whatever the clocks do."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from playbooks.roster.duty import Standing, last_change, next_change, on_duty, shift_hours, spans
from playbooks.roster.models import Away, DutyRoster
from playbooks.zones import zone

ZONES = (
    "Europe/Berlin",
    "America/New_York",
    "Asia/Ho_Chi_Minh",
    "Australia/Lord_Howe",  # half an hour
    "America/Havana",  # jumps at midnight
    "Africa/Casablanca",  # twice a year around Ramadan
)
PEOPLE = ("ana", "bo", "cy", "di")
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
instants = st.integers(0, 365 * 24 * 60).map(lambda minutes: BEGIN + timedelta(minutes=minutes))
times = st.integers(0, 24 * 4 - 1).map(lambda quarter: f"{quarter // 4:02}:{quarter % 4 * 15:02}")


@st.composite
def covering(draw: st.DrawFn) -> DutyRoster:
    """A roster whose shifts follow one another around the whole day, in one zone."""
    edges = sorted(draw(st.sets(times, min_size=1, max_size=4)))
    shifts = [
        {"role": "it", "from": one, "until": following, "people": [person]}
        for one, following, person in zip(edges, [*edges[1:], edges[0]], PEOPLE, strict=False)
    ]
    return DutyRoster.model_validate({"zone": draw(st.sampled_from(ZONES)), "shifts": shifts})


def around_changes(where: ZoneInfo) -> list[datetime]:
    """Every quarter of an hour of the days on which clocks there change in 2026."""
    hours = [BEGIN + timedelta(hours=hour) for hour in range(365 * 24)]
    changes = [
        one
        for one in hours
        if one.astimezone(where).utcoffset() != (one - timedelta(hours=1)).astimezone(where).utcoffset()
    ]
    return [change + timedelta(minutes=15 * quarter) for change in changes for quarter in range(-110, 110)]


@given(covering(), instants)
def test_exactly_one_person_is_on_duty_at_every_instant(roster: DutyRoster, at: datetime) -> None:
    assert len(on_duty(roster, "it", at)) == 1
    assert not on_duty(roster, "privacy", at)


@given(covering())
def test_a_change_of_clocks_leaves_no_gap_and_nobody_double(roster: DutyRoster) -> None:
    for at in around_changes(zone(roster.zone))[::5]:
        running = [
            shift
            for shift in roster.shifts
            for span in shift_hours(roster, shift, at, at + timedelta(microseconds=1))
            if span.begins_at <= at < span.until
        ]
        assert len(running) == 1, at


@given(covering(), instants)
def test_spans_follow_each_other_and_say_what_each_instant_says(roster: DutyRoster, at: datetime) -> None:
    found = spans(roster, "it", at, at + timedelta(days=3))
    assert found[0].begins_at == at
    assert found[-1].until == at + timedelta(days=3)
    for one, following in pairwise(found):
        assert one.until == following.begins_at, "half-open: the next begins where one ends"
        assert one.people != following.people
        assert on_duty(roster, "it", one.until) == following.people
        assert on_duty(roster, "it", one.until - timedelta(microseconds=1)) == one.people


@given(covering(), instants)
def test_the_next_change_is_the_last_one_when_it_has_come(roster: DutyRoster, at: datetime) -> None:
    change = next_change(roster, ("it",), at)
    if change is None:
        assert len(set(roster.shifts)) == 1
        return
    assert last_change(roster, "it", at, change) == change
    assert last_change(roster, "it", at, change - timedelta(microseconds=1)) is None


@given(
    st.lists(
        st.tuples(
            st.sampled_from(PEOPLE), st.sampled_from(("", *PEOPLE)), st.integers(0, 96), st.integers(1, 96)
        ),
        max_size=6,
    ),
    st.lists(st.sampled_from(PEOPLE), min_size=1, max_size=4, unique=True),
    st.integers(-4, 200),
)
def test_whoever_is_named_is_there_and_chains_end(
    away: list[tuple[str, str, int, int]], people: list[str], quarter: int
) -> None:
    absences = tuple(
        Away(
            handle,
            BEGIN + timedelta(minutes=15 * begins),
            BEGIN + timedelta(minutes=15 * (begins + lasts)),
            instead,
        )
        for handle, instead, begins, lasts in away
    )
    shift = {"role": "it", "from": "00:00", "until": "00:00", "people": people}
    roster = DutyRoster.model_validate({"zone": "UTC", "shifts": [shift]})
    at = BEGIN + timedelta(minutes=15 * quarter)
    gone = {one.handle for one in absences if one.begins_at <= at < one.until}
    named = on_duty(roster, "it", at, Standing(absences))
    assert len(named) <= 1
    assert not gone & set(named)
    if people[0] not in gone:
        assert named == (people[0],)
    if set(people) - gone:
        assert named, "somebody of the shift is there"
    nobody_else = frozenset({("it", "di")})
    assert set(on_duty(roster, "it", at, Standing(absences, nobody_else))) <= {"di"}


@given(st.sampled_from(ZONES), st.dates(date(2026, 1, 2), date(2026, 12, 30)), st.integers(0, 6))
def test_the_days_are_those_on_which_a_shift_begins(name: str, day: date, length: int) -> None:
    shift = {
        "role": "it",
        "from": "22:00",
        "until": "06:00",
        "people": ["ana"],
        "valid_from": day.isoformat(),
        "valid_until": (day + timedelta(days=length)).isoformat(),
    }
    roster = DutyRoster.model_validate({"zone": name, "shifts": [shift]})
    found = spans(roster, "it", BEGIN - timedelta(days=3), BEGIN + timedelta(days=380))
    nights = [span for span in found if span.people]
    assert len(nights) == length + 1
    where = zone(name)
    assert {span.begins_at.astimezone(where).strftime("%H:%M") for span in nights} == {"22:00"}
    assert nights[0].begins_at.astimezone(where).date() == day
    assert nights[-1].until.astimezone(where).date() == day + timedelta(days=length + 1)
