"""What alerts would become, by the very decision that intake takes, undone before anything is kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session

from flows.intake.batch import Intake, Result, decide
from flows.intake.claims import Claim, Understood
from flows.intake.deliveries import Delivery, KnownSource


def foretell(
    session: Session, intake: Intake, source: KnownSource, kind: str, claims: Sequence[Claim], wall: datetime
) -> list[dict[str, Any]]:
    """What each claim would become if it came at `wall`; the session is of no use afterwards."""
    delivery = Delivery(source, None, wall, Understood(kind, tuple(claims)))
    with session.begin_nested() as savepoint:
        results = decide(session, delivery, intake)
        savepoint.rollback()
    session.expunge_all()
    return [_would(one, is_known=one.result not in ("opened", "candidate")) for one in results]


def _would(one: Result, *, is_known: bool) -> dict[str, Any]:
    weighed = one.considered
    return {
        "result": one.result,
        "why": one.why,
        "incident": one.incident or None if is_known else None,
        "playbook": weighed.playbook if weighed is not None else None,
        "severity": weighed.severity if weighed is not None else one.claim.severity,
        "chosen": weighed.why if weighed is not None else None,
        "clients": list(one.clients),
        "group": [group.rule for group in weighed.groups] if weighed is not None else [],
    }
