"""Names in a log as numbers: each text is read once, as the reference reads it, and looked up once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from math import gcd

import duckdb

from flows.access_watch.book import Book
from flows.access_watch.tables import append
from flows.forensics.log_sources import LogSource
from flows.forensics.log_times import Times
from flows.forensics.row_reading import matched, text_of
from playbooks.access_watch.hours import shift_day, stretch_begins
from playbooks.access_watch.people import Person
from playbooks.access_watch.rules import Bulk, Privileged
from playbooks.forensics.hours import WorkingHours
from playbooks.forensics.reading import Reading

NOBODY, BEYOND, ALL = 0, -1, -2
"""In place of an account's number: a row without one, one past MOST_ACCOUNTS, the sum of all accounts."""
MOST_ACCOUNTS = MOST_CLIENTS = 300_000
DAY = 86_400
_EPOCH = date(1970, 1, 1)
_QUARTER = 900
"""Seconds; since 2000 every zone's clocks are a multiple of it away from UTC."""

Profile = tuple[str, WorkingHours | None]
"""A zone for days, and hours for shifts."""


class Names:
    """Every account, client, action and address met in a run, and the stretches of the clock met."""

    def __init__(self, tables: duckdb.DuckDBPyConnection, source: LogSource, book: Book) -> None:
        self._tables, self._source, self._book = tables, source, book
        self.accounts: list[str] = [""]
        self.clients: list[str] = [""]
        self.places: list[str] = list(book.places.all)
        self._account_ids: dict[str, int] = {}
        self._client_ids: dict[str, int] = {"": 0}
        self._place_ids = {place: number for number, place in enumerate(self.places)}
        rules = book.of_log(source.id)
        self._privileged = {
            matched(one) for rule in rules if isinstance(rule, Privileged) for one in rule.actions
        }
        self.withins = sorted({int(rule.within.total_seconds()) for rule in rules if isinstance(rule, Bulk)})
        self._profiles: dict[Profile, int] = {(book.settings.zone, None): 0}
        self.slot = self._slot()

    def account_id(self, name: str) -> int:
        """The number of an account, in any letter case; NOBODY for an empty one, BEYOND past the bound."""
        key = matched(name)
        known = self._account_ids.get(key)
        if known is None:
            if not name:
                return NOBODY
            if len(self.accounts) > MOST_ACCOUNTS:
                return BEYOND
            known = self._account_ids[key] = len(self.accounts)
            self.accounts.append(name)
        return known

    def client_id(self, ref: str) -> int:
        """The number of a client, by our reference; past the bound as if none were named."""
        known = self._client_ids.get(ref)
        if known is None:
            if len(self.clients) > MOST_CLIENTS:
                return 0
            known = self._client_ids[ref] = len(self.clients)
            self.clients.append(ref)
        return known

    def place_id(self, place: str) -> int | None:
        """The number of a place; None where it is no longer in the book."""
        return self._place_ids.get(place)

    def learn(self) -> None:
        """Look up what `typed` names for the first time."""
        self._learn_accounts(self._new("account"))
        self._learn_clients(self._new("client"))
        actions = self._new("action")
        privileged = [matched(text_of(one)) in self._privileged for one in actions]
        append(self._tables, "INSERT INTO action SELECT unnest(?::VARCHAR[]), unnest(?::BOOLEAN[])",
               [actions, privileged])  # fmt: skip
        addresses = self._new("address")
        found = [self._place_ids.get(self._book.places.of(text_of(one)) or "") for one in addresses]
        append(self._tables, "INSERT INTO address SELECT unnest(?::VARCHAR[]), unnest(?::INTEGER[])",
               [addresses, found])  # fmt: skip
        self._learn_hours()

    def learn_clock(self) -> None:
        """Reckon the stretches of the clock that `chunk` holds for the first time."""
        met = self._tables.execute(
            """SELECT DISTINCT profile, t // $slot AS slot FROM chunk
               UNION SELECT DISTINCT 0, t // $slot FROM chunk
               EXCEPT SELECT profile, slot FROM clock""",
            {"slot": self.slot},
        ).fetchall()
        profiles = list(self._profiles)
        clock, stretch = list[tuple[object, ...]](), list[tuple[object, ...]]()
        for profile, slot in met:
            zone_name, hours = profiles[profile]
            at = datetime.fromtimestamp(slot * self.slot, UTC)
            day = int(stretch_begins(at, zone_name, timedelta(days=1)).timestamp())
            on = shift_day(hours, at) if hours is not None else None
            clock.append((profile, slot, (on - _EPOCH).days if on is not None else None, day))
            for within in self.withins:
                begins = stretch_begins(at, zone_name, timedelta(seconds=within))
                stretch.append((profile, slot, within, int(begins.timestamp())))
        numbers = "unnest(?::INTEGER[]), unnest(?::BIGINT[]), unnest(?::INTEGER[]), unnest(?::BIGINT[])"
        append(self._tables, f"INSERT INTO clock SELECT {numbers}", list(zip(*clock, strict=True)))
        append(self._tables, f"INSERT INTO stretch SELECT {numbers}", list(zip(*stretch, strict=True)))

    def profile_of(self, person: Person | None) -> int:
        """The number of somebody's zone and hours together."""
        roster = self._book.roster_of(person)
        profile = (self._book.zone_of(person), roster.as_hours() if roster is not None else None)
        return self._profiles.setdefault(profile, len(self._profiles))

    def _new(self, column: str) -> list[str]:
        names = (
            f"SELECT DISTINCT {column} FROM typed"  # noqa: S608 - one of our own names
            f" ANTI JOIN {column} AS known ON typed.{column} = known.raw"
        )
        return [name for (name,) in self._tables.execute(names).fetchall()]

    def _learn_accounts(self, raws: Sequence[str]) -> None:
        names = [text_of(raw) for raw in raws]
        people = [self._book.person(name) for name in names]
        left = [person.left_at(self._book.zone_of(person)) if person else None for person in people]
        append(
            self._tables,
            "INSERT INTO account SELECT unnest(?::VARCHAR[]), unnest(?::INTEGER[]), unnest(?::INTEGER[]),"
            " unnest(?::BIGINT[])",
            [
                raws,
                [self.account_id(name) for name in names],
                [self.profile_of(person) for person in people],
                [int(at.timestamp()) if at is not None else None for at in left],
            ],
        )

    def _learn_clients(self, raws: Sequence[str]) -> None:
        source = self._source
        refs = [source.client or source.clients.get(name := text_of(raw), name) for raw in raws]
        append(self._tables, "INSERT INTO client SELECT unnest(?::VARCHAR[]), unnest(?::INTEGER[])",
               [raws, [self.client_id(ref) for ref in refs]])  # fmt: skip

    def _learn_hours(self) -> None:
        """By how much local hours that were met lie ahead of UTC, as the reference takes them."""
        if self._source.zone == "UTC":
            return
        met = self._tables.execute(
            "SELECT DISTINCT t // 3600 FROM typed WHERE naive EXCEPT SELECT hour FROM naive"
        ).fetchall()
        times = Times("iso", self._source.zone, _nowhere())
        hours = [hour for (hour,) in met]
        ats = [times.read(datetime.fromtimestamp(hour * 3600, UTC).replace(tzinfo=None)) for hour in hours]
        shifts = [hour * 3600 - int(at.timestamp()) for hour, at in zip(hours, ats, strict=True)]
        append(self._tables, "INSERT INTO naive SELECT unnest(?::BIGINT[]), unnest(?::BIGINT[])",
               [hours, shifts])  # fmt: skip

    def _slot(self) -> int:
        """Seconds between two instants at which any stretch, shift or day may begin."""
        edges = [
            int(edge.total_seconds())
            for roster in self._book.rosters.values()
            for edge in (roster.as_hours().begins, roster.as_hours().ends)
        ]
        return gcd(_QUARTER, *edges, *self.withins)


def _nowhere() -> Reading:
    at = datetime(2000, 1, 1, tzinfo=UTC)
    return Reading("", "", at, at)
