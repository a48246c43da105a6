"""Which tools may post alerts, how they prove themselves, and the playbook their alerts open."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, func, select

from flows.intake.adapters.access_watch import KIND as OUR_WATCH
from flows.intake.authentication import SCHEMES
from flows.intake.kinds import ADAPTERS, AUTO
from flows.intake.understanding import MAPPED
from flows.source_keys import Keys, add_key, find_source, keys_of, new_secret
from flows.vouching import note_house
from playbooks.errors import Mend, NotFound, Refused
from store.tables import Alert, Client, Source

KINDS = (AUTO, *ADAPTERS)
AUTHS = tuple(SCHEMES)
PER_MINUTE = 6_000
"""Requests in a minute that a source may send unless it is told otherwise."""

_NAME = re.compile(r"[a-z][a-z0-9-]{0,62}[a-z0-9]", re.ASCII)
_LONGEST_CHANNEL = 80
_MOST_PER_MINUTE = 1_000_000


@dataclass(frozen=True, slots=True)
class NewSource:
    """A tool to be let in; its client, where it watches one client's data only.

    An empty `auth` is the best that its tool can do; an empty `playbook` leaves the choice to the rules.
    """

    name: str
    kind: str
    auth: str = ""
    playbook: str = ""
    client: str = ""
    channel: str = ""
    exercise_id: int | None = None
    zone: str = "UTC"
    per_minute: int = PER_MINUTE
    mapping: Mapping[str, Any] = field(default_factory=dict)
    """The mapping of a source of kind `mapped`, as `pinned` gives it."""

    @property
    def proof(self) -> str:
        """The scheme by which it is to prove itself."""
        if self.auth:
            return self.auth
        if self.kind == MAPPED:
            return str(self.mapping.get("auth", "bearer"))
        return ADAPTERS[self.kind].auth if self.kind in ADAPTERS else "hmac"


@dataclass(frozen=True, slots=True)
class Listed:
    """A source, its keys, and what has come of it."""

    source: Source
    keys: Keys
    alerts: int = 0
    last_alert_at: datetime | None = None


def add_source(
    session: Session, source: NewSource, playbooks: Collection[str], by: str, at: datetime, given: str = ""
) -> str:
    """Let a tool in and return its secret, which is shown this once; raises Mend, NotFound or Refused.

    `given` is the secret of a tool that makes its own.
    """
    _refuse_faults(source, playbooks)
    if session.exec(select(Source.id).where(Source.name == source.name)).first() is not None:
        raise Refused("this name is taken for ever", which=source.name, mend="choose another")
    secret = new_secret(source.proof, given)
    row = Source(
        name=source.name,
        kind=source.kind,
        auth=source.proof,
        playbook=source.playbook,
        client_id=_client_id(session, source.client),
        exercise_id=source.exercise_id,
        channel=source.channel,
        zone=source.zone,
        per_minute=source.per_minute,
        mapping=dict(source.mapping),
        added_at=at,
    )
    session.add(row)
    session.flush()
    assert row.id is not None
    number = add_key(session, row.id, secret, at)
    payload = {
        "name": source.name,
        "kind": source.kind,
        "auth": source.proof,
        "playbook": source.playbook,
        "client": source.client,
        "zone": source.zone,
        "per_minute": source.per_minute,
        "key": number,
    }
    note_house(session, "source_added", by, payload, at)
    return secret


def disable_source(session: Session, name: str, by: str, at: datetime) -> Source:
    """Shut a tool out: its alerts are refused from now on, what it claimed before stays."""
    source = find_source(session, name)
    source.disabled_at = at
    session.add(source)
    note_house(session, "source_disabled", by, {"name": name}, at)
    return source


def sources(session: Session) -> list[Source]:
    """Every source by name, the disabled among them."""
    return list(session.exec(select(Source).order_by(col(Source.name))))


def listed(session: Session, at: datetime) -> list[Listed]:
    """Every source by name, with its keys at `at` and what it has sent."""
    seen = select(Alert.source_id, func.sum(Alert.occurrences), func.max(Alert.last_seen_at))
    sent = {
        number: (count, last) for number, count, last in session.exec(seen.group_by(col(Alert.source_id)))
    }
    keys = keys_of(session, at)
    return [
        Listed(row, keys.get(row.id or 0, Keys()), *sent.get(row.id or 0, (0, None)))
        for row in sources(session)
    ]


def _refuse_faults(source: NewSource, playbooks: Collection[str]) -> None:
    if not _NAME.fullmatch(source.name):
        raise Mend("not a name for a source", which=source.name, mend="2 to 64 of a-z, 0-9 and -")
    if OUR_WATCH in (source.name, source.kind, source.mapping.get("kind")):
        raise Mend(
            "kept for our own watch of access logs", which=OUR_WATCH, mend="choose another name or kind"
        )
    if source.kind not in KINDS and not (source.kind == MAPPED and source.mapping):
        raise Mend("no such kind of source", which=source.kind, mend=f"use {', '.join(KINDS)}, or a mapping")
    if source.proof not in AUTHS:
        raise Mend("no such way to authenticate", which=source.auth, mend=f"use {', '.join(AUTHS)}")
    if source.playbook and source.playbook not in playbooks:
        mend = f"use {', '.join(sorted(playbooks))}"
        raise NotFound("no such playbook", which=source.playbook, mend=mend)
    if len(source.channel) > _LONGEST_CHANNEL or not source.channel.isprintable():
        raise Mend("not a channel", which=source.channel[:_LONGEST_CHANNEL], mend="use #name or its id")
    if not 0 <= source.per_minute <= _MOST_PER_MINUTE:
        mend = f"0 for any number, or at most {_MOST_PER_MINUTE}"
        raise Mend("not a number of requests", which=str(source.per_minute), mend=mend)
    _refuse_zone(source.zone)


def _refuse_zone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as fault:
        raise Mend("no such time zone", which=name[:64], mend="use an IANA name: Europe/Berlin") from fault


def _client_id(session: Session, ref: str) -> int | None:
    if not ref:
        return None
    client_id = session.exec(select(Client.id).where(Client.ref == ref)).first()
    if client_id is None:
        raise NotFound("no such client", which=ref, mend="see `seventytwo client list`")
    return client_id
