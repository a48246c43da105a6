"""One transaction of intake over the requests that wait together: gather, decide, act, answer.

One desk decides at a time (`rows.take_turn`), and then locks incidents by id: so two desks on one PostgreSQL
open nothing twice, and nobody waits in a circle.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection
from sqlmodel import Session

from flows.exercise_channel import spoken_in
from flows.house import House
from flows.intake import rows
from flows.intake.acting import Batch, Intake, Result
from flows.intake.claims import Understood
from flows.intake.deliveries import Delivery, OpenIncident, Reply, Unreadable, fault_body
from flows.intake.opening import opener
from flows.intake.quarantine import fault_text, kept_text
from flows.intake.surroundings import NOTHING_KNOWN, Surroundings
from flows.intake.telling import tell_of_quarantine
from store.swift import together


def intake_of(house: House, open_incident: OpenIncident | None = None) -> Intake:
    """The intake of a house."""
    return Intake(house, open_incident or opener(house))


def take(
    session: Session, deliveries: Sequence[Delivery], intake: Intake, *, look_back: bool = True
) -> list[Reply]:
    """Store the deliveries and return their answers in the same order; the caller commits.

    Without `look_back` nobody looks whether one was answered before: the key of its reply then raises
    IntegrityError, and the caller rolls back and looks.
    """
    connection, around = session.connection(), _around(session, intake, deliveries)
    with together(connection):
        rows.take_turn(connection)
        digests = [one.digest for one in deliveries if one.digest] if look_back else []
        earlier = rows.first_replies(connection, digests)
        fresh = _fresh(deliveries, earlier)
        batch = Batch(session, intake, fresh, around)
    answers = {id(one): _answer(session, batch, one) for one in fresh}
    with together(connection):
        batch.write()
        _keep_replies(connection, [(one, answers[id(one)]) for one in fresh if one.digest])
    batch.tell()
    by_digest: dict[str | None, Reply] = {one.digest: answers[id(one)] for one in fresh if one.digest}
    return [answers.get(id(one)) or _repeated(one, earlier, by_digest) for one in deliveries]


def decide(session: Session, delivery: Delivery, intake: Intake) -> list[Result]:
    """Decide about one delivery that was read; what that leaves in the session is for the caller to undo."""
    assert isinstance(delivery.content, Understood)
    around = _around(session, intake, [delivery])
    rows.take_turn(session.connection())
    return Batch(session, intake, [delivery], around).results(delivery, delivery.content)


def _around(session: Session, intake: Intake, deliveries: Sequence[Delivery]) -> Surroundings:
    """What is known of the house, where one of the deliveries asks for it."""
    is_asked = any(isinstance(one.content, Understood) for one in deliveries)
    return intake.watched.look(session, deliveries[0].wall) if is_asked else NOTHING_KNOWN


def _answer(session: Session, batch: Batch, delivery: Delivery) -> Reply:
    """Carry out one delivery."""
    content = delivery.content
    if isinstance(content, Unreadable):
        is_drill = delivery.source.exercise_id is not None
        channel = spoken_in(batch.intake.house.settings, "", exercise=is_drill)
        return _quarantined(session, delivery, content, channel)
    return Reply(202, {"results": [one.told for one in batch.results(delivery, content)]})


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


def _quarantined(session: Session, delivery: Delivery, content: Unreadable, channel: str) -> Reply:
    fault = fault_text(content.what, content.which)
    row = {
        "source_id": delivery.source.id,
        "fault": fault,
        "body": kept_text(content.body),
        "received_at": delivery.wall,
    }
    session.connection().execute(rows.insert_quarantine(), row)
    tell_of_quarantine(session, delivery, channel)
    return Reply(content.status, fault_body(content.what, content.which, content.mend))


def _keep_replies(connection: Connection, answered: list[tuple[Delivery, Reply]]) -> None:
    kept = [(one.digest, {"status": reply.status, "body": reply.body}, one.wall) for one, reply in answered]
    rows.INSERT_REPLY.many(connection, kept)


def _repeated(delivery: Delivery, earlier: dict[str, dict[str, Any]], here: dict[str | None, Reply]) -> Reply:
    """The first answer to a request, given again."""
    if delivery.digest in here:
        return here[delivery.digest]
    kept = earlier[delivery.digest or ""]
    return Reply(kept["status"], kept["body"])
