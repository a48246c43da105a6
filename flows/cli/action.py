"""What the reviews agreed to mend: `seventytwo action list|close`."""

from __future__ import annotations

from typing import Annotated

import typer

from flows.action_items import action_items, close_action_item
from flows.cli.asked import As, Code, new_purpose, opened, proven, reading, voucher
from flows.cli.shown import columns, say

app = typer.Typer(no_args_is_help=True, add_completion=False)


@app.callback()
def action() -> None:
    """List what the reviews agreed to mend, close what is done."""


@app.command("list")
def list_(*, everything: Annotated[bool, typer.Option("--all", help="The closed ones too.")] = False) -> None:
    """List the open action items by their date."""
    with reading() as session:
        rows = action_items(session, closed=everything)
    columns(
        ("ref", "title", "owner", "due", "closed"),
        [(item.ref, item.title, item.owner, item.due_at, item.closed_at) for item in rows],
        none="nothing to mend",
    )


@app.command()
def close(
    ref: str,
    *,
    evidence: Annotated[str, typer.Option(help="Where the mend can be seen; it is stored sealed.")],
    as_: As = "",
    code: Code = "",
) -> None:
    """Close an action item, as its owner or a commander."""
    with opened() as house:
        (vouched,) = proven(house, voucher(as_, code))
        close_action_item(house, ref, evidence, vouched, new_purpose())
    say(f"{ref} is closed")
