"""Keeping duties: what facts and law make of them, and what a stated fact meets, in one go."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from flows.deciding import Decision
from flows.gathering import Known
from flows.law.duties import refresh_duties
from flows.law.ending import meet_duties
from flows.law.stages import rule_of, running
from store.tables import Obligation


def keep_duties(decision: Decision, known: Known) -> list[Obligation]:
    """Bring the duties to what is known, and return them all.

    One whose end is stated is met, which may start others.
    """
    duties = refresh_duties(decision, known)
    return refresh_duties(decision, known) if _meet_by_facts(decision, known, duties) else duties


def _meet_by_facts(decision: Decision, known: Known, duties: Sequence[Obligation]) -> int:
    """Meet the running duties that a fact meets, at the instant it says; returns how many."""
    found = 0
    for duty in running(duties):
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
