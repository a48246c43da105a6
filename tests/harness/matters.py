"""Several incidents and candidates in one house: recorded by an alert, begun as the watch begins them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from sqlmodel import select

from flows.advancing import advance
from flows.asserting import assert_facts
from flows.beginning import begin_one
from flows.clock import wall_now
from flows.deciding import deciding
from flows.gathering import cases_of, view_of
from flows.law.duties import duties_of
from flows.opening import Opening, record_incident
from playbooks.facts import FactView
from store.database import Store
from store.tables import Alert, Incident, Message, Obligation, Question, Source, TimelineEntry
from tests.harness.walks import OURS, Walk, begin_walk

TITLE = "Bulk download by agent-17"
"""What the tool says: it must reach neither Prefect nor Slack."""
CAST = {
    "commander-1": ["commander"],
    "commander-2": ["commander"],
    "it-1": ["it", "forensics"],
    "privacy-1": ["privacy", "client_lead"],
    "approver-1": ["approver"],
}


@dataclass
class Matters:
    """A house in an exercise, and the incidents that a test opens in it."""

    first: Walk

    def matter(
        self,
        *,
        state: Literal["open", "candidate"] = "open",
        clients: Sequence[str] = (OURS,),
        alerts: int = 1,
        playbook: str = "data-exfiltration",
        window: int | None = None,
        aware_at: datetime | None = None,
    ) -> Walk:
        """An incident or candidate opened by alerts about these clients; what a test does with it."""
        house, wall = self.first.house, wall_now()
        with house.store.writing() as session:
            opening = Opening(
                author="source:siem",
                playbook=playbook,
                title=TITLE,
                severity="high",
                exercise_id=self.first.exercise_id,
                state=state,
                aware_at=aware_at,
            )
            incident = record_incident(session, house, opening, wall)
            source = session.exec(select(Source).where(Source.name == "siem")).one()
            assert source.id is not None
            for number in range(alerts):
                session.add(_alert(source.id, incident, f"{incident.ref}-{number}", clients, window, wall))
            ref = incident.ref
        assert begin_one(house, ref)
        return replace(self.first, ref=ref, words={}, given=self._given())

    def _given(self) -> int:
        """So that no two of a house's walks use one code twice."""
        self.first.given += 100
        return self.first.given + 50


def begin_matters(store: Store, folder: Path) -> Matters:
    """A house whose first incident is open, about our first client."""
    return Matters(begin_walk(store, folder, title="t", alert="a", cast=CAST))


def states(walk: Walk, case: str | None = None, **facts: Any) -> None:
    """State facts of an incident or of one of its cases."""
    with deciding(walk.house, walk.ref) as decision:
        found = next((c for c in cases_of(decision.session, decision.incident_id) if c.ref == case), None)
        assert_facts(decision, facts, author="privacy-1", case=found)
        advance(decision)


def known(walk: Walk) -> FactView:
    """What is known of an incident."""
    with walk.house.store.reading() as session:
        return view_of(session, walk.incident(session).id or 0)


def duties(walk: Walk) -> list[Obligation]:
    """The incident's duties."""
    with walk.house.store.reading() as session:
        return duties_of(session, walk.incident(session).id or 0)


def questions(walk: Walk) -> list[Question]:
    """Every question that the incident ever asked."""
    with walk.house.store.reading() as session:
        return list(session.exec(select(Question).where(Question.incident_id == walk.incident(session).id)))


def entries(walk: Walk, kind: str) -> list[dict[str, Any]]:
    """What the timeline says under a kind."""
    with walk.house.store.reading() as session:
        rows = session.exec(
            select(TimelineEntry).where(TimelineEntry.chain == walk.ref, TimelineEntry.kind == kind)
        )
        return [row.payload or {} for row in rows]


def said(walk: Walk, kind: str = "") -> list[dict[str, Any]]:
    """The fields of the incident's messages, or of those of a kind."""
    with walk.house.store.reading() as session:
        rows = session.exec(select(Message).where(Message.incident_id == walk.incident(session).id))
        return [row.fields for row in rows if kind in ("", row.kind)]


def alerts_of(walk: Walk) -> list[int]:
    """The numbers of the alerts that belong to an incident."""
    with walk.house.store.reading() as session:
        return [
            row.id or 0 for row in session.exec(select(Alert)) if row.incident_id == walk.incident(session).id
        ]


def walk_of(walk: Walk, ref: str) -> Walk:
    """Another incident of the same house."""
    return replace(walk, ref=ref, words={}, given=walk.given + 20)


def _alert(
    source_id: int, incident: Incident, name: str, clients: Sequence[str], window: int | None, wall: datetime
) -> Alert:
    return Alert(
        source_id=source_id,
        kind="generic",
        fingerprint=name,
        status="firing",
        content=name,
        severity="high",
        title=TITLE,
        reading={},
        payload={"title": TITLE},
        clients=",".join(clients),
        incident_id=incident.id,
        window_id=window,
        first_seen_at=wall,
        last_seen_at=wall,
    )
