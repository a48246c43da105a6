"""Findings handed to intake within the process, in the transaction that also moves the mark."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session, select

from flows.house import House
from flows.intake.adapters.access_watch import ADAPTER, KIND
from flows.intake.batch import intake_of, take
from flows.intake.claims import Understood
from flows.intake.deliveries import Delivery
from flows.intake.directory import known_source
from store.tables import Source


def raise_alerts(
    session: Session, house: House, payloads: Sequence[dict[str, Any]], now: datetime
) -> list[dict[str, Any]]:
    """Let intake decide on findings as on any tool's alerts; what became of each, in their order."""
    if not payloads:
        return []
    content = Understood(KIND, ADAPTER.read(list(payloads)))
    delivery = Delivery(known_source(_own_source(session, now)), None, now, content)
    (reply,) = take(session, [delivery], intake_of(house))
    return list(reply.body["results"])


def _own_source(session: Session, now: datetime) -> Source:
    """The source that the watch's alerts come from; it has no key, so that no request can pass for it."""
    found = session.exec(select(Source).where(Source.name == KIND)).first()
    if found is None:
        found = Source(name=KIND, kind=KIND, auth="hmac", added_at=now)
        session.add(found)
        session.flush()
    return found
