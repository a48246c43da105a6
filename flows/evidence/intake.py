"""Taking evidence in: a file with its bytes, a reference to what is kept elsewhere, a record of an action.

The bytes go into the vault first and the rows follow in one transaction: a crash between them leaves sealed
bytes that nothing names, and giving the file again finds them. Nothing is recorded that is not there.
"""

from __future__ import annotations

import mimetypes
import os
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from sqlmodel import Session, col, select

from flows.clock import incident_now, wall_now
from flows.deciding import Decision, deciding
from flows.evidence import sources
from flows.evidence.authority import TO_BRING, Mandate, authorise
from flows.evidence.custody import enter
from flows.evidence.disposing import forget, tidy
from flows.evidence.items import Placed, Said, name_of, next_number, place
from flows.evidence.vaults import vault_of
from flows.house import House
from flows.incidents import find_incident
from playbooks.errors import Refused, SeventytwoError, TellHuman
from store.tables import Evidence
from store.vault import Kept

_NOTHING = Kept("", "", None)


def add_file(house: House, ref: str, path: Path, said: Said, mandate: Mandate) -> Evidence:
    """Secure a file: hashed and sealed while it is read once, then recorded; raises what is wrong with it.

    Raises Mend for no plain file or one that changes meanwhile, Refused for one that is here already.
    """
    media_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    said = replace(said, title=said.title or _text(path.name), origin=said.origin or _text(path.absolute()))
    said = replace(said, media_type=said.media_type or media_type)
    _look_ahead(house, ref, said, mandate)
    tidy(house)
    kept = _keep(house, path)
    try:
        item = _record(house, ref, said, mandate, kept)
    except BaseException:
        if kept.is_new:
            with suppress(SeventytwoError):  # why it failed matters more; left bytes do no harm
                forget(house, kept.name)
        raise
    if not vault_of(house).holds(kept.name) and _keep(house, path).sha256 != kept.sha256:
        # the same content was disposed of at this very moment, and the file is another since
        raise TellHuman("the bytes of this evidence are lost", which=f"{ref} {name_of(item)}")
    return item


def add_reference(house: House, ref: str, said: Said, mandate: Mandate) -> Evidence:
    """Record what is kept elsewhere: an address, a path, a shelf; nobody reads it."""
    return _record(house, ref, said, mandate, _NOTHING)


def add_record(decision: Decision, title: str, origin: str, sha256: str, size: int) -> Evidence | None:
    """Record what an action has found in the store itself, once for each content; none if it is known."""
    if _same(decision.session, decision.incident_id, sha256, "", origin) is not None:
        return None
    said = Said(title, origin, tool="Seventytwo", custodian="system", collected_by="system")
    return _insert(decision, Placed(said, None, "system", decision.now), "record", Kept("", sha256, size))


def _text(name: Path | str) -> str:
    """A name of the file system as text: bytes that are none are spelled out."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def _look_ahead(house: House, ref: str, said: Said, mandate: Mandate) -> None:
    """Refuse what will be refused anyway before a large file is read."""
    with house.store.reading() as session:
        incident = find_incident(session, ref)
        place(session, incident, said, mandate, incident_now(session, incident, wall_now()))


def _keep(house: House, path: Path) -> Kept:
    with sources.opened(path) as read:
        return vault_of(house).put(read)


def _record(house: House, ref: str, said: Said, mandate: Mandate, kept: Kept) -> Evidence:
    with deciding(house, ref) as decision:
        placed = place(decision.session, decision.incident, said, mandate, decision.now)
        authorise(decision, mandate, TO_BRING)
        twin = _same(decision.session, decision.incident_id, kept.sha256, said.case_ref, placed.said.origin)
        if twin is not None:
            mend = f"it is {name_of(twin)}; the same content from elsewhere needs its own --origin"
            raise Refused("this evidence is here already", which=f"{ref} {name_of(twin)}", mend=mend)
        return _insert(decision, placed, "file" if kept.name else "reference", kept)


def _insert(decision: Decision, placed: Placed, kind: str, kept: Kept) -> Evidence:
    """Write the row and its first custody entry."""
    said = placed.said
    item = Evidence(
        incident_id=decision.incident_id, number=next_number(decision.session, decision.incident_id),
        case_ref=said.case_ref, step_row_id=placed.step_row_id, kind=kind, title=said.title,
        origin=said.origin, tool=said.tool, media_type=said.media_type, sha256=kept.sha256, size=kept.size,
        stored=kept.name, custodian=said.custodian, collected_by=said.collected_by, collected_at=placed.at,
        recorded_at=decision.wall,
    )  # fmt: skip
    decision.session.add(item)
    decision.session.flush()
    to = said.custodian if said.custodian != said.collected_by else ""
    why = f"brought in by {placed.by}" if placed.by != said.collected_by else ""
    more = {} if kept.size is None else {"bytes": kept.size}
    enter(
        decision, item, "collected", said.collected_by,
        author=placed.by, to=to, why=why, sha256=kept.sha256, at=placed.at, more=more,
    )  # fmt: skip
    return item


def _same(session: Session, incident_id: int, sha256: str, case_ref: str, origin: str) -> Evidence | None:
    """The item of the same content, case and origin; the origin is sealed, so that each must be opened."""
    alike = select(Evidence).where(
        Evidence.incident_id == incident_id,
        Evidence.sha256 == sha256,
        Evidence.case_ref == case_ref,
        col(Evidence.disposed_at).is_(None),
    )
    return next((item for item in session.exec(alike) if item.origin == origin), None)
