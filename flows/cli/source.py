"""The tools: `seventytwo source add|list|disable`."""

from __future__ import annotations

from typing import Annotated

import typer

from flows import sources
from flows.cli.asked import As, Code, changing, opened, reading, voucher
from flows.cli.shown import columns, say
from flows.sources import NewSource

app = typer.Typer(no_args_is_help=True, add_completion=False)


@app.callback()
def source() -> None:
    """Let the tools in that may post alerts, list and disable them."""


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="Its name in the address: a-z, 0-9 and -.")],
    *,
    kind: Annotated[str, typer.Option(help=f"One of {', '.join(sources.KINDS)}.")],
    playbook: Annotated[str, typer.Option(help="The playbook that its alerts open.")],
    auth: Annotated[str, typer.Option(help=f"One of {', '.join(sources.AUTHS)}.")] = "hmac",
    client: Annotated[str, typer.Option(help="The client whose data alone it watches.")] = "",
    channel: Annotated[str, typer.Option(help="The Slack channel of its incidents.")] = "",
    as_: As = "",
    code: Code = "",
) -> None:
    """Let a tool in and show its secret once."""
    newcomer = NewSource(name, kind, auth, playbook, client, channel)
    with opened() as house:
        with changing(house, (voucher(as_, code),)) as change:
            secret = sources.add_source(change.session, newcomer, house.playbooks, change.author, change.at)
        say(f"{name} may post to {house.settings.desk_url}/alerts/{name} ({auth})")
    say("Its secret, not shown again:")
    say(secret)


@app.command("list")
def list_() -> None:
    """List every source."""
    with reading() as session:
        rows = sources.sources(session)
    columns(
        ("name", "kind", "auth", "playbook", "channel", "added", "disabled"),
        [(s.name, s.kind, s.auth, s.playbook, s.channel, s.added_at, s.disabled_at) for s in rows],
        none="no source yet: seventytwo source add",
    )


@app.command()
def disable(name: str, *, as_: As = "", code: Code = "") -> None:
    """Shut a tool out; what it claimed before stays."""
    with opened() as house, changing(house, (voucher(as_, code),)) as change:
        sources.disable_source(change.session, name, change.author, change.at)
    say(f"{name} is disabled")
