"""How incidents belong together: merged into, took over, split from, split off."""

from __future__ import annotations

from sqlmodel import Session, col, select

from flows.merging.told import merged_here
from store.tables import Incident


def kin_of(session: Session, incident: Incident) -> list[tuple[str, Incident]]:
    """The other incidents that belong to one, each with how; whoever shows them asks who may know of them."""
    split_off = select(Incident).where(Incident.split_from_id == incident.id).order_by(col(Incident.id))
    kin = [("merged into", session.get_one(Incident, incident.into_id))] if incident.into_id else []
    kin += [("took over", other) for other in merged_here(session, incident)]
    if incident.split_from_id:
        kin.append(("split from", session.get_one(Incident, incident.split_from_id)))
    return [*kin, *(("split off", other) for other in session.exec(split_off))]
