"""The watch of access logs by hand: `seventytwo access watch check|run|status`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlmodel import col, select

from flows.access_watch.book import Book, read_book
from flows.access_watch.marks import memory_of
from flows.access_watch.watching import FILES, LogRun, watch_logs
from flows.cli.asked import opened, reading
from flows.cli.shown import columns, say
from flows.clock import wall_now
from flows.forensics.log_sources import log_sources
from flows.settings import Settings
from notify.text import terminal
from playbooks.access_watch.rules import AnyRule
from playbooks.errors import FileFaults, NotFound, SetupFault
from playbooks.forensics.fanging import defang
from store.tables import AccessMark

app = typer.Typer(no_args_is_help=True, add_completion=False)

Log = Annotated[list[str] | None, typer.Option("--log", metavar="ID", help="A log's id; may be repeated.")]


@app.callback()
def watch() -> None:
    """Watch access logs for what is unusual; the flow `watch-access-logs` does so by itself."""


@app.command()
def check() -> None:
    """Check the files of rules, rosters, people and networks, and show the rules; reads no log."""
    settings = Settings.from_env()
    sources, source_faults = log_sources(settings.access_log_folders)
    book, faults = read_book(_folders(settings), list(sources))
    columns(
        ("rule", "kind", "severity", "category", "usual at most", "logs"),
        [
            (one.id, one.kind, one.severity, one.category, _usual(one), one.logs or "all")
            for one in book.rules
        ],
        none="no rule: put a file into a folder of SEVENTYTWO_ACCESS_WATCH",
    )
    say()
    say(_counted(book))
    if faults or source_faults:
        raise FileFaults((*source_faults, *faults))


@app.command()
def run(
    *,
    log: Log = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show only: raise nothing, move no mark.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Watch every log once, as the schedule does, and show what was found."""
    _folders(Settings.from_env())
    with opened() as house:
        known = log_sources(house.settings.access_log_folders)[0]
        if absent := sorted(set(log or ()) - known.keys()):
            raise NotFound("no such log", which=absent[0], mend="see `seventytwo access check`")
        runs = watch_logs(house, wall_now(), log or (), dry=dry_run)
    if as_json:
        typer.echo(json.dumps([_told(one) for one in runs], indent=2))
        return
    shown = [one for one in runs if one.log != FILES or one.findings]
    columns(
        ("log", "new rows", "broken", "found", "raised", "waiting", "too old"),
        [(_name(one), _rows(one), one.broken, len(one.findings), len(one.results), one.waiting, one.older)
         for one in shown],
        none="no access log is described",
    )  # fmt: skip
    for one in shown:
        for line in _lines(one):
            say(line)


@app.command()
def status() -> None:
    """Show how far each log was read, what waits, and what could not be looked at."""
    with reading() as session:
        marks = list(session.exec(select(AccessMark).order_by(col(AccessMark.log))))
    rows = []
    for mark in marks:
        memory = memory_of(mark.state)
        name = "(files)" if mark.log == FILES else mark.log
        rows.append(
            (name, mark.at, mark.read_until, len(memory.files), len(memory.seen), len(memory.waiting),
             sorted(memory.troubles))
        )  # fmt: skip
    columns(
        ("log", "watched", "newest row", "files", "accounts", "waiting", "troubles"),
        rows,
        none="no log was watched yet",
    )


def _folders(settings: Settings) -> tuple[Path, ...]:
    if not settings.access_watch_folders:
        raise SetupFault(
            "the watch is off", mend="name a folder in SEVENTYTWO_ACCESS_WATCH; see docs/access-watch.md"
        )
    return settings.access_watch_folders


def _usual(rule: AnyRule) -> str:
    """The limits of a rule, in one line."""
    told = rule.model_dump(
        mode="json", exclude={"id", "kind", "severity", "category", "logs"}, exclude_none=True
    )
    return "; ".join(f"{name} {_plain(value)}" for name, value in told.items() if value != [])


def _plain(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _counted(book: Book) -> str:
    people = len({id(one) for one in book.people.values()})
    return (
        f"{people} people with {len(book.people)} accounts, {len(book.rosters)} rosters,"
        f" {len(book.places.all)} places"
    )


def _lines(run: LogRun) -> Iterator[str]:
    for number, found in enumerate(run.findings):
        who = ", ".join(map(defang, found["accounts"])) or "no account"
        result = (
            run.results[number] if number < len(run.results) else {"result": "not raised", "incident": ""}
        )
        yield ""
        yield terminal(f"{found['severity']}: {found['rule']}, {who}, {found['since']}")
        yield terminal(f"  expected {found['expected']}; seen {found['seen']}")
        yield terminal(f"  {result['result']} {result['incident'] or ''}".rstrip())
    if not run.is_whole:
        yield f"{terminal(run.log)}: the rest is read by the next run"


def _told(run: LogRun) -> dict[str, Any]:
    return {
        "log": _name(run),
        "rows": _rows(run),
        "broken": run.broken,
        "is_whole": run.is_whole,
        "findings": list(run.findings),
        "results": list(run.results),
        "waiting": run.waiting,
        "older": run.older,
    }


def _name(run: LogRun) -> str:
    return "(files)" if run.log == FILES else run.log


def _rows(run: LogRun) -> int:
    return run.reading.rows if run.reading is not None else 0
