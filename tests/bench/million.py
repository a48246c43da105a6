"""A million stored alerts: whether the door is as fast as before an empty store."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, closing
from pathlib import Path

from sqlalchemy import func, insert, literal, select, true
from sqlmodel import SQLModel

from store.database import Store
from store.tables import Alert, AlertGroup, IntakeReply
from tests.bench.intake import CLIENTS, Round, alternate, load_generator, measure, ratio
from tests.bench.intake_aftermath import looking_into
from tests.bench.intake_targets import databases, desk
from tests.bench.results import Figure, Section, markdown

STORED = 1_000_000
POSTED = 2_000
"""Alerts that are posted first and then copied, each under fingerprints of its own."""
CACHE = 2_000_000
"""KiB of the database that filling keeps in memory: its indexes are written at random places."""
AT_ONCE = 50
"""Copies of each that one transaction makes."""
MOST = 0.2

UNIQUE = ((Alert, "fingerprint"), (IntakeReply, "request"), (AlertGroup, "digest"))
"""The tables that grow with the alerts, and the column of each that no two rows share."""

HOW = f"""\
Two desks, each with its watch, over SQLite: one store is empty, the other holds {STORED:,} alerts with
the first answer to each (kept for a day) and their groups. They were made from {POSTED:,} alerts that
were really posted: every row is copied within the database, its sealed columns as they are, under a
random fingerprint. {CLIENTS} clients then post distinct alerts to both in rounds that alternate; a ratio
is taken within each round."""


def million(*, quick: bool, say: Callable[[str], None]) -> Section:
    """Fill one store, and post to both."""
    rounds, count, stored = (1, 400, 20_000) if quick else (5, 3_000, STORED)
    with ExitStack() as stack:
        work = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="seventytwo-bench-")))
        new = stack.enter_context(databases("sqlite", work))
        empty, full = (stack.enter_context(desk(new, work, name=name)) for name in ("empty", "full"))
        measure(load_generator(), full, POSTED)
        say(f"million: {stored:,} alerts are stored")
        held = _fill(full.database, stored)
        targets = {"an empty store": empty, f"{held:,} alerts": full}
        taken = alternate(targets, rounds, count, say)
    return Section("A million alerts", HOW, _judged(held, taken), _table(taken))


def _fill(url: str, stored: int) -> int:
    """Copy what was posted until there are so many alerts; returns how many there are."""
    with looking_into(url) as store:
        there = _count(store)
        originals = {table: _originals(store, table, unique) for table, unique in UNIQUE}
        missing = max(0, stored // there - 1)
        while missing:
            times = min(missing, AT_ONCE)
            for table, unique in UNIQUE:
                _copy(store, table, unique, originals[table], times)
            missing -= times
        _settle(url)
        return _count(store)


def _settle(url: str) -> None:
    """Move the write-ahead log into the file, so that no round pays for what the filling left behind."""
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _originals(store: Store, table: type[SQLModel], unique: str) -> list[str]:
    with store.reading() as session:
        return list(session.execute(select(getattr(table, unique))).scalars())


def _copy(store: Store, table: type[SQLModel], unique: str, originals: Sequence[str], times: int) -> None:
    """Copy the original rows so many times, each copy under a random text of 64 hex digits."""
    columns = [name for name in table.model_fields if name != "id"]
    first = select(literal(1).label("number")).cte(recursive=True)
    numbers = first.union_all(select(first.c.number + 1).where(first.c.number < times))
    random = func.lower(func.hex(func.randomblob(32)))
    copied = [random if name == unique else getattr(table, name) for name in columns]
    chosen = select(*copied).join(numbers, true()).where(getattr(table, unique).in_(originals))
    with store.writing() as session:
        session.connection().exec_driver_sql(f"PRAGMA cache_size = -{CACHE}")
        session.execute(insert(table).from_select(columns, chosen, include_defaults=False))


def _count(store: Store) -> int:
    with store.reading() as session:
        return int(session.execute(select(func.count()).select_from(Alert)).scalar_one())


def _judged(held: int, taken: Mapping[str, Sequence[Round]]) -> list[Figure]:
    empty, full = taken.values()
    about = f"{held:,} alerts stored beside none"
    rate, median, p95 = (ratio(full, empty, what) for what in ("rate", "p50", "p95"))
    return [
        Figure(f"{about}: rate", f"{rate:.2f}", f"≥ {1 - MOST}", rate >= 1 - MOST),
        Figure(f"{about}: median of the answers", f"{median:.2f}", f"≤ {1 + MOST}", median <= 1 + MOST),
        Figure(f"{about}: p95 of the answers", f"{p95:.2f}", f"≤ {1 + MOST}", p95 <= 1 + MOST),
    ]


def _table(taken: Mapping[str, Sequence[Round]]) -> str:
    rows = [
        (name, *(f"{getattr(one, what):.1f}" for what in ("rate", "p50", "p95", "p99", "cpu")))
        for name, rounds in taken.items()
        for one in rounds
    ]
    return markdown(("each round", "alerts/s", "p50 ms", "p95 ms", "p99 ms", "CPU ms each"), rows)
