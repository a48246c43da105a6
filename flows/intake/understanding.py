"""A signed body read by its source's adapter; whatever is not understood is kept, whoever is at fault."""

from __future__ import annotations

import logging

from flows.intake.adapters.mapped import reader_of
from flows.intake.body import MalformedBody, read_json
from flows.intake.claims import Understood, in_zone
from flows.intake.deliveries import KnownSource, Unreadable
from flows.intake.kinds import read_claims
from notify.text import clip, one_line
from playbooks.errors import PayloadFault

MAPPED = "mapped"
"""The kind of a source whose payloads are read by its own mapping."""

log = logging.getLogger("seventytwo.intake")


def understood(source: KnownSource, body: bytes) -> Understood | Unreadable:
    """What a source's body claims, its instants completed by the source's zone."""
    try:
        return _zoned(source, _read(source, body))
    except PayloadFault as fault:
        status = 400 if isinstance(fault, MalformedBody) else 422
        return Unreadable(status, one_line(fault.what), clip(one_line(fault.which), 200), fault.mend, body)
    except Exception as fault:  # noqa: BLE001 - see below
        # An adapter that stumbles must not cost a signed alert. Its words may hold the payload's: not logged.
        log.error("a body of source %s (%s): %s", source.name, source.kind, type(fault).__name__)  # noqa: TRY400
        mend = "it is kept: replay it once the adapter is mended"
        return Unreadable(422, "the adapter failed on this body", type(fault).__name__, mend, body)


def _read(source: KnownSource, body: bytes) -> Understood:
    if source.kind != MAPPED:
        return read_claims(source.kind, body)
    return Understood(str(source.mapping["kind"]), reader_of(source.mapping)(read_json(body)))


def _zoned(source: KnownSource, read: Understood) -> Understood:
    if all(one.occurred_at is None or one.occurred_at.tzinfo for one in read.claims):
        return read
    return Understood(read.kind, tuple(in_zone(one, source.zone) for one in read.claims))
