"""/health and /metrics: whether the house breathes, in words for a probe and in numbers for Prometheus."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, col, func, select

from flows.incidents import CANDIDATE
from flows.intake.tally import Tally
from flows.intake.writer import Writer
from playbooks.errors import Unreachable
from store.database import Store
from store.tables import Heartbeat, Incident, Message, Obligation, Quarantine, Question

HOUSE = "house"
WATCH = "watch"
SILENT_AFTER = timedelta(seconds=30)
"""How long the watch may give no sign of life before the house counts as unwell."""

_FORMAT = "text/plain; version=0.0.4; charset=utf-8"

Samples = Iterable[tuple[dict[str, str], float]]


@dataclass(frozen=True, slots=True)
class Vitals:
    """Where the numbers come from."""

    store: Store
    writer: Writer
    tally: Tally
    wall_now: Callable[[], datetime]

    def health(self) -> tuple[bool, dict[str, Any]]:
        """Whether all is well, and what is known of each part."""
        wall = self.wall_now()
        try:
            with self.store.reading() as session:
                beats = _heartbeats(session)
        except (Unreachable, SQLAlchemyError) as error:
            return False, {"status": "unwell", "store": type(error).__name__}
        seen = beats.get(WATCH)
        silent = seen is None or wall - seen > SILENT_AFTER
        told = {"status": "unwell" if silent else "ok", "store": "ok", "watch": "silent" if silent else "ok"}
        return not silent, {**told, "watch_seen_at": seen.isoformat() if seen else None}

    def metrics(self) -> str:
        """Every number, in Prometheus's text format."""
        wall = self.wall_now()
        with self.store.reading() as session:
            lines = [*self._door(), *stored_metrics(session, wall)]
        return "\n".join(lines) + "\n"

    def _door(self) -> Iterable[str]:
        results = [({"result": name}, float(count)) for name, count in sorted(self.tally.results.items())]
        refusals = [({"reason": name}, float(count)) for name, count in sorted(self.tally.refusals.items())]
        yield from _metric("seventytwo_alerts_total", "counter", "Alerts by what became of them.", results)
        yield from _metric(
            "seventytwo_alerts_refused_total", "counter", "Requests of which nothing is kept.", refusals
        )
        waiting: Samples = [({}, float(self.writer.waiting))]
        yield from _metric("seventytwo_intake_waiting", "gauge", "Requests that wait for a commit.", waiting)
        batches: Samples = [({}, float(self.writer.batches))]
        yield from _metric("seventytwo_intake_commits_total", "counter", "Commits of the writer.", batches)


def vitals(source: Vitals) -> APIRouter:
    """The two routes; they tell counts and never a name."""
    router = APIRouter()

    @router.get("/health")
    def health() -> Response:
        """200 when all is well, else 503."""
        well, told = source.health()
        return JSONResponse(told, 200 if well else 503)

    @router.get("/metrics")
    def metrics() -> Response:
        """What Prometheus scrapes."""
        return PlainTextResponse(source.metrics(), media_type=_FORMAT)

    return router


def stored_metrics(session: Session, wall: datetime) -> Iterable[str]:
    """The numbers of the store, line by line, what belongs to incidents by their kind."""
    open_incidents = _grouped(session, Incident.kind, Incident.state == "open")
    yield from _metric(
        "seventytwo_incidents_open", "gauge", "Open incidents by kind.", _labelled("kind", open_incidents)
    )
    candidates = _grouped(session, Incident.kind, Incident.state == CANDIDATE)
    yield from _metric(
        "seventytwo_candidates", "gauge", "Candidates to be decided, by kind.", _labelled("kind", candidates)
    )
    unbegun = _grouped(session, Incident.kind, Incident.pending != "")
    yield from _metric(
        "seventytwo_incidents_unbegun", "gauge", "Recorded, not begun yet.", _labelled("kind", unbegun)
    )
    questions = _by_kind(session, "role", Question.role, Question.incident_id, Question.state == "open")
    yield from _metric(
        "seventytwo_questions_open", "gauge", "Open questions by role and kind of incident.", questions
    )
    messages = _by_kind(session, "state", Message.state, Message.incident_id, Message.state != "sent")
    yield from _metric(
        "seventytwo_messages", "gauge", "Messages not sent, by state and kind of incident.", messages
    )
    unmet = col(Obligation.met_at).is_(None)
    duties = _by_kind(session, "state", Obligation.state, Obligation.incident_id, unmet)
    yield from _metric("seventytwo_duties", "gauge", "Unmet duties by state and kind of incident.", duties)
    waiting = col(Quarantine.replayed_at).is_(None), col(Quarantine.body).is_not(None)
    kept = session.exec(select(func.count()).where(*waiting)).one()
    yield from _metric(
        "seventytwo_quarantine", "gauge", "Signed requests that nobody could read yet.", [({}, float(kept))]
    )
    ages = [({"name": n}, (wall - at).total_seconds()) for n, at in sorted(_heartbeats(session).items())]
    yield from _metric("seventytwo_heartbeat_age_seconds", "gauge", "Since the last sign of life.", ages)


def _grouped(session: Session, column: Any, where: Any) -> dict[str, int]:
    rows = session.exec(select(column, func.count()).where(where).group_by(column).order_by(column))
    return {str(name): count for name, count in rows}


def _by_kind(session: Session, label: str, column: Any, incident_id: Any, where: Any) -> Samples:
    """Counts by a column and by the kind of incident, so that no exercise is counted as real.

    What belongs to no incident is the house's own.
    """
    kind = func.coalesce(Incident.kind, HOUSE)
    rows = session.exec(
        select(column, kind, func.count())
        .outerjoin(Incident, col(Incident.id) == incident_id)
        .where(where)
        .group_by(column, kind)
        .order_by(column, kind)
    )
    return [({label: str(name), "kind": str(of)}, float(count)) for name, of, count in rows]


def _heartbeats(session: Session) -> dict[str, datetime]:
    return {row.name: row.at for row in session.exec(select(Heartbeat))}


def _labelled(label: str, counts: dict[str, int]) -> Samples:
    return [({label: name}, float(count)) for name, count in counts.items()]


def _metric(name: str, kind: str, told: str, samples: Samples) -> Iterable[str]:
    yield f"# HELP {name} {told}"
    yield f"# TYPE {name} {kind}"
    for labels, value in samples:
        inside = ",".join(f'{key}="{_escaped(text)}"' for key, text in labels.items())
        yield f"{name}{{{inside}}} {value:g}" if inside else f"{name} {value:g}"


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
