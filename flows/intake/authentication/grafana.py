"""`grafana`: X-Grafana-Alerting-Signature over the body, or over timestamp and body.

The timestamp's header is named in the contact point: it must be X-Grafana-Alerting-Timestamp.
https://grafana.com/docs/grafana/latest/alerting/configure-notifications/manage-contact-points/integrations/webhook-notifier/
"""

from __future__ import annotations

import re
from datetime import datetime

from flows.intake.authentication.macs import digest, is_near, mac_of, matching, seconds
from flows.intake.authentication.verdicts import STALE, UNSIGNED, WRONG, Accepted, Presented, Verdict

_SIGNATURE = b"x-grafana-alerting-signature"
_TIMESTAMP = b"x-grafana-alerting-timestamp"
_STAMPED = re.compile(rb"\d+:")


def verify(given: Presented) -> Verdict:
    """Check the signature; the same request is known only where a timestamp is signed with it.

    Without one a notification sent again hours later has the same signature, and must count. Then nothing may
    stand before the JSON: a timestamp and its colon, put there by whoever saw them, would be signed as well.
    """
    signature = given.headers.get(_SIGNATURE, b"").strip()
    timestamp = given.headers.get(_TIMESTAMP)
    message = given.body if timestamp is None else _message(timestamp, given.body)
    mac = matching(given.secrets, message, (signature,))
    if not signature:
        return UNSIGNED
    if mac is None or (timestamp is None and _STAMPED.match(given.body)):
        return WRONG
    if timestamp is None:
        return Accepted(None)
    return (
        Accepted(digest("grafana", given.source, timestamp, mac)) if is_near(timestamp, given.now) else STALE
    )


def prove(_: str, secret: str, body: bytes, now: datetime) -> dict[str, str]:
    """The headers that Grafana adds, with its timestamp."""
    timestamp = seconds(now)
    mac = mac_of(secret.encode(), _message(timestamp.encode(), body)).decode()
    return {"X-Grafana-Alerting-Timestamp": timestamp, "X-Grafana-Alerting-Signature": mac}


def _message(timestamp: bytes, body: bytes) -> bytes:
    return timestamp + b":" + body
