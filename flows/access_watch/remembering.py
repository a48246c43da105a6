"""What a run takes over from the one before, and hands on: only what may still grow, nothing of any row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flows.access_watch.counting import Counting
from flows.access_watch.marks import LastSeen, Memory
from flows.access_watch.naming import ALL, DAY
from flows.access_watch.tables import append

FORGOTTEN = 400 * DAY
"""Seconds after which an account that was not used is forgotten, longer than any rule asks."""

_TAKEN = """
SELECT account, client, within, begins, n, records, bytes, t0, t1 FROM taken_in_all
WHERE begins + within > $until AND begins <= $latest ORDER BY ALL
"""
_DAYS = """
SELECT account, client, day, shift, past, privileged, n, records, bytes, t0, t1 FROM judged
WHERE day + $length > $until AND day <= $latest
AND (outside OR not_assigned OR past OR privileged OR break_glass) ORDER BY ALL
"""
_SEEN = """
WITH used AS (SELECT account, max(t1) AS t FROM days WHERE t1 <= $latest GROUP BY account
        UNION ALL SELECT account, t FROM seen),
    last AS (SELECT account, max(t) AS t FROM used GROUP BY account),
    placed AS (SELECT account, arg_max(place, t) AS place, max(t) AS t FROM moves WHERE t <= $latest
        GROUP BY account)
SELECT last.account, last.t, placed.place, placed.t FROM last LEFT JOIN placed USING (account)
WHERE last.t > $since AND last.t <= $latest
"""


def recall(counting: Counting, memory: Memory) -> None:
    """Begin a run with what the one before has handed on."""
    names, tables = counting.names, counting.tables
    counting.last = memory.last
    taken = [(_id(counting, row[0]), names.client_id(row[1]), *row[2:]) for row in memory.taken]
    _insert(counting, "taken", ("INTEGER", "INTEGER", "INTEGER", "BIGINT"), taken)
    days = [(names.account_id(row[0]), names.client_id(row[1]), *row[2:]) for row in memory.days]
    _insert(counting, "days", ("INTEGER", "INTEGER", "BIGINT", "INTEGER", "BOOLEAN", "BOOLEAN"), days)
    seen = [(names.account_id(account), one.t) for account, one in memory.seen.items()]
    append(tables, "INSERT INTO seen SELECT unnest(?::INTEGER[]), unnest(?::BIGINT[])", _columns(seen))
    moves = [
        (names.account_id(account), place, one.place_t)
        for account, one in memory.seen.items()
        if (place := names.place_id(one.place)) is not None
    ]
    append(
        tables,
        "INSERT INTO moves SELECT unnest(?::INTEGER[]), unnest(?::INTEGER[]), unnest(?::BIGINT[])",
        _columns(moves),
    )


def hand_on(counting: Counting, memory: Memory, late: int) -> None:
    """Put into the memory what the next run needs; rows as much as `late` seconds behind still count."""
    memory.last = counting.last
    if counting.last is None:
        return
    names, tables = counting.names, counting.tables
    counting.fold(counting.last)
    until = counting.last - late
    memory.taken = [
        (_name(counting, row[0]), names.clients[row[1]], *map(int, row[2:]))
        for row in tables.execute(_TAKEN, {"until": until, "latest": counting.latest}).fetchall()
    ]
    memory.days = [
        (names.accounts[row[0]], names.clients[row[1]], *row[2:6], *map(int, row[6:]))
        for row in tables.execute(
            _DAYS, {"until": until, "latest": counting.latest, "length": DAY}
        ).fetchall()
    ]
    memory.seen = {
        names.accounts[account]: LastSeen(t, names.places[place] if place is not None else "", place_t or 0)
        for account, t, place, place_t in tables.execute(
            _SEEN, {"since": counting.last - FORGOTTEN, "latest": counting.latest}
        ).fetchall()
    }


def _insert(counting: Counting, table: str, kinds: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Put remembered sums into a table, as rows that are not read again."""
    keys = ", ".join(f"unnest(?::{kind}[])" for kind in kinds)
    sums = ", ".join(["unnest(?::BIGINT[])"] * 5)
    append(counting.tables, f"INSERT INTO {table} SELECT {keys}, false, {sums}", _columns(rows))


def _id(counting: Counting, account: str) -> int:
    return counting.names.account_id(account) if account else ALL


def _name(counting: Counting, account: int) -> str:
    return "" if account == ALL else counting.names.accounts[account]


def _columns(rows: Sequence[Sequence[Any]]) -> list[Any]:
    return list(zip(*rows, strict=True))
