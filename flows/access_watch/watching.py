"""The watch of access logs: read what is new, judge it, raise alerts and move the mark in one transaction."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
from prefect import flow

from flows.access_watch.book import Book, read_book
from flows.access_watch.counting import Counting
from flows.access_watch.marks import Memory, mark_of, memory_of, move_mark
from flows.access_watch.raising import raise_alerts
from flows.access_watch.reading import NewRows, read_new
from flows.access_watch.remembering import hand_on, recall
from flows.access_watch.tables import counting_tables
from flows.access_watch.totals import Totals
from flows.access_watch.troubles import files_at_fault, not_counted, troubles
from flows.clock import wall_now
from flows.forensics.limits import Limits
from flows.forensics.log_sources import LogSource, log_sources
from flows.house import House, house
from playbooks.access_watch.findings import Finding
from playbooks.access_watch.judging import GRAVEST_FIRST, is_news, is_recent, worst
from playbooks.errors import TellHuman
from playbooks.forensics.reading import Reading

log = logging.getLogger("seventytwo.access_watch")

FILES = ":files"
"""In place of a log's id: the watch's own files."""
_FORGET_TOLD = timedelta(days=2)
"""What was told is remembered for so long after it could be told again."""


@dataclass(frozen=True, slots=True)
class LogRun:
    """One log in one run: what was read, found and raised."""

    log: str
    reading: Reading | None = None
    broken: int = 0
    is_whole: bool = True
    findings: tuple[dict[str, Any], ...] = ()
    """What is to be told, as alerts state it."""
    results: tuple[dict[str, Any], ...] = ()
    """What intake made of each."""
    waiting: int = 0
    older: int = 0
    """Findings that are too old to be told."""


@flow(name="watch-access-logs")
def watch_access_logs() -> int:
    """Watch every access log once; the schedule's way in. Returns how many alerts were raised."""
    return sum(len(one.results) for one in watch_logs(house(), wall_now()))


def watch_logs(home: House, now: datetime, only: Sequence[str] = (), *, dry: bool = False) -> list[LogRun]:
    """Watch the logs, or some of them, once; a dry run looks only.

    Nothing is watched while no folder of SEVENTYTWO_ACCESS_WATCH is named. A log that fails for a reason that
    nobody foresaw does not stop the others; TellHuman names it after them.
    """
    if not home.settings.access_watch_folders:
        return []
    sources, source_faults = log_sources(home.settings.access_log_folders)
    book, book_faults = read_book(home.settings.access_watch_folders)
    memory, stamp = _memory(home, FILES)
    found = list(files_at_fault((*source_faults, *book_faults), memory, now))
    runs = [_settle(home, LogRun(FILES), Round(book, memory, stamp, now), found, dry=dry)]
    failed: list[str] = []
    for source in sources.values():
        if not only or source.id in only:
            try:
                runs.append(_watch(home, source, book, now, dry=dry))
            except Exception as fault:  # noqa: BLE001 - whatever it is: the other logs must be watched
                log.error("the access log %s could not be watched: %s", source.id, _place(fault))  # noqa: TRY400
                failed.append(source.id)
    if failed:
        raise TellHuman("access logs were not watched", which=", ".join(failed), mend="see the log of errors")
    return runs


def _place(fault: Exception) -> str:
    """What went wrong and where; not its words, which may hold a row's."""
    frames = traceback.extract_tb(fault.__traceback__)
    return f"{type(fault).__name__} at {Path(frames[-1].filename).name}:{frames[-1].lineno}"


@dataclass(frozen=True, slots=True)
class Round:
    """With what one log is watched: the rules, what is remembered, since when, and the time."""

    book: Book
    memory: Memory
    stamp: datetime | None
    """When its mark was moved last, by which another run's move is noticed."""
    now: datetime


def _watch(home: House, source: LogSource, book: Book, now: datetime, *, dry: bool) -> LogRun:
    memory, stamp = _memory(home, source.id)
    before = memory_of(memory.as_json())
    try:
        run, found, memory = _read(home, source, book, memory, now)
    except duckdb.OperationalError as error:  # no memory, no disk
        log.warning("the access log %s could not be counted: %s", source.id, type(error).__name__)
        memory = before
        found = [not_counted(source, memory, type(error).__name__, now)]
        run = LogRun(source.id, is_whole=False)
    except Exception as fault:  # whatever it is: whoever writes the log must not end its watch unnoticed
        found = [not_counted(source, before, type(fault).__name__, now)]
        _settle(home, LogRun(source.id, is_whole=False), Round(book, before, stamp, now), found, dry=dry)
        raise
    return _settle(home, run, Round(book, memory, stamp, now), found, dry=dry)


def _read(
    home: House, source: LogSource, book: Book, memory: Memory, now: datetime
) -> tuple[LogRun, list[Finding], Memory]:
    late = book.settings.late
    with counting_tables(home.settings.data, now) as tables:
        counting = Counting(tables, source, book, now)
        recall(counting, memory)
        since = datetime.fromtimestamp(memory.last, UTC) - late if memory.last is not None else None
        new = read_new(source, counting, memory.files, since, now, Limits())
        memory.files = new.marks
        totals = Totals(counting, book, source.id, source.system)
        found = [
            *troubles(source, new, counting, memory, book.settings.broken_rows, now),
            *totals.findings(book.of_log(source.id)),
        ]
        hand_on(counting, memory, int(late.total_seconds()))
        return _run(source, new, counting), found, memory


def _run(source: LogSource, new: NewRows, counting: Counting) -> LogRun:
    broken = new.reading.broken + counting.nobodys
    return LogRun(source.id, new.reading, broken, new.is_whole)


def _settle(home: House, run: LogRun, at: Round, found: Sequence[Finding], *, dry: bool) -> LogRun:
    """Raise what is news and move the mark, both or neither; nothing where another run was faster."""
    memory, now, settings = at.memory, at.now, at.book.settings
    recent = [one for one in worst(iter(found)) if is_recent(one, now, settings.oldest)]
    news = [one for one in recent if is_news(memory.told.get(one.identity, (None, 0))[0], one)]
    for one in news:
        memory.told[one.identity] = (one.amount, int(one.until.timestamp()))
    waiting = [*memory.waiting, *(one.as_payload() for one in news)]
    payloads = sorted(waiting, key=lambda one: GRAVEST_FIRST.index(one["severity"]))
    raised, memory.waiting = payloads[: settings.most_alerts], payloads[settings.most_alerts :]
    forgotten = (now - settings.oldest - _FORGET_TOLD).timestamp()
    memory.told = {name: one for name, one in memory.told.items() if one[1] > forgotten}
    results = [] if dry else _write(home, run.log, at, raised)
    return LogRun(
        run.log, run.reading, run.broken, run.is_whole, tuple(raised), tuple(results), len(memory.waiting),
        len(found) - len(recent),
    )  # fmt: skip


def _write(home: House, name: str, at: Round, raised: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    last = at.memory.last
    read_until = datetime.fromtimestamp(last, UTC) if last is not None else None
    with home.store.writing() as session:
        mark = mark_of(session, name, locked=True)
        if (mark.at if mark is not None else None) != at.stamp:
            log.warning("another run has watched %s meanwhile: this one does nothing", name)
            return []
        results = raise_alerts(session, home, raised, at.now)
        move_mark(session, name, at.memory, at.now, read_until)
    return results


def _memory(home: House, name: str) -> tuple[Memory, datetime | None]:
    with home.store.reading() as session:
        mark = mark_of(session, name)
        return (memory_of(mark.state), mark.at) if mark is not None else (Memory(), None)
