"""The clients: `seventytwo client import|list|portal-key`."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from flows.cli.asked import As, Code, Second, SecondCode, changing, opened, reading, voucher, vouchers
from flows.cli.shown import columns, say
from flows.clients import importing
from flows.clients import reading as book
from flows.clients.findings import Finding, together
from flows.clients.portal import new_portal_key
from playbooks.contracts import ContractTermView

app = typer.Typer(no_args_is_help=True, add_completion=False)


@app.callback()
def client() -> None:
    """Import and list the clients whose data we hold, and make keys for their portals."""


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="A client file; docs/examples/clients.yaml is one.")],
    *,
    as_: As = "",
    code: Code = "",
    second: Second = "",
    second_code: SecondCode = "",
) -> None:
    """Bring clients, contracts, contacts and recipients in; a file with a fault changes nothing.

    A change of what a client here is owed, or of who is told, needs a second person.
    """
    read = importing.load_client_file(file)
    with opened() as house:
        with house.store.reading() as session:
            needed = importing.vouchers_needed(session, read)
        if needed > 1 and not second:
            typer.echo(
                "a client here would be owed something else, or others be told: two must vouch", err=True
            )
        by = vouchers(needed, (as_, code), (second, second_code))
        with changing(house, by) as change:
            also = "".join(change.by[1:])
            done = importing.import_clients(change.session, read, change.author, change.at, second=also)
            found = book.house_findings(change.session)
    for what, refs in (("added", done.added), ("changed", done.changed), ("unchanged", done.unchanged)):
        if refs:
            say(f"{what}: {', '.join(refs)}")
    _say_findings(found)


@app.command("portal-key")
def portal_key(
    ref: Annotated[str, typer.Argument(metavar="CLIENT", help="The client's reference.")],
    *,
    as_: As = "",
    code: Code = "",
) -> None:
    """Make the key by which a client's portal knows our notices, and show it once; an earlier one ends."""
    with opened() as house, changing(house, (voucher(as_, code),)) as change:
        secret = new_portal_key(change.session, ref, change.author, change.at)
    say(secret)


@app.command("list")
def list_() -> None:
    """List every client with the contract that holds now, and what is missing."""
    with reading() as session:
        all_ = book.clients(session)
        terms = book.term_views(session, [one.id for one in all_ if one.id is not None])
        found = book.house_findings(session)
    columns(
        ("ref", "name", "our role", "status", "jurisdictions", "place", "zone", "contract"),
        [
            (
                one.ref,
                one.name,
                f"{one.our_role}, own" if one.own else one.our_role,
                one.status,
                one.jurisdictions,
                one.place,
                one.zone,
                _contract(terms.get(one.id or 0)),
            )
            for one in all_
        ],
        none="no client yet: seventytwo client import FILE",
    )
    _say_findings(found)


def _contract(term: ContractTermView | None) -> str:
    if term is None:
        return "-"
    if term.assumed:
        return f"{term.hours:g} h (policy)"
    return f"{term.hours:g} {'business ' if term.window else ''}h (v{term.version})"


def _say_findings(found: Iterable[Finding]) -> None:
    for what, refs in together(found).items():
        say(f"finding: {', '.join(refs)}: {what}" if refs else f"finding: {what}")
