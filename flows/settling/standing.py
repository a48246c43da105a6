"""What was known when the first of two words was given: the second counts only while it is still so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from flows.circle import is_guarded
from flows.deciding import Decision, note, say
from flows.gathering import gather
from flows.law.duties import duties_of, refresh_duties, terms_of
from flows.law.stages import rule_of, running
from playbooks.contracts import contract_rule
from playbooks.facts import UNKNOWN, to_json
from playbooks.verdicts import resting_on
from store.tables import Question, StepRow

OF_DUTIES: Final = frozenset({"silence", "waiver", "meeting", "delay"})
"""The words that are about some duties alone; the others are about the incident as a whole."""
OF_PEOPLE: Final = frozenset({"readmission"})
"""The words that are about a person, whatever the facts."""
_UNKNOWN: Final = to_json(UNKNOWN)


def known_for(decision: Decision, what: str, duties: Iterable[int]) -> dict[str, Any]:
    """What a word of this kind rests on, as JSON holds it: by fact and case."""
    if what in OF_PEOPLE:
        return {}
    return _of_duties(decision, frozenset(duties)) if what in OF_DUTIES else _of_all(decision)


def known_in_notice(decision: Decision, row: StepRow, names: Iterable[str]) -> dict[str, Any]:
    """The facts that a notice of this step shows."""
    view, case = gather(decision.session, decision.incident_id).view, row.case_ref
    return {_named(name, case): to_json(view.known(name, case or None)) for name in names}


def changed(then: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """Which facts are no longer what they were, by name and case; empty where none has changed."""
    names = (n for n in sorted({*then, *now}) if then.get(n, _UNKNOWN) != now.get(n, _UNKNOWN))
    found = list(names)
    more = f" and {len(found) - 6} more" if len(found) > 6 else ""
    return f"it was asked on other facts; changed since: {', '.join(found[:6])}{more}" if found else ""


def void_word(decision: Decision, question: Question, by: str, why: str) -> None:
    """Write that a word does not count, and tell whoever gave it and whoever asked."""
    said = {"title": question.title, "digest": question.subject["digest"], "why": why}
    note(decision, "word_void", by, said, case_ref=question.case_ref)
    link = f"{decision.house.settings.desk_url}/q/{question.ref}"
    key = f"question/{question.ref}/void"
    told = None if is_guarded(decision.session, decision.incident) else by
    say(decision, "answer_refused", key, title=question.title, why=why[:300], by=told, link=link)


def _of_duties(decision: Decision, ids: frozenset[int]) -> dict[str, Any]:
    known = gather(decision.session, decision.incident_id)
    terms = terms_of(decision.session, known.cases)
    found: dict[str, Any] = {}
    for duty in duties_of(decision.session, decision.incident_id):
        term = terms.get(duty.case_ref)
        rule = rule_of(decision.house, duty) or (contract_rule(term) if term else None)
        if duty.id in ids and rule is not None:
            rests = resting_on(rule, known.view, duty.case_ref or None)
            found |= {_named(name, duty.case_ref): value for name, value in rests.items()}
    return found


def _of_all(decision: Decision) -> dict[str, Any]:
    """Every fact of the incident and its cases, the cases themselves, and the duties that run."""
    known = gather(decision.session, decision.incident_id)
    refresh_duties(decision, known)
    found = {name: to_json(value) for name, value in known.view.incident.items()}
    for ref, facts in known.view.cases.items():
        found |= {_named(name, ref): to_json(value) for name, value in facts.items()}
    runs = running(duties_of(decision.session, decision.incident_id))
    return found | {
        "the clients concerned": [case.ref for case in known.cases],
        "the duties that run": sorted(_named(duty.rule_id, duty.case_ref) for duty in runs),
    }


def _named(name: str, case: str) -> str:
    return f"{name} {case}".strip()
