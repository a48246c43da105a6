"""Putting a notice to those who release it: as many people as its contract wants, each by a question."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlmodel import col, select

from flows.approving import able, still_count, wanted_of, words_given
from flows.deciding import Decision, note, say
from flows.gathering import step_of
from flows.law.stages import staged
from flows.questions import ask, close_question
from flows.rounds import digest_of, duties_fixed_by, has_moved
from flows.settling.standing import changed, known_in_notice, void_word
from store.tables import Notice, Question, StepRow

RELEASE_TARGET = timedelta(hours=1)
ANEW = "send it back, so that it is drafted anew"
MOVED = "whom it reaches, or how, is not what it was when the notice was written"
REVIEW = "its contract wants counsel to read it first"


def about(decision: Decision, notices: Sequence[Notice], subject: dict[str, Any]) -> dict[str, Any]:
    """What a word on these versions is bound to, beside what else its question says."""
    bound = {
        "digest": digest_of(decision.session, notices),
        "hashes": [notice.sha256 for notice in notices],
        "notices": [notice.id for notice in notices],
    }
    return {**subject, **bound}


def ask_release(
    decision: Decision,
    row: StepRow,
    notices: Sequence[Notice],
    subject: dict[str, Any],
    *,
    excluded: Sequence[str],
) -> list[Question]:
    """Ask as many people as it takes to release these very texts, none of them excluded."""
    step = step_of(decision.incident, row)
    wanted = wanted_of(decision.session, decision.incident_id, step, row).approvals
    return _ask(
        decision, row, about(decision, notices, {**subject, "wanted": wanted}), excluded, range(1, wanted + 1)
    )


def ask_more(
    decision: Decision, row: StepRow, question: Question, notices: Sequence[Notice], by: str
) -> list[Question] | None:
    """What is still to be asked after a word was given; None where as many have given theirs as it takes.

    Two words are two people's: whoever gave one is excluded from the others; the word of who may release
    nothing any more counts for none. A contract that wants more by
    now is followed; one that wants fewer lowers nothing.
    """
    given = {by} | {word.handle for notice in notices for word in words_given(decision.session, notice)}
    step = step_of(decision.incident, row)
    now = wanted_of(decision.session, decision.incident_id, step, row).approvals
    wanted = max(now, int(question.subject.get("wanted", 1)))
    others = open_releases(decision, row, question)
    standing = still_count(decision.session, given, ("approver", question.role)) | {by}
    if len(standing) >= wanted:
        for other in others:
            close_question(decision, other, "withdrawn")
        return None
    excluded = sorted({*question.excluded, *given})
    for other in others:
        other.excluded = excluded
        other.subject = {**other.subject, "wanted": wanted}
        decision.session.add(other)
    subject = about(decision, notices, {**question.subject, "wanted": wanted})
    first = len(standing) + len(others) + 1
    return _ask(decision, row, subject, excluded, range(first, wanted + 1))


def open_releases(decision: Decision, row: StepRow, but: Question | None = None) -> list[Question]:
    """The open questions by which a round is released, without this one."""
    found = decision.session.exec(
        select(Question)
        .where(Question.step_row_id == row.id, Question.kind == "release", col(Question.state) == "open")
        .order_by(col(Question.id))
    ).all()
    return [one for one in found if but is None or one.id != but.id]


def why_void(decision: Decision, row: StepRow, question: Question, notices: Sequence[Notice]) -> str:
    """Why a word on these texts does not count now; empty where it does. It names nobody."""
    known = known_in_notice(decision, row, question.subject["shows"])
    if fault := changed(question.subject["known"], known):
        return fault
    step = step_of(decision.incident, row)
    if any(has_moved(decision, notice) for notice in notices):
        return MOVED
    wanted = wanted_of(decision.session, decision.incident_id, step, row)
    is_owed = wanted.counsel and question.kind == "release" and not question.subject.get("cleared")
    return REVIEW if is_owed else ""


def void_all(decision: Decision, question: Question, notices: Sequence[Notice], by: str, why: str) -> None:
    """Write that this word does not count, nor any that was given before on the same texts."""
    for notice in notices:
        for word in words_given(decision.session, notice):
            said = {"title": question.title, "digest": question.subject["digest"], "why": why}
            note(decision, "word_void", word.handle, said, case_ref=question.case_ref)
    void_word(decision, question, by, why)


def _ask(
    decision: Decision, row: StepRow, subject: dict[str, Any], excluded: Sequence[str], places: range
) -> list[Question]:
    """One question for each of these places among those who release it."""
    wanted = int(subject["wanted"])
    here = {**subject, "short": too_few(decision, row, "approver", excluded, len(places))}
    notices = [decision.session.get_one(Notice, number) for number in subject["notices"]]
    told = staged(step_of(decision.incident, row).title, duties_fixed_by(decision, notices))
    return [
        ask(
            decision,
            kind="release",
            role="approver",
            title=f"Release the notice{f' ({place} of {wanted})' if wanted > 1 else ''}: {told}",
            row=row,
            target=RELEASE_TARGET,
            subject=here,
            excluded=list(excluded),
        )
        for place in places
    ]


def too_few(decision: Decision, row: StepRow, role: str, excluded: Sequence[str], needed: int) -> str:
    """What to do where fewer people could answer than it takes, also told to the commander; else empty."""
    there = able(decision.session, decision.incident, role, row.case_ref, excluded)
    if there >= needed:
        return ""
    people = "person" if needed == 1 else "people"
    short = f"it takes {needed} {people} with the role {role} and {there} could answer: enrol others"
    note(decision, "too_few_to_release", "system", {"why": short}, case_ref=row.case_ref)
    title = step_of(decision.incident, row).title
    say(decision, "note", f"step/{row.id}/short/{role}/{decision.now.isoformat()}", text=f"{title}: {short}")
    return short
