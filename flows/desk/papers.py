"""What a second person must read in clear before approving: answers as given, notices to be sent."""

from __future__ import annotations

from sqlmodel import col, select

from flows.desk import words
from flows.desk.look import Look
from flows.desk.view import AnswerView, KeptOutView, NoticeView
from flows.notice_reading import marking_of, notices_seen
from flows.review.material import ADDED
from flows.text_proof import FIELD
from store.tables import Answer, Exclusion, Question, StepRow

A_WORD = "A second person's word"


def notices_shown(look: Look) -> tuple[NoticeView, ...]:
    """The incident's notices within the reader's scope, the latest first."""
    return tuple(
        NoticeView(
            number=row.id or 0,
            version=row.version,
            state=row.state,
            case_ref=row.case_ref,
            recipient=row.recipient,
            channel=row.channel,
            drafted_by=row.drafted_by,
            approved_by=row.approved_by,
            accepted_at=row.accepted_at,
            text=row.text,
            marking=marking_of(look.session, look.incident, row),
        )
        for row in notices_seen(look.session, look.incident, look.scope)
    )


def kept_out_shown(look: Look) -> tuple[KeptOutView, ...]:
    """Who is kept out of the incident now, for those who see all of it."""
    if look.limited:
        return ()
    rows = look.session.exec(
        select(Exclusion)
        .where(Exclusion.incident_id == look.incident.id, col(Exclusion.lifted_at).is_(None))
        .order_by(col(Exclusion.id))
    )
    return tuple(KeptOutView(row.handle, row.by, row.at, row.why) for row in rows)


def answers_shown(look: Look) -> tuple[AnswerView, ...]:
    """The accepted answers within the reader's scope, latest first; the incident's own may name clients.

    So may their titles, but for those of the plan's steps and of the commander's form.
    """
    seen = look.scope.within(look.session, look.incident, Question.case_ref)
    rows = look.session.exec(
        select(Answer, Question, StepRow)
        .join(Question, col(Question.id) == col(Answer.question_id))
        .outerjoin(StepRow, col(StepRow.id) == col(Question.step_row_id))
        .where(Question.incident_id == look.incident.id, Answer.verdict == "accepted", seen)
        .order_by(col(Answer.id).desc())
    )
    return tuple(
        AnswerView(
            title=question.title if not look.limited or question.case_ref else _told(question, row),
            case_ref=question.case_ref,
            author=answer.handle,
            at=answer.answered_at,
            decision=answer.decision.replace("_", " "),
            lines=()
            if look.limited and not question.case_ref
            else words.payload_words(answer.fields, (FIELD,)),
        )
        for answer, question, row in rows
    )


def _told(question: Question, row: StepRow | None) -> str:
    """What a question of the whole incident is called before somebody who sees some clients only."""
    if row is None:
        return question.title if question.kind == "command" else A_WORD
    return ADDED if row.added else question.title
