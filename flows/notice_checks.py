"""The content check of a notice as it stands in the store: when it is drafted, at its release, by command."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from sqlmodel import Session, col, select

from flows.gathering import step_of
from flows.house import House
from flows.notice_forms import REASONS, form_of, language_of, values_of
from flows.notice_telling import named
from flows.rounds import facts_of
from playbooks.errors import Refused
from playbooks.notices.checking import Draft, check_notice
from playbooks.notices.findings import NoticeFinding, blocking
from playbooks.notices.models import Form
from playbooks.notices.phases import in_phase
from playbooks.notices.unknowns import says_nothing
from store.tables import DataSystem, Incident, Notice, Obligation, StepRow

MENDS: Final = {
    "left_out": "draft it anew",
    "contact_missing": "say whom to ask",
    "prescribed_changed": "draft it anew in the prescribed form",
    "copied_contradicts": "correct the words, or state `exfiltrated` anew",
    "encrypted_contradicts": "correct the words, or state `encrypted` anew",
    "aware_contradicts": "correct the words, or state `aware_at` anew",
    "late_without_reasons": "give the reasons for the delay",
    "withdrawal_unexplained": "say why it is withdrawn under what happened",
}
"""What mends a blocking finding, in words that quote nothing: refusals are read in Prefect and Slack."""


def findings_for(
    house: House, session: Session, incident: Incident, notice: Notice, now: datetime
) -> tuple[NoticeFinding, ...]:
    """What the check finds in a notice, with the facts of its case as they stand now."""
    words = notice.words or {}
    duties = _duties(session, notice)
    form = form_in(house, session, incident, notice, duties)
    facts = facts_of(session, incident, notice.case_ref)
    return check_notice(
        Draft(
            form=form,
            language=language_of(form, {}, notice.template),
            phase=notice.phase,
            values={REASONS: words.get(REASONS)} | values_of(form, words, facts),
            text=notice.text,
            facts=facts,
            now=now,
            is_late=any(duty.due_at is not None and duty.due_at < notice.drafted_at for duty in duties),
            typed={content: said for content, said in words.items() if said and says_nothing(said)},
            systems=_systems(session) if form.audience == "people" else (),
        )
    )


def form_in(
    house: House, session: Session, incident: Incident, notice: Notice, duties: list[Obligation]
) -> Form:
    """The form in which a notice was written."""
    step = step_of(incident, session.get_one(StepRow, notice.step_row_id))
    template = notice.template.partition(".")[0]
    return in_phase(form_of(house, step.model_copy(update={"template": template}), duties), notice.phase)


def refuse_blocking(found: Iterable[NoticeFinding]) -> None:
    """Raise Refused naming each content that may not go out so, and how to mend it."""
    if told := blocking(found):
        words = "; ".join(dict.fromkeys(f"{named(one)}: {MENDS.get(one.code, 'mend it')}" for one in told))
        raise Refused("the content check stops it", which=words, mend="its page and `notice check` say more")


def _duties(session: Session, notice: Notice) -> list[Obligation]:
    """The duties that a notice was written to meet, in the order it names them."""
    rows = session.exec(select(Obligation).where(col(Obligation.id).in_(notice.obligations)))
    by_id = {duty.id: duty for duty in rows}
    return [by_id[number] for number in notice.obligations if number in by_id]


def _systems(session: Session) -> tuple[str, ...]:
    """The names and references of the house's systems."""
    rows = session.exec(select(DataSystem).where(col(DataSystem.superseded_at).is_(None))).all()
    return tuple(name for row in rows for name in (row.ref, row.name))
