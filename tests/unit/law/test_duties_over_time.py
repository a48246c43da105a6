from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from playbooks.calendars import load_calendars
from playbooks.facts import UNKNOWN, FactValue, FactView
from playbooks.obligations import (
    Change,
    ChangeKind,
    ObligationView,
    State,
    applied,
    consider,
    decide_obligations,
)
from playbooks.places import place
from playbooks.rulebook import load_rules
from playbooks.verdicts import resting_on

HOUR = timedelta(hours=1)
AWARE = datetime(2026, 11, 20, 15, 20, tzinfo=UTC)
BOOK = load_rules()
NIS2 = tuple(rule for rule in BOOK.values() if rule.id.startswith("EU-NIS2-23-4"))
GDPR = (BOOK["EU-GDPR-33-1@2018-05-25"],)
ENTITY: dict[str, FactValue] = {
    "aware_at": AWARE,
    "our_status": frozenset({"nis2_entity"}),
    "significant_incident": True,
    "jurisdictions": frozenset({"EU"}),
}
CONTROLLER: dict[str, FactValue] = {
    "aware_at": AWARE,
    "our_role": "controller",
    "personal_data": True,
    "jurisdictions": frozenset({"EU"}),
    "risk": "likely",
    "encrypted": False,
}

Rows = Sequence[ObligationView]


def decide(
    rules: Sequence[object], facts: Mapping[str, FactValue], rows: Rows = (), cases: Sequence[str] = ()
) -> dict[tuple[str | None, str], Change]:
    view = FactView(facts, {case: {} for case in cases})
    changes = decide_obligations(rules, {}, view, cases, rows, AWARE + HOUR, places={None: place("EU")})  # type: ignore[arg-type]
    return {(change.case, change.rule_id): change for change in changes}


def test_a_duty_of_ours_is_owed_once_however_many_clients_are_touched() -> None:
    changes = decide(NIS2, ENTITY, cases=("A", "B", "C"))
    assert {case for case, rule in changes if rule == "EU-NIS2-23-4a"} == {None}


def test_the_final_report_is_not_computable_until_the_notification_was_submitted() -> None:
    changes = decide(NIS2, ENTITY)
    final = changes[None, "EU-NIS2-23-4d"]
    assert (final.state, final.due_at) == (State.OWED, None)
    assert "EU-NIS2-23-4b" in final.explanation


def test_the_final_report_runs_from_the_submission_and_not_from_awareness_or_the_deadline() -> None:
    rows = applied((), decide(NIS2, ENTITY).values())
    submitted = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
    rows = tuple(met(row, submitted) if row.rule_id == "EU-NIS2-23-4b" else row for row in rows)
    change = decide(NIS2, ENTITY, rows)[None, "EU-NIS2-23-4d"]
    assert change.kind is ChangeKind.MOVED
    assert change.anchor_at == submitted
    assert change.due_at == datetime(2026, 12, 23, 11, 0, tzinfo=UTC)
    assert change.legal_due_at == datetime(2026, 12, 23, 23, 0, tzinfo=UTC)


def test_what_depends_on_a_waived_duty_closes_and_comes_back_with_it() -> None:
    rows = applied((), decide(NIS2, ENTITY).values())
    rows = tuple(waived(row, {"significant_incident": True}) if is_notification(row) else row for row in rows)
    changes = decide(NIS2, ENTITY, rows)
    assert changes[None, "EU-NIS2-23-4d"].state is State.NOT_OWED
    assert "EU-NIS2-23-4b, which starts it, was waived" in changes[None, "EU-NIS2-23-4d"].why
    rows = applied(rows, changes.values())
    doubted = decide(NIS2, ENTITY | {"significant_incident": UNKNOWN}, rows)
    assert doubted[None, "EU-NIS2-23-4b"].kind is ChangeKind.REOPENED
    again = decide(NIS2, ENTITY, applied(rows, doubted.values()))
    assert again[None, "EU-NIS2-23-4d"].kind is ChangeKind.REOPENED


