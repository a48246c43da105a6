"""Draft the initial migration anew from the tables: `python -m tests.harness.redraft`.

Only until the first release; after it, a change of the tables is a new revision.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from alembic.autogenerate import produce_migrations, render_python_code
from alembic.migration import MigrationContext
from sqlalchemy import create_engine
from sqlmodel import AutoString, SQLModel

import store.tables  # noqa: F401 - fills the metadata
from store.migrating import SCRIPTS
from store.types import SealedJson, SealedText, UtcDateTime

TEMPLATE = '''"""Create every table of the store."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store.triggers import guard_timeline, unguard_timeline

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    {upgrade}
    guard_timeline(op.get_bind())


def downgrade() -> None:
    unguard_timeline(op.get_bind())
    {downgrade}
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION IF EXISTS timeline_refuse()")
'''


def render_type(kind: str, item: Any, _context: Any) -> str | bool:
    """Write our column kinds as what they are in the database: a migration imports no code that changes."""
    if kind != "type":
        return False
    match item:
        case UtcDateTime():
            return "sa.DateTime(timezone=True)"
        case SealedText() | SealedJson():
            return "sa.LargeBinary()"
        case AutoString():
            length = item.impl.length
            return f"sa.String(length={length})" if length else "sa.String()"
        case _:
            return False


def draft() -> str:
    """The text of the initial migration, from the tables as they are now."""
    with tempfile.TemporaryDirectory() as folder:
        engine = create_engine(f"sqlite:///{folder}/empty.db")
        with engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"target_metadata": SQLModel.metadata})
            script = produce_migrations(context, SQLModel.metadata)
            assert script.upgrade_ops is not None
            assert script.downgrade_ops is not None
            up, down = (
                render_python_code(ops, render_item=render_type, migration_context=context)
                for ops in (script.upgrade_ops, script.downgrade_ops)
            )
        engine.dispose()
    return TEMPLATE.format(upgrade=_plain(up), downgrade=_plain(down))


def _plain(code: str) -> str:
    lines = (line for line in code.splitlines() if not line.lstrip().startswith("#"))
    return "\n".join(lines).strip()


def main() -> None:
    """Write the draft where alembic finds it."""
    path: Path = SCRIPTS / "versions" / "0001_initial.py"
    path.write_text(draft(), encoding="utf-8")
    subprocess.run([sys.executable, "-m", "ruff", "format", "--quiet", str(path)], check=True)


if __name__ == "__main__":
    main()
