"""Recipients who have not answered in time: each one's silence is acted on once."""

from __future__ import annotations

import logging
from datetime import datetime

from sqlmodel import Session, col, select

from flows.deciding import Decision, deciding, note
from flows.delivery.ladder import LIVE, STANDING, go_on
from flows.house import House
from playbooks.errors import Unreachable
from store.tables import Delivery, Incident, Notice

log = logging.getLogger("seventytwo.notices")


def silent(session: Session, now: datetime) -> list[tuple[int, str]]:
    """The deliveries whose silence is to be acted on, each with its incident's reference."""
    rows = session.exec(
        select(Delivery.id, Incident.ref)
        .join(Incident, col(Incident.id) == col(Delivery.incident_id))
        .where(col(Delivery.silent_at) <= now)
        .order_by(col(Delivery.silent_at))
    )
    return [(number, ref) for number, ref in rows if number is not None]


def act_on_silence(home: House, now: datetime) -> int:
    """Take the next way for whoever has been silent too long; returns how many were."""
    with home.store.reading() as session:
        found = silent(session, now)
    return sum(_acted(home, number, ref, now) for number, ref in found)


def _acted(home: House, number: int, ref: str, now: datetime) -> bool:
    try:
        with deciding(home, ref, now) as decision:
            _act(decision, number)
    except Unreachable as away:
        log.warning("a silent recipient waits: %s", away)
        return False
    except Exception:
        # One delivery's fault is its own: the others are still to be looked at.
        log.exception("the silence of delivery %s could not be acted on", number)
        return False
    return True


def _act(decision: Decision, number: int) -> None:
    delivery = decision.session.get_one(Delivery, number)
    if delivery.silent_at is None or delivery.silent_at > decision.now:
        return
    delivery.silent_at = None
    decision.session.add(delivery)
    notice = decision.session.get_one(Notice, delivery.notice_id)
    waits = delivery.state in LIVE or (delivery.state == "accepted" and bool(delivery.token))
    if decision.incident.state != "open" or notice.state not in STANDING or not waits:
        return
    said = {"notice": notice.id, "channel": delivery.channel, "way": delivery.position + 1}
    note(decision, "notice_silent", "system", said, case_ref=notice.case_ref)
    go_on(decision, notice, delivery, "no answer")
