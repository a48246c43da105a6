from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from playbooks.contracts import ContractTermView
from playbooks.errors import InstantFault
from playbooks.facts import FactValue, FactView
from playbooks.obligations import (
    Change,
    ChangeKind,
    ObligationView,
    State,
    applied,
    consider,
    decide_obligations,
)
from playbooks.rulebook import load_rules

HOUR = timedelta(hours=1)
ALERT = datetime(2026, 11, 20, 9, 23, tzinfo=UTC)
BOOK = tuple(load_rules().values())
RULES = tuple(rule for rule in BOOK if rule.key in {"EU-GDPR-33-1@2018-05-25", "EU-GDPR-33-2@2018-05-25"})
UNTRIAGED: dict[str, FactValue] = {"aware_at": ALERT}
PROCESSOR = UNTRIAGED | {"personal_data": True, "our_role": "processor", "jurisdictions": frozenset({"EU"})}
CONTROLLER = PROCESSOR | {"our_role": "controller"}
TERM = ContractTermView("example-retail", 12, citation="DPA, clause 7.2")

Facts = Mapping[str, FactValue]
Rows = Sequence[ObligationView]


def decide(
    facts: Facts,
    cases: Mapping[str, Facts] | None = None,
    rows: Rows = (),
    terms: Mapping[str, ContractTermView] | None = None,
    authors: Mapping[tuple[str | None, str], str] | None = None,
) -> dict[tuple[str | None, str], Change]:
    """Decide with the shipped rules, three hours after the alert; changes by case and rule."""
    view = FactView(facts, cases or {})
    now = ALERT + 3 * HOUR
    changes = decide_obligations(RULES, terms or {}, view, tuple(cases or ()), rows, now, authors=authors)
    return {(change.case, change.rule_id): change for change in changes}


def rows_after(facts: Facts, cases: Mapping[str, Facts] | None = None, rows: Rows = ()) -> Rows:
    """The rows once the changes of these facts are applied."""
    return applied(rows, decide(facts, cases, rows).values())


def test_an_untriaged_alert_presumes_every_duty_that_its_facts_do_not_rule_out() -> None:
    changes = decide(UNTRIAGED, authors={(None, "aware_at"): "system"})
    assert {key: change.state for key, change in changes.items()} == {
        (None, "EU-GDPR-33-1"): State.PRESUMED,
        (None, "EU-GDPR-33-2"): State.PRESUMED,
    }
    assert changes[None, "EU-GDPR-33-1"].due_at == ALERT + 72 * HOUR
    assert changes[None, "EU-GDPR-33-1"].anchor_author == "system"


def test_triage_confirms_one_duty_and_closes_the_other_with_the_reason() -> None:
    changes = decide(PROCESSOR, rows=rows_after(UNTRIAGED))
    assert changes[None, "EU-GDPR-33-2"].kind is ChangeKind.CONFIRMED
    assert changes[None, "EU-GDPR-33-2"].state is State.OWED
    closed = changes[None, "EU-GDPR-33-1"]
    assert (closed.kind, closed.state) == (ChangeKind.CLOSED, State.NOT_OWED)
    assert closed.why[0] == "our_role is processor"
    assert closed.why[-1].startswith("so it does not apply")


def test_a_change_carries_what_its_row_and_its_ledger_entry_need() -> None:
    change = decide(CONTROLLER, authors={(None, "aware_at"): "dpo-1"})[None, "EU-GDPR-33-1"]
    assert change.citation == "Regulation (EU) 2016/679 (GDPR), art 33(1)"
    assert change.recipient == "supervisory_authority"
    assert change.legal_due_at == datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
    assert change.rule_version == "2018-05-25"
    assert not change.policy
    assert change.moves_clock
    assert "started by aware_at, stated by dpo-1" in change.explanation
    assert change.why == (
        "our_role is controller",
        "personal_data is yes",
        "jurisdictions is EU",
        "risk is unknown",
        "so it is presumed until known: " + next(r.when for r in RULES if r.id == "EU-GDPR-33-1"),
    )


def test_what_was_never_owed_leaves_no_row() -> None:
    assert decide({"aware_at": ALERT, "personal_data": False}) == {}


def test_a_duty_without_a_start_is_owed_and_not_computable() -> None:
    facts = {name: value for name, value in PROCESSOR.items() if name != "aware_at"}
    change = decide(facts)[None, "EU-GDPR-33-2"]
    assert (change.state, change.anchor_at, change.due_at) == (State.OWED, None, None)
    assert change.explanation == "not computable: nobody has stated aware_at yet"


def test_the_duties_of_the_incident_close_into_its_cases() -> None:
    changes = decide(UNTRIAGED, {"A": PROCESSOR, "B": CONTROLLER}, rows_after(UNTRIAGED))
    assert changes[None, "EU-GDPR-33-2"].explanation == "carried by case A, B"
    assert changes[None, "EU-GDPR-33-2"].due_at == ALERT + 24 * HOUR
    assert not changes[None, "EU-GDPR-33-2"].moves_clock
    assert changes["A", "EU-GDPR-33-2"].kind is ChangeKind.APPEARED
    assert changes["B", "EU-GDPR-33-1"].kind is ChangeKind.APPEARED
    assert ("A", "EU-GDPR-33-1") not in changes


def test_the_contract_is_a_duty_of_its_own_beside_the_statute() -> None:
    changes = decide(UNTRIAGED, {"A": PROCESSOR}, terms={"A": TERM})
    contract = changes["A", "CONTRACT"]
    assert (contract.state, contract.due_at, contract.policy) == (State.OWED, ALERT + 12 * HOUR, False)
    assert contract.citation == "Contract, DPA, clause 7.2"
    assert contract.recipient == changes["A", "EU-GDPR-33-2"].recipient


