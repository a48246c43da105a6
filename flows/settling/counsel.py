"""Counsel reads a notice before it is put to those who release it: clears it, marks it, or sends it back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from sqlmodel import col, select

from flows.answer_reading import filled_of
from flows.circle import outward
from flows.deciding import Decision, note
from flows.forms import Filled, Given
from flows.gathering import step_of
from flows.law.stages import staged
from flows.notice_documents import hashes_of
from flows.questions import ask
from flows.rounds import digest_of, draft_notice, duties_fixed_by, notices_of, without_privilege
from flows.settling.approvals import record_word
from flows.settling.ending import ask_again, row_of
from flows.settling.releases import ANEW, about, ask_release, too_few, void_all, why_void
from flows.text_proof import FIELD, refuse_unread
from playbooks.errors import Refused
from playbooks.vocabulary import MAY_BE_PRIVILEGED
from store.tables import Answer, Notice, Question, StepRow

COUNSEL_TARGET = timedelta(hours=2)
_UNCLEAR: Final = {
    "admits_more": "it admits more than the facts bear",
    "names_third": "it names third parties that it may not name",
}


def ask_counsel(
    decision: Decision, row: StepRow, notices: Sequence[Notice], subject: dict[str, Any], *, author: str
) -> list[Question]:
    """Put these very texts to counsel, who did not write them."""
    step = step_of(decision.incident, row)
    short = too_few(decision, row, "counsel", [author], 1)
    return [
        ask(
            decision,
            kind="counsel",
            role="counsel",
            title=f"Counsel reads the notice: {staged(step.title, duties_fixed_by(decision, list(notices)))}",
            row=row,
            target=COUNSEL_TARGET,
            subject=about(decision, notices, {**subject, "short": short}),
            excluded=[author],
        )
    ]


def settle_counsel(decision: Decision, question: Question, given: Given, filled: Filled) -> list[Question]:
    """Take counsel's word: cleared, the notice goes to those who release it; else it goes back."""
    row = row_of(decision, question)
    notices = notices_of(decision.session, row)
    if given.decision != "clear":
        record_word(decision, question, given, granted=False)
        words = outward(decision.session, decision.incident, _words(given, filled))
        return [ask_again(decision, row, f"counsel wants it changed: {words}")]
    if digest_of(decision.session, notices) != question.subject["digest"]:
        raise Refused("the notice has changed since it was put to you", mend=ANEW)
    refuse_unread(notices, str(filled.details.get(FIELD, "")))
    if still := [words for name, words in _UNCLEAR.items() if filled.details.get(name) is True]:
        raise Refused(f"not clear: {'; '.join(still)}", mend="choose change, and say which words")
    if fault := why_void(decision, row, question, notices):
        void_all(decision, question, notices, given.handle, fault)
        return [ask_again(decision, row, fault)]
    privileged = filled.details.get("privileged")
    if isinstance(privileged, bool) and any(one.is_privileged != privileged for one in notices):
        notices = [_marked(decision, row, notice, privileged) for notice in notices]
        question.subject = about(decision, notices, question.subject)
        told = {one.id: hashes_of(decision.session, one) for one in notices}
        said = {"privileged": privileged, "documents": told}
        note(decision, "notice_marked", given.handle, said, case_ref=row.case_ref)
    record_word(decision, question, given, granted=True)
    cleared = {"by": given.handle, "at": decision.now.isoformat()}
    excluded = [*question.excluded, given.handle]
    return ask_release(decision, row, notices, {**question.subject, "cleared": cleared}, excluded=excluded)


def _words(given: Given, filled: Filled) -> str:
    """What is to be changed, in counsel's words."""
    return "; ".join(part for part in (given.reason, str(filled.details.get("words", ""))) if part.strip())


def _marked(decision: Decision, row: StepRow, notice: Notice, privileged: bool) -> Notice:
    """The same notice written anew with or without its mark of privilege, as a version of its own.

    Raises Refused where it could not be the same: it tells people or an authority, or would say more.
    """
    step = step_of(decision.incident, row)
    if privileged and step.recipient not in MAY_BE_PRIVILEGED:
        raise Refused(
            "a notice to people or authorities is never privileged",
            mend="answer no; what is privileged is left out of it",
        )
    question, answer = _draft_of(decision, row)
    filled = filled_of(decision, question, answer)
    anew = draft_notice(
        decision,
        step,
        row,
        filled.details,
        notice.drafted_by,
        privileged=privileged,
        written_at=notice.drafted_at,
    )
    if without_privilege(anew.text) != without_privilege(notice.text):
        raise Refused(
            "it would not say the same if it were written anew", mend="choose change: it is redrafted"
        )
    anew.findings, anew.ways = notice.findings, notice.ways
    decision.session.add(anew)
    decision.session.flush()
    return anew


def _draft_of(decision: Decision, row: StepRow) -> tuple[Question, Answer]:
    """The answer by which the notice of a step was drafted last."""
    found = decision.session.exec(
        select(Question, Answer)
        .join(Answer, col(Answer.question_id) == col(Question.id))
        .where(Question.step_row_id == row.id, Question.kind == "draft")
        .where(Answer.verdict == "accepted", Answer.decision == "draft")
        .order_by(col(Answer.id).desc())
    ).first()
    assert found is not None
    return found
