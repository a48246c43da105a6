"""What alerts would become, by the very decision that intake takes, undone before anything is kept."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from flows.intake.acting import Intake, Result
from flows.intake.batch import decide
from flows.intake.claims import Claim, Understood
from flows.intake.deliveries import Delivery, KnownSource
from store.tables import Incident

ITS_OWN = "the incident above"
"""An incident that an earlier alert of the same body would open: it has no number yet."""


def foretell(
    session: Session, intake: Intake, source: KnownSource, kind: str, claims: Sequence[Claim], wall: datetime
) -> list[dict[str, Any]]:
    """What each claim would become if it came at `wall`; the session is of no use afterwards."""
    delivery = Delivery(source, None, wall, Understood(kind, tuple(claims)))
    with session.begin_nested() as savepoint:
        results = decide(session, delivery, intake)
        savepoint.rollback()
    session.expunge_all()
    refs = {one.incident for one in results if one.incident}
    there = set(session.exec(select(Incident.ref).where(col(Incident.ref).in_(refs))))
    return [_would(one, there) for one in results]


def _would(one: Result, there: Collection[str]) -> dict[str, Any]:
    """A result as it would be told, without the number of an incident that only this decision opened."""
    weighed = one.considered
    is_there = one.incident in there
    return {
        "result": one.result,
        "why": one.why if is_there or not one.incident else one.why.replace(one.incident, ITS_OWN),
        "incident": one.incident if is_there else None,
        "playbook": weighed.playbook if weighed is not None else None,
        "severity": weighed.severity if weighed is not None else one.claim.severity,
        "chosen": weighed.why if weighed is not None else None,
        "clients": list(one.clients),
        "group": [group.rule for group in weighed.groups] if weighed is not None else [],
    }
