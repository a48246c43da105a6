"""Opened, joined, suppressed or held: every case of the decision."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flows.intake.claims import claim
from flows.intake.outcomes import (
    Held,
    Joins,
    Known,
    Opens,
    Suppressed,
    Together,
    Way,
    decide_by_rules,
    decide_known,
)

FIRING = claim("x", status="firing", severity="high", title="t", payload={"n": 1})
RESOLVED = claim("x", status="resolved", severity="high", title="t", payload={"n": 2})
OPEN = Known("firing", FIRING.content, "high", "INC-2026-0001", "open")
CLOSED = replace(OPEN, state="closed")
TOGETHER = Together("INC-2026-0009", "same-account as INC-2026-0009, within 4 h")


def test_the_first_alert_of_a_fingerprint_opens() -> None:
    assert decide_by_rules(FIRING, None, Way()) == Opens("first alert of this fingerprint")


def test_a_resolve_with_nothing_open_is_suppressed() -> None:
    assert isinstance(decide_by_rules(RESOLVED, None, Way(together=TOGETHER)), Suppressed)
    assert decide_known(RESOLVED, CLOSED) == Suppressed("a resolve with nothing open", "INC-2026-0001")


@pytest.mark.parametrize("state", ["open", "candidate"])
def test_identical_content_is_suppressed_while_its_incident_is_live(state: str) -> None:
    outcome = decide_known(FIRING, replace(OPEN, state=state))
    assert isinstance(outcome, Suppressed)
    assert outcome.incident == "INC-2026-0001"


def test_other_content_joins_and_says_whether_state_or_severity_moved() -> None:
    news = replace(FIRING, content="other")
    assert decide_known(news, OPEN) == Joins(
        "same fingerprint as INC-2026-0001, which is open", "INC-2026-0001"
    )
    for moved in (replace(news, severity="low"), RESOLVED):
        outcome = decide_known(moved, OPEN)
        assert isinstance(outcome, Joins)
        assert outcome.changed


def test_after_closing_even_an_identical_repeat_opens_and_cites_the_old() -> None:
    assert decide_known(FIRING, CLOSED) is None
    outcome = decide_by_rules(FIRING, CLOSED, Way())
    assert isinstance(outcome, Opens)
    assert outcome.previous == "INC-2026-0001"
    assert "INC-2026-0001" in outcome.why


@pytest.mark.parametrize("state", ["dismissed", "false_positive"])
def test_what_was_found_to_be_nothing_is_nothing_again_until_it_says_something_else(state: str) -> None:
    ended = replace(OPEN, state=state)
    assert isinstance(decide_known(FIRING, ended), Suppressed)
    assert decide_known(replace(FIRING, content="other"), ended) is None


def test_a_group_leads_to_its_incident_before_anything_is_counted_or_opened() -> None:
    way = Way(together=TOGETHER, threshold=5)
    assert decide_by_rules(FIRING, None, way) == Joins(TOGETHER.why, "INC-2026-0009", is_new=True)


def test_a_quiet_window_holds_what_is_new_and_never_a_resolve_nor_news_of_a_live_incident() -> None:
    quiet = Way(quiet="quiet window 3")
    assert decide_by_rules(FIRING, None, quiet) == Suppressed("quiet window 3", is_quiet=True)
    assert isinstance(decide_by_rules(FIRING, None, replace(quiet, together=TOGETHER)), Joins)
    resolve = decide_by_rules(RESOLVED, None, quiet)
    assert isinstance(resolve, Suppressed)
    assert not resolve.is_quiet
    assert isinstance(decide_known(replace(FIRING, content="other"), OPEN), Joins)


def test_too_few_of_a_group_wait_and_the_last_of_them_opens() -> None:
    assert isinstance(decide_by_rules(FIRING, None, Way(seen=4, threshold=5, why="noise")), Held)
    assert decide_by_rules(FIRING, None, Way(seen=5, threshold=5, why="noise")) == Opens("noise")


def test_an_announced_test_is_a_candidate_whatever_else_would_hold_it() -> None:
    test = "it matches the announced test 7: somebody must look"
    way = Way(test=test, is_candidate=True, quiet="quiet window 3", seen=1, threshold=5)
    assert decide_by_rules(FIRING, None, way) == Opens(test, as_state="candidate")
