"""`pagerduty`: X-PagerDuty-Signature over the body, several `v1=` values while its secret is changed.

https://developer.pagerduty.com/docs/webhook-signatures
"""

from __future__ import annotations

from datetime import datetime

from flows.intake.authentication.macs import digest, mac_of, matching
from flows.intake.authentication.verdicts import UNSIGNED, WRONG, Accepted, Presented, Verdict

_SIGNATURE = b"x-pagerduty-signature"
_VERSION = b"v1="
_MOST = 8
"""Values that are looked at; more are a stranger's."""


def verify(given: Presented) -> Verdict:
    """Check the signatures; every event has an id of its own, so the same body is the same request."""
    header = given.headers.get(_SIGNATURE, b"")
    parts = (part.strip() for part in header.split(b",", _MOST)[:_MOST])
    macs = [part.removeprefix(_VERSION) for part in parts if part.startswith(_VERSION)]
    mac = matching(given.secrets, given.body, macs)
    if not header:
        return UNSIGNED
    return WRONG if mac is None else Accepted(digest("pagerduty", given.source, mac))


def prove(_: str, secret: str, body: bytes, __: datetime) -> dict[str, str]:
    """The header that PagerDuty adds."""
    return {"X-PagerDuty-Signature": f"v1={mac_of(secret.encode(), body).decode()}"}
