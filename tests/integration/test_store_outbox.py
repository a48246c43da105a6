"""Messages leave the outbox in order, once, and none is held up by one that is given up."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from sqlmodel import select

from store import outbox
from store.database import Store
from store.tables import Message
from tests.harness.incidents import NOW, open_incident

LEASE = timedelta(seconds=30)
LATER = NOW + timedelta(minutes=1)


def queue(store: Store, ref: str, *keys: str, channel: str = "#incidents", at: datetime = NOW) -> list[bool]:
    with store.deciding(ref) as (session, incident):
        return [
            outbox.enqueue(
                session, incident=incident, key=key, kind="note", fields={"text": key}, channel=channel, at=at
            )
            for key in keys
        ]


def claim(store: Store, now: datetime = NOW, limit: int = 10) -> list[Message]:
    with store.reading() as session:
        is_due = outbox.anything_due(session, now)
    with store.writing() as session:
        claimed = outbox.claim_due(session, now, limit=limit, lease=LEASE)
    assert is_due or not claimed
    return claimed


def keys(messages: list[Message]) -> list[str]:
    return [message.key for message in messages]


def send(store: Store, message: Message, at: datetime = NOW) -> bool:
    with store.writing() as session:
        assert outbox.mark_sending(session, message)
    with store.writing() as session:
        return outbox.mark_sent(session, message, at=at, external_id="1700000000.000100")


def test_messages_of_a_line_come_one_by_one_in_order(store: Store) -> None:
    queue(store, open_incident(store), "a", "b", "c")
    seen = []
    while claimed := claim(store):
        seen += keys(claimed)
        assert [send(store, message) for message in claimed] == [True]
    assert seen == ["a", "b", "c"]


def test_a_key_that_is_there_already_queues_nothing(store: Store) -> None:
    ref = open_incident(store)
    assert queue(store, ref, "a", "a", "b") == [True, False, True]
    assert queue(store, ref, "b", "c") == [False, True]
    with store.reading() as session:
        found = session.exec(select(Message.key, Message.sequence).order_by(Message.sequence)).all()
    assert [tuple(row) for row in found] == [("a", 1), ("b", 2), ("c", 3)]


def test_the_fields_come_back_as_given(store: Store) -> None:
    queue(store, open_incident(store), "a")
    assert claim(store)[0].fields == {"text": "a"}


def test_incidents_and_channels_do_not_wait_for_each_other(store: Store) -> None:
    first, second = open_incident(store), open_incident(store)
    queue(store, first, "a1", "a2")
    queue(store, first, "direct", channel="@commander-1")
    queue(store, second, "b1", "b2")
    assert sorted(keys(claim(store))) == ["a1", "b1", "direct"]
    assert claim(store) == []


def test_messages_of_the_house_keep_their_order_too(store: Store) -> None:
    with store.writing() as session:
        for key in ("a", "b", "a"):
            outbox.enqueue(session, incident=None, key=key, kind="note", fields={}, channel="#house", at=NOW)
    (first,) = claim(store)
    assert (first.key, claim(store)) == ("a", [])
    send(store, first)
    assert keys(claim(store)) == ["b"]


def test_what_is_not_due_waits_and_holds_its_line(store: Store) -> None:
    ref = open_incident(store)
    queue(store, ref, "late", at=LATER)
    queue(store, ref, "early")
    assert claim(store) == []
    assert keys(claim(store, LATER)) == ["late"]


def test_the_oldest_comes_first_and_the_limit_holds(store: Store) -> None:
    refs = [open_incident(store) for _ in range(3)]
    for number, ref in enumerate(refs):
        queue(store, ref, f"m{number}", at=NOW - timedelta(seconds=number))
    assert keys(claim(store, limit=2)) == ["m2", "m1"]
    assert keys(claim(store, limit=2)) == ["m0"]


def test_a_failed_message_comes_again_when_due_and_before_the_next(store: Store) -> None:
    queue(store, open_incident(store), "a", "b")
    (message,) = claim(store)
    with store.writing() as session:
        outbox.mark_sending(session, message)
        assert outbox.mark_failed(session, message, next_at=LATER, error="ratelimited")
    assert claim(store) == []
    (again,) = claim(store, LATER)
    assert (again.key, again.state, again.attempts, again.error) == ("a", "queued", 1, "ratelimited")


def test_a_dead_message_lets_the_next_one_go(store: Store) -> None:
    queue(store, open_incident(store), "a", "b")
    (message,) = claim(store)
    with store.writing() as session:
        assert outbox.mark_dead(session, message, error="channel_not_found")
    assert keys(claim(store)) == ["b"]


def test_a_claim_that_was_never_begun_comes_back_as_it_was(store: Store) -> None:
    queue(store, open_incident(store), "a")
    claim(store)
    (again,) = claim(store, NOW + LEASE)
    assert again.state == "queued"


def test_a_message_whose_sender_died_comes_back_as_unknown(store: Store) -> None:
    queue(store, open_incident(store), "a", "b")
    (message,) = claim(store)
    with store.writing() as session:
        outbox.mark_sending(session, message)
    assert claim(store, NOW + LEASE / 2) == []
    (again,) = claim(store, NOW + LEASE)
    assert (again.key, again.state, again.attempts) == ("a", "unknown", 1)


def test_an_unknown_outcome_stays_unknown_until_it_is_settled(store: Store) -> None:
    queue(store, open_incident(store), "a")
    (message,) = claim(store)
    with store.writing() as session:
        outbox.mark_sending(session, message)
        assert outbox.mark_unknown(session, message, next_at=LATER, error="timed out")
    assert claim(store) == []
    (again,) = claim(store, LATER)
    assert again.state == "unknown"


def test_who_lost_the_claim_may_neither_send_nor_fail_it(store: Store) -> None:
    queue(store, open_incident(store), "a")
    (slow,) = claim(store)
    (quick,) = claim(store, NOW + LEASE)
    with store.writing() as session:
        assert not outbox.mark_sending(session, slow)
        assert not outbox.mark_failed(session, slow, next_at=LATER, error="late")
        assert not outbox.mark_dead(session, slow, error="late")
        assert outbox.mark_sending(session, quick)


def test_who_lost_the_claim_but_did_send_is_believed_once(store: Store) -> None:
    queue(store, open_incident(store), "a")
    (slow,) = claim(store)
    with store.writing() as session:
        outbox.mark_sending(session, slow)
    (quick,) = claim(store, NOW + LEASE)
    with store.writing() as session:
        assert outbox.mark_sent(session, slow, at=NOW, external_id="1")
        assert not outbox.mark_sending(session, quick)
        assert not outbox.mark_sent(session, quick, at=NOW, external_id="2")
    with store.reading() as session:
        assert session.exec(select(Message.external_id)).one() == "1"


def test_many_dispatchers_claim_each_message_once(store: Store) -> None:
    for number in range(20):
        queue(store, open_incident(store), f"m{number}")
    with ThreadPoolExecutor(6) as pool:
        claims = [pool.submit(claim, store, NOW, 5) for _ in range(12)]
        claimed = [key for done in claims for key in keys(done.result())]
    claimed += keys(claim(store, limit=20))
    assert sorted(claimed) == sorted(f"m{number}" for number in range(20))


def test_a_line_that_waits_for_a_message_on_its_way_is_not_called_due(store: Store) -> None:
    queue(store, open_incident(store), "a", "b")
    claim(store)
    with store.reading() as session:
        assert not outbox.anything_due(session, NOW)
        assert outbox.anything_due(session, NOW + LEASE)


def test_an_idle_poll_reads_only_the_indexes_of_what_waits(sqlite_store: Store) -> None:
    compiled = outbox._find_due(False).compile(
        sqlite_store.engine, compile_kwargs={"render_postcompile": True}
    )
    given = {**compiled.params, "now": "2026-03-02 09:30:00.000000"}
    parameters = tuple(given[name] for name in compiled.positiontup or ())
    with sqlite_store.engine.connect() as connection:
        rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled}", parameters)
        searches = [row[-1] for row in rows if row[-1].startswith(("SEARCH", "SCAN"))]
    assert searches
    known = ("ix_message_due", "ix_message_line", "ix_channelfreeze_channel")
    assert all(any(name in search for name in known) for search in searches), searches
