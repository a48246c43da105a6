"""The store: short transactions over what is true, and the lock that orders each incident."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Self

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError, StatementError
from sqlmodel import Session, select

from playbooks.errors import NotFound, SeventytwoError, Unreachable
from store import migrating
from store.engine import BEGINS, LOCK_WAIT, make_engine, make_hasty
from store.failures import is_passing
from store.seal import Keyring, use_keyring
from store.tables import Incident


class Store:
    """One database, opened; it is shared by the threads of a process."""

    def __init__(self, url: str, keyring: Keyring) -> None:
        use_keyring(keyring)
        self.keyring = keyring
        self.engine: Engine = make_engine(url)
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        self._reader = self.engine.execution_options(**self._reader_options())
        self._hasty = make_hasty(url, self.engine)
        self._turn = threading.Lock()
        self._mine = threading.local()

    @classmethod
    def open(cls, url: str, keyring: Keyring) -> Self:
        """Open the database at `sqlite:///file` or `postgresql://…`; raises SetupFault."""
        return cls(url, keyring)

    def close(self) -> None:
        """Let every pooled connection go."""
        self.engine.dispose()
        self._hasty.dispose()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """One consistent view, in which nothing can be written; its rows stay usable afterwards."""
        with _translated(), Session(self._reader, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def writing(self, *, at_once: bool = False) -> Iterator[Session]:
        """A transaction of the house: committed at the end of the block, rolled back by an error.

        `at_once` waits for no lock, or on PostgreSQL a tenth of a second: else it raises Unreachable.
        """
        with (
            self._own_turn(0 if at_once else LOCK_WAIT),
            _translated(),
            Session(self._hasty if at_once else self.engine, expire_on_commit=False) as session,
            session.begin(),
        ):
            session.connection()  # begins now: on SQLite the write lock is held from here
            yield session

    @contextmanager
    def deciding(self, ref: str) -> Iterator[tuple[Session, Incident]]:
        """A transaction that holds the incident's lock from its first statement; raises NotFound."""
        with self.writing() as session:
            found = session.exec(select(Incident).where(Incident.ref == ref).with_for_update()).first()
            if found is None:
                raise NotFound("no such incident", which=ref)
            yield session, found

    def migrate(self) -> None:
        """Bring the schema up to date; whoever else does so at the same time waits."""
        with _translated():
            migrating.upgrade(self.engine)

    def check_migrated(self) -> None:
        """Raise MigrationBehind unless the schema is up to date and the timeline is guarded."""
        with _translated():
            migrating.check(self.engine)

    def _reader_options(self) -> dict[str, object]:
        if self.is_sqlite:
            return {BEGINS: "READING"}
        return {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}

    @contextmanager
    def _own_turn(self, wait: float) -> Iterator[None]:
        """One open transaction in a thread; on SQLite one in the process, so that threads queue fairly."""
        if getattr(self._mine, "open", False):
            raise RuntimeError("this thread has a transaction open already: do both in one")
        if self.is_sqlite and not self._turn.acquire(timeout=wait):
            raise Unreachable("the database is busy", mend="try again")
        self._mine.open = True
        try:
            yield
        finally:
            self._mine.open = False
            if self.is_sqlite:
                self._turn.release()


@contextmanager
def _translated() -> Iterator[None]:
    """Turn a database that is busy or away into Unreachable, and give an error of ours as it was raised."""
    try:
        yield
    except DBAPIError as error:
        if is_passing(error):
            raise Unreachable("the database did not answer in time", mend="try again") from error
        raise
    except StatementError as error:
        if isinstance(error.orig, SeventytwoError):
            raise error.orig from None
        raise
