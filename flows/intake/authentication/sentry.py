"""`sentry`: Sentry-Hook-Signature over the body, by the integration's client secret.

https://docs.sentry.io/organization/integrations/integration-platform/webhooks/
"""

from __future__ import annotations

from datetime import datetime

from flows.intake.authentication.macs import digest, mac_of, matching
from flows.intake.authentication.verdicts import UNSIGNED, WRONG, Accepted, Presented, Verdict

_SIGNATURE = b"sentry-hook-signature"
_REQUEST = b"request-id"


def verify(given: Presented) -> Verdict:
    """Check the signature; Sentry does not sign its timestamp, so one request id is the same request."""
    signature = given.headers.get(_SIGNATURE, b"").strip()
    mac = matching(given.secrets, given.body, (signature,))
    if not signature:
        return UNSIGNED
    if mac is None:
        return WRONG
    request = given.headers.get(_REQUEST)
    return Accepted(digest("sentry", given.source, request, mac) if request else None)


def prove(_: str, secret: str, body: bytes, __: datetime) -> dict[str, str]:
    """The header that Sentry adds."""
    return {"Sentry-Hook-Signature": mac_of(secret.encode(), body).decode()}
