"""Whether a request comes from its source: a signature over time and body, or a bearer token. Pure."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

WINDOW = timedelta(minutes=5)
"""How far a signed request's timestamp may lie from our time."""

TIMESTAMP = "x-seventytwo-timestamp"
SIGNATURE = "x-seventytwo-signature"
AUTHORIZATION = "authorization"
IDEMPOTENCY_KEY = "idempotency-key"

Refusal = Literal["unsigned", "stale", "wrong"]

NO_SECRET = secrets.token_hex(32)
"""What a request to an unknown source is compared with, so that it costs the same as a known one."""

_LONGEST_TIMESTAMP = 12


@dataclass(frozen=True, slots=True)
class Accepted:
    """A request that its source sent; `digest` knows the very same request again, where it can be known."""

    digest: str | None


@dataclass(frozen=True, slots=True)
class Denied:
    """A request that may not count, and why."""

    reason: Refusal


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """The `X-Seventytwo-Signature` of a body sent at `timestamp` (seconds since 1970)."""
    mac = hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256)
    return f"v1={mac.hexdigest()}"


def verify_hmac(
    source: str, secret: str, headers: Mapping[str, str], body: bytes, now: datetime
) -> Accepted | Denied:
    """Check a signed request at wall time `now`."""
    timestamp, given = headers.get(TIMESTAMP, ""), headers.get(SIGNATURE, "")
    expected = sign(secret, timestamp, body)
    if not timestamp or not given:
        return Denied("unsigned")
    if not hmac.compare_digest(expected.encode(), given.strip().encode()):
        return Denied("wrong")
    if not _is_near(timestamp, now):
        return Denied("stale")
    return Accepted(hashlib.sha256(f"hmac:{source}:{expected}".encode()).hexdigest())


def verify_bearer(source: str, secret: str, headers: Mapping[str, str], body: bytes) -> Accepted | Denied:
    """Check a request that carries its source's token; an Idempotency-Key makes its repeat known."""
    scheme, _, token = headers.get(AUTHORIZATION, "").partition(" ")
    same = hmac.compare_digest(_hashed(secret), _hashed(token.strip()))
    if scheme.lower() != "bearer" or not token:
        return Denied("unsigned")
    if not same:
        return Denied("wrong")
    key = headers.get(IDEMPOTENCY_KEY)
    if key is None:
        return Accepted(None)
    seal = hashlib.sha256(f"bearer:{source}:{key}:".encode() + body)
    return Accepted(seal.hexdigest())


def verify(
    source: str, auth: str, secret: str, headers: Mapping[str, str], body: bytes, *, now: datetime
) -> Accepted | Denied:
    """Check a request to a source by the way that it authenticates: `hmac`, or `bearer`."""
    if auth == "bearer":
        return verify_bearer(source, secret, headers, body)
    return verify_hmac(source, secret, headers, body, now)


def _is_near(timestamp: str, now: datetime) -> bool:
    if len(timestamp) > _LONGEST_TIMESTAMP or not (timestamp.isascii() and timestamp.isdigit()):
        return False
    return abs(now.timestamp() - int(timestamp)) <= WINDOW.total_seconds()


def _hashed(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
