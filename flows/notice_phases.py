"""What a recipient was told last, which phase a new notice to them is, and what it leaves open."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlmodel import Session, col, select

from flows.gathering import step_of
from flows.law.stages import Told
from playbooks.fact_types import Choice
from playbooks.models import Field
from playbooks.notices.library import ENGLISH, heading_of, shipped_languages
from playbooks.notices.models import Phase
from playbooks.notices.phases import LATER, phase_of
from store.tables import Incident, Notice, Obligation, StepRow

FIELD: Final = "phase"
"""The name of the field by which a draft chooses its phase."""


@dataclass(frozen=True, slots=True)
class Known:
    """A content that was open once, and since when it is not."""

    content: str
    since: datetime


def told_last(session: Session, incident: Incident, told: Told) -> Notice | None:
    """What a recipient of a case accepted last, of whichever step."""
    case_ref = told[0]
    accepted = (
        select(Notice)
        .where(Notice.incident_id == incident.id, Notice.case_ref == case_ref)
        .where(col(Notice.accepted_at).is_not(None), Notice.state != "withdrawn")
        .order_by(col(Notice.accepted_at).desc(), col(Notice.id).desc())
    )
    return next((one for one in session.exec(accepted) if told_by(session, incident, one) == told), None)


def told_by(session: Session, incident: Incident, notice: Notice) -> Told:
    """Whom a notice tells: its case, the kind of recipient, which of them."""
    row = session.get_one(StepRow, notice.step_row_id)
    step = step_of(incident, row)
    return row.case_ref, step.recipient or "", row.addressee or step.addressee


def phase_now(duties: list[Obligation], last: Notice | None, words: Mapping[str, Any]) -> Phase:
    """The phase of a notice that meets these duties, after what was told last, as its writer chose."""
    stage = duties[0].stage if duties else ""
    return phase_of(stage, follows=last is not None, chosen=str(words.get(FIELD, "")))


def phase_field(phases: list[str]) -> tuple[Field, ...]:
    """The field by which a draft says what kind of later notice it is; the first of the phases is usual."""
    if not phases:
        return ()
    choices = tuple(Choice(value=one, label=LATER[one]) for one in phases if one in LATER)
    words = "; ".join(f"{one.value}: {one.label}" for one in choices)
    help_text = f"they were told before. {words}. unknown: {phases[0]}"
    return (Field(id=FIELD, type="choice", label="Phase", help=help_text, choices=choices),)


def phases_after(duties: list[Obligation], last: Notice | None) -> list[str]:
    """The phases to choose from, the usual one first; none for the first notice to a recipient."""
    if last is None:
        return []
    usual = phase_now(duties, last, {})
    return [usual, *(one for one in LATER if one != usual)]


def earlier_of(session: Session, notice: Notice) -> Iterator[Notice]:
    """The notices that one follows, the latest first."""
    seen, number = set[int](), notice.previous_id
    while number is not None and number not in seen:
        seen.add(number)
        found = session.get(Notice, number)
        if found is None or found.case_ref != notice.case_ref:
            return
        yield found
        number = found.previous_id


def now_known(session: Session, notice: Notice) -> tuple[Known, ...]:
    """What earlier notices left open and this one tells, each with when it was first told."""
    since: dict[str, datetime] = {}
    later = notice
    for earlier in earlier_of(session, notice):
        for content in earlier.unknown:
            if content not in later.unknown and content not in notice.unknown:
                since.setdefault(content, later.drafted_at)
        later = earlier
    return tuple(Known(content, at) for content, at in since.items())


def headings(contents: list[str]) -> tuple[str, ...]:
    """Contents as English headings, for forms and pages."""
    english = shipped_languages()[ENGLISH]
    return tuple(heading_of(english, one) for one in contents)
