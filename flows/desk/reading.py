"""The desk's reading room: who may come in, and what they are shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from fastapi import Request
from sqlmodel import Session, select

from flows.circle import may_know
from flows.clock import incident_now
from flows.desk.login import log_in, may_read, reader_of
from flows.desk.look import Look
from flows.desk.notices import NoticePage, notice_page
from flows.desk.sessions import COOKIE, DeskSession, from_cookie
from flows.desk.showing import show
from flows.desk.throttle import Throttle
from flows.desk.view import IncidentView
from flows.house import House
from flows.notice_documents import document_of
from flows.notice_reading import notice_seen
from playbooks.errors import Refused
from store import timeline
from store.scope import Scope
from store.tables import Incident, Notice, Responder


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader is let to, by the session that they hold."""

    house: House
    wall_now: Callable[[], datetime]
    throttle: Throttle = field(default_factory=Throttle)

    def show(self, ref: str, held: DeskSession | None) -> IncidentView | None:
        """The incident as the holder of the session may see it, after the look is written down.

        Raises Refused when the session's holder is none of ours any more.
        """
        wall = self.wall_now()
        found = self._let_in(ref, held, wall, "page_read")
        if found is None:
            return None
        incident_id, reader = found
        with self.house.store.reading() as session:
            return show(self.house, session, session.get_one(Incident, incident_id), reader, wall)

    def show_notice(self, ref: str, number: int, held: DeskSession | None) -> NoticePage | None:
        """A notice as the session's holder may see it, once the look is written down; may raise as `show`."""
        wall = self.wall_now()
        found = self._let_in(ref, held, wall, "notice_read", number)
        if found is None:
            return None
        incident_id, reader = found
        with self.house.store.reading() as session:
            incident = session.get_one(Incident, incident_id)
            look = Look(session, incident, reader, incident_now(session, incident, wall))
            return notice_page(self.house, look, number)

    def hand_out(
        self, ref: str, number: int, kind: str, held: DeskSession | None
    ) -> tuple[str, bytes] | None:
        """A notice's document with its file's name, once the look is written down; may raise as `show`."""
        found = self._let_in(ref, held, self.wall_now(), f"notice_{kind}_read", number)
        if found is None:
            return None
        with self.house.store.reading() as session:
            notice = session.get_one(Notice, number)
            content = document_of(session, notice, kind)
            name = f"{session.get_one(Incident, found[0]).ref}-notice-{number}-v{notice.version}.{kind}"
            return (name, content) if content is not None else None

    def lets_follow(self, ref: str, held: DeskSession | None) -> bool:
        """Whether the session's holder may follow a link into the incident; raises Refused as `show` does."""
        return self._let_in(ref, held, self.wall_now(), "link_followed") is not None

    def session_of(self, request: Request) -> DeskSession | None:
        """The session that the request's cookie holds."""
        return from_cookie(self.house.store.keyring, request.cookies.get(COOKIE), self.wall_now())

    def log_in(self, address: str, handle: str, code: str) -> DeskSession:
        """Open a session; raises Refused with what to do."""
        wall = self.wall_now()
        wait = self.throttle.wait(address, wall)
        if wait.total_seconds() > 0:
            seconds = int(wait.total_seconds()) + 1
            raise Refused("too many tries from here", mend=f"wait {seconds} s")
        return log_in(self.house.store, handle, code, wall)

    def _let_in(
        self, ref: str, held: DeskSession | None, wall: datetime, what: str, number: int | None = None
    ) -> tuple[int, Responder] | None:
        """The incident's row and the reader, where they may read it; who came, or was kept out, is noted.

        With a `number` they come for that notice, and where it is none of theirs, for nothing.
        """
        with self.house.store.writing() as session:
            reader = reader_of(session, held)
            if reader is None:
                raise Refused("nobody is logged in")
            incident = _find(session, ref)
            if incident is None or incident.id is None:
                return None
            if not may_read(session, reader, incident):
                if not may_know(session, incident, reader):
                    _note(session, incident, reader, wall, "reader_kept_out")
                return None
            if number is None:
                _note(session, incident, reader, wall, what)
                return incident.id, reader
            notice = notice_seen(session, incident, Scope.of(reader), number)
            if notice is None:
                return None
            _note(session, incident, reader, wall, what, notice)
            return incident.id, reader


def _find(session: Session, ref: str) -> Incident | None:
    if not ref.isprintable():  # PostgreSQL refuses a NUL
        return None
    return session.exec(select(Incident).where(Incident.ref == ref[:32])).first()


def _note(
    session: Session,
    incident: Incident,
    reader: Responder,
    wall: datetime,
    kind: str,
    notice: Notice | None = None,
) -> None:
    timeline.append(
        session,
        chain=incident.ref,
        kind=kind,
        author=reader.handle,
        at=incident_now(session, incident, wall),
        recorded_at=wall,
        payload={"notice": notice.id, "version": notice.version} if notice else {},
        case_ref=notice.case_ref if notice else "",
    )