def test_the_policy_target_is_never_shown_later_than_the_contract() -> None:
    early = decide(UNTRIAGED, {"A": PROCESSOR}, terms={"A": TERM})["A", "EU-GDPR-33-2"]
    assert (early.due_at, early.policy) == (ALERT + 12 * HOUR, True)
    assert "not later than the contract's 2026-11-20T21:23Z" in early.explanation
    late = decide(UNTRIAGED, {"A": PROCESSOR}, terms={"A": replace(TERM, hours=48)})["A", "EU-GDPR-33-2"]
    assert late.due_at == ALERT + 24 * HOUR


def test_what_is_considered_is_capped_by_the_contract_too() -> None:
    found = consider(RULES, {"A": TERM}, FactView(UNTRIAGED, {"A": PROCESSOR}), ("A",), ALERT)
    assert {one.due.due_at for one in found if one.verdict.holds} == {ALERT + 12 * HOUR}


def test_a_contract_reaches_only_the_case_of_its_client() -> None:
    changes = decide(UNTRIAGED, {"A": PROCESSOR, "B": PROCESSOR}, terms={"A": TERM})
    assert ("B", "CONTRACT") not in changes
    assert changes["B", "EU-GDPR-33-2"].due_at == ALERT + 24 * HOUR


def test_a_moved_anchor_moves_the_clock_and_says_from_where() -> None:
    rows = rows_after(PROCESSOR)
    later = PROCESSOR | {"aware_at": ALERT + HOUR}
    (change,) = decide(later, rows=rows).values()
    assert change.kind is ChangeKind.MOVED
    assert change.due_at == ALERT + 25 * HOUR
    assert change.before is not None
    assert change.before.due_at == ALERT + 24 * HOUR
    assert "before: start 2026-11-20T09:23Z, due 2026-11-21T09:23Z" in change.explanation


def test_a_case_may_start_later_than_its_incident_and_names_its_own_author() -> None:
    told = PROCESSOR | {"aware_at": ALERT + 2 * HOUR}
    authors = {(None, "aware_at"): "system", ("A", "aware_at"): "dpo-1"}
    changes = decide(UNTRIAGED, {"A": told, "B": {**PROCESSOR, "aware_at": ALERT}}, authors=authors)
    assert changes["A", "EU-GDPR-33-2"].anchor_author == "dpo-1"
    assert changes["B", "EU-GDPR-33-2"].anchor_author == "system"


def test_a_duty_closed_by_a_fact_reopens_when_the_fact_changes() -> None:
    rows = rows_after(CONTROLLER | {"risk": "unlikely"}, rows=rows_after(CONTROLLER))
    assert [row.state for row in rows] == [State.NOT_OWED]
    (change,) = decide(CONTROLLER | {"risk": "high"}, rows=rows).values()
    assert (change.kind, change.state) == (ChangeKind.REOPENED, State.OWED)


def test_a_duty_confirmed_and_then_doubted_is_presumed_again() -> None:
    rows = rows_after(CONTROLLER | {"risk": "high"})
    (change,) = decide(CONTROLLER, rows=rows).values()
    assert (change.kind, change.state) == (ChangeKind.DOUBTED, State.PRESUMED)


@pytest.mark.parametrize("state", [State.MET, State.WAIVED])
def test_a_settled_duty_is_left_alone_whatever_the_facts_say(state: State) -> None:
    rows = [replace(row, state=state) for row in rows_after(PROCESSOR)]
    assert decide(PROCESSOR | {"our_role": "controller", "risk": "unlikely"}, rows=rows) == {}
    assert all(change.case == "A" for change in decide(UNTRIAGED, {"A": PROCESSOR}, rows).values())


def test_a_settled_duty_records_that_its_anchor_moved_and_stays_settled() -> None:
    rows = [replace(row, state=State.MET) for row in rows_after(PROCESSOR)]
    (change,) = decide(PROCESSOR | {"aware_at": ALERT - HOUR}, rows=rows).values()
    assert (change.kind, change.state, change.due_at) == (ChangeKind.MOVED, State.MET, ALERT + 23 * HOUR)


def test_a_contract_renegotiated_after_its_duty_was_met_changes_nothing() -> None:
    rows = applied((), decide(UNTRIAGED, {"A": PROCESSOR}, terms={"A": TERM}).values())
    met = [replace(row, state=State.MET) for row in rows]
    assert decide(UNTRIAGED, {"A": PROCESSOR}, met, terms={"A": replace(TERM, hours=4)}) == {}


def test_a_contract_that_ended_closes_its_duty() -> None:
    rows = applied((), decide(UNTRIAGED, {"A": PROCESSOR}, terms={"A": TERM}).values())
    changes = decide(UNTRIAGED, {"A": PROCESSOR}, rows)
    assert changes["A", "CONTRACT"].state is State.NOT_OWED
    assert changes["A", "EU-GDPR-33-2"].kind is ChangeKind.MOVED


def test_the_law_in_force_when_the_clock_started_decides() -> None:
    old = PROCESSOR | {"aware_at": datetime(2018, 5, 24, 23, 59, tzinfo=UTC)}
    assert decide(old) == {}
    assert set(decide(PROCESSOR | {"aware_at": datetime(2018, 5, 25, tzinfo=UTC)})) == {
        (None, "EU-GDPR-33-2")
    }


def test_naive_now_is_refused() -> None:
    with pytest.raises(InstantFault):
        decide_obligations(RULES, {}, FactView({}), (), (), datetime(2026, 11, 20))  # noqa: DTZ001 - the point
