"""The proof: `seventytwo timeline verify`."""

from __future__ import annotations

from typing import Annotated, assert_never

import typer

from flows.cli.asked import reading
from flows.cli.shown import say
from flows.plan_proof import plan_fault
from notify.text import terminal
from playbooks.errors import ChainBroken
from store import timeline as chained
from store.timeline import Broken, Verified

app = typer.Typer(no_args_is_help=True, add_completion=False)


@app.callback()
def timeline() -> None:
    """Prove that no entry was changed since it was written."""


@app.command()
def verify(
    ref: Annotated[str, typer.Argument(help="An incident's reference, or `house`.")] = "",
    *,
    everything: Annotated[bool, typer.Option("--all", help="Every chain, as without a reference.")] = False,
) -> None:
    """Check the chain of one incident, of the house, or all; exit code 1 if one is broken."""
    if ref and everything:
        raise typer.BadParameter("either one chain, or all of them", param_hint="--all")
    with reading() as session:
        results = [chained.verify(session, chain) for chain in ([ref] if ref else chained.chains(session))]
        plans = {one.chain: fault for one in results if (fault := plan_fault(session, one.chain))}
    for result in results:
        say(_told(result))
    for chain, fault in plans.items():
        say(f"{terminal(chain)}  CHANGED  {fault}")
    broken = [one for one in results if isinstance(one, Broken) or one.chain in plans]
    if broken:
        mend = "keep this database as it is, and compare it with a backup"
        raise ChainBroken("a timeline does not verify", which=", ".join(b.chain for b in broken), mend=mend)
    if not results:
        say("no timeline yet")


def _told(result: Verified | Broken) -> str:
    match result:
        case Verified():
            erased = f", {result.erased} erased" if result.erased else ""
            return f"{terminal(result.chain)}  verified  {result.entries} entries{erased}  {result.head}"
        case Broken():
            return f"{terminal(result.chain)}  BROKEN  at entry {result.seq}: {terminal(result.why)}"
        case _:
            assert_never(result)
