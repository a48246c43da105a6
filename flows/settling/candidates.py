"""A candidate decided: accepted as an incident, merged into another, or dismissed on a commander's word."""

from __future__ import annotations

from collections.abc import Callable

from flows.candidates import clients_of_alerts, tests_of
from flows.circle import is_guarded, outward
from flows.deciding import Decision, note, say
from flows.forms import Filled, Given
from flows.law.duties import duties_of
from flows.law.ending import drop_duties
from flows.law.stages import running
from flows.merging.act import merge_named
from flows.opening import begin
from flows.questions import close_question
from flows.settling.closing import end
from flows.settling.duties import text_of
from playbooks.duties import State
from playbooks.errors import Refused
from store.tables import Question


def settle_candidate(decision: Decision, question: Question, given: Given, filled: Filled) -> list[Question]:
    """Carry out what a commander decided of a candidate."""
    return _DECIDED[given.decision](decision, question, given, filled)


def _accept(decision: Decision, question: Question, given: Given, filled: Filled) -> list[Question]:  # noqa: ARG001
    """Open it as the incident that it was recorded as; its anchor stays at its arrival."""
    decision.incident.state = "open"
    decision.session.add(decision.incident)
    close_question(decision, question, "answered", given.handle)
    note(decision, "candidate_accepted", given.handle, {"why": given.reason})
    say(decision, "candidate_accepted", "candidate/accepted", by=_named(decision, given))
    begin(decision, clients_of_alerts(decision.session, decision.incident_id), given.handle)
    return []


def _merge(decision: Decision, question: Question, given: Given, filled: Filled) -> list[Question]:  # noqa: ARG001
    merge_named(decision, text_of(filled.details, "into"), given.handle, given.reason)
    return []


def _dismiss(decision: Decision, question: Question, given: Given, filled: Filled) -> list[Question]:  # noqa: ARG001
    """End it as no incident: only while no duty is confirmed, for two people waive one."""
    session = decision.session
    duties = duties_of(session, decision.incident_id)
    if owed := [f"{duty.rule_id} {duty.case_ref}".strip() for duty in duties if duty.state == State.OWED]:
        named = ", ".join(owed[:6])
        raise Refused(f"something is owed already: {named}", mend="accept it; two people may waive it there")
    why, tests = given.reason, [window.id for window in tests_of(session, decision.incident_id)]
    dropped = drop_duties(decision, running(duties), given.handle, "dismissed", "dismissed as no incident")
    end(decision, "dismissed")
    said = {"why": why, "tests": tests, "duties": dropped}
    note(decision, "candidate_dismissed", given.handle, said)
    told = outward(session, decision.incident, why)
    named_tests = ", ".join(map(str, tests)) or None
    by = _named(decision, given)
    say(decision, "candidate_dismissed", "candidate/dismissed", by=by, why=told, tests=named_tests)
    return []


def _named(decision: Decision, given: Given) -> str | None:
    """Who decided, as the channel may read it: a circle's members go unnamed."""
    return None if is_guarded(decision.session, decision.incident) else given.handle


_DECIDED: dict[str, Callable[[Decision, Question, Given, Filled], list[Question]]] = {
    "accept": _accept,
    "merge": _merge,
    "dismiss": _dismiss,
}
