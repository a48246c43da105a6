"""The report put together from its parts. Pure: the material holds the moment it was read at."""

from __future__ import annotations

from flows.forensics.proposing import proposal_of
from flows.forensics.reconstructing import result_of
from flows.review.access import access_view
from flows.review.concealing import conceal
from flows.review.course import decision_lines, refused_lines, repair_lines, step_lines
from flows.review.durations import durations
from flows.review.findings import (
    action_lines,
    entry_lines,
    evidence_lines,
    findings,
    known_facts,
)
from flows.review.lateness import is_late, late_lines, warning_lines
from flows.review.material import ACCEPTED, Material
from flows.review.picture import pictures
from flows.review.telling import duty_lines, notice_lines, standing_of
from notify.report_access import AccessView
from notify.report_view import Proof, ReportView, Tally
from playbooks.clocks import Standing
from playbooks.wording import marking
from store.chain import Broken, Verified


def build_report(material: Material) -> ReportView:
    """The report on an incident as its reader may see it; no other client of it is named anywhere."""
    incident, plan = material.incident, material.plan
    report = ReportView(
        ref=incident.ref,
        title=plan.neutral_title if material.limited else incident.title,
        organisation=material.organisation,
        playbook=f"{plan.neutral_title if material.limited else plan.title}, version {plan.version}",
        marking=marking(plan.tlp),
        severity=incident.severity,
        state=incident.state.replace("_", " "),
        is_exercise=incident.exercise_id is not None,
        is_limited=material.limited,
        clients=tuple(material.clients.values()),
        opened_at=incident.opened_at,
        closed_at=incident.closed_at,
        prepared_at=material.now,
        previous=material.previous,
        tally=_tally(material),
        proof=_proof(material),
        durations=durations(material),
        late=late_lines(material),
        warnings=warning_lines(material),
        duties=duty_lines(material),
        notices=notice_lines(material),
        decisions=decision_lines(material),
        steps=step_lines(material),
        facts=known_facts(material),
        lessons=findings(material, of_review=True),
        findings=findings(material, of_review=False),
        alerts=material.alerts,
        evidence=evidence_lines(material),
        access=_access(material),
        actions=action_lines(material),
        refused=refused_lines(material),
        repairs=repair_lines(material),
        entries=entry_lines(material),
        pictures=pictures(material),
    )
    return conceal(report, material.concealed)


def _access(material: Material) -> AccessView | None:
    """The latest reconstruction; a limited reader gets their clients' part, if it has one."""
    if material.reconstruction is None:
        return None
    row = material.reconstruction
    only = frozenset(material.clients.values()) if material.limited else None
    view = access_view(row.number, row.at, result_of(row), proposal_of(row), only)
    return view if view.lines or only is None else None


def _tally(material: Material) -> Tally:
    duties = [duty for duty in material.duties if duty.state != "not_owed"]
    standings = [standing_of(material, duty) for duty in duties]
    asked = [question for question in material.questions if question.due_at is not None]
    return Tally(
        duties=len(duties),
        met=sum(duty.state == "met" for duty in duties),
        met_late=sum(told == Standing.MET_LATE for told in standings),
        questions=len(asked),
        questions_late=sum(is_late(material, question) for question in asked),
        warnings=len(warning_lines(material)),
        refused=sum(answer.verdict != ACCEPTED for answer in material.answers),
        repaired=len(repair_lines(material)),
        actions_open=sum(item.state == "open" for item in material.actions),
    )


def _proof(material: Material) -> Proof:
    match material.verdict:
        case Verified(entries=entries, head=head, erased=erased):
            return Proof(is_whole=True, entries=entries, erased=erased, head=head, why="")
        case Broken(seq=seq, why=why):
            last = material.entries[-1].hash if material.entries else ""
            return Proof(
                is_whole=False, entries=len(material.entries), erased=0, head=last, why=f"entry {seq}: {why}"
            )
