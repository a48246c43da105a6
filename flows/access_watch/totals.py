"""From the sums of a run to findings: what is beyond a limit, found by query and judged by the rules."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from flows.access_watch.book import Book
from flows.access_watch.counting import Counting
from flows.access_watch.naming import ALL, DAY
from flows.access_watch.tables import append
from playbooks.access_watch.findings import SHOWN_NAMES, Finding, Move, Sum
from playbooks.access_watch.hours import stretch_begins
from playbooks.access_watch.judging import Judge
from playbooks.access_watch.people import Off, every_day
from playbooks.access_watch.rules import (
    AfterHours,
    AnyRule,
    Bulk,
    Dormant,
    Leaver,
    NotAssigned,
    Privileged,
    Travel,
)

MOST_FOUND = 10_000
"""Of one rule and run, the newest; more than that is a rule that fits nobody."""

_WHO = """
CREATE OR REPLACE TEMP TABLE who (account INTEGER, rostered BOOLEAN, limited BOOLEAN, break_glass BOOLEAN,
    admin BOOLEAN, team INTEGER, leave INTEGER);
CREATE OR REPLACE TEMP TABLE assigned (team INTEGER, client INTEGER);
CREATE OR REPLACE TEMP TABLE off (leave INTEGER, shift INTEGER);
CREATE OR REPLACE TEMP VIEW judged AS
    SELECT d.*, coalesce(w.rostered, false) AS rostered,
        coalesce(w.rostered, false) AND (d.shift IS NULL OR o.shift IS NOT NULL) AS outside,
        coalesce(w.limited, false) AND d.client > 0 AND a.client IS NULL AS not_assigned,
        coalesce(w.break_glass, false) AS break_glass, coalesce(w.admin, false) AS admin
    FROM days_in_all AS d LEFT JOIN who AS w ON d.account = w.account
        LEFT JOIN off AS o ON w.leave = o.leave AND d.shift = o.shift
        LEFT JOIN assigned AS a ON w.team = a.team AND d.client = a.client;
"""
_OF_DAY = """
SELECT account, 0 AS client, day, {day}, sum(n), sum(records), sum(bytes), min(t0), max(t1), NULL,
    list(DISTINCT client)
FROM judged WHERE {which} GROUP BY account, day HAVING sum(n) > $limit ORDER BY day DESC LIMIT {most}
"""
_WHICH = {
    "after_hours": "outside",
    "not_assigned": "not_assigned",
    "privileged": "break_glass OR (privileged AND NOT (admin AND NOT outside))",
    "leaver": "past",
}
_OF_ACCOUNT = """
SELECT account, 0, begins, $within, sum(n), sum(records), sum(bytes), min(t0), max(t1), NULL, list(client)
FROM taken_in_all WHERE account > 0 AND within = $within GROUP BY account, begins
HAVING sum(records) > $records OR sum(bytes) > $bytes ORDER BY begins DESC LIMIT $most
"""
_OF_BOTH = """
SELECT account, client, begins, within, n, records, bytes, t0, t1, NULL, NULL
FROM taken_in_all WHERE account > 0 AND client > 0 AND within = $within
AND (records > $records OR bytes > $bytes) ORDER BY begins DESC LIMIT $most
"""
_OF_CLIENT = """
SELECT 0, client, begins, within, n, records, bytes, t0, t1,
    (SELECT list(DISTINCT one.account) FROM taken AS one WHERE one.account > 0 AND one.client = c.client
        AND one.within = c.within AND one.t1 >= c.begins AND one.t0 < c.begins + c.within), NULL
FROM taken_in_all AS c WHERE account = $all AND within = $within
AND (records > $records OR bytes > $bytes) ORDER BY begins DESC LIMIT $most
"""
_TURNS = """
CREATE OR REPLACE TEMP TABLE turns AS
WITH met AS (SELECT DISTINCT account, place, t FROM moves),
    several AS (SELECT account FROM met GROUP BY account HAVING min(place) <> max(place)),
    turns AS (SELECT account, place, t, lag(place) OVER by_time AS before, lag(t) OVER by_time AS left_at
        FROM met SEMI JOIN several USING (account)
        WINDOW by_time AS (PARTITION BY account ORDER BY t, place))
