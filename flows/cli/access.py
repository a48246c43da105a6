"""Who touched what: `seventytwo access check|reconstruct|show|watch`."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from flows.cli import access_watch
from flows.cli.access_page import say_result
from flows.cli.asked import As, Code, new_purpose, opened, proven, reading, voucher
from flows.cli.shown import columns, say
from flows.clock import incident_now, wall_now
from flows.forensics.in_name import investigating, refuse_before
from flows.forensics.log_sources import LogSource, log_sources
from flows.forensics.proposing import proposal_of, propose_from_latest
from flows.forensics.reader import files_of
from flows.forensics.reconstructing import reconstruct, reconstructions_of, result_of, write_down
from flows.forensics.searching import search_of
from flows.incidents import find_incident
from flows.settings import Settings
from notify.text import terminal
from playbooks.errors import FileFaults, NotFound
from playbooks.instants import read_instant

app = typer.Typer(no_args_is_help=True, add_completion=False)
app.add_typer(access_watch.app, name="watch")

Ref = Annotated[str, typer.Argument(metavar="INCIDENT", help="Its reference, such as INC-2026-0001.")]


@app.callback()
def access() -> None:
    """Establish from access logs who touched which client's records when."""


@app.command()
def check() -> None:
    """Check the files that describe access logs, and show what each leads to; reads no log."""
    sources, faults = log_sources(Settings.from_env().access_log_folders)
    columns(
        ("source", "system", "format", "leads to", "zone", "kept for"),
        [
            (
                one.id,
                one.system,
                one.format,
                _leads_to(one),
                one.zone,
                f"{one.retention.days} d" if one.retention else "",
            )
            for one in sources.values()
        ],
        none="no access log: put a source's file into a folder of SEVENTYTWO_ACCESS_LOGS",
    )
    if faults:
        raise FileFaults(faults)


@app.command("reconstruct")
def reconstruct_(
    ref: Ref,
    *,
    since: Annotated[
        str, typer.Option("--from", metavar="INSTANT", help="With an offset: 2026-03-01T00:00Z.")
    ],
    until: Annotated[str, typer.Option("--until", metavar="INSTANT", help="Its end, not included.")],
    account: Annotated[
        list[int] | None,
        typer.Option("--account", metavar="N", help="An observable's number; may be repeated."),
    ] = None,
    as_: As = "",
    code: Code = "",
) -> None:
    """Read all access logs for a period, of every account or of those observables, and propose a scope."""
    given = {
        "accounts": ", ".join(map(str, account)) if account else "all",
        "access_from": read_instant(since)[0].isoformat(),
        "access_until": read_instant(until)[0].isoformat(),
    }
    with opened() as house:
        (vouched,) = proven(house, voucher(as_, code))
        refuse_before(house, ref, vouched)
        with house.store.reading() as session:
            incident = find_incident(session, ref)
            search = search_of(session, incident, given, incident_now(session, incident, wall_now()))
        result = reconstruct(house.settings.access_log_folders, search)
        with investigating(house, ref, vouched, new_purpose()) as (decision, handle):
            row = write_down(decision, result, handle)
            decision.session.flush()
            proposal = propose_from_latest(decision)
    say(f"R{row.number} is written down")
    say_result(result, proposal)


@app.command()
def show(
    ref: Ref,
    *,
    number: Annotated[int, typer.Option("--number", metavar="N", help="Which one; else the latest.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Show a reconstruction, with the scope proposed from it."""
    with reading() as session:
        rows = reconstructions_of(session, find_incident(session, ref).id or 0)
    row = next((one for one in reversed(rows) if number in (0, one.number)), None)
    if row is None:
        raise NotFound("no such reconstruction", which=ref, mend="see `seventytwo access reconstruct`")
    result, proposal = result_of(row), proposal_of(row)
    if as_json:
        told = {"number": row.number, "access": result.model_dump(mode="json")}
        told["scope"] = proposal.model_dump(mode="json") if proposal else None
        typer.echo(json.dumps(told, indent=2))
        return
    say(f"R{row.number}, {terminal(row.recorded_at.isoformat(timespec='minutes'))}")
    say_result(result, proposal)


def _leads_to(source: LogSource) -> str:
    if source.format == "sql":
        return f"{source.table} at {source.connection}"
    count = len(files_of(source))
    return f"{count} {'file' if count == 1 else 'files'}"
