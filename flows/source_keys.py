"""The secrets by which sources prove themselves: made or given, rotated, ended."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_
from sqlmodel import Session, col, select

from flows.intake.adapters.access_watch import KIND as OUR_WATCH
from flows.intake.authentication import SCHEMES
from flows.vouching import note_house
from playbooks.errors import Mend, NotFound, Refused
from store.tables import Source, SourceKey

LONGEST_OVERLAP = timedelta(days=31)

_MOST_KEYS = 2
_SECRET_BYTES = 32
_GIVEN = re.compile(r"[!-~]{16,256}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Keys:
    """How many keys of a source are valid, and when the older of two ends."""

    valid: int = 0
    until: datetime | None = None


def new_secret(auth: str, given: str = "") -> str:
    """The secret that a tool made and we were given, else a fresh one.

    Raises Mend for a weak one, and where only the tool can make it.
    """
    if not given and SCHEMES[auth].tool_makes_secret:
        mend = "copy it there into a file, and name that: --secret-file"
        raise Mend("the tool itself makes this secret", which=auth, mend=mend)
    if not given:
        return secrets.token_urlsafe(_SECRET_BYTES)
    if not _GIVEN.fullmatch(given):
        raise Mend("not a secret", mend="16 to 256 printable characters of ASCII, without spaces")
    return given


def add_key(session: Session, source_id: int, secret: str, at: datetime) -> int:
    """Let a source prove itself by a secret from now on; the key's number."""
    key = SourceKey(source_id=source_id, secret=secret, added_at=at)
    session.add(key)
    session.flush()
    assert key.id is not None
    return key.id


def rotate(session: Session, name: str, overlap: timedelta, by: str, at: datetime, given: str = "") -> str:
    """Add a key to a source and end the one before it `overlap` later; returns the new secret.

    Without overlap every older key ends at once. Raises NotFound, Refused where two are valid already, or
    where the secret given was this source's before.
    """
    if not timedelta(0) <= overlap <= LONGEST_OVERLAP:
        raise Mend("not an overlap", which=str(overlap), mend="0, or at most 31 days: 30m, 24h, 7d")
    source = find_source(session, name)
    assert source.id is not None
    ending = list(session.exec(_valid(source.id, at)))
    if overlap and len(ending) >= _MOST_KEYS:
        until = max(key.until for key in ending if key.until is not None)
        mend = f"wait until {until:%Y-%m-%d %H:%M}Z, or end both at once with --overlap 0"
        raise Refused("two keys are valid already", which=name, mend=mend)
    if (
        given
        and given in session.exec(select(SourceKey.secret).where(SourceKey.source_id == source.id)).all()
    ):
        raise Refused("this was its secret before", which=name, mend="have its tool make a new one")
    for key in ending:
        key.until = at + overlap
        session.add(key)
    secret = new_secret(source.auth, given)
    number = add_key(session, source.id, secret, at)
    ended = {str(key.id): (at + overlap).isoformat() for key in ending}
    note_house(session, "source_rotated", by, {"name": name, "key": number, "ends": ended}, at)
    return secret


def keys_of(session: Session, at: datetime) -> Mapping[int, Keys]:
    """The keys of every source at an instant."""
    found: dict[int, Keys] = {}
    valid = or_(col(SourceKey.until).is_(None), col(SourceKey.until) > at)
    for source_id, until in session.exec(select(SourceKey.source_id, SourceKey.until).where(valid)):
        before = found.get(source_id, Keys())
        found[source_id] = Keys(before.valid + 1, until or before.until)
    return found


def find_source(session: Session, name: str) -> Source:
    """The enabled source of that name, locked; raises NotFound, or Refused for a disabled one or our own."""
    source = session.exec(select(Source).where(Source.name == name).with_for_update()).first()
    if source is None:
        raise NotFound("no such source", which=name, mend="see `seventytwo source list`")
    if source.disabled_at is not None:
        raise Refused("this source is disabled already", which=name)
    if source.kind == OUR_WATCH:
        mend = "it has no key; SEVENTYTWO_ACCESS_WATCH turns the watch on and off"
        raise Refused("kept for our own watch of access logs", which=name, mend=mend)
    return source


def _valid(source_id: int, at: datetime) -> Any:
    counts = or_(col(SourceKey.until).is_(None), col(SourceKey.until) > at)
    of_source = SourceKey.source_id == source_id
    return select(SourceKey).where(of_source, counts).order_by(col(SourceKey.id))
