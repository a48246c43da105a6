"""The incidents: `seventytwo incident open|list|show`."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Annotated

import typer

from flows.cli.asked import As, Code, new_purpose, opened, reading, voucher
from flows.cli.incident_page import show_incident
from flows.cli.shown import columns, say
from flows.clock import wall_now
from flows.incidents import find_incident, incidents
from flows.reported import SEVERITIES, Report, open_reported
from flows.review.writing import write_report
from flows.starting import start_unstarted
from store.scope import Scope

app = typer.Typer(no_args_is_help=True, add_completion=False)


@app.callback()
def incident() -> None:
    """Open an incident, list them, show one, report on it."""


@app.command("open")
def open_(
    title: Annotated[str, typer.Argument(help="What was seen, in one line; it is stored sealed.")],
    *,
    playbook: Annotated[str, typer.Option(help="The playbook to walk.")],
    severity: Annotated[str, typer.Option(help=f"One of {', '.join(SEVERITIES)}.")] = "medium",
    client: Annotated[list[str] | None, typer.Option(help="A client concerned; may be repeated.")] = None,
    channel: Annotated[str, typer.Option(help="Its Slack channel; else the house channel.")] = "",
    as_: As = "",
    code: Code = "",
) -> None:
    """Open an incident that no tool saw; its clocks start now, and triage may correct them."""
    with opened() as house:
        by = voucher(as_, code)
        report = Report(new_purpose(), by, playbook, severity, tuple(client or ()), title, channel)
        ref = open_reported(house, report, wall_now())
        say(f"{ref} is open: {house.settings.desk_url}/i/{ref}")
        if not start_unstarted(house, ref):
            say("Its runs start when the Prefect server can be reached.")


@app.command("list")
def list_(*, everything: Annotated[bool, typer.Option("--all", help="The closed ones too.")] = False) -> None:
    """List the open incidents, the newest first."""
    with reading() as session:
        rows = incidents(session, closed=everything)
    columns(
        ("ref", "state", "kind", "severity", "playbook", "opened", "closed"),
        [(i.ref, i.state, i.kind, i.severity, i.playbook, i.opened_at, i.closed_at) for i in rows],
        none="no open incident" if not everything else "no incident yet",
    )


@app.command()
def show(ref: Annotated[str, typer.Argument(help="Its reference, such as INC-2026-0001.")]) -> None:
    """Show an incident: its cases, steps, open questions and clocks."""
    with opened() as house, house.store.reading() as session:
        show_incident(house, session, find_incident(session, ref))


@app.command()
def report(
    ref: Annotated[str, typer.Argument(help="Its reference, such as INC-2026-0001.")],
    *,
    to: Annotated[Path | None, typer.Option(help="The folder; else `reports` in the data folder.")] = None,
    client: Annotated[list[str] | None, typer.Option(help="For this client only; may be repeated.")] = None,
) -> None:
    """Write the post-incident report as Markdown and HTML; for one client it names no other."""
    scope = Scope.limited(client) if client else Scope.whole()
    with opened() as house:
        for path in write_report(house, ref, to or house.settings.data / "reports", scope):
            say(f"{path}  SHA-256 {hashlib.sha256(path.read_bytes()).hexdigest()}")
