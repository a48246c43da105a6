"""Keeping duties: what facts and law make of them, and what a stated fact meets, in one go."""

from __future__ import annotations

from datetime import datetime

from flows.deciding import Decision
from flows.gathering import Known
from flows.law.duties import duties_of, refresh_duties
from flows.law.ending import meet_duties
from flows.law.stages import rule_of, running


def keep_duties(decision: Decision, known: Known) -> None:
    """Bring the duties to what is known; an assessment whose end is stated is met, which may start others."""
    refresh_duties(decision, known)
    if _meet_by_facts(decision, known):
        refresh_duties(decision, known)


def _meet_by_facts(decision: Decision, known: Known) -> int:
    """Meet the running duties that a fact meets, at the instant it says; returns how many."""
    found = 0
    for duty in running(duties_of(decision.session, decision.incident_id)):
        rule, case = rule_of(decision.house, duty), duty.case_ref or None
        if rule is None or rule.met_by is None:
            continue
        at = known.view.known(rule.met_by, case)
        if isinstance(at, datetime) and (duty.anchor_at is None or at >= duty.anchor_at):
            author = known.authors.get((case, rule.met_by)) or known.authors.get(
                (None, rule.met_by), "system"
            )
            meet_duties(decision, [duty], at, author)
            found += 1
    return found
