"""Rows that store tests start from, said in one word."""

from __future__ import annotations

from datetime import UTC, datetime

from store import timeline
from store.counters import next_ref
from store.database import Store
from store.tables import Case, Client, Incident

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def open_incident(store: Store, *, at: datetime = NOW, channel: str = "#incidents") -> str:
    """Open a bare incident and say its reference."""
    with store.writing() as session:
        ref = next_ref(session, at.year)
        session.add(
            Incident(
                ref=ref,
                playbook="demo",
                plan="{}",
                title="A title",
                channel=channel,
                opened_at=at,
                recorded_at=at,
            )
        )
    return ref


def add_case(store: Store, ref: str, client_ref: str, case_ref: str) -> None:
    """Give an incident a case of a new client."""
    with store.deciding(ref) as (session, incident):
        client = Client(ref=client_ref, name=client_ref.title(), imported_at=NOW)
        session.add(client)
        session.flush()
        session.add(Case(incident_id=incident.id, client_id=client.id, ref=case_ref, opened_at=NOW))


def note(store: Store, ref: str, text: str) -> None:
    """Append a plain entry to an incident's timeline."""
    with store.deciding(ref) as (session, _):
        timeline.append(
            session,
            chain=ref,
            kind="note",
            author="scribe-1",
            at=NOW,
            recorded_at=NOW,
            payload={"text": text},
        )
