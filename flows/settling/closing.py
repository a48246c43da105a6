"""Closing an incident: only when nothing is left to do, and every duty is met or waived with reasons."""

from __future__ import annotations

from sqlmodel import select

from flows.deciding import Decision, note, say
from flows.gathering import key_of, plan_of, step_of, steps_of, view_of
from flows.law.duties import duties_of
from flows.law.stages import running
from flows.law.steps import LIVE
from flows.questions import close_questions
from flows.rounds import states_with_released
from playbooks.plan import open_work
from store.tables import ClockWarning


def hindrances(decision: Decision) -> list[str]:
    """What stands between an incident and its closing, each in a few words."""
    session, incident_id = decision.session, decision.incident_id
    rows = steps_of(session, incident_id)
    work = open_work(
        plan_of(decision.incident), states_with_released(session, rows), view_of(session, incident_id)
    )
    beside = {key_of(row): step_of(decision.incident, row).title for row in rows if row.added}
    duties = running(duties_of(session, incident_id))
    return [f"{beside.get(one.key, one.title)}: {one.why}" for one in work] + [
        f"{duty.rule_id} {duty.case_ref}: not met" for duty in duties
    ]


def close_as(decision: Decision, state: str, by: str, why: str) -> None:
    """End the incident: no step or question stays open, no warning waits, the chain says who ended it."""
    end(decision, state)
    duties = [duty for duty in duties_of(decision.session, decision.incident_id) if duty.state != "not_owed"]
    met = sum(1 for duty in duties if duty.state == "met")
    note(decision, "incident_closed", by, {"outcome": state, "why": why, "met": met, "duties": len(duties)})
    outcome = state.replace("_", " ")
    say(decision, "incident_closed", "closed", outcome=outcome, met=met, total=len(duties))


def end(decision: Decision, state: str) -> None:
    """Put the incident into its last state; nothing of it stays open, and no warning waits."""
    incident = decision.incident
    incident.state, incident.closed_at, incident.pending = state, decision.now, ""
    decision.session.add(incident)
    _withdraw_rest(decision, state)
    close_questions(decision, None)
    _silence_all(decision)


def _withdraw_rest(decision: Decision, state: str) -> None:
    """Take back what is still open: optional steps, or with a false positive all of them."""
    why = f"the incident was ended as {state.replace('_', ' ')}"
    for row in steps_of(decision.session, decision.incident_id):
        if row.state in LIVE:
            row.state, row.why, row.ended_at = "withdrawn", why, decision.now
            decision.session.add(row)
            note(
                decision, "step_withdrawn", "system", {"step": row.step_id, "why": why}, case_ref=row.case_ref
            )


def _silence_all(decision: Decision) -> None:
    """Let every waiting warning pass but those of action items, which outlive the incident."""
    waiting = decision.session.exec(
        select(ClockWarning).where(
            ClockWarning.incident_id == decision.incident_id, ClockWarning.state == "waiting"
        )
    )
    for warning in waiting:
        if not warning.subject.startswith("action:"):
            warning.state = "passed"
            decision.session.add(warning)