SELECT * FROM turns WHERE before <> place;
CREATE OR REPLACE TEMP TABLE apart (one INTEGER, other INTEGER, km DOUBLE);
"""
_TRAVELLED = """
SELECT account, arg_min(before, t), min_by(left_at, t), arg_min(place, t), min(t)
FROM turns JOIN apart ON before = one AND place = other
WHERE km > $km AND km * 3600 > $speed * (t - left_at)
GROUP BY account, t // 21600 ORDER BY 5 DESC LIMIT $most
"""
_WOKEN = """
WITH used AS (SELECT account, min(t0) AS t0, max(t1) AS t1 FROM days GROUP BY account, day
        UNION ALL SELECT account, t, t FROM seen),
    after AS (SELECT account, t0, max(t1) OVER (PARTITION BY account ORDER BY t0, t1
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before FROM used)
SELECT account, before, t0 FROM after WHERE t0 - before > $unused ORDER BY t0 DESC LIMIT $most
"""
_UNLIMITED = 2**62


class Totals:
    """What the rules of one log make of its sums."""

    def __init__(self, counting: Counting, book: Book, log: str, system: str) -> None:
        self._tables, self._names, self._book = counting.tables, counting.names, book
        self._judge = Judge(log, system)
        self._tables.execute(_WHO)
        self._describe()

    def findings(self, rules: tuple[AnyRule, ...]) -> Iterator[Finding]:
        """Every finding of the rules; whoever is exempt from a rule makes none of it."""
        for rule in rules:
            for finding in self._of(rule):
                person = self._book.person(finding.account) if finding.account else None
                if person is None or rule.id not in person.exempt:
                    yield finding

    def _of(self, rule: AnyRule) -> Iterator[Finding]:
        match rule:
            case Bulk():
                found = (self._judge.bulk(rule, one) for one in self._taken(rule))
            case AfterHours() | NotAssigned() | Privileged() | Leaver():
                found = (self._judge.accesses(rule, one) for one in self._days(rule))
            case Travel():
                found = (self._judge.travel(rule, one, self._book.places) for one in self._travelled(rule))
            case Dormant():
                found = (self._judge.dormant(rule, one) for one in self._woken(rule))
        yield from (one for one in found if one is not None)

    def _taken(self, rule: Bulk) -> Iterator[Sum]:
        asked = {
            "within": int(rule.within.total_seconds()),
            "records": rule.records if rule.records is not None else _UNLIMITED,
            "bytes": rule.bytes if rule.bytes is not None else _UNLIMITED,
            "most": MOST_FOUND,
        }
        if rule.by == ("client",):
            return self._sums(_OF_CLIENT, {**asked, "all": ALL})
        return self._sums(_OF_ACCOUNT if rule.by == ("account",) else _OF_BOTH, asked)

    def _days(self, rule: AfterHours | NotAssigned | Privileged | Leaver) -> Iterator[Sum]:
        query = _OF_DAY.format(which=_WHICH[rule.kind], day=DAY, most=MOST_FOUND)
        return self._sums(query, {"limit": rule.accesses})

    def _sums(self, query: str, asked: dict[str, int]) -> Iterator[Sum]:
        names = self._names
        for row in self._tables.execute(query, asked).fetchall():
            account, client, begins, length, accesses, records, size, first, last, accounts, clients = row
            yield Sum(
                names.accounts[account],
                names.clients[client],
                _at(begins),
                _at(begins + length),
                _at(first),
                _at(last),
                accesses,
                int(records),
                int(size),
                tuple(names.accounts[one] for one in sorted(accounts or ())[:SHOWN_NAMES]),
                tuple(names.clients[one] for one in sorted(set(clients or ()) - {0})[:SHOWN_NAMES]),
            )

    def _travelled(self, rule: Travel) -> Iterator[Move]:
        names, places = self._names, self._book.places
        self._tables.execute(_TURNS)
        pairs = self._tables.execute("SELECT DISTINCT before, place FROM turns").fetchall()
        apart = [places.kilometres(names.places[one], names.places[other]) for one, other in pairs]
        append(
            self._tables,
            "INSERT INTO apart SELECT unnest(?::INTEGER[]), unnest(?::INTEGER[]), unnest(?::DOUBLE[])",
            [[one for one, _ in pairs], [other for _, other in pairs], apart],
        )
        asked = {"km": rule.kilometres, "speed": rule.kilometres_per_hour, "most": MOST_FOUND}
        told: set[tuple[str, datetime]] = set()
        for account, left, left_at, came, came_at in reversed(
            self._tables.execute(_TRAVELLED, asked).fetchall()
        ):
            move = self._move(account, left_at, came_at, names.places[left], names.places[came])
            if (move.account, move.day) not in told:
                told.add((move.account, move.day))
                yield move

    def _woken(self, rule: Dormant) -> Iterator[Move]:
        asked = {"unused": int(rule.unused_for.total_seconds()), "most": MOST_FOUND}
        for account, left_at, came_at in self._tables.execute(_WOKEN, asked).fetchall():
            yield self._move(account, left_at, came_at)

    def _move(self, account: int, left_at: int, came_at: int, left: str = "", came: str = "") -> Move:
        name = self._names.accounts[account]
        zone_name = self._book.zone_of(self._book.person(name))
        day = stretch_begins(_at(came_at), zone_name, timedelta(days=1))
        return Move(name, _at(left_at), _at(came_at), day, left, came)

    def _describe(self) -> None:
        """Write down what is known of the people whose accounts were met; what many share, once."""
        who, teams, leaves = (
            list[tuple[Any, ...]](),
            dict[tuple[str, ...], int](),
            dict[tuple[Off, Off], int](),
        )
        for number, name in enumerate(self._names.accounts):
            person = self._book.person(name)
            roster = self._book.roster_of(person)
            clients = person.clients if person is not None else None
            of = person.privileged if person is not None else ""
            off = (person.days_off if person else (), roster.days_off if roster else ())
            who.append(
                (number, roster is not None, clients is not None, of == "break_glass", of == "admin",
                 teams.setdefault(clients or (), len(teams)), leaves.setdefault(off, len(leaves)))
            )  # fmt: skip
        booleans, two = ", ".join(["unnest(?::BOOLEAN[])"] * 4), "unnest(?::INTEGER[]), unnest(?::INTEGER[])"
        append(self._tables, f"INSERT INTO who SELECT unnest(?::INTEGER[]), {booleans}, {two}", _columns(who))
        assigned = [(team, self._names.client_id(one)) for clients, team in teams.items() for one in clients]
        append(self._tables, f"INSERT INTO assigned SELECT {two}", _columns(assigned))
        days = [
            (leave, (day - _EPOCH.date()).days) for off, leave in leaves.items() for day in _each_day(off)
        ]
        append(self._tables, f"INSERT INTO off SELECT {two}", _columns(days))


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _each_day(off: tuple[Off, Off]) -> frozenset[date]:
    """The days off of a person and of their roster."""
    return every_day(off[0]) | every_day(off[1])


def _at(second: int) -> datetime:
    return _EPOCH + timedelta(seconds=second)


def _columns(rows: list[Any]) -> list[Any]:
    return list(zip(*rows, strict=True))
