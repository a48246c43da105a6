"""`seventytwo source test` and `check-mapping`: the way and the reading tried, nothing opened."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from flows.cli.alert_page import alert_lines
from flows.cli.asked import opened
from flows.cli.shown import say
from flows.clock import wall_now
from flows.intake.body import read_json
from flows.intake.deliveries import KnownSource, Unreadable
from flows.intake.mapping import pinned, read_mapping
from flows.intake.mapping_check import remarks
from flows.intake.posting import Answered, post, refusal
from flows.intake.senders import source_named
from flows.intake.understanding import MAPPED, understood
from notify.text import terminal
from playbooks.errors import Mend, NotFound, PayloadFault

_SAMPLE = {"title": "A test of the way from this source", "severity": "info", "status": "firing"}
_READ_FAULTS = (400, 413, 415, 422)

Payload = Annotated[
    Path | None, typer.Argument(help="A body as the tool sends it; without it a sample of ours is sent.")
]


def try_way(name: str, payload: Payload = None) -> None:
    """Prove the way end to end, opening nothing: a signed dry run, through the running desk."""
    body = _body(payload) if payload is not None else json.dumps(_SAMPLE).encode()
    with opened() as house:
        wall = wall_now()
        with house.store.reading() as session:
            source = source_named(session, name, wall)
        if source is None:
            raise NotFound("no such source", which=name, mend="see `seventytwo source list`")
        answered = post(house.settings.desk_url, source, body, wall, is_dry=True)
        url = f"{house.settings.desk_url}/alerts/{name}"
    if answered.status != 200 and answered.status not in _READ_FAULTS:
        raise refusal(answered, name)
    say(f"reached: {terminal(url)}")
    say(f"proved: {source.auth}, by the newest of {len(source.secrets)} valid keys")
    say("let in: enabled, and within its rate")
    if answered.status == 200:
        _say_read(source, answered)
    elif payload is None:
        say(f"not checked: what {source.kind} sends; give a body of it: source test {name} FILE")
    else:
        raise refusal(answered, name)


def check_mapping(
    file: Annotated[Path, typer.Argument(help="A mapping file; docs/sources.md says what each key means.")],
    payload: Payload = None,
) -> None:
    """Name every fault of a mapping, and show what it reads of a payload."""
    mapping = read_mapping(file)
    say(f"{terminal(str(file))}: no fault; kind {mapping.kind}, proved by {mapping.auth}")
    if payload is None:
        return
    source = KnownSource(id=0, name="", kind=MAPPED, auth=mapping.auth, secrets=(), mapping=pinned(mapping))
    body = _body(payload)
    read = understood(source, body)
    if isinstance(read, Unreadable):
        raise PayloadFault(read.what, which=read.which, mend=read.mend)
    for number, claim in enumerate(read.claims, 1):
        for line in alert_lines(number, claim, read.kind, source.zone, ()):
            say(line)
    for remark in remarks(mapping, read_json(body), read.claims):
        say(f"note: {remark}")


def _say_read(source: KnownSource, answered: Answered) -> None:
    would: list[Mapping[str, Any]] = answered.body.get("would", [])
    alerts: list[Mapping[str, Any]] = answered.body.get("alerts", [])
    kinds = ", ".join(dict.fromkeys(terminal(str(one.get("kind"))) for one in alerts))
    say(f"read: {len(alerts)} alerts of {kinds or source.kind}")
    for one in would:
        say(f"would be {terminal(str(one.get('result')))}: {terminal(str(one.get('why')))}")
    say("nothing was stored")


def _body(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as fault:
        raise Mend("it cannot be read", which=str(file), mend=fault.strerror or "check its name") from fault
