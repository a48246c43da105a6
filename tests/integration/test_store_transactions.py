"""Transactions of the store hold what they promise, on both databases."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta, timezone

import psycopg
import pytest
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, select

from playbooks.errors import InstantFault, NotFound, Unreachable
from store.counters import next_ref
from store.database import Store
from store.tables import Heartbeat, Incident, Responder
from tests.harness.contention import raise_number
from tests.harness.databases import PostgresServer, fixed_keyring
from tests.harness.desks import NOON
from tests.harness.incidents import NOW, open_incident


def number_of(store: Store, ref: str) -> int:
    with store.reading() as session:
        return session.exec(select(Incident.message_sequence).where(Incident.ref == ref)).one()


def fail_after(store: Store, act: Callable[[Session], object]) -> None:
    with store.writing() as session:
        act(session)
        session.flush()
        _ = 1 / 0


def test_a_hundred_threads_that_read_then_write_lose_nothing(store: Store) -> None:
    ref = open_incident(store)
    with ThreadPoolExecutor(20) as pool:
        for done in [pool.submit(raise_number, store, ref, 5) for _ in range(20)]:
            done.result()
    assert number_of(store, ref) == 100


def test_four_processes_of_five_threads_that_read_then_write_lose_nothing(
    store: Store, database_url: str
) -> None:
    ref = open_incident(store)
    command = [sys.executable, "-m", "tests.harness.contention", database_url, ref, "5", "5"]
    running = [subprocess.Popen(command) for _ in range(4)]
    assert [process.wait(timeout=300) for process in running] == [0, 0, 0, 0]
    assert number_of(store, ref) == 100


def test_two_branches_that_end_together_see_each_other(store: Store) -> None:
    ref = open_incident(store)
    barrier = threading.Barrier(2)
    joined: list[str] = []

    def end(branch: str) -> None:
        barrier.wait(timeout=60)
        with store.deciding(ref) as (session, _):
            session.add(Heartbeat(name=branch, at=NOW))
            session.flush()
            if len(session.exec(select(Heartbeat)).all()) == 2:
                joined.append(branch)

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(end, branch) for branch in ("it", "forensics")]:
            done.result()
    assert len(joined) == 1


def test_an_error_in_the_block_undoes_all_of_it(store: Store) -> None:
    with pytest.raises(ZeroDivisionError):
        fail_after(store, lambda session: session.add(Heartbeat(name="watch", at=NOW)))
    with store.reading() as session:
        assert session.get(Heartbeat, "watch") is None


def test_deciding_on_an_unknown_incident_says_so(store: Store) -> None:
    with pytest.raises(NotFound, match="INC-2026-9999"), store.deciding("INC-2026-9999"):
        pass


def test_a_row_stays_usable_after_its_transaction(store: Store) -> None:
    ref = open_incident(store)
    with store.deciding(ref) as (_, decided):
        decided.severity = "high"
    with store.reading() as session:
        read = session.exec(select(Incident)).one()
    assert (decided.ref, read.ref, read.severity, read.title) == (ref, ref, "high", "A title")


def test_nothing_can_be_written_while_reading(store: Store) -> None:
    with pytest.raises(DBAPIError, match=r"readonly|read-only"), store.reading() as session:
        session.add(Heartbeat(name="watch", at=NOW))
    with store.writing() as session:  # and the connection that refused it writes again
        session.add(Heartbeat(name="watch", at=NOW))


def test_a_reader_sees_one_moment(store: Store) -> None:
    with store.reading() as session:
        before = session.exec(select(Heartbeat)).all()
        with ThreadPoolExecutor(1) as pool:
            pool.submit(beat, store).result()
        after = session.exec(select(Heartbeat)).all()
    assert (before, after) == ([], [])


def beat(store: Store) -> None:
    with store.writing() as session:
        session.add(Heartbeat(name="watch", at=NOW))


def test_a_transaction_within_a_transaction_is_refused_at_once(store: Store) -> None:
    with store.writing(), pytest.raises(RuntimeError, match="open already"), store.writing():
        pass
    beat(store)


def test_references_are_counted_by_year_without_gaps_or_repeats(store: Store) -> None:
    with ThreadPoolExecutor(8) as pool:
        refs = [done.result() for done in [pool.submit(open_incident, store) for _ in range(24)]]
    assert sorted(refs) == [f"INC-2026-{number:04d}" for number in range(1, 25)]
    with store.writing() as session:
        assert next_ref(session, 2027) == "INC-2027-0001"


def test_a_reference_of_an_undone_transaction_is_given_again(store: Store) -> None:
    with pytest.raises(ZeroDivisionError):
        fail_after(store, lambda session: next_ref(session, 2026))
    assert open_incident(store) == "INC-2026-0001"


def test_a_naive_instant_is_refused(store: Store) -> None:
    with pytest.raises(InstantFault, match="naive"), store.writing() as session:
        session.add(Heartbeat(name="watch", at=NOW.replace(tzinfo=None)))


def test_an_error_of_the_database_never_shows_what_was_to_be_stored(store: Store) -> None:
    ref = open_incident(store)
    with pytest.raises(DBAPIError) as raised, store.writing() as session:
        session.add(
            Incident(ref=ref, playbook="p", plan="A NAME", title="A NAME", opened_at=NOW, recorded_at=NOW)
        )
    assert "A NAME" not in str(raised.value)


def test_an_instant_of_any_zone_comes_back_in_utc(store: Store) -> None:
    there = NOW.astimezone(timezone(timedelta(hours=5, minutes=30)))
    with store.writing() as session:
        session.add(Heartbeat(name="watch", at=there + timedelta(microseconds=1)))
    with store.reading() as session:
        at = session.exec(select(Heartbeat.at)).one()
    assert at.isoformat() == "2026-03-02T09:30:00.000001+00:00"


def test_sealed_columns_are_unreadable_in_the_database_and_clear_in_the_store(store: Store) -> None:
    with store.writing() as session:
        session.add(Responder(handle="it-1", name="A Name", secret="S3CRET", roles=["it"], enrolled_at=NOW))
    with store.engine.connect() as connection:
        raw = bytes(connection.exec_driver_sql("SELECT name FROM responder").scalar_one())
    assert b"A Name" not in raw
    with store.reading() as session:
        found = session.exec(select(Responder)).one()
    assert (found.name, found.secret, found.roles, found.clients) == ("A Name", "S3CRET", ["it"], [])


def test_a_database_that_stays_busy_is_an_error_that_passes(
    sqlite_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("store.engine.LOCK_WAIT", 0.05)
    other = Store.open(str(sqlite_store.engine.url), fixed_keyring())
    with sqlite_store.writing(), pytest.raises(Unreachable), other.writing():
        pass
    beat(other)
    other.close()


def test_a_server_that_is_away_is_an_error_that_passes() -> None:
    away = Store.open("postgresql://nobody@127.0.0.1:1/none", fixed_keyring())
    with pytest.raises(Unreachable), away.reading() as session:
        session.exec(select(Heartbeat)).all()


def test_connections_that_the_server_ended_while_they_rested_are_noticed(
    postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("store.engine._RESTED", 0.0)
    url = postgres.new()
    store = Store.open(url, fixed_keyring())
    beat(store)
    with psycopg.connect(url, autocommit=True) as other:
        others = "datname = current_database() AND pid <> pg_backend_pid()"
        other.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}")
    with store.reading() as session:
        assert session.exec(select(Heartbeat)).one().name == "watch"
    store.close()
    postgres.drop(url)


def test_who_would_not_wait_is_told_that_somebody_else_writes(sqlite_store: Store) -> None:
    other = Store.open(str(sqlite_store.engine.url), fixed_keyring())
    with sqlite_store.writing(), pytest.raises(Unreachable), other.writing(at_once=True):
        pass
    with other.writing(at_once=True) as session:
        session.merge(Heartbeat(name="x", at=NOON))
    other.close()


def test_who_would_not_wait_leaves_a_server_that_says_nothing_soon() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"postgresql://nobody@127.0.0.1:{silent.getsockname()[1]}/none"
        away, began = Store.open(address, fixed_keyring()), time.monotonic()
        with pytest.raises(Unreachable), away.writing(at_once=True):
            pass
    assert time.monotonic() - began < 5
