from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from playbooks.clocks import Standing, due, hours_1182, schedule, stamp, standing, warnings
from playbooks.errors import InstantFault
from playbooks.law import Rule
from playbooks.rulebook import load_rules

HOUR = timedelta(hours=1)
AWARE = datetime(2026, 11, 20, 9, 23, tzinfo=UTC)


def rule(name: str) -> Rule:
    """The shipped rule of that id."""
    return next(rule for rule in load_rules().values() if rule.id == name)


def at(text: str) -> datetime:
    """An instant from its ISO text."""
    return datetime.fromisoformat(text)


# awareness as told, in the authority's zone; the number shown; the reading of Regulation 1182/71 art 3
WORKED = [
    # an ordinary Friday: the hour 10-11 is dropped in the legal reading
    ("2026-11-20T10:23+01:00", "Europe/Berlin", "2026-11-23T09:23Z", "2026-11-23T10:00Z"),
    # published by a law firm: 12:17 gives 25 December 13:00 local, Christmas Day moves nothing
    ("2020-12-22T12:17+01:00", "Europe/Berlin", "2020-12-25T11:17Z", "2020-12-25T12:00Z"),
    # exactly on the hour belongs to the hour that begins
    ("2026-11-20T10:00+01:00", "Europe/Berlin", "2026-11-23T09:00Z", "2026-11-23T10:00Z"),
    # over the end of summer time 72 hours are 72 elapsed hours, not three days on the wall
    ("2026-10-23T18:30+02:00", "Europe/Berlin", "2026-10-26T16:30Z", "2026-10-26T17:00Z"),
    # over its start, with Good Friday and Easter Monday inside
    ("2027-03-26T09:15+01:00", "Europe/Berlin", "2027-03-29T08:15Z", "2027-03-29T09:00Z"),
    # year end, half an hour before midnight in Lisbon
    ("2026-12-31T23:30+00:00", "Europe/Lisbon", "2027-01-03T23:30Z", "2027-01-04T00:00Z"),
]


@pytest.mark.parametrize(("told", "place", "shown", "legal"), WORKED)
def test_art_33_1_gives_the_worked_instants(told: str, place: str, shown: str, legal: str) -> None:
    computed = due(rule("EU-GDPR-33-1"), at(told), zone_name=place)
    assert computed.due_at == at(shown)
    assert computed.legal_due_at == at(legal)
    assert not computed.policy


def test_the_clock_hour_is_that_of_the_authoritys_place() -> None:
    """In Kathmandu, 5:45 ahead, 09:23Z is 15:08: the hour ends at 10:15Z."""
    assert hours_1182(AWARE, 0, "Asia/Kathmandu") == datetime(2026, 11, 20, 10, 15, tzinfo=UTC)


def test_art_33_2_has_no_number_and_shows_a_target_labelled_as_policy() -> None:
    computed = due(rule("EU-GDPR-33-2"), AWARE)
    assert computed.due_at == AWARE + 24 * HOUR
    assert computed.legal_due_at is None
    assert computed.policy
    assert "policy, not law" in computed.explanation


def test_a_duty_without_number_or_target_is_due_at_no_instant() -> None:
    computed = due(rule("EU-GDPR-33-2").model_copy(update={"policy_hours": None}), AWARE)
    assert (computed.due_at, computed.policy) == (None, False)


def test_a_bare_number_of_hours_is_counted_in_elapsed_hours() -> None:
    assert due(36, AWARE).due_at == AWARE + 36 * HOUR


def test_a_computed_deadline_explains_itself_and_names_its_data() -> None:
    computed = due(rule("EU-GDPR-33-1"), AWARE, zone_name="Europe/Berlin")
    assert "2026-11-20T09:23Z + 72 elapsed hours = 2026-11-23T09:23Z" in computed.explanation
    assert "Regulation 1182/71" in computed.explanation
    assert computed.tzdata_version
    assert computed.holidays_version


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
        lambda: due(72, naive),
        lambda: hours_1182(naive, 72),
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
