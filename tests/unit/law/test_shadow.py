from __future__ import annotations

from datetime import UTC, datetime, timedelta

from playbooks.asking import needed_facts
from playbooks.facts import FactValue, FactView
from playbooks.rulebook import load_rules
from playbooks.shadow import Shadow, shadow_clocks

HOUR = timedelta(hours=1)
AWARE = datetime(2026, 11, 20, 14, 15, tzinfo=UTC)
TOLD = datetime(2026, 11, 21, 6, 5, tzinfo=UTC)
BOOK = tuple(load_rules().values())
PROCESSOR: dict[str, FactValue] = {
    "aware_at": AWARE,
    "our_role": "processor",
    "personal_data": True,
    "our_status": frozenset({"none"}),
    "client_status": frozenset({"none"}),
    "jurisdictions": frozenset({"EU"}),
}


def shadows(told: datetime | None = TOLD, **facts: FactValue) -> dict[str, Shadow]:
    view = FactView(PROCESSOR | facts, {"A": {}})
    found = shadow_clocks(BOOK, view, ("A",), {"A": told} if told else {}, TOLD + HOUR)
    return {one.rule.id: one for one in found}


def test_the_clients_clock_starts_when_it_was_told_and_says_what_we_used() -> None:
    clock = shadows()["EU-GDPR-33-1"]
    assert clock.starts == "our notice"
    assert clock.due.due_at == datetime(2026, 11, 24, 6, 5, tzinfo=UTC)
    assert clock.used == TOLD - AWARE


def test_until_the_client_is_told_its_clock_does_not_run_and_ours_is_being_used() -> None:
    clock = shadows(told=None)["EU-GDPR-33-1"]
    assert clock.due.due_at is None
    assert clock.due.not_computable_because == "the client has not been told yet"
    assert clock.used == TOLD + HOUR - AWARE


def test_where_the_law_imputes_our_awareness_the_client_has_no_head_start() -> None:
    acquired = {"acquired": True, "serious_harm": True, "data_categories": frozenset({"government_id"})}
    clock = shadows(jurisdictions=frozenset({"PH"}), **acquired)["PH-NPC-1603-17"]
    assert clock.starts == "imputed"
    assert clock.due.due_at == AWARE + 72 * HOUR


def test_our_own_duties_are_nobodys_shadow() -> None:
    assert "EU-GDPR-33-2" not in shadows()
    assert shadows(our_role="controller") == {}


def test_a_clock_of_the_clients_own_decision_is_named_and_not_counted() -> None:
    clock = shadows(client_status=frozenset({"sec_registrant"}), jurisdictions=frozenset({"US"}))[
        "US-SEC-8K-105"
    ]
    assert clock.starts == "its own decision"
    assert clock.due.due_at is None


def test_only_facts_that_decide_something_are_asked_for() -> None:
    known = FactView(PROCESSOR, {"A": {}})
    assert "low_probability" not in needed_facts(BOOK, known, ("A",), AWARE)
    american = FactView(PROCESSOR | {"jurisdictions": frozenset({"US"})}, {"A": {}})
    assert "data_categories" in needed_facts(BOOK, american, ("A",), AWARE)


def test_what_is_known_or_cannot_matter_is_not_asked_for() -> None:
    nothing_personal = FactView(
        PROCESSOR | {"personal_data": False, "jurisdictions": frozenset({"EU"})}, {"A": {}}
    )
    assert "risk" not in needed_facts(BOOK, nothing_personal, ("A",), AWARE)
    assert "our_role" not in needed_facts(BOOK, nothing_personal, ("A",), AWARE)
