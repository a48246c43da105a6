"""Handing evidence on, and keeping it from being disposed of."""

from __future__ import annotations

from collections.abc import Sequence

from flows.deciding import deciding
from flows.evidence.authority import TO_END, TO_HANDLE, TO_HOLD, Mandate, authorise, find_custodian
from flows.evidence.custody import enter, is_held
from flows.evidence.items import find_items, is_text, name_of
from flows.forbidden import refuse_in_words
from flows.house import House
from playbooks.errors import Mend, Refused
from store.tables import Evidence

_LONGEST_WHY = 1_000


def transfer(house: House, ref: str, names: Sequence[str], to: str, why: str, mandate: Mandate) -> None:
    """Hand items to another custodian, who must be a responder that may see them."""
    refuse_unexplained(why)
    with deciding(house, ref) as decision:
        items = find_items(decision.session, decision.incident, names)
        author, *_ = authorise(decision, mandate, TO_HANDLE, items)
        custodian = find_custodian(decision.session, decision.incident, to, items)
        for item in items:
            refuse_gone(item)
            if item.custodian == custodian:
                raise Refused("it is in that custody already", which=f"{name_of(item)} {custodian}")
            item.custodian = custodian
            decision.session.add(item)
            enter(decision, item, "transferred", author, to=custodian, why=why)


def hold(house: House, ref: str, names: Sequence[str], why: str, mandate: Mandate) -> None:
    """Put items under legal hold: nothing disposes of them."""
    refuse_unexplained(why)
    with deciding(house, ref) as decision:
        items = find_items(decision.session, decision.incident, names)
        author, *_ = authorise(decision, mandate, TO_HOLD, items)
        for item in items:
            refuse_gone(item)
            if item.held:
                raise Refused("it is under legal hold already", which=name_of(item))
            item.held = True
            decision.session.add(item)
            enter(decision, item, "held", author, why=why)


def release(house: House, ref: str, names: Sequence[str], why: str, mandate: Mandate) -> None:
    """End the legal hold on items, in the names of two."""
    refuse_unexplained(why)
    with deciding(house, ref) as decision:
        items = find_items(decision.session, decision.incident, names)
        author, second, *_ = authorise(decision, mandate, TO_END, items)
        for item in items:
            if not is_held(decision.session, decision.incident, item):
                raise Refused("it is under no legal hold", which=name_of(item))
            item.held = False
            decision.session.add(item)
            enter(decision, item, "released", author, to=with_second(second), why=why)


def with_second(handle: str) -> str:
    """How an entry of two people names the second."""
    return f"with {handle}"


def refuse_unexplained(why: str) -> None:
    """Raise Mend where no reason is given, or a whole story."""
    if not why.strip() or len(why) > _LONGEST_WHY or not is_text(why):
        raise Mend("custody needs a reason", mend=f"say why, in {_LONGEST_WHY:,} characters at most")
    refuse_in_words(why=why)


def refuse_gone(item: Evidence) -> None:
    """Raise Refused for an item that was disposed of."""
    if item.disposed_at is not None:
        raise Refused("it was disposed of", which=name_of(item))
