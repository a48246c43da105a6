"""What the timelines are told of a batch: together for each incident and source, however many alerts came."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from sqlmodel import Session, select

from flows.clock import segments_of
from flows.intake.claims import Claim
from flows.intake.deliveries import Delivery
from playbooks.timebase import Segment, incident_time
from store import outbox, timeline
from store.tables import Message
from store.timeline import Event

MOST_NAMED = 20
"""Fingerprints that one entry names; the rest is counted."""
_SHORT = 12


class Teller(NamedTuple):
    """Which incident is told of by which source."""

    incident: str
    source: str
    exercise_id: int | None


@dataclass(slots=True)
class Told:
    """What one source told of one incident within a batch."""

    joined: list[str] = field(default_factory=list)
    why: str = ""
    clients: dict[str, None] = field(default_factory=dict)
    changes: list[tuple[datetime, dict[str, object]]] = field(default_factory=list)
    last_at: datetime | None = None

    def join(self, claim: Claim, why: str, clients: tuple[str, ...], at: datetime) -> None:
        """An alert became part of the incident."""
        self.joined.append(claim.fingerprint[:_SHORT])
        self.why, self.last_at = self.why or why, at
        self.clients.update(dict.fromkeys(clients))

    def change(self, claim: Claim, at: datetime) -> None:
        """An alert of the incident moved in state or severity."""
        said: dict[str, object] = {"status": claim.status, "severity": claim.severity, "title": claim.title}
        self.changes.append((at, said))


def note_told(session: Session, told: Mapping[Teller, Told]) -> None:
    """Append to the timelines what was told; their incidents are locked."""
    for teller, one in sorted(told.items(), key=lambda pair: pair[0].incident):
        segments = segments_of(session, teller.exercise_id)
        if events := _events(teller, one, segments):
            recorded_at = max(at for at in (one.last_at, *(at for at, _ in one.changes)) if at is not None)
            timeline.append_all(session, chain=teller.incident, recorded_at=recorded_at, events=events)


def tell_of_quarantine(session: Session, delivery: Delivery, channel: str) -> None:
    """Tell the house, once a day for each source, that something signed was not understood."""
    source, day = delivery.source.name, delivery.wall.date().isoformat()
    key = f"quarantine/{source}/{day}"
    if session.exec(select(Message.id).where(Message.key == key)).first() is None:
        fields = {"ref": "house", "exercise": delivery.source.exercise_id is not None, "source": source}
        outbox.enqueue(
            session,
            incident=None,
            key=key,
            kind="quarantined",
            fields=fields,
            channel=channel,
            at=delivery.wall,
        )


def _events(teller: Teller, one: Told, segments: tuple[Segment, ...]) -> list[Event]:
    author = f"source:{teller.source}"
    events = [Event("alert_changed", author, incident_time(segments, at), said) for at, said in one.changes]
    if one.joined and one.last_at is not None:
        said = {
            "alerts": len(one.joined),
            "fingerprints": one.joined[:MOST_NAMED],
            "why": one.why,
            "clients": list(one.clients),
        }
        events.append(Event("alerts_joined", author, incident_time(segments, one.last_at), said))
    return events
