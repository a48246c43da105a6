"""The migrations make the very schema that the tables describe, and the timeline stays guarded."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import SQLModel

from store import migrating, timeline
from store.chain import Verified
from store.database import Store
from store.migrating import MigrationBehind
from store.triggers import batch_alter_timeline, is_guarded, unguard_timeline
from tests.harness.databases import PostgresServer, fixed_keyring
from tests.harness.incidents import add_case, note, open_incident


@pytest.fixture
def empty_store(backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A store on an empty database."""
    server: PostgresServer | None = None
    url = f"sqlite:///{tmp_path / 'empty.db'}"
    if backend == "postgresql":
        server = request.getfixturevalue("postgres")
        url = server.new(migrated=False)
    store = Store.open(url, fixed_keyring())
    yield store
    store.close()
    if server:
        server.drop(url)


def shape(store: Store) -> dict[str, Any]:
    """Everything the database says of its tables, save alembic's own."""
    found = inspect(store.engine)
    return {
        name: {
            "columns": [
                (column["name"], repr(column["type"]), column["nullable"], column["default"])
                for column in found.get_columns(name)
            ],
            "key": found.get_pk_constraint(name),
            "references": sorted(found.get_foreign_keys(name), key=lambda key: str(key["name"])),
            "unique": sorted(found.get_unique_constraints(name), key=lambda key: str(key["name"])),
            "indexes": sorted(map(plain, found.get_indexes(name)), key=str),
        }
        for name in found.get_table_names()
        if name != "alembic_version"
    }


def plain(index: Any) -> dict[str, Any]:
    options = {name: str(value) for name, value in index.get("dialect_options", {}).items()}
    return {**index, "dialect_options": options}


def test_the_migrated_schema_is_the_one_of_the_tables(store: Store, empty_store: Store) -> None:
    SQLModel.metadata.create_all(empty_store.engine)
    migrated, described = shape(store), shape(empty_store)
    assert migrated.keys() == described.keys(), "run `python -m tests.harness.redraft`"
    for name, table in described.items():
        assert migrated[name] == table, "run `python -m tests.harness.redraft`"


def test_up_and_down_and_up_again_leave_the_same_schema(empty_store: Store) -> None:
    empty_store.migrate()
    before = shape(empty_store)
    migrating.downgrade(empty_store.engine)
    assert shape(empty_store) == {}
    empty_store.migrate()
    assert shape(empty_store) == before
    empty_store.check_migrated()


def test_migrating_twice_changes_nothing_and_keeps_the_rows(store: Store) -> None:
    ref = open_incident(store)
    note(store, ref, "kept")
    store.migrate()
    with store.reading() as session:
        assert isinstance(timeline.verify(session, ref), Verified)


def test_two_processes_that_migrate_at_once_both_succeed(empty_store: Store) -> None:
    other = Store.open(empty_store.engine.url.render_as_string(hide_password=False), fixed_keyring())
    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(store.migrate) for store in (empty_store, other)]:
            done.result()
    empty_store.check_migrated()
    other.close()


def test_an_empty_database_is_behind(empty_store: Store) -> None:
    with pytest.raises(MigrationBehind, match=r"behind.*seventytwo db migrate"):
        empty_store.check_migrated()


def test_a_database_of_a_newer_program_is_left_alone(store: Store) -> None:
    with store.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'f00d'"))
    with pytest.raises(MigrationBehind, match="newer"):
        store.check_migrated()


def test_a_timeline_without_its_triggers_is_not_accepted_until_migrated(store: Store) -> None:
    with store.engine.begin() as connection:
        unguard_timeline(connection)
    with pytest.raises(MigrationBehind, match="guarded"):
        store.check_migrated()
    store.migrate()
    store.check_migrated()


def batch(connection: Connection) -> None:
    """A migration that rebuilds the timeline on SQLite and alters it on PostgreSQL."""
    with (
        Operations.context(MigrationContext.configure(connection)),
        batch_alter_timeline(recreate="auto") as table,
    ):
        table.add_column(sa.Column("origin", sa.String(), nullable=False, server_default="here"))
        table.alter_column("author", type_=sa.String(length=80))


def test_the_triggers_survive_a_batch_migration_and_guard_the_new_column(store: Store) -> None:
    ref = open_incident(store)
    note(store, ref, "before the migration")
    with migrating._migrating(store.engine) as connection:
        batch(connection)
    with store.engine.connect() as connection:
        assert is_guarded(connection)
    for column in ("author", "origin"):
        with pytest.raises(DBAPIError, match="append-only"), store.engine.begin() as connection:
            connection.execute(text(f"UPDATE timeline SET {column} = 'x'"))
    with pytest.raises(DBAPIError, match="append-only"), store.engine.begin() as connection:
        connection.execute(text("DELETE FROM timeline"))
    with store.reading() as session:
        assert isinstance(timeline.verify(session, ref), Verified)


def test_a_batch_on_a_table_that_others_refer_to_loses_no_row(store: Store) -> None:
    ref = open_incident(store)
    add_case(store, ref, "example-retail", "A")
    with (
        migrating._migrating(store.engine) as connection,
        Operations.context(MigrationContext.configure(connection)) as operations,
        operations.batch_alter_table("incident") as table,
    ):
        table.alter_column("severity", type_=sa.String(length=16))
    with store.engine.connect() as connection:
        assert connection.execute(text('SELECT count(*) FROM "case"')).scalar_one() == 1
