"""`slack`: X-Slack-Signature over version, timestamp and body, for tools that sign as Slack does.

https://docs.slack.dev/authentication/verifying-requests-from-slack
"""

from __future__ import annotations

from datetime import datetime

from flows.intake.authentication.macs import digest, is_near, mac_of, matching, seconds
from flows.intake.authentication.verdicts import STALE, UNSIGNED, WRONG, Accepted, Presented, Verdict

_SIGNATURE = b"x-slack-signature"
_TIMESTAMP = b"x-slack-request-timestamp"
_VERSION = b"v0="


def verify(given: Presented) -> Verdict:
    """Check the signature; the same signature is the same request."""
    timestamp = given.headers.get(_TIMESTAMP, b"")
    signature = given.headers.get(_SIGNATURE, b"").strip()
    mac = matching(given.secrets, _message(timestamp, given.body), (signature.removeprefix(_VERSION),))
    if not timestamp or not signature:
        return UNSIGNED
    if mac is None or not signature.startswith(_VERSION):
        return WRONG
    if not is_near(timestamp, given.now):
        return STALE
    return Accepted(digest("slack", given.source, timestamp, mac))


def prove(_: str, secret: str, body: bytes, now: datetime) -> dict[str, str]:
    """The headers that Slack adds."""
    timestamp = seconds(now)
    mac = mac_of(secret.encode(), _message(timestamp.encode(), body)).decode()
    return {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": f"v0={mac}"}


def _message(timestamp: bytes, body: bytes) -> bytes:
    return b"v0:" + timestamp + b":" + body
