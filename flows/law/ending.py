"""What people do to duties: meet them, decide that nobody is told, or delay them lawfully."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from flows.asserting import assert_facts
from flows.deciding import Decision, note
from flows.gathering import gather
from flows.law.duties import terms_of
from flows.law.ledger import enter
from flows.law.scheduling import silence
from flows.law.stages import rule_of, running
from playbooks.clocks import stamp
from playbooks.contracts import contract_rule
from playbooks.duties import State
from playbooks.fact_types import Facts
from playbooks.law import Rule
from playbooks.severity.advising import advise
from playbooks.verdicts import resting_on
from store.tables import Obligation

TOLD: Final = "client_told_at"


def meet_duties(
    decision: Decision, duties: Sequence[Obligation], at: datetime, author: str, proof: str = ""
) -> None:
    """Write that the recipient has been told, at an instant of incident time; warnings then fall silent."""
    for duty in running(duties):
        duty.state, duty.met_at, duty.proof = State.MET, at, proof[:1000]
        decision.session.add(duty)
        silence(decision.session, f"obligation:{duty.id}")
        late = duty.due_at is not None and at > duty.due_at
        enter(decision, duty, "met", author, f"met at {stamp(at)}, {'late' if late else 'in time'}")
        said = {"rule": duty.rule_id, "citation": duty.citation, "met_at": at.isoformat(), "late": late}
        note(decision, "duty_met", author, said | ({"proof": proof} if proof else {}), case_ref=duty.case_ref)
    _state_told(decision, duties, at, author)


def _state_told(decision: Decision, duties: Sequence[Obligation], at: datetime, author: str) -> None:
    """State of each client that has now been told when it was: its own clocks start there."""
    refs = {duty.case_ref for duty in duties if duty.recipient == "client_controller"}
    if not refs:
        return
    known = gather(decision.session, decision.incident_id)
    for case in (one for one in known.cases if one.ref in refs):
        if not isinstance(known.view.known(TOLD, case.ref), datetime):
            assert_facts(decision, {TOLD: at}, author=author, basis="a duty was met", case=case)


def waive_duties(decision: Decision, duties: Sequence[Obligation], by: tuple[str, str], why: str) -> None:
    """End duties without telling anybody, on reasons that two people stand for; what was met stays met.

    The facts they rest on are kept with what the rule and the methods said: when one changes, it reopens.
    """
    known = gather(decision.session, decision.incident_id)
    terms = terms_of(decision.session, known.cases)
    for duty in running(duties):
        term = terms.get(duty.case_ref)
        rule = rule_of(decision.house, duty) or (contract_rule(term) if term else None)
        case = duty.case_ref or None
        duty.rests_on = {
            "facts": resting_on(rule, known.view, case) if rule else {},
            "rule": duty.why,
            "advice": _advice(rule, known.view.for_case(case)),
            "by": list(by),
            "reasons": why,
        }
        duty.state, duty.why = State.WAIVED, why[:1000]
        decision.session.add(duty)
        silence(decision.session, f"obligation:{duty.id}")
        enter(
            decision, duty, "waived", by[0], f"waived by {by[0]} and {by[1]}; it reopens when a fact changes"
        )
        said = {"rule": duty.rule_id, "why": why, "rests_on": duty.rests_on}
        note(decision, "duty_waived", "system", said, case_ref=duty.case_ref)


def drop_duties(decision: Decision, duties: Sequence[Obligation], by: str, kind: str, why: str) -> list[str]:
    """End duties that this incident does not owe after all, or not by itself any more; their names."""
    for duty in duties:
        duty.state, duty.why = State.NOT_OWED, why[:1000]
        decision.session.add(duty)
        silence(decision.session, f"obligation:{duty.id}")
        enter(decision, duty, kind, by, why)
    return [f"{duty.rule_id} {duty.case_ref}".strip() for duty in duties]


def delay_duties(
    decision: Decision, duties: Sequence[Obligation], until: datetime, by: tuple[str, str], basis: str
) -> None:
    """Write a lawful delay down; the clocks move when the duties are next brought to what is known."""
    for duty in running(duties):
        duty.delayed_until, duty.delay_basis = until, basis[:1000]
        decision.session.add(duty)
        rule = rule_of(decision.house, duty)
        allowed = rule.lawful_delay if rule else ""
        text = f"lawfully delayed until {stamp(until)} by {by[0]} and {by[1]}: {allowed}"
        enter(decision, duty, "delayed", by[0], text)
        said = {"rule": duty.rule_id, "until": until.isoformat(), "basis": basis, "by": list(by)}
        note(decision, "duty_delayed", "system", said, case_ref=duty.case_ref)


def _advice(rule: Rule | None, facts: Facts) -> dict[str, Any]:
    """What the methods would say of the same facts; a contract asks nothing of the kind."""
    if rule is None or rule.source == "contract":
        return {}
    return asdict(advise(facts))
