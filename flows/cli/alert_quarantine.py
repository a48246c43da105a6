"""What was signed and not understood: `seventytwo alert quarantine list|replay`."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated, Any

import typer

from flows.cli.asked import As, Code, changing, opened, reading, voucher
from flows.cli.shown import columns, say
from flows.clock import wall_now
from flows.intake import replaying
from flows.intake.batch import intake_of
from flows.intake.replaying import Kept, Replayed
from notify.text import plain, terminal
from playbooks.errors import ChooseAgain, Mend

app = typer.Typer(no_args_is_help=True, add_completion=False)

AsJson = Annotated[bool, typer.Option("--json", help="As JSON.")]


@app.callback()
def quarantine() -> None:
    """List the requests that were signed and not understood, and replay them once that is mended."""


@app.command("list")
def list_(
    *,
    as_json: AsJson = False,
    show: Annotated[int, typer.Option(metavar="N", help="Show the body of that one, made inert.")] = 0,
) -> None:
    """List what is kept, the newest first; never a body, unless asked for one."""
    with reading() as session:
        body = replaying.body_of(session, show) if show else b""
        rows = [] if show else replaying.kept(session)
    if show:
        say(plain(body.decode("utf-8", "replace")))
    elif as_json:
        say(json.dumps([_told(one) for one in rows], indent=2))
    else:
        columns(
            ("number", "source", "came", "reason", "sealed bytes", "replayed"),
            [(k.number, k.source, k.received_at, k.fault, k.size or "expired", k.replayed_at) for k in rows],
            none="nothing in quarantine",
        )


@app.command()
def replay(
    number: Annotated[int, typer.Argument(metavar="N", help="Its number in the list.")] = 0,
    *,
    all_: Annotated[
        bool, typer.Option("--all", help="Every one that is neither replayed nor expired.")
    ] = False,
    kind: Annotated[str, typer.Option(help="Read it as this kind, not as its source's.")] = "",
    as_: As = "",
    code: Code = "",
) -> None:
    """Read what is kept again by today's adapters; what is understood counts as of when it came."""
    if bool(number) == all_:
        raise Mend("one number, or all of them", mend="give N, or --all")
    with opened() as house:
        with changing(house, (voucher(as_, code),)) as change:
            numbers = replaying.waiting(change.session) if all_ else [number]
        intake = intake_of(house)
        for one in numbers:
            try:
                say(_words(replaying.replay(house.store, intake, one, change.author, wall_now(), kind)))
            except ChooseAgain as refused:  # somebody else was faster: the rest goes on
                if not all_:
                    raise
                say(f"{one}: {refused.what}")
    if not numbers:
        say("nothing in quarantine waits")


def _told(one: Kept) -> dict[str, Any]:
    told = asdict(one)
    times = {name: told[name].isoformat() for name in ("received_at", "replayed_at") if told[name]}
    return told | times


def _words(one: Replayed) -> str:
    if one.stays:
        return f"{one.number}: stays: {terminal(one.stays)}"
    results = ", ".join(f"{count} {name}" for name, count in sorted(one.results.items())) or "no alert in it"
    incidents = f" ({', '.join(one.incidents)})" if one.incidents else ""
    return f"{one.number}: {results}{incidents}"
