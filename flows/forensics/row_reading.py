"""From a row of any format to an Access: its time read, window and accounts asked, every fault counted."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from flows.forensics.log_sources import LogSource
from flows.forensics.log_times import Times
from playbooks.forensics.accesses import Access
from playbooks.forensics.observable_kinds import as_observable
from playbooks.forensics.reading import Reading

FIELDS: Final = ("at", "account", "client", "record", "records", "action", "bytes", "address", "host")
"""What a row holds, in the order in which every format hands it over; an empty text where it has none."""
LONGEST = 200
MOST = 10**15
LARGEST_ID = 10**40
_HOUR = timedelta(hours=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which accesses are wanted: of a window, its end not included, and of some values or of everybody.

    The values are as `matched` spells them, addresses in their one spelling.
    """

    since: datetime
    until: datetime
    accounts: frozenset[str] | None = None
    addresses: frozenset[str] = frozenset()
    hosts: frozenset[str] = frozenset()

    def holds(self, account: str, address: str, host: str) -> bool:
        """Whether a row is of an account, address or host that is looked for, in any letter case."""
        return (
            self.accounts is None
            or matched(account) in self.accounts
            or (bool(self.addresses) and _address(address) in self.addresses)
            or matched(host) in self.hosts
        )


def matched(text: str) -> str:
    """A name as names are compared: in no letter case, and however its accents are encoded."""
    return text.casefold() if text.isascii() else unicodedata.normalize("NFC", text).casefold()


class RowReader:
    """Reads the rows of one source, file after file, into its reading."""

    def __init__(self, source: LogSource, wanted: Wanted, reading: Reading) -> None:
        self._source, self._wanted, self._reading = source, wanted, reading
        self._times = Times(source.time, source.zone, reading)
        self._previous = self._hour_begins = self._hour_ends = _EPOCH

    def begin_file(self) -> None:
        """Order counts within a file alone."""
        self._previous = _EPOCH

    def close(self) -> None:
        """Tell the reading what is known at the end only."""
        self._times.close()

    def access(self, fields: Sequence[Any], file: str, line: int) -> Access | None:
        """The access of a row, its values in the order of FIELDS, if it is wanted; counts it in any case."""
        reading, wanted = self._reading, self._wanted
        reading.rows += 1
        try:
            at = self._times.read(fields[0])
        except (ValueError, TypeError, OverflowError, AttributeError, OSError):
            reading.fault(file, line, "no time that can be read")
            return None
        if at < self._previous:
            reading.out_of_order += 1
        self._previous = at
        if not wanted.since <= at < wanted.until:
            return None
        account, address, host = text_of(fields[1]), text_of(fields[7]), text_of(fields[8])
        self._note(at)
        if not account:
            reading.fault(file, line, "no account")
        elif wanted.holds(account, address, host):
            return self._whole(fields, at, account, file, line)
        return None

    def _note(self, at: datetime) -> None:
        """Count a row of the window, and the hour in which the log said something."""
        reading = self._reading
        reading.in_window += 1
        if not self._hour_begins <= at < self._hour_ends:
            hour = (at - _EPOCH) // _HOUR
            reading.hours.add(hour)
            self._hour_begins, self._hour_ends = _EPOCH + hour * _HOUR, _EPOCH + (hour + 1) * _HOUR
        if reading.first is None or at < reading.first:
            reading.first = at
        if reading.last is None or at > reading.last:
            reading.last = at

    def _whole(
        self, fields: Sequence[Any], at: datetime, account: str, file: str, line: int
    ) -> Access | None:
        try:
            records, size = _number(fields[4], 1), _number(fields[6], 0)
        except (ValueError, TypeError, OverflowError):
            self._reading.fault(file, line, "a number that cannot be read")
            return None
        self._reading.matched += 1
        source, client = self._source, text_of(fields[2])
        return Access(
            at=at,
            account=account,
            client=source.client or source.clients.get(client, client),
            system=source.system,
            record=_record(fields[3]),
            records=records,
            action=text_of(fields[5]),
            bytes=size,
            address=text_of(fields[7]),
            host=text_of(fields[8]),
        )


def text_of(value: Any) -> str:
    """A value as a text of bounded length that can be encoded; no structure counts as one."""
    if isinstance(value, str):
        text = value.strip() if len(value) <= LONGEST else value[:LONGEST].strip()
        return text if text.isascii() else text.encode("utf-8", "replace").decode()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, Decimal) and value == value.to_integral_value():
        value = int(value)
    return str(value) if isinstance(value, int) and abs(value) < LARGEST_ID else ""


def _record(value: Any) -> str:
    """The id of a record; a long one ends in its digest, so that two are told apart by their ends too."""
    if not isinstance(value, str) or len(value) <= LONGEST:
        return text_of(value)
    digest = hashlib.sha256(value.strip().encode("utf-8", "surrogatepass")).hexdigest()
    return text_of(f"{value[: LONGEST - len(digest)]}{digest}")


@lru_cache(maxsize=10_000)
def _address(told: str) -> str:
    """An address in the one spelling that observables have; what is none as it stands."""
    seen = as_observable("address", told)
    return seen.value if seen is not None else told.casefold()


def _number(value: Any, without: int) -> int:
    """A count of zero or more; `without` where there is none."""
    if value is None or value in ("", "-"):
        return without
    number = int(value.strip()) if isinstance(value, str) else int(value)
    if not 0 <= number < MOST or (not isinstance(value, str) and number != value):
        raise ValueError("out of all reason")
    return number
