"""The wall of clocks: `seventytwo clocks`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from flows.cli.asked import opened
from flows.cli.shown import say
from flows.clock import incident_now, wall_now
from flows.house import House
from flows.incidents import find_incident, incidents
from flows.wall.as_json import walls_as_json
from flows.wall.rows import team_zone, wall_of
from flows.wall.sheets import write_sheet
from notify.moments import elsewhere, in_utc
from notify.report import span
from notify.text import terminal
from notify.wall_view import ClockRow, Wall
from playbooks.instants import read_instant
from playbooks.zones import zone

app = typer.Typer(add_completion=False)

_NEVER = datetime.max.replace(tzinfo=UTC)


@app.command()
def clocks(
    *,
    incident: Annotated[
        str, typer.Option(metavar="REF", help="This one, open or closed; else all open ones.")
    ] = "",
    at: Annotated[
        str, typer.Option(metavar="INSTANT", help="How they stand then, such as 2026-03-01T14:05Z.")
    ] = "",
    zone_name: Annotated[
        str, typer.Option("--zone", metavar="ZONE", help="Whose clock to show beside UTC; else the team's.")
    ] = "",
    everything: Annotated[bool, typer.Option("--all", help="Also what is met, waived or not owed.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, instants in UTC.")] = False,
    sheet: Annotated[
        Path | None, typer.Option(metavar="FILE.html", help="Write the deadline sheet, to be printed.")
    ] = None,
) -> None:
    """Show every clock, the most urgent first: ours, then the clients' own."""
    moment = _instant(at, zone_name) if at else None
    if sheet is not None and moment is not None:
        raise typer.BadParameter("a sheet shows the clocks of now", param_hint="--at")
    with opened() as house:
        walls, shown_zone = _read(house, incident, moment, zone_name)
        if sheet is not None:
            write_sheet(house, sheet, *(wall.incident for wall in walls), zone_name=shown_zone)
            say(str(sheet))
        elif as_json:
            say(json.dumps(walls_as_json(walls, shown_zone), indent=2))
        else:
            for line in _told(walls, shown_zone, everything=everything):
                say(line)


def _read(house: House, ref: str, at: datetime | None, zone_name: str) -> tuple[list[Wall], str]:
    wall = wall_now()
    with house.store.reading() as session:
        found = [find_incident(session, ref)] if ref else incidents(session)
        walls = [wall_of(house, session, one, at or incident_now(session, one, wall)) for one in found]
        chosen = zone(zone_name).key if zone_name else team_zone(house, session)
    return sorted(walls, key=_first_due), chosen


def _first_due(wall: Wall) -> tuple[datetime, str]:
    return min((row.due_at for row in wall.running if row.due_at), default=_NEVER), wall.incident


def _told(walls: list[Wall], zone_name: str, *, everything: bool) -> Iterator[str]:
    if not walls:
        yield "no incident is open"
    yield from sorted({wall.frozen for wall in walls} - {""})
    for wall in walls:
        exercise = ", EXERCISE" if wall.is_exercise else ""
        now = " | ".join((in_utc(wall.now), *elsewhere(wall.now, zone_name)))
        yield f"{wall.incident}, {wall.state.replace('_', ' ')}{exercise}, as of {now}"
        yield from _group("owed", wall.owed, zone_name)
        yield from _group("presumed, until the facts rule it out", wall.presumed, zone_name)
        yield from _group("no deadline yet", wall.unnumbered, zone_name)
        if everything:
            yield from _group("done, or not owed", wall.done, zone_name)
        elif wall.done:
            yield f"  {_counted(wall.done)}: --all shows them"
        yield from _group("the clients' own clocks: they owe these, not we", wall.shadows, zone_name)
        for why, rows in wall.waiting_shadows:
            yield f"  clients' own, not started, {why}: {'; '.join(terminal(row.name) for row in rows)}"
        yield ""


def _group(head: str, rows: tuple[ClockRow, ...], zone_name: str) -> Iterator[str]:
    if rows:
        yield f"  {head}"
    for row in rows:
        yield from _lines(row, zone_name)


def _lines(row: ClockRow, zone_name: str) -> Iterator[str]:
    """A few lines for each clock: how it stands, for whom and what, when it is due, what to know."""
    yield f"    {row.headline:<24}{terminal(row.name)}, to the {terminal(row.recipient)}"
    if row.is_running:
        yield f"        {terminal(row.title)}"
    if row.is_running and row.due_at:
        yield f"        due {' | '.join(row.times(zone_name))}"
    if row.met_at:
        yield f"        met {in_utc(row.met_at)}"
    notes = [row.no_number, *row.remarks] if row.is_running else [row.why]
    if row.used is not None:
        notes.append(f"we have used {span(row.used)} ({row.started_by})")
    for note in filter(None, notes):
        yield f"        {terminal(note)}"


def _counted(rows: tuple[ClockRow, ...]) -> str:
    counts: dict[str, int] = {}
    for row in rows:
        counts[row.standing] = counts.get(row.standing, 0) + 1
    return ", ".join(f"{count} {standing.replace('_', ' ')}" for standing, count in counts.items())


def _instant(text: str, zone_name: str) -> datetime:
    at, notes = read_instant(text, zone_name or None)
    for note in notes:
        typer.echo(note, err=True)
    return at
