"""From what was folded and read to the result that is kept, with every finding in words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from playbooks.fact_types import Range
from playbooks.forensics.bulk import BulkDownload
from playbooks.forensics.reading import Reading
from playbooks.forensics.reconstruction import Fold, Group
from playbooks.forensics.result import AccountLine, ClientLine, Download, LogLine, LogPlace, Result
from playbooks.timebase import stamp

MOST_LINES = 1_000
"""Lines of accounts that are kept: those with the most records; the clients' own are all kept."""
MOST_CLIENTS = 1_000
MOST_DOWNLOADS = 20
MOST_GAPS = 20
SHOWN_TOGETHER = 3


def summarise(
    fold: Fold,
    readings: Sequence[Reading],
    window: tuple[datetime, datetime],
    accounts: Sequence[str] | None,
    more: Iterable[str] = (),
) -> Result:
    """The result of a reconstruction; `more` are findings made before anything was read."""
    groups = sorted(fold.groups.values(), key=lambda group: (-group.high, -group.accesses, group.key))
    hours: dict[str, dict[int, int]] = defaultdict(dict)
    for (client, hour), count in sorted(fold.hours.items()):
        hours[client][hour] = count
    logs = tuple(_log_line(reading) for reading in readings)
    clients = sorted(_client_lines(groups), key=lambda line: -line.accesses)
    return Result(
        since=window[0],
        until=window[1],
        accounts=None if accounts is None else tuple(accounts),
        logs=logs,
        clients=tuple(sorted(clients[:MOST_CLIENTS], key=lambda line: line.client)),
        lines=tuple(_account_line(group) for group in groups[:MOST_LINES]),
        lines_in_all=len(groups),
        left_out=fold.left_out,
        hours=dict(hours),
        findings=(*more, *_findings(fold, logs, len(clients))),
    )


def _findings(fold: Fold, logs: Sequence[LogLine], clients: int) -> Iterator[str]:
    for log in logs:
        yield from _log_findings(log)
    if logs and not fold.groups:
        yield "no access in this window was found: that is no proof that there was none"
    if fold.left_out:
        yield f"{fold.left_out:,} accesses belong to accounts past the bound of what is told apart"
    if clients > MOST_CLIENTS:
        yield f"the log names {clients:,} clients: the {MOST_CLIENTS:,} most touched are kept"
    if beside := _of_several(fold):
        told = "; ".join(f"{stamp(one.since)}: {one.told}" for one in beside[:SHOWN_TOGETHER])
        more = f" and {len(beside) - SHOWN_TOGETHER:,} more" if len(beside) > SHOWN_TOGETHER else ""
        yield f"bulk downloads by one account of several clients together, in no client's own: {told}{more}"
    unclear = sum(not group.is_exact for group in fold.groups.values())
    if unclear:
        yield f"records of {unclear:,} lines were too many to be told apart: their lower counts are bounds"


def _of_several(fold: Fold) -> list[BulkDownload]:
    """What one account took of several clients in one stretch, where no client's part alone was unusual."""
    alone = {
        (group.key.account, group.key.system, one.since, one.of)
        for group in fold.groups.values()
        for one in group.downloads
    }
    beside = (
        one
        for (account, system), stretches in fold.together.items()
        for one in stretches.downloads()
        if (account, system, one.since, one.of) not in alone
    )
    return sorted(beside, key=lambda one: (one.since, -one.seen))


def _log_findings(log: LogLine) -> Iterator[str]:
    """What must be known before a source is relied on."""
    for missing in log.missing:
        yield f"{log.source}: {missing}"
    if log.broken:
        yield f"{log.source}: {log.broken:,} of {log.rows:,} rows could not be read"
    for what, count in log.mended.items():
        yield f"{log.source}: {what} ({count:,})"
    if log.is_mixed:
        yield f"{log.source}: times of several zones are mixed ({_offsets(log)})"
    elif log.naive:
        yield f"{log.source}: {log.naive:,} times have no offset; the zone that the source names was taken"
    if not log.in_window and not log.gaps_in_all:
        yield f"{log.source}: the log says nothing of anybody in the whole period"
    if log.gaps_in_all:
        told = "; ".join(f"{stamp(one)} to {stamp(other)}" for one, other in log.gaps[:3])
        more = f" and {log.gaps_in_all - 3} more" if log.gaps_in_all > 3 else ""
        yield f"{log.source}: the log says nothing of anybody from {told}{more}"


def _offsets(log: LogLine) -> str:
    told = [f"{offset}: {count:,}" for offset, count in log.offsets.items()]
    return ", ".join([*told, f"none: {log.naive:,}"] if log.naive else told)


def _log_line(reading: Reading) -> LogLine:
    gaps = reading.gaps
    same = ("source", "system", "files", "rows", "in_window", "matched", "broken", "naive", "is_mixed",
            "out_of_order", "first", "last")  # fmt: skip
    return LogLine(
        **{name: getattr(reading, name) for name in same},
        places=tuple(LogPlace(file=one.file, line=one.line, why=one.why) for one in reading.places),
        mended=dict(reading.mended),
        offsets=dict(reading.offsets),
        gaps=tuple(gaps[:MOST_GAPS]),
        gaps_in_all=len(gaps),
        missing=tuple(reading.missing),
    )


def _account_line(group: Group) -> AccountLine:
    return AccountLine(
        account=group.account,
        client=group.key.client,
        system=group.key.system,
        first=group.first,
        last=group.last,
        accesses=group.accesses,
        records=Range(low=group.low, high=max(group.low, group.high)),
        bytes=group.bytes,
        after_hours=group.after_hours,
        timed=group.timed,
        downloads=_downloads([group]),
    )


def _client_lines(groups: Sequence[Group]) -> Iterator[ClientLine]:
    of_client: dict[str, list[Group]] = defaultdict(list)
    for group in groups:
        of_client[group.key.client].append(group)
    for client, own in of_client.items():
        yield ClientLine(
            client=client,
            systems=tuple(sorted({group.key.system for group in own})),
            accounts=len({group.key.account for group in own}),
            is_exact=all(group.is_exact for group in own),
            unnamed_rows=any(group.unnamed for group in own),
            first=min(group.first for group in own),
            last=max(group.last for group in own),
            accesses=sum(group.accesses for group in own),
            records=_records(own),
            bytes=sum(group.bytes for group in own),
            after_hours=sum(group.after_hours for group in own),
            timed=sum(group.timed for group in own),
            downloads=_downloads(own),
        )


def _records(groups: Sequence[Group]) -> Range:
    """Distinct records of one client: two accounts may have touched the same ones, two systems have not."""
    low = high = 0
    for system in {group.key.system for group in groups}:
        own = [group for group in groups if group.key.system == system]
        named = len(set().union(*(group.records for group in own)))
        exact = all(group.is_exact for group in own)
        least = max([named, *(group.low for group in own)])
        low += least
        high += max(least, (named if exact else sum(g.named_rows for g in own)) + sum(g.unnamed for g in own))
    return Range(low=low, high=high)


def _downloads(groups: Sequence[Group]) -> tuple[Download, ...]:
    """The largest bulk downloads, in order of time."""
    found = [one for group in groups for one in group.downloads]
    largest = sorted(found, key=lambda one: one.seen / max(one.expected, 1), reverse=True)[:MOST_DOWNLOADS]
    return tuple(
        Download(since=one.since, until=one.until, of=one.of, expected=one.expected, seen=one.seen)
        for one in sorted(largest, key=lambda one: one.since)
    )
