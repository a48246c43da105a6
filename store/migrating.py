"""Bringing a database to the schema of this program, in one transaction, by alembic in this process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, inspect, text

from playbooks.errors import SetupFault, TellHuman
from store.engine import BEGINS
from store.triggers import TABLE, guard_timeline, is_guarded

SCRIPTS = Path(__file__).parent / "migrations"
_LOCK = 7272  # PostgreSQL's advisory lock of whoever migrates


class MigrationBehind(SetupFault):
    """A database whose schema is not the one this program knows."""


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Bring the schema up to a revision; whoever else migrates waits, and finds it done."""
    with _migrating(engine) as connection:
        _refuse_newer(connection)
        command.upgrade(_config(connection), revision)
        if inspect(connection).has_table(TABLE):
            guard_timeline(connection)


def downgrade(engine: Engine, revision: str = "base") -> None:
    """Take the schema back to a revision."""
    with _migrating(engine) as connection:
        command.downgrade(_config(connection), revision)


def check(engine: Engine) -> None:
    """Raise MigrationBehind unless the schema is this program's and the timeline is guarded."""
    mend = "run `seventytwo db migrate`"
    with engine.connect() as connection:
        script, found = _refuse_newer(connection)
        if found != set(script.get_heads()):
            where = ", ".join(found) or "empty"
            raise MigrationBehind("the database is behind this program", which=where, mend=mend)
        if not is_guarded(connection):
            raise MigrationBehind("the timeline is not guarded by its triggers", which=TABLE, mend=mend)


def _refuse_newer(connection: Connection) -> tuple[ScriptDirectory, set[str]]:
    """The revisions that this program knows and those of the database, which must be among them."""
    script = ScriptDirectory.from_config(_config(connection))
    found = set(MigrationContext.configure(connection).get_current_heads())
    if later := found - {revision.revision for revision in script.walk_revisions()}:
        mend = "install the newer release"
        raise MigrationBehind("the database is newer than this program", which=", ".join(later), mend=mend)
    return script, found


@contextmanager
def _migrating(engine: Engine) -> Iterator[Connection]:
    """A connection of its own in one transaction; on SQLite foreign keys are checked at its end."""
    is_sqlite = engine.dialect.name == "sqlite"
    with engine.execution_options(**{BEGINS: "MIGRATING"}).connect() as connection:
        connection.detach()  # it keeps its settings to itself and never returns to the pool
        with connection.begin():
            if not is_sqlite:
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            yield connection
            if is_sqlite and (lost := connection.exec_driver_sql("PRAGMA foreign_key_check").first()):
                raise TellHuman("a migration broke a reference and was undone", which=str(lost[0]))


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