def test_a_decision_not_to_tell_stands_while_its_facts_stand() -> None:
    rows = decided_not_to_tell(CONTROLLER)
    assert decide(GDPR, CONTROLLER, rows) == {}
    assert decide(GDPR, CONTROLLER | {"root_cause": "a shared password"}, rows) == {}


@pytest.mark.parametrize(
    "changed", [{"risk": "high"}, {"encrypted": UNKNOWN}, {"data_categories": frozenset({"health"})}]
)
def test_a_decision_not_to_tell_reopens_when_a_fact_it_rests_on_changes(
    changed: dict[str, FactValue],
) -> None:
    (change,) = decide(GDPR, CONTROLLER | changed, decided_not_to_tell(CONTROLLER)).values()
    assert (change.kind, change.state) == (ChangeKind.REOPENED, State.OWED)
    assert change.rests_on is None
    assert change.due_at == AWARE + 72 * HOUR


def test_a_waiver_that_names_no_facts_stays() -> None:
    rows = tuple(replace(row, rests_on=None) for row in decided_not_to_tell(CONTROLLER))
    assert decide(GDPR, CONTROLLER | {"risk": "high"}, rows) == {}


def test_a_lawful_delay_moves_the_number_and_keeps_the_old_one_in_sight() -> None:
    rows = applied((), decide(GDPR, CONTROLLER).values())
    until = AWARE + 200 * HOUR
    rows = tuple(replace(row, delayed_until=until) for row in rows)
    (change,) = decide(GDPR, CONTROLLER, rows).values()
    assert (change.kind, change.due_at, change.legal_due_at) == (ChangeKind.MOVED, until, until)
    assert "2026-11-23T15:20Z" in change.explanation
    assert "lawfully delayed until 2026-11-28T23:20Z" in change.explanation
    assert decide(GDPR, CONTROLLER, applied(rows, [change])) == {}


def test_a_delay_shorter_than_the_period_changes_nothing() -> None:
    rows = tuple(replace(row, delayed_until=AWARE + HOUR) for row in owed(CONTROLLER))
    assert decide(GDPR, CONTROLLER, rows) == {}


def test_why_not_is_said_for_every_rule_that_was_looked_at() -> None:
    view = FactView(CONTROLLER | {"risk": "unlikely"})
    (one,) = consider(GDPR, {}, view, (), AWARE)
    assert one.verdict.holds is False
    assert "risk is unlikely" in one.verdict.why
    assert one.verdict.why[-1].startswith("so it does not apply")


def test_an_unnamed_place_is_presumed_only_where_a_client_has_people() -> None:
    view = FactView({**CONTROLLER, "jurisdictions": frozenset({"UK", "unknown"})})
    (free,) = consider(GDPR, {}, view, (), AWARE)
    (within,) = consider(GDPR, {}, view, (), AWARE, footprint=frozenset({"EU"}))
    (beyond,) = consider(GDPR, {}, view, (), AWARE, footprint=frozenset({"UK", "IN"}))
    assert free.verdict.holds is UNKNOWN
    assert within.verdict.holds is UNKNOWN
    assert beyond.verdict.holds is False
    assert "no client has people in EU, and nobody has named it" in beyond.verdict.why


def test_a_named_place_counts_whatever_the_footprint_says() -> None:
    (one,) = consider(GDPR, {}, FactView(CONTROLLER), (), AWARE, footprint=frozenset({"IN"}))
    assert one.verdict.holds is True


def test_a_status_nobody_has_stated_is_presumed_wherever_clients_have_people() -> None:
    """Our own regimes follow us, not the people: a carrier of data in India owes CERT-In for any client."""
    view = FactView({"aware_at": AWARE, "significant_incident": True})
    found = consider(NIS2, {}, view, (), AWARE, footprint=frozenset({"US-CA"}))
    assert [one.verdict.holds for one in found].count(UNKNOWN) >= 3


def test_what_waits_for_another_act_is_presumed_only_once_that_act_is_done() -> None:
    doubtful = ENTITY | {"significant_incident": UNKNOWN}
    changes = decide(NIS2, doubtful)
    assert (None, "EU-NIS2-23-4b") in changes
    assert (None, "EU-NIS2-23-4d") not in changes
    rows = [met(row, AWARE) for row in applied((), changes.values())]
    assert decide(NIS2, doubtful, rows)[None, "EU-NIS2-23-4d"].state is State.PRESUMED


