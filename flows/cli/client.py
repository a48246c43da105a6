"""The clients: `seventytwo client import|list`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flows import clients
from flows.cli.asked import As, Code, changing, opened, reading, voucher
from flows.cli.shown import columns, say

app = typer.Typer(no_args_is_help=True, add_completion=False)


@app.callback()
def client() -> None:
    """Import and list the clients whose data we hold."""


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="A client file; docs/examples/clients.yaml is one.")],
    *,
    as_: As = "",
    code: Code = "",
) -> None:
    """Bring clients, contracts, contacts and recipients in; a file with a fault changes nothing."""
    read = clients.load_client_file(file)
    with opened() as house, changing(house, (voucher(as_, code),)) as change:
        done = clients.import_clients(change.session, read, change.author, change.at)
    for what, refs in (("added", done.added), ("changed", done.changed), ("unchanged", done.unchanged)):
        if refs:
            say(f"{what}: {', '.join(refs)}")


@app.command("list")
def list_() -> None:
    """List every client with the contract that holds now."""
    with reading() as session:
        rows = []
        for one in clients.clients(session):
            assert one.id is not None
            term = clients.contract_of(session, one.id)
            contract = f"{term.hours:g} h (v{term.version})" if term else "-"
            role = f"{one.our_role}, own" if one.own else one.our_role
            rows.append((one.ref, one.name, role, one.jurisdictions, one.zone, contract))
    columns(
        ("ref", "name", "our role", "jurisdictions", "zone", "contract"),
        rows,
        none="no client yet: seventytwo client import FILE",
    )
