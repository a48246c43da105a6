"""Quiet windows and announced tests: which one an alert falls into, and what none of them holds back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from playbooks.alerts.matching import compile_match
from playbooks.alerts.windows import Window, window_for
from tests.harness.alert_rules import alert

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
TICK = timedelta(microseconds=1)


def window(id_: int = 1, kind: Any = "quiet", **scope: Any) -> Window:
    known = {"match": None, "source": "", "client": "", "begins_at": NOON, "until": NOON + HOUR, **scope}
    return Window(id_, kind, **known)


@pytest.mark.parametrize(
    ("at", "holds"), [(-TICK, False), (0 * TICK, True), (HOUR - TICK, True), (HOUR, False)]
)
def test_a_window_counts_from_its_beginning_until_just_before_its_end(at: timedelta, holds: object) -> None:
    assert (window_for([window()], alert(), NOON + at) is not None) is holds


def test_an_announced_test_goes_before_a_quiet_window_in_any_order() -> None:
    quiet, test, later = window(1), window(2, "test"), window(3, "test")
    for order in ([quiet, test, later], [later, test, quiet]):
        assert window_for(order, alert(), NOON) is test


def test_the_end_of_an_alert_is_never_held_back_yet_belongs_to_its_test() -> None:
    over = alert(status="resolved")
    assert window_for([window()], over, NOON) is None
    assert window_for([window(), window(2, "test")], over, NOON) == window(2, "test")


def test_a_window_covers_its_source_and_what_its_condition_admits() -> None:
    narrow = window(source="siem", match=compile_match('"scan" in title'))
    assert window_for([narrow], alert(title="Port scan"), NOON) == narrow
    assert window_for([narrow], alert(title="Port scan", source="edr"), NOON) is None
    assert window_for([narrow], alert(title="Log-in"), NOON) is None


def test_a_window_for_one_client_does_not_cover_what_touches_others_or_nobody_knows_whom() -> None:
    acme = window(client="acme")
    assert window_for([acme], alert(clients=("acme",)), NOON) == acme
    assert window_for([acme], alert(clients=("acme", "other")), NOON) is None
    assert window_for([acme], alert(), NOON) is None


def test_without_windows_there_is_none() -> None:
    assert window_for([], alert(), NOON) is None
