"""Schemes that sign a timestamp with the body, each with its own headers, version and way to join the two."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from flows.intake.authentication.macs import digest, is_near, mac_of, matching, seconds
from flows.intake.authentication.verdicts import STALE, UNSIGNED, WRONG, Accepted, Presented, Verdict


@dataclass(slots=True)
class Stamped:
    """One such scheme; the message is `before`, timestamp, `between`, body."""

    name: str
    timestamp_header: str
    signature_header: str
    version: str
    before: bytes
    between: bytes
    _read: tuple[bytes, bytes, bytes] = field(init=False)
    """Timestamp's header, signature's header and version, as they are met in a request."""

    def __post_init__(self) -> None:
        """Write the names once as each request has them."""
        headers = self.timestamp_header.lower().encode(), self.signature_header.lower().encode()
        self._read = (*headers, self.version.encode())

    def sign(self, secret: str, timestamp: str, body: bytes) -> str:
        """The signature of a body sent at `timestamp` (seconds since 1970), with its version."""
        mac = mac_of(secret.encode(), self._message(timestamp.encode(), body))
        return f"{self.version}{mac.decode()}"

    def verify(self, given: Presented) -> Verdict:
        """Check the signature over timestamp and body; the same signature is the same request."""
        of_timestamp, of_signature, version = self._read
        timestamp = given.headers.get(of_timestamp, b"")
        signature = given.headers.get(of_signature, b"").strip()
        message = self._message(timestamp, given.body)
        mac = matching(given.secrets, message, (signature.removeprefix(version),))
        if not timestamp or not signature:
            return UNSIGNED
        if mac is None or not signature.startswith(version):
            return WRONG
        if not is_near(timestamp, given.now):
            return STALE
        return Accepted(digest(self.name, given.source, timestamp, mac))

    def prove(self, _: str, secret: str, body: bytes, now: datetime) -> dict[str, str]:
        """The headers that a sender adds at `now`."""
        timestamp = seconds(now)
        return {
            self.timestamp_header: timestamp,
            self.signature_header: self.sign(secret, timestamp, body),
        }

    def _message(self, timestamp: bytes, body: bytes) -> bytes:
        return self.before + timestamp + self.between + body


OURS = Stamped("hmac", "X-Seventytwo-Timestamp", "X-Seventytwo-Signature", "v1=", b"", b".")
"""Our own scheme, the usual one."""

SLACK = Stamped("slack", "X-Slack-Request-Timestamp", "X-Slack-Signature", "v0=", b"v0:", b":")
"""For tools that sign as Slack does: https://docs.slack.dev/authentication/verifying-requests-from-slack"""
