"""The incidents: `seventytwo incident open|list|show|merge|split|report`."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Annotated

import typer

from flows.channel_freeze import frozen_words
from flows.cli.asked import As, Code, new_purpose, opened, proven, reading, voucher
from flows.cli.incident_page import show_incident
from flows.cli.shown import columns, say
from flows.clock import wall_now
from flows.incidents import find_incident, incidents
from flows.merging.in_name import merge_in_name
from flows.reported import SEVERITIES, Report, open_reported
from flows.review.writing import write_report
from flows.splitting import read_numbers, split_in_name
from flows.starting import start_unstarted
from store.scope import Scope

app = typer.Typer(no_args_is_help=True, add_completion=False)


@app.callback()
def incident() -> None:
    """Open an incident, list them, show one, merge, split, report on it."""


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
    """List the open incidents and candidates, the newest first."""
    with reading() as session:
        rows = incidents(session, closed=everything)
        if frozen := frozen_words(session):
            say(frozen)
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
def merge(
    younger: Annotated[str, typer.Argument(help="The incident or candidate that ends.")],
    older: Annotated[str, typer.Argument(help="The incident that goes on with it.")],
    *,
    why: Annotated[str, typer.Option(help="Why they are one; it is stored sealed.")],
    as_: As = "",
    code: Code = "",
) -> None:
    """Let an incident close into an older one, which takes over its clients and the earliest anchors."""
    with opened() as house:
        (vouched,) = proven(house, voucher(as_, code))
        merge_in_name(house, younger, older, why, vouched, new_purpose())
        say(f"{younger} is merged into {older}: {house.settings.desk_url}/i/{older}")
        start_unstarted(house, older)


@app.command()
def split(
    ref: Annotated[str, typer.Argument(help="Its reference, such as INC-2026-0001.")],
    *,
    alerts: Annotated[str, typer.Option(help="The alerts that are another matter, by number: 12,15.")],
    why: Annotated[str, typer.Option(help="Why they are; it is stored sealed.")],
    playbook: Annotated[str, typer.Option(help="The new incident's playbook; else the rules choose.")] = "",
    as_: As = "",
    code: Code = "",
) -> None:
    """Let alerts of an incident open one of their own, with its earliest anchors."""
    with opened() as house:
        (vouched,) = proven(house, voucher(as_, code))
        numbers = read_numbers(alerts)
        new = split_in_name(house, ref, numbers, playbook, why, vouched, new_purpose())
        say(f"{new} is open with {len(numbers)} of its alerts: {house.settings.desk_url}/i/{new}")
        start_unstarted(house, new)


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
