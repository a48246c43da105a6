"""Finding incidents."""

from __future__ import annotations

from sqlmodel import Session, col, select

from playbooks.errors import NotFound
from store.tables import Incident


def incidents(session: Session, *, closed: bool = False) -> list[Incident]:
    """The open incidents, or with `closed` all of them, the newest first."""
    statement = select(Incident).order_by(col(Incident.id).desc())
    return list(session.exec(statement if closed else statement.where(Incident.state == "open")))


def find_incident(session: Session, ref: str) -> Incident:
    """The incident of that reference; raises NotFound."""
    found = session.exec(select(Incident).where(Incident.ref == ref)).first()
    if found is None:
        raise no_such_incident(ref)
    return found


def no_such_incident(ref: str) -> NotFound:
    """What is said of a reference that names nothing, or nothing that its reader may know of."""
    return NotFound("no such incident", which=ref, mend="see `seventytwo incident list --all`")
