"""Fixtures that every ring of the suite shares; what they are made of is in tests/harness."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest

from store.database import Store
from tests.harness.databases import PostgresServer, SqliteFiles, fixed_keyring

SAID = ("test_slack_", "test_roster_told", "test_notice_phases", "test_leaks")
"""Files about words, which every database keeps alike."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test of many cases meets PostgreSQL with the first; the others do in `make soak`.

    So do a file's other tests where it is about what is said (`SAID`). Where the database itself is tested
    (`test_store_*`), all of them meet it.
    """
    met: set[str] = set()
    for item in items:
        call = getattr(item, "callspec", None)
        if call is None or call.params.get("backend") != "postgresql" or "/test_store_" in item.nodeid:
            continue
        is_said = item.path.name.startswith(SAID)
        name = item.nodeid.partition("::" if is_said else "[")[0]
        if name in met:
            item.add_marker(pytest.mark.soak)
        met.add(name)


@pytest.fixture(scope="session")
def sqlite_files(tmp_path_factory: pytest.TempPathFactory) -> SqliteFiles:
    """SQLite databases, migrated."""
    return SqliteFiles(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL server for this run of the tests; skips where its package is missing."""
    server = PostgresServer()
    yield server
    server.stop()


@pytest.fixture(params=["sqlite", "postgresql"])
def backend(request: pytest.FixtureRequest) -> str:
    """The kind of database a test runs on; tests that use it run on both."""
    return str(request.param)


@pytest.fixture
def database_url(backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a fresh, migrated database."""
    if backend == "sqlite":
        yield cast("SqliteFiles", request.getfixturevalue("sqlite_files")).new(tmp_path)
        return
    server = cast("PostgresServer", request.getfixturevalue("postgres"))
    url = server.new()
    yield url
    server.drop(url)


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """A fresh store, on SQLite and on PostgreSQL."""
    opened = Store.open(database_url, fixed_keyring())
    yield opened
    opened.close()


@pytest.fixture
def sqlite_store(sqlite_files: SqliteFiles, tmp_path: Path) -> Iterator[Store]:
    """A fresh store on SQLite, for tests to which the database is all the same."""
    opened = Store.open(sqlite_files.new(tmp_path), fixed_keyring())
    yield opened
    opened.close()
