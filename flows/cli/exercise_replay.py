"""A closed incident as a scenario, its names masked."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flows.circle import is_guarded
from flows.cli.asked import opened
from flows.cli.new_files import put_new
from flows.cli.shown import say
from flows.clock import wall_now
from flows.exercise.replaying import replay, written_out
from flows.incidents import find_incident


def add_to(app: typer.Typer) -> None:
    """Register these commands."""
    app.command("replay")(replay_)


def replay_(
    ref: Annotated[
        str,
        typer.Argument(metavar="INCIDENT", help="The closed incident's reference, such as INC-2026-0001."),
    ],
    *,
    out: Annotated[Path | None, typer.Option(help="The file to write; else it is shown.")] = None,
) -> None:
    """Make a scenario of a closed incident: its times, choices and duties, and no word that anybody wrote."""
    with opened() as house, house.store.reading() as session:
        scenario = replay(house, session, ref, wall_now())
        is_of_circle = is_guarded(session, find_incident(session, ref))
    text = written_out(scenario)
    if is_of_circle:
        typer.echo("Only a circle may know of this incident: give the scenario to nobody else.", err=True)
    if out is None:
        typer.echo(text, nl=False)
        return
    put_new(out, text)
    say(f"{out}: {len(scenario.expected)} expected decisions, {len(scenario.injects)} injects")
    say("Put your own words where the text is general, then: seventytwo exercise check")
