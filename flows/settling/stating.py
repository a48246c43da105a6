"""A fact stated or corrected by the commander: what ends a duty or puts it off needs a second person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from flows.asserting import assert_facts, join_jurisdictions
from flows.deciding import Decision
from flows.forms import Given
from flows.gathering import Known, cases_of, gather
from flows.law.duties import changes_of
from flows.law.judged import rest_anew
from flows.settling.instants import refuse_impossible
from flows.settling.words import ask_word
from playbooks.duties import Change
from playbooks.errors import FactFault, Refused
from playbooks.fact_types import FactSpec, FactValue
from playbooks.facts import DICTIONARY, FactView, parse_fact, to_json
from store.tables import Question


def state(decision: Decision, given: Given, details: Mapping[str, FactValue]) -> list[Question]:
    """State a fact of the incident or of a case at once, or ask a second person where it ends a duty."""
    about = " ".join(str(details.get("about", "")).strip().strip("`").split())
    known = gather(decision.session, decision.incident_id)
    spec, case = _fact_of(about, [one.ref for one in known.cases])
    try:
        value = parse_fact(spec.name, str(details.get("value", "")), now=decision.now)
    except FactFault as fault:  # never the value: Slack and Prefect see refusals
        raise Refused(f"{spec.label}: {fault.mend or 'an answer is needed'}") from None
    refuse_impossible(decision, case or None, {spec.name: value})
    ended = ended_by(decision, known, with_fact(known.view, case, spec.name, value))
    if not ended:
        put_down(decision, case, spec.name, value, given.handle, given.reason)
        return []
    fact, rules = f"{spec.name} {case}".strip(), ", ".join(ended)
    held = to_json(value)
    return [
        ask_word(
            decision,
            given,
            "statement",
            f"Agree to state {fact}: it ends or puts off {rules}",
            words=f"{given.handle} states {fact}: {held}. It ends or puts off: {rules}.",
            fact=fact,
            name=spec.name,
            case=case,
            value=held,
        )
    ]


def put_down(decision: Decision, case: str, name: str, value: FactValue, author: str, basis: str) -> None:
    """Write the statement down, with the reason for it; places that are stated are joined in every case."""
    found = next((one for one in cases_of(decision.session, decision.incident_id) if one.ref == case), None)
    assert_facts(decision, {name: value}, author=author, basis=basis[:120], case=found)
    rest_anew(decision, name)
    if not case:
        join_jurisdictions(decision, author)


def _fact_of(about: str, cases: list[str]) -> tuple[FactSpec, str]:
    """The fact and the case that `about` names: the name or label of a fact, then the case's letters."""
    head, _, last = about.rpartition(" ")
    case = last.upper() if head and last.upper() in cases else ""
    wanted = (head if case else about).casefold().rstrip("?")
    for spec in DICTIONARY.values():
        if spec.type != "clients" and wanted in (spec.name, spec.label.casefold().rstrip("?")):
            return spec, case
    mend = f"a fact's name or label, then its case: {', '.join(cases) or 'there is none'}"
    raise Refused("name a fact", mend=mend)


def ended_by(decision: Decision, known: Known, view: FactView) -> list[str]:
    """The running duties that would end, or be due later, if this were what is known."""
    changes = changes_of(decision, replace(known, view=view))
    return [f"{one.rule_id} {one.case or ''}".strip() for one in changes if _eases(one)]


def with_fact(view: FactView, case: str, name: str, value: FactValue) -> FactView:
    """What would be known if the fact were so, of the incident (no case) or of one case."""
    if not case:
        return FactView({**view.incident, name: value}, view.cases)
    return FactView(view.incident, {**view.cases, case: {**view.cases.get(case, {}), name: value}})


def _eases(change: Change) -> bool:
    was = change.before
    if was is None or not was.runs:
        return False
    if not change.runs or was.due_at is None:
        return not change.runs
    return change.due_at is None or change.due_at > was.due_at
