"""Reconcile what the store holds with what Prefect runs: one function for the loop and for the schedule."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from prefect import flow
from sqlmodel import col, select

from flows.beginning import begin_all
from flows.clock import wall_now
from flows.deciding import deciding, note, say
from flows.gathering import find_question
from flows.house import House, house
from flows.mending import Carried, Verdict, diagnose
from flows.prefect_views import RunView
from flows.starting import TAG, start_unstarted
from playbooks.errors import ChooseAgain, Unreachable
from store.tables import Incident, Question

log = logging.getLogger("seventytwo.reconcile")

LATE = timedelta(minutes=1)
"""How long what intake recorded is left to the watch, which takes its turn in a storm of alerts."""


@dataclass(frozen=True, slots=True)
class _Open:
    """An open question with its incident's reference."""

    incident: str
    carried: Carried


@flow(name="reconcile")
def reconcile() -> int:
    """Mend every run that is lost; the schedule's way in, beside the watch's own loop."""
    return reconcile_all(house(), wall_now())


def reconcile_all(home: House, now: datetime) -> int:
    """Mend lost runs, start unstarted questions, retire superseded forms; returns how many were mended.

    `now` is wall time. With Prefect away nothing is changed: what it would say is not known.
    """
    try:
        mended = _mend_runs(home, now)
        begin_all(home, recorded_before=now - LATE)
        start_unstarted(home)
        _retire_stale(home)
    except Unreachable as away:
        log.info("reconcile waits: %s", away)
        return 0
    return mended


def _mend_runs(home: House, now: datetime) -> int:
    questions = _with_runs(home)
    runs = home.api.read_runs(one.carried.run_id for one in questions)
    mended = 0
    for one in questions:
        run = runs.get(one.carried.run_id)
        has_form = run is None or not run.is_suspended or home.api.has_form(run)
        verdict = diagnose(one.carried, run, has_form=has_form, now=now)
        if verdict.mend == "reschedule":
            _rescue(home, one)
        elif verdict.mend == "renew":
            _renew(home, one, verdict, run)
        mended += verdict.mend != "nothing"
    return mended


def _with_runs(home: House) -> list[_Open]:
    with home.store.reading() as session:
        rows = session.exec(
            select(Question, Incident.ref)
            .join(Incident, col(Incident.id) == col(Question.incident_id))
            .where(Question.state == "open", col(Question.run_id).is_not(None))
        )
        return [_Open(ref, _carried(question)) for question, ref in rows]


def _carried(question: Question) -> Carried:
    assert question.run_id is not None
    return Carried(
        question=question.ref,
        generation=question.generation,
        run_id=question.run_id,
        started_at=question.started_at or question.opened_at,
        lease_until=question.lease_until,
        was_rescued=question.rescued_at is not None,
    )


def _rescue(home: House, one: _Open) -> None:
    """Put the same run back in the queue, its stored answer kept, and remember that it needed it."""
    home.api.reschedule(one.carried.run_id, force=True)
    with home.store.writing() as session:
        question = find_question(session, one.carried.question)
        if question is not None and question.run_id == one.carried.run_id:
            question.rescued_at = question.lease_until = wall_now()
            session.add(question)


def _renew(home: House, one: _Open, verdict: Verdict, run: RunView | None) -> None:
    """Give the question its next generation, unless somebody has done so meanwhile, and tell the team."""
    with deciding(home, one.incident) as decision:
        question = find_question(decision.session, one.carried.question)
        if question is None or question.state != "open" or question.run_id != one.carried.run_id:
            return
        question.generation, question.run_id = question.generation + 1, None
        question.lease_until = question.rescued_at = None
        decision.session.add(question)
        said = {"question": question.ref, "why": verdict.why, "generation": question.generation}
        note(decision, "run_repaired", "system", said, case_ref=question.case_ref)
        key = f"question/{question.ref}/generation/{question.generation}"
        link = f"{home.settings.desk_url}/q/{question.ref}"
        say(decision, "run_repaired", key, title=question.title, why=verdict.why, link=link)
    if run is not None:
        _put_away(home, run)


def _retire_stale(home: House) -> None:
    """Cancel suspended forms whose question is settled or is asked anew by another run."""
    for run in home.api.suspended_runs(tags=[TAG]):
        ref, generation = str(run.parameters.get("question", "")), run.parameters.get("generation")
        with home.store.reading() as session:
            question = find_question(session, ref)
        if question is None or question.state != "open" or question.generation != generation:
            _put_away(home, run)


def _put_away(home: House, run: RunView) -> None:
    """End a superseded run and remove what it may still hold of an answer."""
    try:
        for key in home.api.answer_keys(run.id):
            home.api.delete_answer(run.id, key)
        if not run.is_over:
            home.api.cancel(run.id)
    except ChooseAgain as gone:
        log.info("a superseded run could not be cancelled: %s", gone)
