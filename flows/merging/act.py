"""The act of merging: one transaction over both incidents, told in both timelines and both channels."""

from __future__ import annotations

from sqlmodel import col, func, select

from flows.advancing import advance
from flows.circle import is_guarded, outward
from flows.clock import incident_now
from flows.commanding import sees_whole
from flows.deciding import Decision, note, say
from flows.gathering import open_questions, plan_of
from flows.incidents import merged_into
from flows.law.duties import duties_of
from flows.law.ending import drop_duties
from flows.law.stages import running
from flows.merging.judging import Side, refuse_merge
from flows.merging.learning import Learnt, learn, share_circle
from flows.merging.told import met_in
from flows.questions import announce, close_question
from flows.settling.closing import end
from playbooks.clocks import stamp
from playbooks.errors import Refused
from store.tables import Incident, Question, Responder


def merge_named(younger: Decision, ref: str, by: str, why: str) -> None:
    """Merge the incident of a form into the one that its commander names; raises Refused.

    The form holds its own incident's lock already, so that the two are not always locked in one order: of two
    that wait for each other PostgreSQL ends one, whose answer is taken again.
    """
    session = younger.session
    found = session.exec(
        select(Incident).where(Incident.ref == ref.strip().upper()).with_for_update()
    ).first()
    responder = session.exec(select(Responder).where(Responder.handle == by)).one()
    if found is None or not sees_whole(session, found, responder):
        raise Refused("no such incident", mend="name it by its reference, such as INC-2026-0001")
    older = Decision(younger.house, session, found, younger.wall, incident_now(session, found, younger.wall))
    merge(younger, older, by, why)


def merge(younger: Decision, older: Decision, by: str, why: str) -> None:
    """Close the younger incident into the older, which takes over what it owes; raises Refused.

    Alerts, steps, answers, evidence and notices stay where they are, to be read there.
    """
    refuse_merge(side_of(younger), side_of(older))
    into = _named(younger, older)
    younger.incident.into_id = older.incident_id
    learnt = learn(younger, older, by)
    differing = list(learnt.differing)
    share_circle(younger, older, by)
    left = running(duties_of(younger.session, younger.incident_id))
    dropped = drop_duties(younger, left, by, "handed_over", "carried on by the incident it was merged into")
    _settle_lead(younger)
    end(younger, "merged")
    note(
        younger, "incident_merged", by, {"into": into, "why": why, "duties": dropped, "differing": differing}
    )
    told = outward(younger.session, younger.incident, why)
    say(younger, "incident_merged", "merged", into=into or None, why=told)
    _tell_older(younger, older, by, why, learnt)
    announce(older, advance(older))


def _settle_lead(younger: Decision) -> None:
    """Count the commander's question as answered, by whichever way: its role stays in the circle."""
    for question in open_questions(younger.session, younger.incident_id):
        if question.kind in ("command", "candidate"):
            close_question(younger, question, "answered")


def side_of(decision: Decision) -> Side:
    """One of the two, as merging judges it."""
    session, incident = decision.session, decision.incident
    last = merged_into(session, incident)
    under_way = select(func.count()).where(
        Question.incident_id == decision.incident_id, Question.kind == "proof", col(Question.state) == "open"
    )
    return Side(
        ref=incident.ref,
        number=decision.incident_id,
        state=incident.state,
        exercise_id=incident.exercise_id,
        is_restricted=plan_of(incident).restricted,
        into="another incident" if is_guarded(session, last) else last.ref,
        is_begun=incident.pending != "begin",
        notices_under_way=session.exec(under_way).one(),
    )


def _named(younger: Decision, older: Decision) -> str:
    """Where it goes on, for those who may know of the younger: nothing of one that fewer may know of."""
    session = younger.session
    hides = is_guarded(session, older.incident) and not is_guarded(session, younger.incident)
    return "" if hides else older.incident.ref


def _tell_older(younger: Decision, older: Decision, by: str, why: str, learnt: Learnt) -> None:
    """Say what was taken over, what stands otherwise, and what was met there but is owed here still."""
    ref, differing = younger.incident.ref, list(learnt.differing)
    met = [
        {"rule": duty.rule_id, "case": duty.case_ref, "recipient": duty.recipient, "met": stamp(duty.met_at)}
        for duty in met_in(younger.session, younger.incident)
        if duty.met_at is not None
    ]
    said = {"from": ref, "why": why, "clients": list(learnt.clients), "differing": differing}
    note(older, "incident_taken_over", by, {**said, "met_there": met})
    say(
        older,
        "incident_taken_over",
        f"taken-over/{ref}",
        other=ref,
        clients=len(learnt.clients),
        differing=", ".join(differing[:6]) or None,
        told=len(met) or None,
        link=f"{older.house.settings.desk_url}/i/{older.incident.ref}",
    )
