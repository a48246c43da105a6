"""Who is on duty: `seventytwo roster import|show|now|gaps|away|back|handover`."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from sqlmodel import Session

from flows.cli.asked import As, Code, changing, opened, reading, voucher
from flows.cli.shown import columns, say, when
from flows.clock import incident_now, wall_now
from flows.house import House
from flows.incidents import find_incident, incidents
from flows.roster import importing, keeping, leave, needs
from flows.roster.handover import handover_text
from flows.wall.rows import team_zone
from playbooks.instants import read_instant
from playbooks.roster.duty import next_change, on_duty, spans

app = typer.Typer(no_args_is_help=True, add_completion=False)
_NONE = "no roster yet: seventytwo roster import FILE"
_WEEK = timedelta(days=7)


@app.callback()
def roster() -> None:
    """Import who is on duty when, show it, and say who is away."""


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="A roster file; docs/examples/roster.yaml is one.")],
    *,
    as_: As = "",
    code: Code = "",
) -> None:
    """Put a roster in force; a file with a fault changes nothing."""
    read = importing.load_roster_file(file)
    with opened() as house, changing(house, (voucher(as_, code),)) as change:
        version = importing.import_roster(change.session, read, change.author, change.at)
    say("this roster is in force already" if version is None else f"roster {version} is in force")


@app.command()
def show(
    *,
    at: Annotated[str, typer.Option(help="From this instant instead of now.")] = "",
    week: Annotated[bool, typer.Option("--week", help="A week instead of a day.")] = False,
) -> None:
    """Show who is on duty for each role in the next day or week, and who is away."""
    with opened() as house, house.store.reading() as session:
        begins_at = _instant(house, session, at) if at else wall_now()
        found = keeping.roster_of(session)
        standing = keeping.standing_of(session)
        away = keeping.absence_rows(session)
    if found is None:
        say(_NONE)
        return
    until = begins_at + (_WEEK if week else timedelta(days=1))
    columns(
        ("role", "from", "until", "on duty"),
        [
            (role, span.begins_at, span.until, ",".join(span.people) or "nobody")
            for role in found.roles
            for span in spans(found, role, begins_at, until, standing)
        ],
        none=_NONE,
    )
    say()
    columns(
        ("away", "from", "until", "stand-in"),
        [
            (row.handle, row.begins_at, row.ended_at or row.until, row.stand_in)
            for row in away
            if (row.ended_at or row.until) > begins_at
        ],
        none="nobody is away",
    )


@app.command()
def now() -> None:
    """Show who is on duty now, and when that changes."""
    at = wall_now()
    with reading() as session:
        found, standing = keeping.roster_of(session), keeping.standing_of(session)
    if found is None:
        say(_NONE)
        return
    columns(
        ("role", "on duty"),
        [(role, ",".join(on_duty(found, role, at, standing)) or "nobody") for role in found.roles],
        none=_NONE,
    )
    change = next_change(found, found.roles, at, standing)
    say(f"next change: {when(change)}" if change else "no change in a fortnight")


@app.command()
def gaps() -> None:
    """Show the hours of the next 14 days in which a role has too few people on duty."""
    with opened() as house, house.store.reading() as session:
        found = needs.gaps_ahead(house, session, wall_now())
    columns(
        ("role", "from", "until", "on duty", "needed"),
        [(gap.role, gap.begins_at, gap.until, ",".join(gap.people) or "nobody", gap.needed) for gap in found],
        none="every role that the playbooks ask has somebody on duty",
    )


@app.command()
def away(
    handle: str,
    *,
    from_: Annotated[str, typer.Option("--from", help="An instant, or a day; local times are the house's.")],
    until: Annotated[str, typer.Option(help="Until when; that instant is not part of it.")],
    stand_in: Annotated[str, typer.Option(help="Who stands in, with the same role.")] = "",
    as_: As = "",
    code: Code = "",
) -> None:
    """Record that somebody is away for a while, and who stands in."""
    with opened() as house:
        with house.store.reading() as session:
            begins_at, ends_at = _instant(house, session, from_), _instant(house, session, until)
        with changing(house, (voucher(as_, code),)) as change:
            leave.go_away(change.session, handle, begins_at, ends_at, stand_in, change.author, change.at)
    instead = f", {stand_in} stands in" if stand_in else ""
    say(f"{handle} is away from {when(begins_at)} until {when(ends_at)}{instead}")


@app.command()
def back(handle: str, *, as_: As = "", code: Code = "") -> None:
    """End an absence before its time, or take back one that is planned."""
    with opened() as house, changing(house, (voucher(as_, code),)) as change:
        row = leave.come_back(change.session, handle, change.author, change.at)
        begins_at = row.begins_at
    say(f"{handle} is back; the absence from {when(begins_at)} is ended")


@app.command()
def handover(
    ref: Annotated[str, typer.Argument(help="One incident; all that are open where it is left out.")] = "",
) -> None:
    """Show what whoever comes on duty must know of an incident, by references only."""
    with opened() as house, house.store.reading() as session:
        chosen = [find_incident(session, ref)] if ref else incidents(session)
        texts = [
            handover_text(session, incident, incident_now(session, incident, wall_now()))
            for incident in chosen
        ]
    for text in texts:
        say(text)
    if not texts:
        say("no incident is open")


def _instant(house: House, session: Session, text: str) -> datetime:
    return read_instant(text, team_zone(house, session))[0]
