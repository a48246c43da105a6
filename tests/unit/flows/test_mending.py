"""What the state of a run asks for: leave it, put it back, or ask anew."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from flows.mending import FORM_GRACE, GRACE, SLOW_START, Carried, Verdict, diagnose
from flows.prefect_views import RunView

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def run(state: str, *, since: timedelta = timedelta(hours=1), **more: Any) -> RunView:
    usual: dict[str, Any] = {
        "id": "r", "name": "", "state_type": state, "state_name": state, "state_at": NOON - since,
        "expected_start_at": None, "pause_key": None, "keyset": None, "tags": frozenset(), "parameters": {},
    }  # fmt: skip
    return RunView(**(usual | more))


def carried(lease: timedelta | None = None) -> Carried:
    until = None if lease is None else NOON + lease
    return Carried("q", 1, "r", started_at=NOON - timedelta(hours=2), lease_until=until)


def verdict(state: str, *, has_form: bool = True, lease: timedelta | None = None, **more: Any) -> Verdict:
    return diagnose(carried(lease), run(state, **more), has_form=has_form, now=NOON)


def test_a_run_that_was_deleted_gives_way_to_its_next_generation() -> None:
    assert diagnose(carried(), None, has_form=False, now=NOON) == Verdict("renew", "its run was deleted")


def test_a_run_that_was_cancelled_is_renewed_at_once() -> None:
    assert verdict("CANCELLED", since=0 * SECOND) == Verdict("renew", "its run was cancelled")


@pytest.mark.parametrize("state", ["FAILED", "CRASHED"])
def test_a_run_that_failed_is_put_back_once_with_its_answer_and_renewed_when_it_fails_again(
    state: str,
) -> None:
    first = diagnose(carried(), run(state), has_form=True, now=NOON)
    again = diagnose(replace(carried(), was_rescued=True), run(state), has_form=True, now=NOON)
    assert (first.mend, again.mend) == ("reschedule", "renew")
    assert state.lower() in again.why


@pytest.mark.parametrize("state", ["COMPLETED", "CANCELLING"])
def test_a_run_on_its_way_to_its_end_has_a_little_time(state: str) -> None:
    assert verdict(state, since=GRACE).mend == "nothing"
    assert verdict(state, since=GRACE + SECOND).mend == "renew"


def test_a_suspended_run_with_its_form_waits_for_ever() -> None:
    assert verdict("PAUSED", since=timedelta(days=400)).mend == "nothing"


def test_a_suspended_run_without_its_form_can_never_be_answered() -> None:
    assert verdict("PAUSED", has_form=False, since=FORM_GRACE).mend == "nothing"
    assert verdict("PAUSED", has_form=False, since=FORM_GRACE + SECOND) == Verdict(
        "renew", "its form was lost"
    )


@pytest.mark.parametrize("lease", [None, -SECOND], ids=["no lease", "lease over"])
def test_a_running_run_whose_lease_is_gone_is_put_back_with_its_answer(lease: timedelta | None) -> None:
    assert verdict("RUNNING", lease=lease).mend == "reschedule"
    assert verdict("RUNNING", lease=lease, since=GRACE).mend == "nothing", "it may just have begun"


def test_a_running_run_whose_lease_is_renewed_is_left_alone_however_long_it_takes() -> None:
    assert verdict("RUNNING", lease=SECOND, since=timedelta(days=1)).mend == "nothing"


def test_a_run_taken_up_and_never_begun_is_put_back() -> None:
    assert verdict("PENDING", since=SLOW_START).mend == "nothing"
    assert verdict("PENDING", since=SLOW_START + SECOND).mend == "reschedule"


def test_a_run_in_the_queue_waits_for_a_worker() -> None:
    assert verdict("SCHEDULED", since=timedelta(days=1)).mend == "nothing"


def test_a_run_that_tells_no_instant_is_judged_by_when_it_was_started() -> None:
    assert verdict("PENDING", state_at=None).mend == "reschedule"
