"""The data map: `seventytwo datamap import|show|check`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlmodel import Session

from flows.cli.asked import As, Code, Second, SecondCode, changing, opened, reading, vouchers
from flows.cli.shown import columns, say
from flows.datamap import importing
from flows.datamap import reading as book
from flows.datamap.findings import Finding, together
from flows.datamap.importing import Difference
from flows.forensics.log_sources import log_sources
from notify.text import terminal
from playbooks.errors import NotFound

app = typer.Typer(no_args_is_help=True, add_completion=False)

AsJson = Annotated[bool, typer.Option("--json", help="As JSON.")]
Whole = Annotated[bool, typer.Option("--whole", help="Retire every system that the file does not name.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would change, and change nothing.")]


@app.callback()
def datamap() -> None:
    """Import, show and check which system holds whose data."""


@app.command("import")
def import_(
    file: Annotated[
        Path, typer.Argument(help="YAML, or CSV by its name; docs/examples/datamap.yaml is one.")
    ],
    *,
    whole: Whole = False,
    dry_run: DryRun = False,
    as_: As = "",
    code: Code = "",
    second: Second = "",
    second_code: SecondCode = "",
) -> None:
    """Bring systems in; a file with a fault changes nothing, a changed system becomes a new version.

    Where a known system would hold less than the map says today, two must vouch.
    """
    read = importing.load_system_file(file)
    with opened() as house:
        with house.store.reading() as session:
            changes = importing.differences(session, read, whole=whole)
            needed = importing.vouchers_needed(session, changes)
        if dry_run:
            _say_changes(changes, len(read.systems))
            say(f"nothing was changed: {needed} must vouch for it")
            return
        if needed > 1 and not second:
            typer.echo("a system here would hold less than the map says today: two must vouch", err=True)
        by = vouchers(needed, (as_, code), (second, second_code))
        with changing(house, by) as change:
            also = "".join(change.by[1:])
            changes = importing.import_systems(
                change.session, read, change.author, change.at, second=also, whole=whole
            )
            found = book.map_findings(change.session, log_sources(house.settings.access_log_folders)[0])
    _say_changes(changes, len(read.systems))
    _say_findings(found)


@app.command()
def show(
    ref: Annotated[str, typer.Argument(help="One system; else all of them.")] = "", *, as_json: AsJson = False
) -> None:
    """Show the systems of the map as they stand today."""
    with reading() as session:
        systems = _systems(session, ref)
    if as_json:
        say(json.dumps({"systems": systems}, indent=2))
        return
    heads = ("ref", "version", "name", "owner", "clients", "categories", "jurisdictions", "log source")
    columns(
        (*heads, "retention"),
        [[one[head.replace(" ", "_")] for head in (*heads, "retention")] for one in systems],
        none="no system yet: seventytwo datamap import FILE",
    )
    if ref:
        say(terminal(systems[0]["notes"], 2_000))


@app.command()
def check(*, as_json: AsJson = False) -> None:
    """List what the map does not say: clients without a system, systems without owner, log or client."""
    with opened() as house, house.store.reading() as session:
        logs, faults = log_sources(house.settings.access_log_folders)
        found = book.map_findings(session, logs)
        count = len(book.systems_in_force(session))
    for fault in faults:
        typer.echo(terminal(fault, 500), err=True)
    if as_json:
        say(json.dumps({"findings": [{"about": one.about, "what": one.what} for one in found]}, indent=2))
        return
    _say_findings(found)
    say(f"{count} systems, {len(found)} findings")


def _systems(session: Session, ref: str) -> list[dict[str, Any]]:
    rows = [row for row in book.systems_in_force(session) if ref in ("", row.ref)]
    if ref and not rows:
        raise NotFound("no such system", which=ref, mend="see `seventytwo datamap show`")
    return [{"ref": row.ref, "version": row.version, **importing.held_by(row)} for row in rows]


def _say_changes(changes: Sequence[Difference], count: int) -> None:
    for one in changes:
        if one.held is None:
            say(f"added: {one.ref}")
        elif one.said is None:
            say(f"retired: {one.ref}")
        else:
            say(f"changed: {one.ref}: {'; '.join(_part(one, name) for name in one.parts)}")
    kept = count - sum(one.said is not None for one in changes)
    if kept:
        say(f"unchanged: {kept}")


def _part(one: Difference, name: str) -> str:
    """One part as it was and is, a list by what came and went."""
    was, now = importing.held_by(one.held)[name], importing.fields_of(one.said)[name]
    if isinstance(was, list):
        came = [f"+{word}" for word in now if word not in was]
        return terminal(f"{name} {' '.join([*came, *(f'-{word}' for word in was if word not in now)])}")
    if name == "notes":
        return name
    return terminal(f"{name} {was or 'not stated'} -> {now or 'not stated'}")


def _say_findings(found: Sequence[Finding]) -> None:
    for what, about in together(found).items():
        say(f"finding: {terminal(', '.join(about))}: {what}")
