"""Items of evidence: what is said of one, where it belongs, and how it is found again."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import Session, col, func, select

from flows.evidence.authority import TO_BRING, Mandate, check, find_custodian, refuse_unseen
from flows.forbidden import refuse_in_words
from flows.gathering import cases_of, steps_of
from playbooks.errors import Mend, NotFound, Refused
from store.tables import Evidence, Incident, Responder, StepRow

_NUMBER = re.compile(r"[Ee]?([1-9]\d{0,6})", re.ASCII)
_LONGEST = {"title": 200, "origin": 1_000, "tool": 120}


@dataclass(frozen=True, slots=True)
class Said:
    """What is said of an item that comes in; who and when are whoever brings it, and now, unless told."""

    title: str
    origin: str
    tool: str = ""
    case_ref: str = ""
    step_id: str = ""
    custodian: str = ""
    collected_by: str = ""
    collected_at: datetime | None = None
    media_type: str = ""


@dataclass(frozen=True, slots=True)
class Placed:
    """What was said, completed and found to be possible."""

    said: Said
    step_row_id: int | None
    by: str
    at: datetime


def name_of(item: Evidence) -> str:
    """How people name an item within its incident."""
    return f"E{item.number}"


def place(session: Session, incident: Incident, said: Said, mandate: Mandate, now: datetime) -> Placed:
    """Find case, step, people and time of a new item; raises Mend, NotFound or Refused for what cannot be."""
    _refuse_faults(said, now)
    draft = Evidence(
        incident_id=incident.id or 0, number=0, case_ref=said.case_ref, kind="", title="", origin="",
        custodian="", collected_by="", collected_at=now, recorded_at=now,
    )  # fmt: skip
    (responder,) = check(session, incident, mandate, TO_BRING)
    _refuse_unknown_case(session, incident, said.case_ref)
    _refuse_others_case(session, incident, responder, draft)
    completed = replace(
        said,
        title=said.title.strip() or said.origin.strip()[: _LONGEST["title"]],
        origin=said.origin.strip(),
        custodian=find_custodian(session, incident, said.custodian or responder.handle, [draft]),
        collected_by=_known(session, said.collected_by or responder.handle),
    )
    row = _step(session, incident, said)
    return Placed(completed, row.id if row else None, responder.handle, said.collected_at or now)


def items_of(session: Session, incident: Incident, case_ref: str | None = None) -> list[Evidence]:
    """The items of an incident by number, of one case or of all."""
    statement = select(Evidence).where(Evidence.incident_id == incident.id).order_by(col(Evidence.number))
    if case_ref is not None:
        _refuse_unknown_case(session, incident, case_ref)
        statement = statement.where(Evidence.case_ref == case_ref)
    return list(session.exec(statement))


def find_items(session: Session, incident: Incident, names: Sequence[str]) -> list[Evidence]:
    """The items of these names (E1 or 1), each once and by number; raises Mend or NotFound."""
    found = {item.number: item for item in items_of(session, incident)}
    chosen = set()
    for name in names:
        shape = _NUMBER.fullmatch(name)
        if shape is None:
            raise Mend("not a number of evidence", which=name[:20], mend="write E3")
        if int(shape[1]) not in found:
            mend = f"see `seventytwo evidence list {incident.ref}`"
            raise NotFound("no such evidence", which=f"{incident.ref} E{shape[1]}", mend=mend)
        chosen.add(int(shape[1]))
    return [found[number] for number in sorted(chosen)]


def next_number(session: Session, incident_id: int) -> int:
    """The number of the next item; the caller holds the incident's lock."""
    taken = select(func.max(Evidence.number)).where(Evidence.incident_id == incident_id)
    return (session.exec(taken).one() or 0) + 1


def _refuse_faults(said: Said, now: datetime) -> None:
    if not said.origin.strip():
        raise Mend("evidence comes from somewhere", mend="say where it was found, or where it is kept")
    for field, longest in _LONGEST.items():
        text = getattr(said, field)
        if len(text) > longest or not is_text(text):
            raise Mend(f"the {field} is too long or no text", mend=f"say it in {longest} characters")
        refuse_in_words(**{field: text})
    if said.collected_at and said.collected_at > now:
        raise Mend("nothing is collected in the future", which=said.collected_at.isoformat())


def is_text(words: str) -> bool:
    """Whether a column can hold these words: no NUL, no half of a character."""
    return "\0" not in words and not any("\ud800" <= char <= "\udfff" for char in words)


def _refuse_unknown_case(session: Session, incident: Incident, case_ref: str) -> None:
    known = [case.ref for case in cases_of(session, incident.id or 0)]
    if case_ref and case_ref not in known:
        mend = f"use one of: {', '.join(known) or 'none yet'}"
        raise NotFound("no such case", which=f"{incident.ref} {case_ref[:8]}", mend=mend)


def _refuse_others_case(session: Session, incident: Incident, responder: Responder, draft: Evidence) -> None:
    try:
        refuse_unseen(session, incident, responder, [draft])
    except NotFound:
        mend = "name a case of theirs"
        raise Refused("this responder sees some clients only", which=responder.handle, mend=mend) from None


def _known(session: Session, handle: str) -> str:
    """The handle of a responder, who may have left since."""
    if session.exec(select(Responder.id).where(Responder.handle == handle)).first() is None:
        mend = "name a responder; say others' names in the origin, which is sealed"
        raise NotFound("no such responder", which=handle[:40], mend=mend)
    return handle


def _step(session: Session, incident: Incident, said: Said) -> StepRow | None:
    """The latest round of the step that an item belongs to."""
    if not said.step_id:
        return None
    rows = [row for row in steps_of(session, incident.id or 0) if row.case_ref in ("", said.case_ref)]
    named = [row for row in rows if row.step_id == said.step_id]
    if not named:
        known = ", ".join(sorted({row.step_id for row in rows})) or "none yet"
        raise NotFound("no such step", which=said.step_id[:64], mend=f"use one of: {known}")
    return max(named, key=lambda row: (row.case_ref == said.case_ref, row.round))
