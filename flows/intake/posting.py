"""Posting a body to our own desk in a source's name, proved as that source proves itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

import httpx

from flows.intake.authentication import SCHEMES
from flows.intake.deliveries import KnownSource
from notify.loopback import is_loopback
from notify.text import clip, one_line
from playbooks.errors import Refused, Retry, SetupFault, SeventytwoError, Unreachable

PATIENCE = 30.0
"""Seconds that the desk may take to answer."""
_TRIES = 2
_PASSING = (408, 429, 500, 503)


@dataclass(frozen=True, slots=True)
class Answered:
    """The desk's answer: its status, and its JSON; empty where it gave none."""

    status: int
    body: dict[str, Any]

    @property
    def is_taken(self) -> bool:
        """Whether the alerts are stored."""
        return self.status == 202

    @property
    def results(self) -> list[dict[str, Any]]:
        """What became of each alert, in the order of the body."""
        return list(self.body.get("results", ()))


def post(desk_url: str, source: KnownSource, body: bytes, now: datetime, *, is_dry: bool = False) -> Answered:
    """Post a body, proved by the source's newest secret; one call is one request, however often it is sent.

    A dry one is checked and read by the desk, and nothing of it is stored.

    Raises SetupFault where the source has no valid secret, Unreachable where the desk does not answer.
    """
    if not source.secrets:
        mend = f"give it a new one: seventytwo source rotate {source.name}"
        raise SetupFault("this source has no valid secret", which=source.name, mend=mend)
    headers = {
        "Content-Type": "application/json",
        "Idempotency-Key": str(uuid4()),
        **({"X-Seventytwo-Dry-Run": "1"} if is_dry else {}),
        **SCHEMES[source.auth].prove(source.name, source.secrets[0].decode(), body, now),
    }
    url = f"{desk_url}/alerts/{source.name}"
    try:
        answer = _sent(url, body, headers)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        mend = "start it with `seventytwo up`, or set SEVENTYTWO_DESK_URL"
        raise Unreachable("the desk does not answer", which=desk_url, mend=mend) from error
    return Answered(answer.status_code, _json(answer))


def refusal(answered: Answered, source: str) -> SeventytwoError:
    """What the desk said instead of taking a body, as an error to be shown: Retry where it may yet."""
    said = answered.body.get("error")
    words = said if isinstance(said, dict) else {}
    what, which, mend = (clip(one_line(words.get(part, "")), 300) for part in ("what", "which", "mend"))
    told = f"the desk refused it ({answered.status}): {what or 'it does not say why'}"
    kind = Retry if answered.status in _PASSING else Refused
    return kind(told, which=which or source, mend=mend)


def _sent(url: str, body: bytes, headers: dict[str, str]) -> httpx.Response:
    """Send the very same request again where its answer was lost: the desk knows it."""
    for left in reversed(range(_TRIES)):
        try:
            # Secrets travel with it: a proxy of the environment is for the world outside.
            outside = not is_loopback(url)
            return httpx.post(url, content=body, headers=headers, timeout=PATIENCE, trust_env=outside)
        except (httpx.ReadError, httpx.RemoteProtocolError):
            if not left:
                raise
    raise AssertionError("a loop of at least one turn")


def _json(answer: httpx.Response) -> dict[str, Any]:
    try:
        body = answer.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
