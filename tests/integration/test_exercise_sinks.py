"""Nothing of an exercise leaves: whatever would reach somebody real is not sent, and stops the exercise."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlmodel import select

from flows import answering
from flows.answering import Claim, take_answer
from flows.clock import wall_now
from flows.deciding import Decision, deciding, note
from flows.delivery.dispatching import dispatch_notices
from flows.delivery.queueing import open_delivery, queue
from flows.delivery.recipients import SINK, refuse_real
from flows.exercise.alone import Rehearsal
from flows.exercise.sinks import stop_for
from flows.forms import Given
from flows.gathering import open_questions
from playbooks.errors import RealRecipient
from store.database import Store
from store.tables import (
    Answer,
    Client,
    ClockSegment,
    Contact,
    Delivery,
    Exercise,
    Incident,
    Message,
    Notice,
    Question,
    TimelineEntry,
)
from tests.harness.rehearsals import rehearse, scenario

REAL = {"name": "Somebody", "channel": "email", "address": "dpo@example.org"}


@pytest.fixture
def played(store: Store, tmp_path: Path) -> Rehearsal:
    """An exercise up to its first notice."""
    rehearsal = rehearse(store, tmp_path, scenario())
    while not notices(rehearsal):
        assert rehearsal.player.move() is not None
    return rehearsal


def notices(rehearsal: Rehearsal) -> list[Notice]:
    with rehearsal.house.store.reading() as session:
        return list(session.exec(select(Notice)))


def exercise(rehearsal: Rehearsal) -> Exercise:
    with rehearsal.house.store.reading() as session:
        return session.get_one(Exercise, rehearsal.exercise_id)


def queued(rehearsal: Rehearsal) -> Delivery:
    """A delivery of the exercise as only a fault of ours could leave it in the queue."""
    wall = wall_now()
    with rehearsal.house.store.writing() as session:
        notice = session.exec(select(Notice)).first()
        assert notice is not None
        row = Delivery(
            notice_id=notice.id or 0, incident_id=notice.incident_id, position=0, channel="email", name="X",
            address="dpo@example.org", key="k", state="queued", next_at=wall, token="", queued_at=wall,
        )  # fmt: skip
        session.add(row)
        session.flush()
        return row


def test_every_notice_of_an_exercise_is_for_its_sink(played: Rehearsal) -> None:
    for notice in notices(played):
        assert [(way["channel"], way["address"]) for way in notice.ways or ()] == [(SINK, "")]


def test_a_client_with_addresses_and_a_channel_of_its_own_hears_nothing_of_it(
    sqlite_store: Store, tmp_path: Path
) -> None:
    rehearsal = rehearse(sqlite_store, tmp_path, scenario())
    with sqlite_store.writing() as session:
        for client in session.exec(select(Client)).all():
            client.channel, client.portal_secret = f"#{client.ref}-outside", "a secret"
            session.add(client)
            for channel, address in (
                ("email", "dpo@outside.example"),
                ("webhook", "https://outside.example"),
            ):
                session.add(Contact(client_id=client.id, name="X", channel=channel, address=address))
    rehearsal.player.play()
    ours = {rehearsal.house.settings.channel}
    with sqlite_store.reading() as session:
        assert not session.exec(select(Delivery)).all()
        assert {one.channel for one in session.exec(select(Message))} == ours
        assert {one.channel for one in session.exec(select(Notice))} == {SINK}
        said = [str(one.fields) for one in session.exec(select(Message))]
        said += [str(one.payload) for one in session.exec(select(TimelineEntry))]
    assert "outside" not in "".join(said)


def test_a_way_to_somebody_real_is_refused_in_an_exercise_alone(played: Rehearsal) -> None:
    with deciding(played.house, played.ref) as decision:
        refuse_real(decision, {"channel": SINK, "address": ""})
        with pytest.raises(RealRecipient):
            refuse_real(decision, REAL)
        with pytest.raises(RealRecipient):
            refuse_real(decision, {"channel": SINK, "address": "dpo@example.org"})
        notice = decision.session.exec(select(Notice)).first()
        assert notice is not None
        with pytest.raises(RealRecipient):
            open_delivery(decision, notice, REAL, "system")


class Sent:
    """A way out that counts what it is given."""

    def __init__(self) -> None:
        self.given = 0

    def send(self, *_: object) -> object:
        self.given += 1
        raise AssertionError("something left")

    find = send

    def close(self) -> None:
        """Nothing is open."""


def test_a_delivery_that_stands_in_the_queue_is_not_sent_and_stops_the_exercise(played: Rehearsal) -> None:
    number, way = queued(played).id, Sent()
    dispatch_notices(played.house, {"email": way}, wall_now)  # type: ignore[dict-item]
    assert way.given == 0
    now = exercise(played)
    assert now.state == "stopped"
    assert "outside" in now.why or "queue" in now.why
    with played.house.store.reading() as session:
        assert session.get_one(Delivery, number).state == "superseded"
        last = session.exec(select(ClockSegment).order_by(ClockSegment.seq.desc())).first()  # type: ignore[attr-defined]
        assert last is not None
        assert last.rate == 0
        told = [one.fields["text"] for one in session.exec(select(Message)) if one.kind == "note"]
    assert any("is stopped" in text for text in told)


def test_stopped_twice_is_stopped_once(played: Rehearsal) -> None:
    leak = RealRecipient("an exercise was about to reach somebody outside", which="by email")
    stop_for(played.house, played.ref, leak)
    stop_for(played.house, played.ref, leak)
    with played.house.store.reading() as session:
        told = [one for one in session.exec(select(Message)) if "is stopped" in str(one.fields.get("text"))]
    assert len(told) == 1


def test_no_answer_counts_in_a_stopped_exercise(played: Rehearsal) -> None:
    stop_for(played.house, played.ref, RealRecipient("it was about to leave"))
    with played.house.store.reading() as session:
        incident = session.exec(select(Incident).where(Incident.ref == played.ref)).one()
        question = next(one for one in open_questions(session, incident.id or 0) if one.kind == "command")
        before = len(session.exec(select(Answer).where(Answer.verdict == "accepted")).all())
    handle = played.player.holder(question)
    assert handle is not None
    code, at = played.player.cast.code_ahead(handle)
    claim = Claim(played.ref, question.ref, question.generation, question.attempt)
    take_answer(played.house, claim, Given(handle, code, "note", "A remark.", {}, at))
    with played.house.store.reading() as session:
        assert len(session.exec(select(Answer).where(Answer.verdict == "accepted")).all()) == before
        refused = session.exec(select(Answer).where(Answer.question_id == question.id)).all()[-1]
    assert "stopped" in refused.fault


def test_released_notices_with_a_real_way_are_not_put_on_it(played: Rehearsal) -> None:
    with deciding(played.house, played.ref) as decision:
        found = list(decision.session.exec(select(Notice)))
        found[0].ways = [REAL]
        with pytest.raises(RealRecipient):
            queue(decision, found, "approver-1")
    with played.house.store.reading() as session:
        assert session.exec(select(Delivery)).all() == []


def test_an_answer_by_which_something_would_leave_is_undone_and_stops_the_exercise(
    played: Rehearsal, monkeypatch: pytest.MonkeyPatch
) -> None:
    def leak(decision: Decision, *_: object) -> list[Question]:
        note(decision, "remark", "it-1", {"text": "half done"})
        refuse_real(decision, REAL)
        return []

    monkeypatch.setitem(answering.SETTLE, "command", leak)
    question = next(one for one in asked(played) if one.kind == "command")
    handle = played.player.holder(question) or ""
    code, at = played.player.cast.code_ahead(handle)
    claim = Claim(played.ref, question.ref, question.generation, question.attempt)
    take_answer(played.house, claim, Given(handle, code, "note", "A remark.", {}, at))
    assert exercise(played).state == "stopped"
    with played.house.store.reading() as session:
        assert not session.exec(select(Answer).where(Answer.question_id == question.id)).all()
        assert "half done" not in str([one.payload for one in session.exec(select(TimelineEntry))])


def asked(rehearsal: Rehearsal) -> list[Question]:
    with rehearsal.house.store.reading() as session:
        incident = session.exec(select(Incident).where(Incident.ref == rehearsal.ref)).one()
        return open_questions(session, incident.id or 0)
