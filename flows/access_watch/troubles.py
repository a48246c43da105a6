"""What the watch could not look at, which is itself told: a log unread, silent, or full of broken rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from flows.access_watch.counting import Counting
from flows.access_watch.marks import Memory
from flows.access_watch.naming import MOST_ACCOUNTS
from flows.access_watch.reading import NewRows
from flows.forensics.log_sources import LogSource
from playbooks.access_watch.findings import Finding
from playbooks.errors import Fault

SILENT, UNREAD, BROKEN = "log-silent", "log-unread", "log-broken"
BEYOND, AHEAD = "log-accounts", "log-ahead"
FILES = "watch-files"

_ENDING = (SILENT, UNREAD)
"""Troubles of which the end is told; the others are told once a day at most."""
_DAY = timedelta(days=1)


def troubles(
    source: LogSource, new: NewRows, counting: Counting, memory: Memory, most_broken: float, now: datetime
) -> Iterator[Finding]:
    """What is to be told of a log itself, the ends of earlier troubles among it; notes them in the memory."""
    present = dict(_present(source, new, counting, most_broken, now))
    for rule in sorted(memory.troubles.keys() - present):
        since = datetime.fromisoformat(memory.troubles[rule])
        if rule in _ENDING:
            yield _finding(
                source, rule, ("a log that can be read", "it is read again"), since, now, ended=True
            )
        if rule in _ENDING or now - since > _DAY:
            del memory.troubles[rule]
    for rule, words in present.items():
        since = datetime.fromisoformat(memory.troubles.setdefault(rule, now.isoformat()))
        yield _finding(source, rule, words, since, now)


def _present(
    source: LogSource, new: NewRows, counting: Counting, most_broken: float, now: datetime
) -> Iterator[tuple[str, tuple[str, str]]]:
    reading = new.reading
    if reading.missing:
        yield UNREAD, ("a log that can be read", "; ".join(reading.missing[:5]))
    last = datetime.fromtimestamp(counting.last, UTC) if counting.last is not None else None
    if new.is_whole and not reading.missing and (last is None or now - last > source.longest_silence):
        hours = source.longest_silence // timedelta(hours=1)
        seen = f"none since {last:%Y-%m-%d %H:%MZ}" if last is not None else "none at all"
        yield SILENT, (f"a row at least every {hours} h", seen)
    broken = reading.broken + counting.nobodys
    if reading.rows and broken * 100 > most_broken * reading.rows:
        seen = f"{broken:,} of {reading.rows:,} new rows could not be read"
        yield BROKEN, (f"at most {most_broken:g} % unreadable rows", seen)
    if counting.beyond:
        seen = f"{counting.beyond:,} rows of accounts beyond that were not judged"
        yield BEYOND, (f"at most {MOST_ACCOUNTS:,} accounts", seen)
    if counting.ahead:
        yield AHEAD, ("no row later than tomorrow", f"{counting.ahead:,} rows that are dated later")


_TITLES = {
    UNREAD: "Access log not read",
    SILENT: "Access log silent",
    BROKEN: "Access log unreadable in part",
    BEYOND: "Access log with too many accounts",
    AHEAD: "Access log ahead of time",
}


def _finding(
    source: LogSource,
    rule: str,
    words: tuple[str, str],
    since: datetime,
    now: datetime,
    *,
    ended: bool = False,
) -> Finding:
    expected, seen = words
    return Finding(
        log=source.id,
        system=source.system,
        rule=rule,
        kind="unwatched",
        severity="medium",
        category="outage" if rule in (UNREAD, SILENT) else "policy",
        title=f"{_TITLES[rule]}: {source.system}",
        expected=expected,
        seen=seen,
        since=since,
        until=now,
        first=since,
        status="resolved" if ended else "firing",
    )


def not_counted(source: LogSource, memory: Memory, why: str, now: datetime) -> Finding:
    """That the counting itself gave up, such as for want of memory or disk; the mark stays where it was."""
    since = datetime.fromisoformat(memory.troubles.setdefault(UNREAD, now.isoformat()))
    return _finding(source, UNREAD, ("a log that can be read", f"the counting failed: {why}"), since, now)


def files_at_fault(faults: Sequence[Fault], memory: Memory, now: datetime) -> Iterator[Finding]:
    """That files of the watch or of its logs have faults, or have none any more."""
    known = memory.troubles.get(FILES)
    if not faults and known is None:
        return
    since = datetime.fromisoformat(memory.troubles.setdefault(FILES, now.isoformat()))
    if not faults:
        del memory.troubles[FILES]
    yield Finding(
        log="",
        system="access watch",
        rule=FILES,
        kind="unwatched",
        severity="high",
        category="policy",
        title="The watch of access logs has faults in its files",
        expected="files without a fault",
        seen="; ".join(map(str, faults[:5])) or "they are sound again",
        since=since,
        until=now,
        first=since,
        counts={"faults": len(faults)},
        status="firing" if faults else "resolved",
    )
