"""Intake beside the bare reference endpoint, in rounds that alternate, by tests/bench/intake.py."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence

from tests.bench.intake import CLIENTS, ONE_IN, Round, beside_reference, ratio, table
from tests.bench.results import Figure, Section

RATE, SLOWEST = 0.6, 5.0

HOW = f"""\
{CLIENTS} clients post the same alerts to both, each of a new fingerprint; {ONE_IN} in a row name one
account on one host, so that one alert in {ONE_IN} opens an incident here and the others join it, while
the reference (`reference.py`, modes `sqlite` and `pg`: one upsert each, acknowledged after its commit)
only stores them. Both write to the same kind of database with the same settings: SQLite with synchronous
NORMAL, or a database each of one real PostgreSQL, whose fsync is off for both. The watch runs beside the
desk as a process of its own and begins what was opened; Prefect is away, Slack not configured. Rounds
alternate, and who is not measured rests; a ratio is that of the figures within a round. *Begun* is when
the transaction starts that gives an incident its plan, its questions and its clocks. Reference and load
generator lie beside the repository, in the folder that SEVENTYTWO_SHARED names."""


def intake_beside(*, quick: bool, say: Callable[[str], None]) -> Section:
    """Run the rounds of tests/bench/intake.py on both databases, and judge the signed source."""
    rounds, count = (1, 400) if quick else (5, 3000)
    on_sqlite = beside_reference("sqlite", rounds, count, say)
    on_pg = beside_reference("pg", rounds, count, say)
    figures = [*_judged("SQLite", on_sqlite), *_judged("PostgreSQL", on_pg)]
    return Section("Intake", HOW, figures, f"{table(on_sqlite)}\n\n{table(on_pg)}")


def _judged(where: str, taken: Mapping[str, Sequence[Round]]) -> list[Figure]:
    bare, signed, *_ = taken.values()
    rate, slowest = ratio(signed, bare, "rate"), ratio(signed, bare, "p99")
    a_second = statistics.median(one.rate for one in signed)
    after = [one.after for one in signed if one.after]
    begun = statistics.median(one.begun_after for one in after)
    p50, p95 = (statistics.median(getattr(one, what) for one in after) for what in ("wait_p50", "wait_p95"))
    return [
        Figure(f"intake on {where}: distinct alerts, signed", f"{a_second:.0f}/s"),
        Figure(f"intake on {where}: rate beside the bare endpoint", f"{rate:.2f}", f"≥ {RATE}", rate >= RATE),
        Figure(
            f"intake on {where}: p99 beside the bare endpoint's",
            f"{slowest:.1f}",
            f"≤ {SLOWEST:.0f}",
            slowest <= SLOWEST,
        ),
        Figure(f"intake on {where}: from alert to begun incident, p50", f"{p50 * 1000:.0f} ms"),
        Figure(f"intake on {where}: from alert to begun incident, p95", f"{p95 * 1000:.0f} ms"),
        Figure(f"intake on {where}: all begun after the last answer", f"{begun:.2f} s"),
    ]
