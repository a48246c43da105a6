"""Which source a body counts as sent by, where a person says it and no request proves it."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, select

from flows.intake.claims import Understood
from flows.intake.deliveries import KnownSource, Unreadable
from flows.intake.directory import known_source, valid_secrets
from flows.intake.kinds import ADAPTERS, AUTO
from flows.intake.understanding import understood
from playbooks.errors import NotFound, PayloadFault, Refused
from store.tables import Source


def known_sender(session: Session, named: str, body: bytes, wall: datetime) -> tuple[KnownSource, Understood]:
    """The source of that name, or of that kind, or for `auto` of the kind recognised; and what the body says.

    Raises NotFound where there is none, Refused where several could be meant, PayloadFault for the body.
    """
    source = source_named(session, named, wall)
    if source is None:
        _, read = unknown_sender(named, body)
        source = source_of_kind(session, read.kind, wall)
    return source, _read(source, body)


def unknown_sender(kind: str, body: bytes) -> tuple[KnownSource, Understood]:
    """A source of that kind (or `auto`) of which nothing is known; and what the body says."""
    if kind != AUTO and kind not in ADAPTERS:
        mend = "see `seventytwo source list`; docs/sources.md names the kinds"
        raise NotFound("no source and no kind of that name", which=kind, mend=mend)
    source = KnownSource(id=0, name="", kind=kind, auth="", secrets=())
    return source, _read(source, body)


def source_named(session: Session, name: str, wall: datetime) -> KnownSource | None:
    """The source of that name with the secrets valid at `wall`; raises Refused for a disabled one."""
    row = session.exec(select(Source).where(Source.name == name)).first()
    if row is None:
        return None
    if row.disabled_at is not None:
        raise Refused("this source is disabled", which=name, mend="see `seventytwo source list`")
    return _opened(session, row, wall)


def source_of_kind(session: Session, kind: str, wall: datetime) -> KnownSource:
    """The one enabled source of the kind, else the one that takes every kind; none that an exercise plays.

    Raises NotFound where there is none, Refused where several could be meant.
    """
    enabled = select(Source).where(col(Source.disabled_at).is_(None), col(Source.exercise_id).is_(None))
    rows = session.exec(enabled.order_by(col(Source.name))).all()
    for wanted in (kind, AUTO):
        found = [one for one in rows if one.kind == wanted]
        if len(found) > 1:
            names = ", ".join(one.name for one in found)
            raise Refused(f"several sources are of kind {wanted}", which=names, mend="say which by --source")
        if found:
            return _opened(session, found[0], wall)
    mend = f"add one: seventytwo source add NAME --kind {kind}"
    raise NotFound("no source of this kind, nor one that takes every kind", which=kind, mend=mend)


def _read(source: KnownSource, body: bytes) -> Understood:
    read = understood(source, body)
    if isinstance(read, Unreadable):
        raise PayloadFault(read.what, which=read.which, mend=read.mend)
    return read


def _opened(session: Session, row: Source, wall: datetime) -> KnownSource:
    assert row.id is not None
    return known_source(row, valid_secrets(session, wall).get(row.id, ()))
