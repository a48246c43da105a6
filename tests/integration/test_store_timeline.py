"""The timeline is append-only in both databases, and whatever happened to it is found."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from playbooks.errors import NotFound, Refused
from store import timeline
from store.chain import GENESIS, Broken, Verified
from store.database import Store
from store.triggers import unguard_timeline
from tests.harness.incidents import NOW, note, open_incident

COLUMNS = {
    "id": "id + 1000",
    "chain": "'INC-1999-0001'",
    "seq": "seq + 1000",
    "kind": "'other'",
    "author": "'somebody'",
    "case_ref": "'Z'",
    "at": "recorded_at",
    "recorded_at": "at",
    "canonical": "canonical || ' '",
    "previous": "hash",
    "hash": "previous",
    "payload": "canonical",
    "salt": "'00'",
}


def written(store: Store, entries: int = 3) -> str:
    """A chain of so many entries, whose two instants differ."""
    ref = open_incident(store)
    for number in range(entries):
        with store.deciding(ref) as (session, _):
            timeline.append(
                session, chain=ref, kind="note", author="it-1", case_ref="A", at=NOW.replace(hour=number),
                recorded_at=NOW, payload={"text": f"note {number}"},
            )  # fmt: skip
    return ref


def verified(store: Store, chain: str) -> Verified | Broken:
    with store.reading() as session:
        return timeline.verify(session, chain)


def execute(store: Store, statement: str) -> None:
    with store.engine.begin() as connection:
        connection.execute(text(statement))


def forge(store: Store, *statements: str) -> None:
    """Do as somebody would who owns the database file."""
    with store.engine.begin() as connection:
        unguard_timeline(connection)
        for statement in statements:
            connection.execute(text(statement))


def as_bytes(connection: Connection, expression: str) -> str:
    is_sqlite = connection.dialect.name == "sqlite"
    return f"CAST({expression} AS BLOB)" if is_sqlite else f"convert_to({expression}, 'UTF8')"


def test_a_chain_as_written_verifies_and_tells_its_head(store: Store) -> None:
    ref = written(store)
    with store.reading() as session:
        entries = timeline.entries(session, ref)
    assert [entry.previous for entry in entries] == [GENESIS, entries[0].hash, entries[1].hash]
    assert [entry.payload for entry in entries] == [{"text": f"note {number}"} for number in range(3)]
    assert verified(store, ref) == Verified(ref, 3, entries[-1].hash)


def test_chains_are_apart_and_the_house_has_its_own(store: Store) -> None:
    first, second = written(store, 2), written(store, 1)
    with store.writing() as session:
        timeline.append(
            session, chain=timeline.HOUSE, kind="added", author="it-1", at=NOW, recorded_at=NOW, payload={}
        )
    with store.reading() as session:
        assert timeline.chains(session) == [first, second, "house"]
        assert [timeline.verify(session, name) for name in timeline.chains(session)] == [
            Verified(name, count, timeline.entries(session, name)[-1].hash)
            for name, count in ((first, 2), (second, 1), ("house", 1))
        ]


def append(session: Session, ref: str, text: str) -> None:
    timeline.append(
        session, chain=ref, kind="note", author="it-1", at=NOW, recorded_at=NOW, payload={"text": text}
    )


def told(store: Store, ref: str) -> list[str]:
    with store.reading() as session:
        return [entry.payload["text"] for entry in timeline.entries(session, ref) if entry.payload]


def test_a_chain_goes_on_behind_what_a_savepoint_kept_and_undid(store: Store) -> None:
    ref = open_incident(store)
    with store.deciding(ref) as (session, _):
        append(session, ref, "before")
        undone = session.begin_nested()
        append(session, ref, "undone")
        undone.rollback()
        append(session, ref, "after it was undone")
        with session.begin_nested():
            append(session, ref, "kept")
        append(session, ref, "after it was kept")
    assert told(store, ref) == ["before", "after it was undone", "kept", "after it was kept"]
    assert isinstance(verified(store, ref), Verified)


def test_a_session_used_again_goes_on_behind_what_others_wrote(store: Store) -> None:
    ref = open_incident(store)
    with Session(store.engine) as session:
        append(session, ref, "undone")
        session.rollback()
        note(store, ref, "somebody else's")
        append(session, ref, "ours")
        session.commit()
    assert isinstance(verified(store, ref), Verified)


def test_entries_appended_at_once_form_one_chain(store: Store) -> None:
    ref = open_incident(store)
    with ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(note, store, ref, f"note {number}") for number in range(40)]:
            done.result()
    result = verified(store, ref)
    assert isinstance(result, Verified)
    assert result.entries == 40


@pytest.mark.parametrize("column", COLUMNS)
def test_the_database_refuses_to_change_a_column(store: Store, column: str) -> None:
    ref = written(store)
    with store.engine.connect() as connection:
        value = COLUMNS[column] if column != "payload" else as_bytes(connection, "canonical")
    with pytest.raises(DBAPIError, match="append-only"):
        execute(store, f"UPDATE timeline SET {column} = {value} WHERE seq = 2")
    assert isinstance(verified(store, ref), Verified)


@pytest.mark.parametrize("column", [column for column in COLUMNS if column != "id"])
def test_a_changed_column_is_found_where_the_database_did_not_refuse(store: Store, column: str) -> None:
    ref = written(store)
    with store.engine.connect() as connection:
        value = COLUMNS[column] if column != "payload" else as_bytes(connection, "canonical")
    forge(store, f"UPDATE timeline SET {column} = {value} WHERE seq = 2")
    result = verified(store, ref)
    assert isinstance(result, Broken)
    assert result.seq == 2


@pytest.mark.parametrize("statement", ["DELETE FROM timeline", "DELETE FROM timeline WHERE seq = 3"])
def test_the_database_refuses_to_delete(store: Store, statement: str) -> None:
    ref = written(store)
    with pytest.raises(DBAPIError, match="append-only"):
        execute(store, statement)
    assert isinstance(verified(store, ref), Verified)


def test_the_database_refuses_to_replace_or_empty(store: Store) -> None:
    ref = written(store)
    columns = ", ".join(COLUMNS)
    replace = f"INSERT OR REPLACE INTO timeline ({columns}) SELECT {columns} FROM timeline WHERE seq = 2"
    with pytest.raises(DBAPIError, match="append-only"):
        execute(store, replace if store.is_sqlite else "TRUNCATE timeline")
    assert isinstance(verified(store, ref), Verified)


def test_an_incident_with_entries_cannot_take_them_along_by_its_own_end(store: Store) -> None:
    ref = written(store)
    execute(store, f"DELETE FROM incident WHERE ref = '{ref}'")
    assert isinstance(verified(store, ref), Verified)


@pytest.mark.parametrize("seq", [1, 2, 3])
def test_a_missing_entry_is_found_even_the_last(store: Store, seq: int) -> None:
    ref = written(store)
    forge(store, f"DELETE FROM timeline WHERE seq = {seq}")
    result = verified(store, ref)
    assert isinstance(result, Broken)
    assert result.seq == seq


def test_two_entries_that_changed_places_are_found(store: Store) -> None:
    ref = written(store)
    forge(
        store,
        *(f"UPDATE timeline SET seq = {new} WHERE seq = {old}" for old, new in ((2, 9), (3, 2), (9, 3))),
    )
    assert verified(store, ref) == Broken(ref, 2, "it does not follow the entry before it")


def test_an_entry_put_in_behind_the_store_is_found(store: Store) -> None:
    ref = written(store)
    columns = ", ".join(column for column in COLUMNS if column not in {"id", "seq"})
    forge(store, f"INSERT INTO timeline (seq, {columns}) SELECT 4, {columns} FROM timeline WHERE seq = 3")
    assert isinstance(verified(store, ref), Broken)


def test_an_incident_whose_whole_timeline_is_gone_is_found(store: Store) -> None:
    ref = written(store)
    forge(store, "DELETE FROM timeline", f"DELETE FROM counter WHERE name = 'chain:{ref}'")
    assert verified(store, ref) == Broken(ref, 1, "an incident without a timeline")


def test_a_chain_that_never_was_is_not_called_whole(store: Store) -> None:
    with pytest.raises(NotFound, match="INC-1999-0001"):
        verified(store, "INC-1999-0001")


def erase(store: Store, chain: str, seq: int) -> None:
    with store.deciding(chain) as (session, _):
        timeline.erase(
            session, chain=chain, seq=seq, author="privacy-1", at=NOW, recorded_at=NOW, reason="a request"
        )


def test_an_erased_payload_leaves_the_chain_whole(store: Store) -> None:
    ref = written(store)
    erase(store, ref, 2)
    with store.reading() as session:
        entries = timeline.entries(session, ref)
    assert (entries[1].payload, entries[1].salt) == (None, None)
    assert verified(store, ref) == Verified(ref, 4, entries[-1].hash, erased=1)


def test_the_record_of_an_erasure_cannot_be_erased(store: Store) -> None:
    ref = written(store)
    erase(store, ref, 2)
    with pytest.raises(Refused):
        erase(store, ref, 4)


def test_a_payload_that_went_without_a_record_is_found(store: Store) -> None:
    ref = written(store)
    execute(store, "UPDATE timeline SET payload = NULL, salt = NULL WHERE seq = 2")
    result = verified(store, ref)
    assert isinstance(result, Broken)
    assert result.seq == 2


@pytest.mark.parametrize("column", ["payload", "salt"])
def test_payload_and_salt_go_together_or_not_at_all(store: Store, column: str) -> None:
    written(store)
    with pytest.raises(DBAPIError, match="append-only"):
        execute(store, f"UPDATE timeline SET {column} = NULL WHERE seq = 2")
