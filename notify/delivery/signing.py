"""Requests signed as Standard Webhooks asks: who sent it, when, and that nothing was changed."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime

from notify.kinds import MessageFault

PREFIX = "whsec_"
SHORTEST, LONGEST = 16, 64  # bytes; the standard asks for 24 and more


def signing_key(secret: str) -> bytes:
    """The bytes of a portal's secret, base 64 with or without `whsec_`; raises MessageFault without it."""
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not SHORTEST <= len(key) <= LONGEST:
        raise MessageFault(
            "the portal's secret is no signing secret",
            mend=f"{PREFIX} and {SHORTEST} to {LONGEST} bytes in base 64",
        )
    return key


def signed(key: str, body: bytes, secret: str, now: datetime) -> Mapping[str, str]:
    """The three headers of a request that is sent `now`."""
    at = str(int(now.timestamp()))
    digest = hmac.new(signing_key(secret), f"{key}.{at}.".encode() + body, hashlib.sha256).digest()
    return {
        "webhook-id": key,
        "webhook-timestamp": at,
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }
