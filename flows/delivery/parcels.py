"""A notice made ready to leave by one way, with the documents that were released with it."""

from __future__ import annotations

import base64
from typing import Final

from sqlmodel import col, select

from flows.deciding import Decision
from flows.delivery.links import link_of
from flows.delivery.queueing import secret_of
from flows.delivery.recipients import is_rehearsed, refuse_real
from notify.delivery.parcel import Document, Parcel
from store.tables import Delivery, Notice, NoticeDocument

_TYPES: Final = {"html": "text/html", "pdf": "application/pdf"}


def parcel_of(decision: Decision, notice: Notice, delivery: Delivery) -> Parcel:
    """The parcel of a delivery: the same on each attempt."""
    refuse_real(decision, {"channel": delivery.channel, "address": delivery.address})
    ref = decision.incident.ref
    return Parcel(
        key=delivery.key,
        ref=ref,
        sender=decision.house.settings.organisation,
        name=delivery.name,
        address=delivery.address,
        subject=f"Notice of a security incident, our reference {ref}",
        text=notice.text,
        queued_at=delivery.queued_at,
        documents=_documents(decision, notice),
        acknowledge_url=link_of(decision.house, delivery),
        secret=secret_of(decision, notice) if delivery.channel == "webhook" else "",
        exercise=is_rehearsed(decision),
    )


def _documents(decision: Decision, notice: Notice) -> tuple[Document, ...]:
    rows = decision.session.exec(
        select(NoticeDocument).where(NoticeDocument.notice_id == notice.id).order_by(col(NoticeDocument.kind))
    )
    name = f"{decision.incident.ref}-notice-{notice.id}"
    return tuple(
        Document(f"{name}.{row.kind}", _TYPES[row.kind], base64.b64decode(row.content), row.sha256)
        for row in rows
        if row.kind in _TYPES
    )
