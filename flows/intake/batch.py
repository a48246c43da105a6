"""One transaction of intake over the requests that wait together: gather, decide, act.

Rows are locked in one order everywhere (alerts by source and fingerprint, then incidents by id, then
counters), so that two desks on one PostgreSQL do not wait for each other in a circle.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, assert_never

from sqlmodel import Session

from flows.clock import incident_now
from flows.intake import rows
from flows.intake.claims import Claim
from flows.intake.deliveries import Arrival, Delivery, OpenIncident, Reply, Unreadable, fault_body
from flows.intake.outcomes import Joins, Known, Opens, Outcome, Suppressed, decide
from flows.intake.quarantine import kept_text
from store import timeline
from store.tables import Incident, Source

Key = tuple[int, str]


@dataclass(slots=True)
class Standing:
    """How an alert stands while the batch is decided."""

    alert_id: int
    known: Known | None
    incident_id: int | None
    news: Claim | None = None


def take(
    session: Session, deliveries: Sequence[Delivery], open_incident: OpenIncident, *, look_back: bool = True
) -> list[Reply]:
    """Store the deliveries and return their answers in the same order; the caller commits.

    Without `look_back` nobody looks whether one was answered before: the key of its reply then raises
    IntegrityError, and the caller rolls back and looks.
    """
    digests = [one.digest for one in deliveries if one.digest] if look_back else []
    earlier = rows.first_replies(session, digests)
    fresh = _fresh(deliveries, earlier)
    batch = _Batch(session, _gather(session, fresh), open_incident)
    answers = {id(one): batch.answer(one) for one in fresh}
    batch.write_news()
    _keep_replies(session, [(one, answers[id(one)]) for one in fresh if one.digest])
    by_digest: dict[str | None, Reply] = {one.digest: answers[id(one)] for one in fresh if one.digest}
    return [answers.get(id(one)) or _repeated(one, earlier, by_digest) for one in deliveries]


class _Batch:
    """The deciding of one batch over the standings gathered for it."""

    def __init__(self, session: Session, standings: dict[Key, Standing], open_incident: OpenIncident) -> None:
        self.session, self.standings, self.open_incident = session, standings, open_incident

    def answer(self, delivery: Delivery) -> Reply:
        """Carry out one delivery."""
        content = delivery.content
        if isinstance(content, Unreadable):
            return _quarantined(self.session, delivery, content)
        results = [self._result(delivery, claim) for claim in content.claims]
        opened = sum(result["result"] == "opened" for result in results)
        return Reply(202, {"results": results}, opened)

    def write_news(self) -> None:
        """Write what each alert says now, once."""
        changed = [_restated(one, one.news) for one in self.standings.values() if one.news]
        if changed:
            self.session.connection().execute(rows.restate_alert(), changed)

    def _result(self, delivery: Delivery, claim: Claim) -> dict[str, Any]:
        standing = self.standings[delivery.source.id, claim.fingerprint]
        outcome = decide(claim, standing.known)
        match outcome:
            case Opens():
                incident = self._open(delivery, claim, standing)
                return _told("opened", claim, outcome, incident)
            case Joins():
                self._join(delivery, claim, standing, outcome)
                return _told("joined", claim, outcome, outcome.incident)
            case Suppressed():
                return _told("suppressed", claim, outcome, outcome.incident)
        assert_never(outcome)

    def _open(self, delivery: Delivery, claim: Claim, standing: Standing) -> str:
        session = self.session
        source = session.get_one(Source, delivery.source.id)
        arrival = Arrival(source, standing.alert_id, claim, standing.incident_id, delivery.wall)
        incident = self.open_incident(session, arrival)
        session.flush()
        assert incident.id is not None
        standing.incident_id, standing.news = incident.id, claim
        standing.known = _as_known(claim, incident.ref)
        session.connection().execute(rows.bind_alert(), _bound(standing))
        return incident.ref

    def _join(self, delivery: Delivery, claim: Claim, standing: Standing, outcome: Joins) -> None:
        standing.news, standing.known = claim, _as_known(claim, outcome.incident)
        if outcome.changed:
            _note_change(self.session, delivery, claim, standing)


def _fresh(deliveries: Sequence[Delivery], earlier: dict[str, dict[str, Any]]) -> list[Delivery]:
    """The deliveries that were not answered before, nor stand earlier in this very batch."""
    seen = set(earlier)
    fresh = []
    for one in deliveries:
        if one.digest is None or one.digest not in seen:
            fresh.append(one)
        if one.digest is not None:
            seen.add(one.digest)
    return fresh


def _gather(session: Session, deliveries: Sequence[Delivery]) -> dict[Key, Standing]:
    """Count every alert of the batch, one upsert for each fingerprint, and lock what they belong to."""
    firsts: dict[Key, tuple[Claim, datetime]] = {}
    counts: Counter[Key] = Counter()
    for delivery in deliveries:
        content = delivery.content
        for claim in () if isinstance(content, Unreadable) else content.claims:
            key = (delivery.source.id, claim.fingerprint)
            firsts.setdefault(key, (claim, delivery.wall))
            counts[key] += 1
    upserted = {key: _upsert(session, key, *firsts[key], counts[key]) for key in sorted(firsts)}
    incidents = rows.locked_incidents(session, {row.incident_id for row in upserted.values()} - {None})
    return {key: _standing(row, incidents) for key, row in upserted.items()}


def _upsert(session: Session, key: Key, claim: Claim, wall: datetime, count: int) -> Any:
    values = {
        "source_id": key[0], "fingerprint": claim.fingerprint, "status": claim.status,
        "content": claim.content, "severity": claim.severity, "title": claim.title,
        "kind": "generic", "reading": {},
        "payload": claim.payload, "occurrences": count, "first_seen_at": wall, "last_seen_at": wall,
    }  # fmt: skip
    return session.connection().execute(rows.UPSERT_ALERT, values).one()


def _standing(row: Any, incidents: dict[int, tuple[str, bool]]) -> Standing:
    if row.incident_id is None:
        return Standing(row.id, None, None)
    ref, is_open = incidents[row.incident_id]
    return Standing(row.id, Known(row.status, row.content, row.severity, ref, is_open), row.incident_id)


def _as_known(claim: Claim, incident: str) -> Known:
    return Known(claim.status, claim.content, claim.severity, incident, incident_is_open=True)


def _restated(standing: Standing, claim: Claim) -> dict[str, Any]:
    new = {f"new_{name}": getattr(claim, name) for name in rows.RESTATED}
    return {"alert_id": standing.alert_id, **new}


def _bound(standing: Standing) -> dict[str, Any]:
    return {"alert_id": standing.alert_id, "new_incident_id": standing.incident_id}


def _told(result: str, claim: Claim, outcome: Outcome, incident: str) -> dict[str, Any]:
    return {
        "result": result,
        "why": outcome.why,
        "incident": incident or None,
        "fingerprint": claim.fingerprint,
    }


def _note_change(session: Session, delivery: Delivery, claim: Claim, standing: Standing) -> None:
    incident = session.get_one(Incident, standing.incident_id)
    timeline.append(
        session,
        chain=incident.ref,
        kind="alert_changed",
        author=f"source:{delivery.source.name}",
        at=incident_now(session, incident, delivery.wall),
        recorded_at=delivery.wall,
        payload={"status": claim.status, "severity": claim.severity, "title": claim.title},
    )


def _quarantined(session: Session, delivery: Delivery, content: Unreadable) -> Reply:
    fault = f"{content.what} ({content.which})"[:300]
    row = {
        "source_id": delivery.source.id,
        "fault": fault,
        "body": kept_text(content.body),
        "received_at": delivery.wall,
    }
    session.connection().execute(rows.insert_quarantine(), row)
    return Reply(content.status, fault_body(content.what, content.which, content.mend))


def _keep_replies(session: Session, answered: list[tuple[Delivery, Reply]]) -> None:
    if not answered:
        return
    kept = [
        {"request": one.digest, "reply": {"status": reply.status, "body": reply.body}, "at": one.wall}
        for one, reply in answered
    ]
    session.connection().execute(rows.insert_reply(), kept)


def _repeated(delivery: Delivery, earlier: dict[str, dict[str, Any]], here: dict[str | None, Reply]) -> Reply:
    """The first answer to a request, given again."""
    if delivery.digest in here:
        return replace(here[delivery.digest], opened=0)
    kept = earlier[delivery.digest or ""]
    return Reply(kept["status"], kept["body"])
