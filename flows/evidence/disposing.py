"""Disposing of evidence: decided by two, never under hold; custody stays, bytes go once nobody needs them.

The decision is one transaction; the bytes follow by `tidy`. A row that was disposed of keeps its name in the
vault until they are gone, so that whoever comes by next finishes what a crash cut short.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlmodel import Session, col, select

from flows.clock import wall_now
from flows.deciding import deciding
from flows.evidence.authority import TO_END, Mandate, authorise
from flows.evidence.custody import enter, is_held
from flows.evidence.items import find_items, name_of
from flows.evidence.moving import refuse_gone, refuse_unexplained, with_second
from flows.evidence.vaults import vault_of
from flows.house import House
from playbooks.errors import Refused
from store.tables import Evidence
from store.vault import Vault

_LEFT_OVER = timedelta(days=1)
"""How old an unfinished intake must be to be none that still runs."""


def dispose(house: House, ref: str, names: Sequence[str], why: str, mandate: Mandate) -> None:
    """Dispose of items in the names of two, their bytes next by `tidy`; raises Refused for one under hold."""
    refuse_unexplained(why)
    with deciding(house, ref) as decision:
        items = find_items(decision.session, decision.incident, names)
        author, second, *_ = authorise(decision, mandate, TO_END, items)
        for item in items:
            refuse_gone(item)
            if is_held(decision.session, decision.incident, item):
                mend = "let two people release it first"
                raise Refused("it is under legal hold", which=name_of(item), mend=mend)
            item.disposed_at = decision.now
            decision.session.add(item)
            enter(decision, item, "disposed", author, to=with_second(second), why=why, sha256=item.sha256)


def tidy(house: House) -> None:
    """Finish what a crash cut short: bytes that must go, bytes that must come back, and half intakes."""
    vault = vault_of(house)
    vault.sweep(wall_now() - _LEFT_OVER)
    with house.store.reading() as session:
        ended = select(Evidence.stored).where(col(Evidence.disposed_at).is_not(None), Evidence.stored != "")
        names = set(session.exec(ended))
    for name in sorted(names.union(vault.names_aside())):
        forget(house, name)


def forget(house: House, name: str) -> None:
    """Remove a content from the vault unless an item still has it.

    It is set aside before anybody looks who needs it: an item recorded before that look is seen and gets it
    back; one recorded later finds it gone, and its intake gives it anew.
    """
    vault = vault_of(house)
    if _is_needed(house, name):  # whoever reads it meanwhile finds it
        vault.put_back(name)
    else:
        _remove(house, vault, name)
    _clear(house, vault, name)


def _remove(house: House, vault: Vault, name: str) -> None:
    vault.set_aside(name)
    needed = True  # until the store says otherwise
    try:
        needed = _is_needed(house, name)
    finally:
        if needed:
            vault.put_back(name)
    if not needed:
        vault.destroy(name)


def _is_needed(house: House, name: str) -> bool:
    with house.store.reading() as session:
        return _has_living(session, name)


def _has_living(session: Session, name: str) -> bool:
    alive = select(Evidence.id).where(Evidence.stored == name, col(Evidence.disposed_at).is_(None))
    return session.exec(alive).first() is not None


def _clear(house: House, vault: Vault, name: str) -> None:
    """Let disposed items no longer name a content that is not theirs any more.

    Where it is there and nobody needs it, the last one that did was disposed of a moment ago: the next `tidy`
    finds it by that name.
    """
    is_there = vault.holds(name)
    with house.store.writing() as session:
        ended = select(Evidence).where(Evidence.stored == name, col(Evidence.disposed_at).is_not(None))
        items = list(session.exec(ended))
        if is_there and not _has_living(session, name):
            return
        for item in items:
            item.stored = ""
            session.add(item)
