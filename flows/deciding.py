"""A deciding transaction: the incident locked, its time read once, everything written together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from flows.clock import incident_now, wall_now
from flows.exercise_channel import spoken_in
from flows.house import House
from notify.kinds import check_fields
from store import outbox, timeline
from store.tables import Incident
from store.timeline import Event


@dataclass(frozen=True, slots=True)
class Decision:
    """What a deciding transaction works with; `now` is incident time, `wall` the machine's."""

    house: House
    session: Session
    incident: Incident
    wall: datetime
    now: datetime

    @property
    def incident_id(self) -> int:
        """The row id of the locked incident."""
        assert self.incident.id is not None
        return self.incident.id


@contextmanager
def deciding(house: House, ref: str, wall: datetime | None = None) -> Iterator[Decision]:
    """Lock incident `ref` and decide about it, at `wall` or now; commits at the end, waits on no network.

    Raises NotFound if there is no such incident.
    """
    with house.store.deciding(ref) as (session, incident):
        wall = wall or wall_now()
        yield Decision(house, session, incident, wall, incident_now(session, incident, wall))


def note(
    decision: Decision,
    kind: str,
    author: str,
    payload: Mapping[str, Any],
    *,
    case_ref: str = "",
    at: datetime | None = None,
) -> None:
    """Append an entry to the incident's timeline."""
    note_all(decision, [Event(kind, author, at or decision.now, dict(payload), case_ref)])


def note_all(decision: Decision, events: Sequence[Event]) -> None:
    """Append entries to the incident's timeline, in this order."""
    timeline.append_all(
        decision.session, chain=decision.incident.ref, recorded_at=decision.wall, events=events
    )


def say(decision: Decision, kind: str, key: str, **fields: Any) -> None:
    """Queue a message to the responders; a second one under the same key is not queued."""
    incident, is_exercise = decision.incident, decision.incident.kind == "exercise"
    told = {"ref": incident.ref, "exercise": is_exercise, **fields}
    check_fields(kind, told)
    outbox.enqueue(
        decision.session,
        incident=incident,
        key=f"{incident.ref}/{key}",
        kind=kind,
        fields=told,
        channel=spoken_in(decision.house.settings, incident.channel, exercise=is_exercise),
        at=decision.wall,
    )
