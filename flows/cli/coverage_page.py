"""Coverage as the terminal shows it: each kind's worst, then what incidents would trip over, worst first."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from statistics import fmean

from flows.cli.shown import columns, say
from notify.text import terminal
from playbooks.coverage import NO_CLIENT, Coverage, Row, Trip

_NAMED = 4
"""How many clients or kinds are named before the rest is counted."""
_MOST_ROWS = 60
"""How many rows are shown one by one; where there are more, each kind is summed up."""


def show_coverage(found: Coverage, as_json: bool) -> None:
    """Show the scores and what lacks, or all of it as JSON."""
    if as_json:
        data = {
            "score": found.score,
            "rows": [asdict(row) for row in found.rows],
            "trips": [asdict(trip) for trip in found.trips],
        }
        say(json.dumps(data, indent=2))
        return
    if not found.rows:
        say(NO_CLIENT)
        return
    if len(found.rows) <= _MOST_ROWS:
        _show_rows(found.rows)
    else:
        _show_kinds(found.rows)
    say(f"\n{len(found.rows)} rows, {found.score} of 100 on average. What an incident would trip over:")
    for trip in found.trips:
        say(f"- {_words(trip)}")


def _show_rows(rows: Sequence[Row]) -> None:
    ranked = sorted(rows, key=lambda row: row.score)
    columns(
        ("score", "kind", "client", "regime", "lacks"),
        [(row.score, row.kind, row.client, row.regime, row.lacks) for row in ranked],
        none=NO_CLIENT,
    )


def _show_kinds(rows: Sequence[Row]) -> None:
    by_kind: dict[str, list[Row]] = {}
    for row in rows:
        by_kind.setdefault(row.kind, []).append(row)
    worst = {kind: min(of_kind, key=lambda row: row.score) for kind, of_kind in by_kind.items()}
    columns(
        ("kind", "mean", "worst", "for client", "under", "rows"),
        [
            (
                kind,
                round(fmean(row.score for row in by_kind[kind])),
                row.score,
                row.client,
                row.regime,
                len(by_kind[kind]),
            )
            for kind, row in sorted(worst.items(), key=lambda pair: (pair[1].score, pair[0]))
        ],
        none=NO_CLIENT,
    )


def _words(trip: Trip) -> str:
    """One lack with whose it is, and how far it reaches."""
    cost = f"{trip.points / trip.rows:.3g} points each in {_many(trip.rows, 'row')}"
    if trip.about == "client":
        return f"{_named(trip.clients)}: {trip.what}: {_many(len(trip.kinds), 'kind')} trip over it ({cost})"
    if trip.about == "people":
        return (
            f"{trip.what}: {_many(len(trip.kinds), 'kind')} for {_many(len(trip.clients), 'client')} ({cost})"
        )
    return f"{_named(trip.kinds)}: {trip.what}: {_many(len(trip.clients), 'client')} ({cost})"


def _named(names: Sequence[str]) -> str:
    rest = len(names) - _NAMED
    shown = names[:_NAMED] if rest > 1 else names
    return terminal(", ".join(shown)) + (f" and {rest} more" if rest > 1 else "")


def _many(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"
