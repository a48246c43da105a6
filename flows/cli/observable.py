"""What was seen: `seventytwo observable list|add`."""

from __future__ import annotations

from typing import Annotated

import typer

from flows.cli.asked import As, Code, new_purpose, opened, proven, reading, voucher
from flows.cli.shown import columns, say
from flows.forensics.in_name import investigating
from flows.forensics.keeping import keep, observables_of
from flows.incidents import find_incident
from playbooks.errors import Mend
from playbooks.forensics.fanging import defang
from playbooks.forensics.observable_kinds import KINDS, as_observable

app = typer.Typer(no_args_is_help=True, add_completion=False)

Ref = Annotated[str, typer.Argument(metavar="INCIDENT", help="Its reference, such as INC-2026-0001.")]


@app.callback()
def observable() -> None:
    """List and add the accounts, addresses, hosts and files that were seen."""


@app.command("list")
def list_(ref: Ref) -> None:
    """List what was seen, spelled so that nothing makes a link of it."""
    with reading() as session:
        rows = observables_of(session, find_incident(session, ref).id or 0)
    columns(
        ("number", "kind", "value", "from", "since"),
        [(f"O{row.number}", row.kind, defang(row.value), row.origin, row.added_at) for row in rows],
        none="nothing was seen yet",
    )


@app.command()
def add(
    ref: Ref,
    kind: Annotated[str, typer.Argument(help=f"One of {', '.join(KINDS)}.")],
    value: Annotated[str, typer.Argument(help="As it is, or as analysts write it: evil[.]example. Sealed.")],
    *,
    as_: As = "",
    code: Code = "",
) -> None:
    """Add an observable that no alert named; it gets the incident's next number."""
    if kind not in KINDS:
        raise Mend("no such kind of observable", which=kind, mend=f"one of {', '.join(KINDS)}")
    seen = as_observable(kind, value)
    if seen is None or seen.kind != kind:
        raise Mend(f"that spells no {kind}", mend="check the value, or choose another kind")
    with opened() as house:
        (vouched,) = proven(house, voucher(as_, code))
        with investigating(house, ref, vouched, new_purpose()) as (decision, handle):
            kept = keep(decision, [(seen, handle)], handle)
    if kept.left_out:
        say("there are too many observables: it was not added")
    else:
        say(f"O{kept.new[0].number} is added" if kept.new else "it was known already")
