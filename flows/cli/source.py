"""The tools: `seventytwo source add|rotate|list|test|check-mapping|disable`."""

from __future__ import annotations

import re
import sys
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from flows import sources
from flows.cli.asked import As, Code, changing, opened, reading, voucher
from flows.cli.shown import columns, say, when
from flows.cli.source_check import check_mapping, try_way
from flows.clock import wall_now
from flows.intake.kinds import AUTO
from flows.intake.mapping import pinned, read_mapping
from flows.intake.understanding import MAPPED
from flows.source_keys import Keys, rotate
from flows.sources import NewSource
from playbooks.errors import Mend

app = typer.Typer(no_args_is_help=True, add_completion=False)

SecretFile = Annotated[
    str, typer.Option("--secret-file", metavar="FILE|-", help="The secret, where the tool makes it itself.")
]

_SPAN = re.compile(r"(?P<count>\d{1,5})(?P<unit>[mhd])", re.ASCII)
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}


@app.callback()
def source() -> None:
    """Let the tools in that may post alerts, rotate their keys, try, list and disable them."""


app.command("test")(try_way)
app.command("check-mapping")(check_mapping)


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="Its name in the address: a-z, 0-9 and -.")],
    *,
    kind: Annotated[str, typer.Option(help=f"One of {', '.join(sources.KINDS)}.")] = "",
    playbook: Annotated[str, typer.Option(help="What its alerts open; without it the rules choose.")] = "",
    auth: Annotated[
        str, typer.Option(help=f"One of {', '.join(sources.AUTHS)}; without it the tool's best.")
    ] = "",
    client: Annotated[str, typer.Option(help="The client whose data alone it watches.")] = "",
    channel: Annotated[str, typer.Option(help="The Slack channel of its incidents.")] = "",
    zone: Annotated[str, typer.Option(help="Of instants that it writes without an offset.")] = "UTC",
    per_minute: Annotated[
        int, typer.Option(help="Requests that it may send in a minute; 0: any number.")
    ] = sources.PER_MINUTE,
    mapping: Annotated[Path | None, typer.Option(help="How an unknown tool's payloads are read.")] = None,
    secret_file: SecretFile = "",
    as_: As = "",
    code: Code = "",
) -> None:
    """Let a tool in and show its secret once."""
    read = pinned(read_mapping(mapping)) if mapping is not None else {}
    newcomer = NewSource(
        name=name,
        kind=_kind(kind, is_mapped=mapping is not None),
        auth=auth,
        playbook=playbook,
        client=client,
        channel=channel,
        zone=zone,
        per_minute=per_minute,
        mapping=read,
    )
    given = _given(secret_file)
    with opened() as house:
        with changing(house, (voucher(as_, code),)) as change:
            secret = sources.add_source(
                change.session, newcomer, house.playbooks, change.author, change.at, given
            )
        say(f"{name} may post to {house.settings.desk_url}/alerts/{name} ({newcomer.proof})")
    _say_secret(secret, given)


@app.command("rotate")
def rotate_(
    name: str,
    *,
    overlap: Annotated[str, typer.Option(help="How long the old key still counts: 30m, 24h, 7d, 0.")] = "24h",
    secret_file: SecretFile = "",
    as_: As = "",
    code: Code = "",
) -> None:
    """Give a tool a second key and show it once; the old one ends after the overlap."""
    span, given = _span(overlap), _given(secret_file)
    with opened() as house, changing(house, (voucher(as_, code),)) as change:
        secret = rotate(change.session, name, span, change.author, change.at, given)
        ends = change.at + span
    say(
        f"{name} has a new key; the old one counts until {when(ends)}"
        if span
        else f"{name} has a new key only"
    )
    _say_secret(secret, given)


@app.command("list")
def list_() -> None:
    """List every source, its keys, and what it has sent."""
    with reading() as session:
        rows = sources.listed(session, wall_now())
    columns(
        (
            *("name", "kind", "auth", "playbook", "channel", "rate", "keys"),
            "last alert",
            "alerts",
            "disabled",
        ),
        [
            (
                *(one.source.name, one.source.kind, one.source.auth, one.source.playbook or "by the rules"),
                *(one.source.channel, _rate(one.source.per_minute), _keys(one.keys)),
                *(one.last_alert_at, one.alerts, one.source.disabled_at),
            )
            for one in rows
        ],
        none="no source yet: seventytwo source add",
    )


@app.command()
def disable(name: str, *, as_: As = "", code: Code = "") -> None:
    """Shut a tool out; what it claimed before stays."""
    with opened() as house, changing(house, (voucher(as_, code),)) as change:
        sources.disable_source(change.session, name, change.author, change.at)
    say(f"{name} is disabled")


def _kind(named: str, *, is_mapped: bool) -> str:
    if is_mapped and named not in {"", MAPPED}:
        raise Mend("a kind and a mapping", which=named, mend="leave --kind away: the mapping is the kind")
    return MAPPED if is_mapped else named or AUTO


def _span(text: str) -> timedelta:
    if text == "0":
        return timedelta(0)
    found = _SPAN.fullmatch(text)
    if found is None:
        raise Mend("not a span", which=text[:20], mend="minutes, hours or days: 30m, 24h, 7d; or 0")
    return int(found["count"]) * _UNITS[found["unit"]]


def _given(file: str) -> str:
    """The secret in a file, or from a pipe; never from the command line, which others can read."""
    if not file:
        return ""
    try:
        given = (sys.stdin.read(10_000) if file == "-" else Path(file).read_text("utf-8")).strip()
    except (OSError, ValueError) as fault:
        raise Mend("the secret cannot be read", which=file, mend="name a file of text") from fault
    if not given:
        raise Mend("no secret in it", which=file, mend="name the file that holds it, or leave it away")
    return given


def _say_secret(secret: str, given: str) -> None:
    if given:
        say("It proves itself by the secret that was given.")
        return
    say("Its secret, not shown again:")
    say(secret)


def _rate(per_minute: int) -> str:
    return f"{per_minute}/min" if per_minute else "any"


def _keys(keys: Keys) -> str:
    return f"{keys.valid}, one until {when(keys.until)}" if keys.until else str(keys.valid)
