"""What makes the timeline append-only in the database itself, whoever writes to it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from alembic import op
from sqlalchemy import Connection, inspect, text

TABLE = "timeline"
ERASABLE = ("payload", "salt")
NAMES = {
    "sqlite": ("timeline_fixed", "timeline_kept", "timeline_never_replaced"),
    "postgresql": ("timeline_fixed", "timeline_kept", "timeline_never_emptied"),
}


def guard_timeline(connection: Connection) -> None:
    """Create the triggers anew: no entry changes or goes, save payload and salt to NULL together."""
    unguard_timeline(connection)
    columns = [column["name"] for column in inspect(connection).get_columns(TABLE)]
    fixed = [name for name in columns if name not in ERASABLE]
    making = _sqlite(fixed) if connection.dialect.name == "sqlite" else _postgresql(fixed)
    for statement in making:
        connection.execute(text(statement))


def unguard_timeline(connection: Connection) -> None:
    """Drop the triggers, for the length of a migration's transaction."""
    is_sqlite = connection.dialect.name == "sqlite"
    for name in NAMES[connection.dialect.name]:
        connection.execute(text(f"DROP TRIGGER IF EXISTS {name}" + ("" if is_sqlite else f" ON {TABLE}")))


def is_guarded(connection: Connection) -> bool:
    """Whether every trigger of the timeline is there."""
    if connection.dialect.name == "sqlite":
        listing = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :of"
    else:
        listing = "SELECT tgname FROM pg_trigger WHERE tgrelid = to_regclass(:of) AND tgenabled = 'O'"
    found = set(connection.execute(text(listing), {"of": TABLE}).scalars())
    return found.issuperset(NAMES[connection.dialect.name])


@contextmanager
def batch_alter_timeline(**options: Any) -> Iterator[Any]:
    """Alembic's batch for the timeline: a batch copies the table, and its triggers would be lost."""
    unguard_timeline(op.get_bind())
    with op.batch_alter_table(TABLE, **options) as batch:
        yield batch
    guard_timeline(op.get_bind())


def _sqlite(fixed: list[str]) -> list[str]:
    changed = " OR ".join(f"NEW.{name} IS NOT OLD.{name}" for name in fixed)
    refuse = "BEGIN SELECT RAISE(ABORT, 'the timeline is append-only'); END"
    return [
        f"CREATE TRIGGER timeline_fixed BEFORE UPDATE ON {TABLE} WHEN {changed} OR {_KEPT} {refuse}",
        f"CREATE TRIGGER timeline_kept BEFORE DELETE ON {TABLE} {refuse}",
        f"CREATE TRIGGER timeline_never_replaced BEFORE INSERT ON {TABLE} WHEN {_TAKEN} {refuse}",
    ]


def _postgresql(fixed: list[str]) -> list[str]:
    changed = " OR ".join(f"NEW.{name} IS DISTINCT FROM OLD.{name}" for name in fixed)
    updates = f"BEFORE UPDATE ON {TABLE} FOR EACH ROW WHEN ({changed} OR {_KEPT})"
    refuse = "EXECUTE FUNCTION timeline_refuse()"
    return [
        _REFUSE,
        f"CREATE TRIGGER timeline_fixed {updates} {refuse}",
        f"CREATE TRIGGER timeline_kept BEFORE DELETE ON {TABLE} FOR EACH ROW {refuse}",
        f"CREATE TRIGGER timeline_never_emptied BEFORE TRUNCATE ON {TABLE} {refuse}",
    ]


_KEPT = " OR ".join(f"NEW.{name} IS NOT NULL" for name in ERASABLE)
# INSERT OR REPLACE removes a row without asking the trigger on DELETE
_TAKEN = "EXISTS (SELECT 1 FROM timeline WHERE id = NEW.id OR (chain = NEW.chain AND seq = NEW.seq))"
_REFUSE = """
CREATE OR REPLACE FUNCTION timeline_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the timeline is append-only' USING ERRCODE = 'integrity_constraint_violation';
END $$
"""
