"""Opened, joined or suppressed: every case of the decision."""

from __future__ import annotations

from dataclasses import replace

from flows.intake.claims import claim
from flows.intake.outcomes import Joins, Known, Opens, Suppressed, decide

FIRING = claim("x", status="firing", severity="high", title="t", payload={"n": 1})
RESOLVED = claim("x", status="resolved", severity="high", title="t", payload={"n": 2})
OPEN = Known("firing", FIRING.content, "high", "INC-2026-0001", incident_is_open=True)
CLOSED = replace(OPEN, incident_is_open=False)


def test_the_first_alert_of_a_fingerprint_opens() -> None:
    assert decide(FIRING, None) == Opens("first alert of this fingerprint")


def test_a_resolve_with_nothing_open_is_suppressed() -> None:
    assert isinstance(decide(RESOLVED, None), Suppressed)
    assert decide(RESOLVED, CLOSED) == Suppressed("a resolve with nothing open", "INC-2026-0001")


def test_identical_content_is_suppressed_while_its_incident_is_open() -> None:
    outcome = decide(FIRING, OPEN)
    assert isinstance(outcome, Suppressed)
    assert outcome.incident == "INC-2026-0001"


def test_other_content_joins_and_says_whether_state_or_severity_moved() -> None:
    news = replace(FIRING, content="other")
    assert decide(news, OPEN) == Joins(
        "same fingerprint as INC-2026-0001, which is open", "INC-2026-0001", False
    )
    for moved in (replace(news, severity="low"), RESOLVED):
        outcome = decide(moved, OPEN)
        assert isinstance(outcome, Joins)
        assert outcome.changed


def test_after_closing_even_an_identical_repeat_opens_and_cites_the_old() -> None:
    outcome = decide(FIRING, CLOSED)
    assert isinstance(outcome, Opens)
    assert outcome.previous == "INC-2026-0001"
    assert "INC-2026-0001" in outcome.why
