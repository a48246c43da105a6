"""Reading evidence again: verified against its hash, or copied out; either is an entry of its custody."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from sqlmodel import Session

from flows.deciding import Decision, deciding, say
from flows.evidence.authority import TO_HANDLE, Mandate, authorise, check
from flows.evidence.custody import enter, lost_items, prove
from flows.evidence.disposing import tidy
from flows.evidence.items import find_items, items_of, name_of
from flows.evidence.moving import refuse_gone, refuse_unexplained
from flows.evidence.records import digest_of_record
from flows.evidence.vaults import vault_of
from flows.house import House
from flows.incidents import find_incident
from playbooks.errors import Mend, Refused, SetupFault, TellHuman
from store import timeline
from store.tables import Evidence, Incident

_LOST = "the timeline tells of it, and it is lost here"


@dataclass(frozen=True, slots=True)
class Examined:
    """What reading an item again has found: its hash now, and every fault; none when all is as it was."""

    name: str
    sha256: str
    faults: tuple[str, ...]


def verify(house: House, ref: str, names: Sequence[str], mandate: Mandate) -> list[Examined]:
    """Read items again (all that hold bytes where none is named) and enter the outcome into their custody."""
    tidy(house)
    with house.store.reading() as session:
        incident = find_incident(session, ref)
        items = _chosen(session, incident, names)
        check(session, incident, mandate, TO_HANDLE, items)
        lost = [] if names else lost_items(session, incident, items_of(session, incident))
        broken = _broken(session, ref)
    examined = {item.number: _examine(house, incident, item, broken) for item in items}
    with deciding(house, ref) as decision:
        again = find_items(decision.session, decision.incident, [name_of(item) for item in items])
        author, *_ = authorise(decision, mandate, TO_HANDLE, again)
        for item in again:
            if item.disposed_at is None:
                _enter_outcome(decision, item, author, examined[item.number])
            else:
                del examined[item.number]  # disposed of while it was read
        for name in lost:
            _say_changed(decision, name)
    return [*examined.values(), *(Examined(name, "", (_LOST,)) for name in lost)]


def _broken(session: Session, ref: str) -> tuple[str, ...]:
    """What is wrong with the chain that proves every custody of the incident."""
    chain = timeline.verify(session, ref)
    if isinstance(chain, timeline.Verified):
        return ()
    return (f"the timeline is broken at entry {chain.seq}: {chain.why}",)


def _enter_outcome(decision: Decision, item: Evidence, author: str, found: Examined) -> None:
    why, ok = "; ".join(found.faults) or "unchanged", not found.faults
    enter(decision, item, "verified", author, why=why, sha256=found.sha256, more={"unchanged": ok})
    if not ok:
        _say_changed(decision, found.name)


def _say_changed(decision: Decision, name: str) -> None:
    text = f"{name} does not verify: treat it as changed, and ask forensics"
    say(decision, "note", f"evidence/{name}/{decision.wall.isoformat()}", text=text)


def export(house: House, ref: str, name: str, to: Path, why: str, mandate: Mandate) -> str:
    """Copy an item out into a new file for its owner's eyes alone, and return its SHA-256.

    The entry is written before the first byte leaves: a crash may leave an entry without a copy, never a copy
    without an entry.
    """
    refuse_unexplained(why)
    with house.store.reading() as session:
        incident = find_incident(session, ref)
        (item,) = find_items(session, incident, [name])
        check(session, incident, mandate, TO_HANDLE, [item])
        _refuse_unkept(item)
    tidy(house)
    is_entered = False
    try:
        with _new_file(to) as file:
            item = _enter_access(house, ref, name, f"{why} (copied to {to.absolute()})", mandate)
            is_entered = True
            digest = _copy(house, item, file)
    except BaseException as error:
        if is_entered:
            _enter_failure(house, ref, name, error)
        raise
    return digest


def _chosen(session: Session, incident: Incident, names: Sequence[str]) -> list[Evidence]:
    if not names:
        return [item for item in items_of(session, incident) if _is_kept(item)]
    items = find_items(session, incident, names)
    for item in items:
        refuse_gone(item)
        if not _is_kept(item):
            raise Refused("it is a reference: nothing of it is kept here", which=name_of(item))
    return items


def _is_kept(item: Evidence) -> bool:
    return item.disposed_at is None and item.kind != "reference"


def _refuse_unkept(item: Evidence) -> None:
    refuse_gone(item)
    if not item.stored:
        raise Refused("the vault holds no bytes of it", which=f"{name_of(item)}, a {item.kind}")


def _examine(house: House, incident: Incident, item: Evidence, broken: tuple[str, ...]) -> Examined:
    """Compare an item's content and custody with what was written down; no transaction is open meanwhile."""
    faults, sha256 = [], ""
    try:
        sha256 = _digest(house, item)
        if sha256 != item.sha256:
            faults.append("its content has another hash")
    except TellHuman as error:
        faults.append(str(error))
    with house.store.reading() as session:
        proven, missing = prove(session, incident, item)
    faults += [f"custody entry {one.entry.seq} {one.fault}" for one in proven if one.fault]
    return Examined(name_of(item), sha256, (*faults, *missing, *broken))


def _digest(house: House, item: Evidence) -> str:
    if item.kind == "record":
        return digest_of_record(house, item)
    digest = hashlib.sha256()
    for piece in vault_of(house).read(item.stored):
        digest.update(piece)
    return digest.hexdigest()


def _copy(house: House, item: Evidence, file: BinaryIO) -> str:
    digest = hashlib.sha256()
    try:
        for piece in vault_of(house).read(item.stored):
            digest.update(piece)
            file.write(piece)
    except OSError as error:
        mend = f"choose another place: {error.strerror}"
        raise SetupFault("the copy cannot be written", which=file.name, mend=mend) from error
    if digest.hexdigest() != item.sha256:
        raise TellHuman("the content has another hash than the item", which=name_of(item))
    return digest.hexdigest()


def _enter_access(house: House, ref: str, name: str, why: str, mandate: Mandate) -> Evidence:
    with deciding(house, ref) as decision:
        (item,) = find_items(decision.session, decision.incident, [name])
        author, *_ = authorise(decision, mandate, TO_HANDLE, [item])
        _refuse_unkept(item)
        enter(decision, item, "accessed", author, to="a copy", why=why, sha256=item.sha256)
        return item


def _enter_failure(house: House, ref: str, name: str, error: BaseException) -> None:
    """Say that no copy came of an access, so that nobody looks for it."""
    with deciding(house, ref) as decision:
        (item,) = find_items(decision.session, decision.incident, [name])
        why = f"no copy came of the entry before: {type(error).__name__}"
        enter(decision, item, "accessed", "system", why=why)


@contextmanager
def _new_file(path: Path) -> Iterator[BinaryIO]:
    """A file beside its place, moved there once it is whole; what is there already is never replaced."""
    beside = path.with_name(f".{path.name}.partial")
    try:
        if os.path.lexists(path):
            raise Mend("there is a file of that name already", which=str(path), mend="choose another name")
        with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:  # noqa: PTH123
            try:
                yield file
                file.flush()
                os.fsync(file.fileno())
                os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))  # claims the name
                beside.replace(path)
            finally:
                beside.unlink(missing_ok=True)
    except OSError as error:
        mend = f"choose another place: {error.strerror}"
        raise SetupFault("the copy cannot be written", which=str(path), mend=mend) from error
