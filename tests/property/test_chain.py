"""A chain of any entries verifies, and no edit of it does."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from sqlalchemy import update
from sqlmodel import Session, col

from store import timeline
from store.chain import GENESIS, Broken, Link, Verified, check_chain, link
from store.database import Store
from store.tables import TimelineEntry
from store.triggers import unguard_timeline
from tests.harness.databases import SqliteFiles, fixed_keyring
from tests.harness.incidents import NOW

INSTANTS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds are naive by contract
TEXTS = st.text(max_size=12)
PAYLOADS = st.dictionaries(
    TEXTS,
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    max_size=4,
)
ENTRIES = st.lists(st.tuples(TEXTS, TEXTS, TEXTS, INSTANTS, INSTANTS, PAYLOADS), min_size=1, max_size=6)
EDITS: dict[str, st.SearchStrategy[Any]] = {
    "chain": TEXTS, "seq": st.integers(-5, 50), "kind": TEXTS, "author": TEXTS, "case_ref": TEXTS,
    "at": INSTANTS, "recorded_at": INSTANTS, "canonical": TEXTS, "previous": TEXTS, "hash": TEXTS,
    "payload": st.none() | PAYLOADS, "salt": st.none() | TEXTS,
}  # fmt: skip
EDIT = st.sampled_from(sorted(EDITS)).flatmap(lambda name: st.tuples(st.just(name), EDITS[name]))


def chained(facts: list[tuple[Any, ...]]) -> list[Link]:
    entries: list[Link] = []
    for seq, (kind, author, case_ref, at, recorded_at, payload) in enumerate(facts, start=1):
        entries.append(
            link(
                chain="INC-2026-0001", seq=seq, previous=entries[-1].hash if entries else GENESIS, kind=kind,
                author=author, case_ref=case_ref, at=at, recorded_at=recorded_at, payload=payload, salt="5a",
            )
        )  # fmt: skip
    return entries


def judged(entries: list[Link], length: int) -> Verified | Broken:
    return check_chain("INC-2026-0001", entries, length)


@given(ENTRIES)
def test_a_chain_of_any_entries_verifies(facts: list[tuple[Any, ...]]) -> None:
    entries = chained(facts)
    assert judged(entries, len(facts)) == Verified("INC-2026-0001", len(facts), entries[-1].hash)


@given(ENTRIES, EDIT, st.integers(0, 5))
def test_any_edit_of_any_column_is_found(
    facts: list[tuple[Any, ...]], edit: tuple[str, Any], place: int
) -> None:
    entries = chained(facts)
    entry, (column, value) = entries[place % len(entries)], edit
    before = getattr(entry, column)
    assume(repr(value) != repr(before))
    setattr(entry, column, value)
    assert isinstance(judged(entries, len(facts)), Broken)


@given(ENTRIES, st.randoms())
def test_any_reordering_or_omission_is_found(facts: list[tuple[Any, ...]], random: Any) -> None:
    entries = chained(facts)
    kept = random.sample(entries, random.randint(0, len(entries)))
    assume(kept != entries)
    assert isinstance(judged(kept, len(facts)), Broken)


@given(ENTRIES, ENTRIES, st.integers(0, 5))
def test_an_entry_of_elsewhere_put_in_anywhere_is_found(
    facts: list[tuple[Any, ...]], others: list[tuple[Any, ...]], place: int
) -> None:
    entries = chained(facts)
    entries.insert(place, chained(others)[-1])
    assert isinstance(judged(entries, len(facts)), Broken)


@given(ENTRIES, PAYLOADS, st.integers(0, 5))
def test_a_forger_who_renews_the_hash_is_found_by_the_next_entry_or_by_the_head(
    facts: list[tuple[Any, ...]], payload: dict[str, Any], place: int
) -> None:
    entries, index = chained(facts), place % len(facts)
    head = entries[-1].hash
    forged = [*facts[:index], (*facts[index][:-1], payload), *facts[index + 1 :]]
    assume(repr(payload) != repr(facts[index][-1]))
    entries[index] = chained(forged)[index]
    result = judged(entries, len(facts))
    assert isinstance(result, Broken) or (index == len(facts) - 1 and result.head != head)


@pytest.fixture(scope="module")
def forgeable(sqlite_files: SqliteFiles, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A store whose chain has four entries and whose triggers a forger has dropped."""
    store = Store.open(sqlite_files.new(tmp_path_factory.mktemp("chain")), fixed_keyring())
    with store.writing() as session:
        for number in range(4):
            timeline.append(
                session, chain="INC-2026-0001", kind="note", author="it-1", at=NOW + timedelta(hours=number),
                recorded_at=NOW, payload={"text": number},
            )  # fmt: skip
        unguard_timeline(session.connection())
    return store


def attempt(store: Store, forgery: Callable[[Session], None]) -> Verified | Broken:
    """What verification says of a forgery, which is then undone."""
    with store.writing() as session:
        undoable = session.begin_nested()
        forgery(session)
        result = timeline.verify(session, "INC-2026-0001")
        undoable.rollback()
    return result


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(edit=EDIT, seq=st.integers(1, 4))
def test_any_edit_of_a_stored_column_is_found(forgeable: Store, edit: tuple[str, Any], seq: int) -> None:
    column, value = edit

    def forgery(session: Session) -> None:
        stored = session.exec(timeline._entry("INC-2026-0001", seq)).one()
        assume(repr(getattr(stored, column)) != repr(value))
        assume(column != "seq" or value not in range(1, 5))  # a taken number is refused by its unique key
        of = update(TimelineEntry).where(col(TimelineEntry.id) == stored.id).values({column: value})
        session.execute(of.execution_options(synchronize_session=False))

    assert isinstance(attempt(forgeable, forgery), Broken)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(sealed=st.binary(max_size=64), place=st.integers(0, 200), seq=st.integers(1, 4), whole=st.booleans())
def test_any_edit_of_a_sealed_payload_is_found(
    forgeable: Store, sealed: bytes, place: int, seq: int, whole: bool
) -> None:
    def forgery(session: Session) -> None:
        connection = session.connection()
        raw: bytes = connection.exec_driver_sql(
            "SELECT payload FROM timeline WHERE seq = ?", (seq,)
        ).scalar_one()
        at = place % len(raw)
        edited = sealed if whole else raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]
        connection.exec_driver_sql("UPDATE timeline SET payload = ? WHERE seq = ?", (edited, seq))

    assert isinstance(attempt(forgeable, forgery), Broken)


def test_the_forged_store_verifies_while_nothing_is_forged(forgeable: Store) -> None:
    assert isinstance(attempt(forgeable, lambda _session: None), Verified)
