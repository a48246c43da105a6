"""Which tools may post alerts, how they prove themselves, and the playbook their alerts open."""

from __future__ import annotations

import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from flows.intake.kinds import ADAPTERS, AUTO
from flows.vouching import note_house
from playbooks.errors import Mend, NotFound, Refused
from store.tables import Client, Source, SourceKey

KINDS = (AUTO, *ADAPTERS)
AUTHS = ("hmac", "bearer")

_NAME = re.compile(r"[a-z][a-z0-9-]{0,62}[a-z0-9]", re.ASCII)
_SECRET_BYTES = 32
_LONGEST_CHANNEL = 80


@dataclass(frozen=True, slots=True)
class NewSource:
    """A tool to be let in; its client, where it watches one client's data only."""

    name: str
    kind: str
    auth: str
    playbook: str
    client: str = ""
    channel: str = ""
    exercise_id: int | None = None


def add_source(session: Session, source: NewSource, playbooks: Collection[str], by: str, at: datetime) -> str:
    """Let a tool in and return its secret, which is shown this once; raises Mend, NotFound or Refused."""
    _refuse_faults(source, playbooks)
    if _find(session, source.name) is not None:
        raise Refused("this name is taken for ever", which=source.name, mend="choose another")
    secret = secrets.token_urlsafe(_SECRET_BYTES)
    row = Source(
        name=source.name,
        kind=source.kind,
        auth=source.auth,
        playbook=source.playbook,
        client_id=_client_id(session, source.client),
        exercise_id=source.exercise_id,
        channel=source.channel,
        added_at=at,
    )
    session.add(row)
    session.flush()
    assert row.id is not None
    session.add(SourceKey(source_id=row.id, secret=secret, added_at=at))
    session.flush()
    payload = {
        "name": source.name,
        "kind": source.kind,
        "auth": source.auth,
        "playbook": source.playbook,
        "client": source.client,
    }
    note_house(session, "source_added", by, payload, at)
    return secret


def disable_source(session: Session, name: str, by: str, at: datetime) -> Source:
    """Shut a tool out: its alerts are refused from now on, what it claimed before stays."""
    source = _find(session, name)
    if source is None:
        raise NotFound("no such source", which=name, mend="see `seventytwo source list`")
    if source.disabled_at is not None:
        raise Refused("this source is disabled already", which=name)
    source.disabled_at = at
    session.add(source)
    note_house(session, "source_disabled", by, {"name": name}, at)
    return source


def sources(session: Session) -> list[Source]:
    """Every source by name, the disabled among them."""
    return list(session.exec(select(Source).order_by(col(Source.name))))


def _refuse_faults(source: NewSource, playbooks: Collection[str]) -> None:
    if not _NAME.fullmatch(source.name):
        raise Mend("not a name for a source", which=source.name, mend="2 to 64 of a-z, 0-9 and -")
    if source.kind not in KINDS:
        raise Mend("no such kind of source", which=source.kind, mend=f"use {', '.join(KINDS)}")
    if source.auth not in AUTHS:
        raise Mend("no such way to authenticate", which=source.auth, mend=f"use {', '.join(AUTHS)}")
    if source.playbook not in playbooks:
        mend = f"use {', '.join(sorted(playbooks))}"
        raise NotFound("no such playbook", which=source.playbook, mend=mend)
    if len(source.channel) > _LONGEST_CHANNEL or not source.channel.isprintable():
        raise Mend("not a channel", which=source.channel[:_LONGEST_CHANNEL], mend="use #name or its id")


def _client_id(session: Session, ref: str) -> int | None:
    if not ref:
        return None
    client_id = session.exec(select(Client.id).where(Client.ref == ref)).first()
    if client_id is None:
        raise NotFound("no such client", which=ref, mend="see `seventytwo client list`")
    return client_id


def _find(session: Session, name: str) -> Source | None:
    return session.exec(select(Source).where(Source.name == name)).first()
