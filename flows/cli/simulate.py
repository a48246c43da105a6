"""The simulation: `seventytwo simulate PLAYBOOK`. It starts no Prefect, and needs no installation."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Annotated

import typer

from flows.cli.asked import database_faults
from flows.cli.shown import say
from flows.clock import wall_now
from flows.review.writing import made_folder
from flows.settings import Settings
from flows.simulation.as_json import as_json
from flows.simulation.drawing import write_pictures
from flows.simulation.preparing import Wish, prepare
from flows.simulation.reporting import Report, report_on
from flows.simulation.words import told
from notify.text import terminal
from playbooks.errors import SetupFault
from playbooks.instants import read_instant
from playbooks.simulation.advice import MOST_RUNS
from playbooks.simulation.storm import CLIENTS

app = typer.Typer(add_completion=False)

RUNS = 10_000
STORM_RUNS = 500
"""A storm is as much work as fifty incidents."""
STORM_ADVICE = 100
MOST_PROCESSES = 4
_MOST_RUNS = 1_000_000


@app.command()
def simulate(
    playbook: Annotated[str, typer.Argument(metavar="PLAYBOOK", help="Its id, or id@version.")],
    *,
    facts: Annotated[
        Path | None,
        typer.Option(metavar="FACTS.yaml", help="What is so, as `assess` reads it; else assumed."),
    ] = None,
    roster: Annotated[
        str,
        typer.Option(
            metavar="ROSTER.yaml", help="Who is there when; else that in force; `usual`: a small team."
        ),
    ] = "",
    durations: Annotated[
        Path | None,
        typer.Option(metavar="DURATIONS.yaml", help="How long work takes; else learned or assumed."),
    ] = None,
    runs: Annotated[
        int | None, typer.Option(min=1, max=_MOST_RUNS, help=f"{RUNS:,}; of an alert storm {STORM_RUNS}.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same result.")] = 1,
    incidents: Annotated[
        int, typer.Option(min=1, max=50, help="How many open within a day and share the people.")
    ] = 1,
    alert_storm: Annotated[
        bool, typer.Option("--alert-storm", help="One breach of a shared platform, over many clients.")
    ] = False,
    clients: Annotated[
        int | None, typer.Option(min=1, max=200, help=f"How many, in an alert storm; {CLIENTS}.")
    ] = None,
    opens: Annotated[
        str, typer.Option(metavar="INSTANT", help="The first instant of the week in which incidents open.")
    ] = "",
    processes: Annotated[
        int, typer.Option(min=0, max=64, help="0: as many as there are cores, up to four.")
    ] = 0,
    advice: Annotated[bool, typer.Option("--advice/--no-advice", help="Try what would help.")] = True,
    pictures: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Write the pictures there, as SVG and PNG.")
    ] = None,
    json_: Annotated[
        bool, typer.Option("--json", help="As JSON: shares from 0 to 1, spans in seconds.")
    ] = False,
) -> None:
    """Say beforehand which deadline will be missed how often, why, and what would help; nothing is stored."""
    wish = Wish(
        playbook,
        facts,
        roster,
        durations,
        runs=runs or (STORM_RUNS if alert_storm else RUNS),
        seed=seed,
        incidents=incidents,
        storm=(clients or CLIENTS) if alert_storm else 0,
        opens_at=read_instant(opens)[0] if opens else None,
    )
    if clients is not None and not alert_storm:
        raise typer.BadParameter(
            "clients are counted in an alert storm: add --alert-storm", param_hint="--clients"
        )
    if pictures is not None:
        made_folder(pictures)  # rather now than after minutes of work
    with database_faults():
        prepared = prepare(wish, Settings.from_env(), wall_now())
    advice_runs = STORM_ADVICE if alert_storm else MOST_RUNS
    processes = processes or min(MOST_PROCESSES, os.cpu_count() or 1)
    report = report_on(prepared, processes, with_advice=advice, advice_runs=advice_runs)
    _show(report, pictures, json_=json_)


def _show(report: Report, pictures: Path | None, *, json_: bool) -> None:
    """Write the pictures and tell the rest; what was found is told also where no picture could be written."""
    written, fault = list[Path](), None
    if pictures is not None:
        try:
            written = write_pictures(report, pictures)
        except SetupFault as error:
            fault = error
    lines = [json.dumps(as_json(report), indent=2, allow_nan=False)] if json_ else [*told(report), *written]
    for line in lines:
        say(line if isinstance(line, str) else terminal(line))
    if fault is not None:
        raise fault
