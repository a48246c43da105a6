"""A storm of alerts with few fingerprints beside distinct ones, and what both leave in the desk's memory."""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlmodel import col, func, select

from flows.intake.claims import digest
from store.tables import Alert
from tests.bench.intake import CLIENTS, ONE_IN, Round, Stream, load_generator, measure, new_tag
from tests.bench.intake_aftermath import looking_into
from tests.bench.intake_targets import Target, databases, desk
from tests.bench.results import Figure, Section, markdown

FINGERPRINTS = 50
TOGETHER = 5
GROUPS = FINGERPRINTS // TOGETHER
QUARTERS = 4
MOST_GROWTH = 0.1

STORM = Stream(lambda i: i % FINGERPRINTS, lambda i: i % FINGERPRINTS // TOGETHER)

HOW = f"""\
{CLIENTS} clients post 20,000 alerts of {FINGERPRINTS} fingerprints, {TOGETHER} of which name one account
on one host, and beside them 20,000 alerts of as many fingerprints, {ONE_IN} to an account, to the same
desk on SQLite with its watch beside it; both come in {QUARTERS} quarters by turns, in the same run.
Every alert of the storm says something new (another time and id), so that none is a mere repetition. The
ratio is that of the times which one alert takes. The desk's resident memory is looked at after each
quarter."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What the store holds of the storm: rows, the sum of what they count, incidents that they belong to."""

    rows: int
    occurrences: int
    incidents: int


@dataclass(frozen=True, slots=True)
class Quarter:
    """A quarter of the run: both rounds of it, and the desk's resident memory in MiB after them."""

    stormy: Round
    distinct: Round
    memory: float


def storm(*, quick: bool, say: Callable[[str], None]) -> Section:
    """Post both by turns, count what is kept, and look at the desk's memory."""
    count = (1_000 if quick else 20_000) // QUARTERS
    loadgen, tag, quarters = load_generator(), new_tag(), []
    with tempfile.TemporaryDirectory(prefix="seventytwo-bench-") as folder:
        work = Path(folder)
        with databases("sqlite", work) as new, desk(new, work) as target:
            measure(loadgen, target, max(100, count // 10))
            for number in range(1, QUARTERS + 1):
                say(f"storm: quarter {number} of {QUARTERS}")
                stormy = measure(loadgen, target, count, STORM, tag=tag)
                distinct = measure(loadgen, target, count)
                quarters.append(Quarter(stormy, distinct, _resident(target)))
            kept = _kept(target.database, tag)
    return Section("A storm", HOW, _judged(count * QUARTERS, kept, quarters), _table(quarters))


def _resident(target: Target) -> float:
    return float(target.processes["desk"].memory_info().rss / 2**20)


def _kept(url: str, tag: str) -> Kept:
    fingerprints = [digest(f"{tag}-{number}") for number in range(FINGERPRINTS)]
    mine = col(Alert.fingerprint).in_(fingerprints)
    with looking_into(url) as store, store.reading() as session:
        counted = select(
            func.count(), func.sum(Alert.occurrences), func.count(col(Alert.incident_id).distinct())
        )
        rows, occurrences, incidents = session.exec(counted.where(mine)).one()
    return Kept(rows, occurrences, incidents)


def _judged(posted: int, kept: Kept, quarters: Sequence[Quarter]) -> list[Figure]:
    slower = statistics.median(one.distinct.rate / one.stormy.rate for one in quarters)
    growth = quarters[-1].memory / quarters[0].memory - 1
    is_whole = (kept.rows, kept.occurrences, kept.incidents) == (FINGERPRINTS, posted, GROUPS)
    return [
        Figure(
            f"storm of {posted:,} alerts with {FINGERPRINTS} fingerprints: rows, counted, incidents",
            f"{kept.rows}, {kept.occurrences:,}, {kept.incidents}",
            f"{FINGERPRINTS}, {posted:,}, {GROUPS}",
            is_whole,
        ),
        Figure("the storm beside distinct alerts: time of one, ratio", f"{slower:.2f}", "≤ 1", slower <= 1),
        Figure(
            f"memory of the desk over {2 * posted:,} alerts, after the first quarter",
            f"{growth * 100:+.0f} %",
            f"≤ {MOST_GROWTH * 100:.0f} %",
            growth <= MOST_GROWTH,
        ),
    ]


def _table(quarters: Sequence[Quarter]) -> str:
    head = ("quarter", "storm/s", "p99 ms", "distinct/s", "p99 ms", "resident memory of the desk MiB")
    rows = [
        (
            f"{number}",
            f"{one.stormy.rate:.0f}",
            f"{one.stormy.p99:.1f}",
            f"{one.distinct.rate:.0f}",
            f"{one.distinct.p99:.1f}",
            f"{one.memory:.1f}",
        )
        for number, one in enumerate(quarters, 1)
    ]
    return markdown(head, rows)