def test_one_act_of_two_that_would_start_a_duty_suffices_though_the_other_was_waived() -> None:
    facts: dict[str, FactValue] = {
        "aware_at": AWARE,
        "our_role": "controller",
        "personal_data": True,
        "jurisdictions": frozenset({"BR"}),
        "risk": "high",
        "data_categories": frozenset({"health"}),
        "information_missing": True,
    }
    rules = [rule for rule in BOOK.values() if rule.id.startswith("BR-ANPD15-6")]
    rows = applied((), decide(rules, facts).values())
    told = AWARE + HOUR
    rows = tuple(
        waived(row, {}) if row.rule_id == "BR-ANPD15-6" else met(row, told) if "small" in row.rule_id else row
        for row in rows
    )
    assert decide(rules, facts, rows)[None, "BR-ANPD15-6-3"].anchor_at == told


def test_what_starts_by_another_way_by_now_is_not_ended_by_the_way_that_was_waived() -> None:
    undecided = {name: value for name, value in ENTITY.items() if name != "our_status"}
    rows = applied((), decide(NIS2, undecided).values())
    rows = tuple(
        waived(row, {}) if row.rule_id.endswith("trust") else replace(row, state=State.NOT_OWED)
        for row in rows
    )
    changes = decide(NIS2, ENTITY, rows)
    assert changes[None, "EU-NIS2-23-4b"].state is State.OWED
    assert changes[None, "EU-NIS2-23-4d"].state is State.OWED, "in the same look, not in the next"


def test_no_breach_falls_between_two_versions_that_start_at_different_events() -> None:
    korea = [rule for rule in BOOK.values() if rule.id == "KR-PIPA-34"]
    facts: dict[str, FactValue] = {
        "suspected_at": datetime(2026, 9, 10, 1, tzinfo=UTC),
        "aware_at": datetime(2026, 9, 12, 1, tzinfo=UTC),
        "our_role": "controller",
        "personal_data": True,
        "jurisdictions": frozenset({"KR"}),
    }
    assert len(consider(korea, {}, FactView(facts), (), AWARE)) == 1


def test_closing_days_of_the_house_reach_its_clocks(tmp_path: Path) -> None:
    facts: dict[str, FactValue] = {
        "our_status": frozenset({"sec_registrant"}),
        "material_incident": True,
        "materiality_at": datetime(2026, 12, 23, 15, 0, tzinfo=UTC),
    }
    closed = "calendars:\n  SEC:\n    closures:\n      - {on: 2026-12-24, reason: executive order}\n"
    (tmp_path / "closures.yaml").write_text(closed)
    rules = (next(rule for rule in BOOK.values() if rule.id == "US-SEC-8K-105"),)
    due_at = [
        change.due_at
        for calendars in (None, load_calendars([tmp_path]))
        for change in decide_obligations(rules, {}, FactView(facts), (), (), AWARE, calendars=calendars)
    ]
    assert due_at == [
        datetime(2026, 12, 30, 22, 30, tzinfo=UTC),
        datetime(2026, 12, 31, 22, 30, tzinfo=UTC),
    ]


def owed(facts: Mapping[str, FactValue]) -> Rows:
    return applied((), decide(GDPR, facts).values())


def decided_not_to_tell(facts: Mapping[str, FactValue]) -> Rows:
    rests_on = resting_on(GDPR[0], FactView(facts), None)
    return tuple(waived(row, rests_on) for row in owed(facts))


def waived(row: ObligationView, rests_on: Mapping[str, object]) -> ObligationView:
    return replace(row, state=State.WAIVED, rests_on=rests_on)


def met(row: ObligationView, at: datetime) -> ObligationView:
    return replace(row, state=State.MET, met_at=at)


def is_notification(row: ObligationView) -> bool:
    return row.rule_id == "EU-NIS2-23-4b"
