"""`hmac`, our own: the source signs timestamp and body."""

from __future__ import annotations

from datetime import datetime

from flows.intake.authentication.macs import digest, is_near, mac_of, matching, seconds
from flows.intake.authentication.verdicts import STALE, UNSIGNED, WRONG, Accepted, Presented, Verdict

_TIMESTAMP = b"x-seventytwo-timestamp"
_SIGNATURE = b"x-seventytwo-signature"
_VERSION = b"v1="


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """The `X-Seventytwo-Signature` of a body sent at `timestamp` (seconds since 1970)."""
    return f"v1={mac_of(secret.encode(), _message(timestamp.encode(), body)).decode()}"


def verify(given: Presented) -> Verdict:
    """Check the signature over timestamp and body; the same signature is the same request."""
    timestamp = given.headers.get(_TIMESTAMP, b"")
    signature = given.headers.get(_SIGNATURE, b"").strip()
    mac = matching(given.secrets, _message(timestamp, given.body), (signature.removeprefix(_VERSION),))
    if not timestamp or not signature:
        return UNSIGNED
    if mac is None or not signature.startswith(_VERSION):
        return WRONG
    if not is_near(timestamp, given.now):
        return STALE
    return Accepted(digest("hmac", given.source, timestamp, mac))


def prove(_: str, secret: str, body: bytes, now: datetime) -> dict[str, str]:
    """The headers that a sender adds at `now`."""
    timestamp = seconds(now)
    return {"X-Seventytwo-Timestamp": timestamp, "X-Seventytwo-Signature": sign(secret, timestamp, body)}


def _message(timestamp: bytes, body: bytes) -> bytes:
    return timestamp + b"." + body
