"""How far the release of a notice has come: how many words it wants, who gave theirs, what counsel said."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from flows.clients.file import CLIENT_CONTROLLER
from flows.clients.reading import wishes_of
from flows.exercise.supporting import playing_elsewhere
from flows.gathering import cases_of
from flows.identity import CODE_PERIOD
from playbooks.models import Step
from store.tables import Approval, Client, Incident, Notice, Question, Responder, StepRow


@dataclass(frozen=True, slots=True)
class Wanted:
    """What stands between a notice and its release: so many people, and counsel's review before them."""

    approvals: int = 1
    counsel: bool = False


@dataclass(frozen=True, slots=True)
class Word:
    """One person's word on exactly these texts."""

    handle: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """The words given so far for a notice, of how many, and counsel's where there was one."""

    given: tuple[Word, ...]
    wanted: int
    cleared: Word | None

    @property
    def so_far(self) -> str:
        """`1 of 2`."""
        return f"{len(self.given)} of {self.wanted}"


def wanted_of(session: Session, incident_id: int, step: Step, row: StepRow) -> Wanted:
    """What the step and, for a notice to a client, its contract of today want before a release."""
    if step.recipient != CLIENT_CONTROLLER:
        return Wanted(counsel=step.counsel)
    case = next((one for one in cases_of(session, incident_id) if one.ref == row.case_ref), None)
    if case is None:
        return Wanted(counsel=step.counsel)
    wishes = wishes_of(session, case.client_id)
    return Wanted(wishes.approvals, step.counsel or wishes.counsel_review)


def able(session: Session, incident: Incident, role: str, case_ref: str, excluded: Collection[str]) -> int:
    """How many who hold a role may see the clients concerned and are not excluded.

    Whoever is kept out of the incident counts too: a smaller number would tell who that is.
    """
    cases = cases_of(session, incident.id or 0)
    concerned = [case.client_id for case in cases if case_ref in ("", case.ref)]
    refs = set(session.exec(select(Client.ref).where(col(Client.id).in_(concerned))))
    rows = session.exec(select(Responder).where(col(Responder.disabled_at).is_(None)))
    out = {*excluded, *playing_elsewhere(session, incident.exercise_id)}
    return sum(
        role in one.roles
        and one.handle not in out
        and (incident.exercise_id is not None or one.code_period >= CODE_PERIOD)
        and (not one.clients or refs <= set(one.clients))
        for one in rows
    )


def standing_of(session: Session, notice: Notice) -> Standing:
    """How far the release of a notice has come."""
    questions = _questions_about(session, notice)
    wanted = max((int(one.subject.get("wanted", 1)) for one in questions), default=1)
    return Standing(_words(session, questions, "release"), wanted, cleared_by(session, notice))


def words_given(session: Session, notice: Notice) -> tuple[Word, ...]:
    """Who released exactly this version, in the order of their words."""
    return _words(session, _questions_about(session, notice), "release")


def still_count(session: Session, handles: Collection[str], roles: Collection[str]) -> set[str]:
    """Of those who gave their word, who may still give it: with one of these roles, and not disabled."""
    rows = session.exec(select(Responder).where(col(Responder.handle).in_(handles)))
    return {one.handle for one in rows if one.disabled_at is None and not set(roles).isdisjoint(one.roles)}


def cleared_by(session: Session, notice: Notice) -> Word | None:
    """Counsel's word on exactly this version."""
    return next(iter(_words(session, _questions_about(session, notice), "counsel")), None)


def short_lines(questions: Collection[Question]) -> list[str]:
    """Of the open questions to release something, those which too few people could answer, in words."""
    found: dict[int | None, str] = {}
    for one in questions:
        short = one.subject.get("short") if one.kind in ("release", "counsel") else None
        if short:
            found[one.step_row_id] = f"{one.title}: {short}"
    return list(found.values())


def _questions_about(session: Session, notice: Notice) -> list[Question]:
    """The questions that were put about this version: to counsel, and to those who release it."""
    rows = session.exec(
        select(Question).where(
            Question.step_row_id == notice.step_row_id, col(Question.kind).in_(("release", "counsel"))
        )
    )
    return [one for one in rows if notice.id in one.subject.get("notices", ())]


def _words(session: Session, questions: Collection[Question], kind: str) -> tuple[Word, ...]:
    about = {one.id: str(one.subject["digest"]) for one in questions if one.kind == kind}
    rows = session.exec(
        select(Approval)
        .where(col(Approval.question_id).in_(about), col(Approval.granted).is_(True))
        .order_by(col(Approval.id))
    )
    given = {one.handle: Word(one.handle, one.at) for one in rows if one.subject == about[one.question_id]}
    return tuple(given.values())
