"""A reader's session: who, until when, sealed into a cookie that the browser cannot read or change."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from store.seal import Keyring, Unsealable

COOKIE = "seventytwo_session"
LENGTH = timedelta(minutes=15)

_LABEL = "desk.session"
_LONGEST = 512


@dataclass(frozen=True, slots=True)
class DeskSession:
    """A responder who proved themselves, and when that ends."""

    responder_id: int
    ends_at: datetime


def new_session(responder_id: int, wall: datetime) -> DeskSession:
    """A session that begins now."""
    return DeskSession(responder_id, wall + LENGTH)


def to_cookie(keyring: Keyring, session: DeskSession) -> str:
    """The session as the cookie's value."""
    told = json.dumps([session.responder_id, session.ends_at.timestamp()])
    return base64.urlsafe_b64encode(keyring.seal(_LABEL, told.encode())).decode("ascii")


def from_cookie(keyring: Keyring, value: str | None, wall: datetime) -> DeskSession | None:
    """The session in a cookie; none if there is none, it ended, or it is not of our making."""
    if not value or len(value) > _LONGEST:
        return None
    try:
        told = keyring.unseal(_LABEL, base64.urlsafe_b64decode(value.encode("ascii")))
    except (Unsealable, UnicodeEncodeError, binascii.Error):
        return None
    responder_id, ends = json.loads(told)
    session = DeskSession(responder_id, datetime.fromtimestamp(ends, UTC))
    return session if wall < session.ends_at else None
