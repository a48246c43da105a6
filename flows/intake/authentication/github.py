"""`github`: X-Hub-Signature-256 over the body, by the webhook's secret.

https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
"""

from __future__ import annotations

from datetime import datetime

from flows.intake.authentication.macs import digest, mac_of, matching
from flows.intake.authentication.verdicts import UNSIGNED, WRONG, Accepted, Presented, Verdict

_SIGNATURE = b"x-hub-signature-256"
_DELIVERY = b"x-github-delivery"
_PREFIX = b"sha256="


def verify(given: Presented) -> Verdict:
    """Check the signature; one delivery id with the same body is the same request."""
    signature = given.headers.get(_SIGNATURE, b"").strip()
    mac = matching(given.secrets, given.body, (signature.removeprefix(_PREFIX),))
    if not signature:
        return UNSIGNED
    if mac is None or not signature.startswith(_PREFIX):
        return WRONG
    delivery = given.headers.get(_DELIVERY)
    return Accepted(digest("github", given.source, delivery, mac) if delivery else None)


def prove(_: str, secret: str, body: bytes, __: datetime) -> dict[str, str]:
    """The header that GitHub adds."""
    return {"X-Hub-Signature-256": f"sha256={mac_of(secret.encode(), body).decode()}"}
