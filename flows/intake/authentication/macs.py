"""What every signed scheme is made of: HMAC-SHA256 compared in constant time, a window, a digest."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

WINDOW = timedelta(minutes=5)
"""How far a signed request's timestamp may lie from our time."""

_WINDOW_SECONDS = WINDOW.total_seconds()
_LONGEST_TIMESTAMP = 12


def mac_of(secret: bytes, message: bytes) -> bytes:
    """The HMAC-SHA256 of a message, in lower-case hex."""
    return hmac.digest(secret, message, "sha256").hex().encode()


def matching(secrets: Sequence[bytes], message: bytes, given: Iterable[bytes]) -> bytes | None:
    """The one of the given MACs that is the message's under one of the secrets; every pair is compared."""
    macs = tuple(given)
    found = None
    for secret in secrets:
        expected = mac_of(secret, message)
        for mac in macs:
            if hmac.compare_digest(expected, mac):
                found = expected
    return found


def is_near(timestamp: bytes, now: datetime) -> bool:
    """Whether seconds since 1970, as a sender wrote them, lie within the window around `now`."""
    if len(timestamp) > _LONGEST_TIMESTAMP or not timestamp.isdigit():
        return False
    return abs(now.timestamp() - int(timestamp)) <= _WINDOW_SECONDS


def seconds(now: datetime) -> str:
    """An instant as senders write it: whole seconds since 1970."""
    return str(int(now.timestamp()))


def digest(scheme: str, source: str, *parts: bytes) -> str:
    """What the very same request to the same source is known by."""
    return hashlib.sha256(b"\0".join((scheme.encode(), source.encode(), *parts))).hexdigest()
