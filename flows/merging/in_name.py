"""Merging by command, in a commander's name."""

from __future__ import annotations

from sqlmodel import col, select

from flows.clock import incident_now, wall_now
from flows.commanding import commanding
from flows.deciding import Decision
from flows.forbidden import refuse_in_words
from flows.house import House
from flows.incidents import no_such_incident
from flows.merging.act import merge
from flows.vouching import Vouched
from playbooks.errors import Mend
from store.tables import Incident


def merge_in_name(house: House, younger: str, older: str, why: str, by: Vouched, used_for: str) -> None:
    """Merge an incident into an older one; both are locked in the order of their numbers.

    Raises Mend without a reason, NotFound to whoever is outside a circle, Refused where it may not be.
    """
    if not why.strip():
        raise Mend("merging needs a reason", mend="say why with --why")
    refuse_in_words(why=why)
    with house.store.writing() as session:
        rows = session.exec(
            select(Incident)
            .where(col(Incident.ref).in_((younger, older)))
            .order_by(col(Incident.id))
            .with_for_update()
        ).all()
        found = {row.ref: row for row in rows}
        for ref in (younger, older):
            if ref not in found:
                raise no_such_incident(ref)
        wall = wall_now()
        handle = commanding(session, [found[younger], found[older]], by, used_for, wall)
        closes, goes_on = (
            Decision(house, session, found[ref], wall, incident_now(session, found[ref], wall))
            for ref in (younger, older)
        )
        merge(closes, goes_on, handle, why)
