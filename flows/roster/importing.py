"""A roster file brought into the store: as a whole, each in a version of its own, faults with their lines."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlmodel import Session, col, func, select

from flows.identity import played_in
from flows.roster.keeping import roster_row
from flows.vouching import note_house
from playbooks.errors import Fault, FileFaults, SetupFault
from playbooks.roster.models import RosterFile, as_stored, read_roster_file
from store.tables import Responder, Roster


def load_roster_file(path: Path) -> RosterFile:
    """Read a roster file from disk; raises SetupFault when it cannot be read, FileFaults for what it says."""
    try:
        with path.open("rb") as stream:
            text = stream.read(2_000_000)  # more than is accepted, so that the reader says so
    except OSError as error:
        raise SetupFault(
            "the roster file cannot be read", which=str(path), mend=error.strerror or ""
        ) from error
    return read_roster_file(text, str(path))


def import_roster(session: Session, file: RosterFile, by: str, at: datetime) -> int | None:
    """Put a roster in force in the caller's transaction; its version, or None where it is in force already.

    Raises FileFaults for everybody in it who is unknown, disabled, or without the role.
    """
    document = as_stored(file.roster)
    if _in_force(session, document):
        return None
    # first, because it locks: of two imports at once the second sees the first
    note_house(session, "roster_imported", by, {"shifts": len(file.roster.shifts)}, at)
    if faults := tuple(_faults(session, file)):
        raise FileFaults(faults)
    if (before := roster_row(session)) is not None:
        before.superseded_at = at
        session.add(before)
    version = (session.exec(select(func.max(Roster.version))).one() or 0) + 1
    session.add(Roster(version=version, document=document, imported_by=by, imported_at=at))
    session.flush()
    return version


def _in_force(session: Session, document: dict[str, Any]) -> bool:
    before = roster_row(session)
    return before is not None and before.document == document


def _faults(session: Session, file: RosterFile) -> Iterator[Fault]:
    known = {row.handle: row for row in session.exec(select(Responder).order_by(col(Responder.id)))}
    for number, shift in enumerate(file.roster.shifts):
        for place, handle in enumerate(shift.people):
            here = ("shifts", number, "people", place)
            responder = known.get(handle)
            if responder is None:
                mend = "see `seventytwo responder list`"
                yield file.document.fault(here, f"no responder has the handle `{handle}`", mend)
            elif played_in(handle):
                yield file.document.fault(here, f"`{handle}` plays in an exercise only", "name a person")
            elif responder.disabled_at is not None:
                yield file.document.fault(here, f"`{handle}` is disabled", "name somebody else")
            elif shift.role not in responder.roles:
                mend = f"they hold {', '.join(responder.roles)}: name somebody who is {shift.role}"
                yield file.document.fault(here, f"`{handle}` does not hold the role {shift.role}", mend)
