"""Spans of time announced beforehand: quiet windows, which hold alerts back, and tests of our defences.

No window is open-ended, and what it held and still fires is opened when it ends
(`flows/releasing.py`). A test holds nothing back: what matches it becomes a candidate that names it.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final

from sqlmodel import Session, col, func, select

from flows.vouching import note_house
from playbooks.alerts.matching import compile_match
from playbooks.alerts.windows import Window, WindowKind
from playbooks.clocks import stamp
from playbooks.errors import ConditionFault, Mend, NotFound, Refused
from store.tables import Alert, AlertWindow, Client, Responder, Source

LONGEST: Final = timedelta(days=30)
"""How long a window lasts at most; a longer one is announced anew."""
_LONGEST_WORDS: Final = 1_000

log = logging.getLogger("seventytwo.windows")


@dataclass(frozen=True, slots=True)
class NewWindow:
    """A window to be announced: `match` is a condition over alerts; source and client narrow it further."""

    kind: WindowKind
    begins_at: datetime
    until: datetime
    why: str
    source: str = ""
    client: str = ""
    match: str = ""
    contact: str = ""


def active_windows(session: Session, at: datetime) -> list[Window]:
    """The windows of both kinds in force at an instant of wall time, the oldest first."""
    rows = session.exec(
        select(AlertWindow, Source.name, Client.ref)
        .outerjoin(Source, col(Source.id) == col(AlertWindow.source_id))
        .outerjoin(Client, col(Client.id) == col(AlertWindow.client_id))
        .where(AlertWindow.begins_at <= at, AlertWindow.until > at, col(AlertWindow.ended_at).is_(None))
        .order_by(col(AlertWindow.id))
    )
    found = (_window(row, source or "", client or "") for row, source, client in rows)
    return [window for window in found if window is not None]


def windows(session: Session, kind: WindowKind) -> list[tuple[AlertWindow, str, str, int]]:
    """Every window of a kind, the newest first, with its source, its client, and how many alerts bear it."""
    held = select(func.count()).where(col(Alert.window_id) == col(AlertWindow.id)).scalar_subquery()
    rows = session.exec(
        select(AlertWindow, Source.name, Client.ref, held)
        .outerjoin(Source, col(Source.id) == col(AlertWindow.source_id))
        .outerjoin(Client, col(Client.id) == col(AlertWindow.client_id))
        .where(AlertWindow.kind == kind)
        .order_by(col(AlertWindow.id).desc())
    )
    return [(row, source or "", client or "", count) for row, source, client, count in rows]


def add_window(session: Session, new: NewWindow, by: str, at: datetime) -> int:
    """Announce a window in a commander's name; its number. Raises Mend, NotFound or Refused."""
    _refuse_others(session, by)
    _refuse_faults(new, at)
    row = AlertWindow(
        kind=new.kind,
        match=new.match.strip(),
        source_id=_source_id(session, new.source),
        client_id=_client_id(session, new.client),
        why=new.why.strip(),
        contact=new.contact.strip(),
        by=by,
        begins_at=new.begins_at,
        until=new.until,
        added_at=at,
    )
    session.add(row)
    session.flush()
    assert row.id is not None
    said = {"window": row.id, "source": new.source, "client": new.client, "match": row.match, "why": row.why}
    said |= {"from": new.begins_at.isoformat(), "until": new.until.isoformat(), "contact": row.contact}
    note_house(session, f"{new.kind}_window_added", by, said, at)
    return row.id


def end_window(session: Session, kind: WindowKind, number: int, by: str, at: datetime) -> None:
    """End a window before its time; what a quiet one held is opened by the watch. NotFound, or Refused."""
    _refuse_others(session, by)
    row = session.exec(
        select(AlertWindow).where(AlertWindow.id == number, AlertWindow.kind == kind).with_for_update()
    ).first()
    if row is None:
        raise NotFound(
            f"no such {kind} window", which=str(number), mend=f"see `seventytwo alert {kind} list`"
        )
    if row.until <= at or row.ended_at is not None:
        raise Refused("it is over already", which=str(number))
    said = {"window": number, "until": row.until.isoformat()}
    row.until, row.begins_at = at, min(row.begins_at, at)
    session.add(row)
    note_house(session, f"{kind}_window_ended", by, said, at)


def _window(row: AlertWindow, source: str, client: str) -> Window | None:
    """The window made ready; none where its condition can be read no more, for then nothing is held back."""
    assert row.id is not None
    try:
        match = compile_match(row.match) if row.match else None
    except ConditionFault:
        _warn(row.id)
        return None
    return Window(
        id=row.id,
        kind="test" if row.kind == "test" else "quiet",
        match=match,
        source=source,
        client=client,
        begins_at=row.begins_at,
        until=row.until,
    )


@lru_cache(maxsize=1024)
def _warn(number: int) -> None:
    """Say once in the log that a window does not count."""
    log.warning("window %d does not count: its condition can be read no more", number)


def _refuse_others(session: Session, handle: str) -> None:
    responder = session.exec(select(Responder).where(Responder.handle == handle)).one()
    if "commander" not in responder.roles:
        raise Refused("only a commander announces or ends a window", which=handle, mend="let a commander ask")


def _refuse_faults(new: NewWindow, at: datetime) -> None:
    if not new.why.strip() or len(new.why) > _LONGEST_WORDS:
        raise Mend("a window needs a reason", mend=f"say why, in {_LONGEST_WORDS} characters")
    if len(new.contact) > _LONGEST_WORDS or len(new.match) > _LONGEST_WORDS:
        raise Mend("too long", mend=f"say it in {_LONGEST_WORDS} characters")
    if new.kind == "test" and not new.contact.strip():
        raise Mend("a test needs somebody to ask", mend="name whom to ask with --contact")
    if not (new.source or new.client or new.match.strip()):
        raise Mend("a window for every alert of the house", mend="narrow it: a source, a client or a match")
    if new.until <= max(at, new.begins_at):
        raise Mend("it would end before it begins", which="until", mend=f"it is {stamp(at)} now")
    if new.until - new.begins_at > LONGEST:
        mend = f"until {stamp(new.begins_at + LONGEST)} at most; announce it anew then"
        raise Mend(f"a window lasts {LONGEST.days} days at most", which="until", mend=mend)
    if new.match.strip():
        compile_match(new.match.strip())


def _source_id(session: Session, name: str) -> int | None:
    if not name:
        return None
    found = session.exec(select(Source.id).where(Source.name == name)).first()
    if found is None:
        raise NotFound("no such source", which=name, mend="see `seventytwo source list`")
    return found


def _client_id(session: Session, ref: str) -> int | None:
    if not ref:
        return None
    found = session.exec(select(Client.id).where(Client.ref == ref)).first()
    if found is None:
        raise NotFound("no such client", which=ref, mend="see `seventytwo client list`")
    return found
