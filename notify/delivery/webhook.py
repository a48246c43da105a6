"""Notices posted to a client's portal: signed, the same key on each attempt, followed nowhere."""

from __future__ import annotations

import base64
import json
import logging
import ssl
from collections.abc import Callable, Sequence
from datetime import datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import httpx

from notify.delivery.exchange import Answer, Network, NotAnswered, NotSent, OwnNetwork, post
from notify.delivery.outcomes import (
    Absent,
    Accepted,
    Acknowledged,
    Dead,
    Dispatched,
    Outcome,
    Search,
    TryLater,
    Unknown,
)
from notify.delivery.parcel import Parcel, bearable, refusal
from notify.delivery.signing import signed
from notify.kinds import MessageFault
from notify.loopback import is_loopback
from notify.text import terminal
from playbooks.errors import SetupFault

LONGEST_ASKED = 3600.0  # seconds of Retry-After that are believed
_LATER = frozenset({408, 425, 429})
_REFERENCE_LIMIT, _WORDS_LIMIT, _URL_LIMIT = 100, 200, 2_000

log = logging.getLogger("seventytwo.delivery")


class WebhookWay:
    """Clients' portals over https, a connection for each; safe to use from several threads.

    `certificate` (PEM, with its key) is shown to portals that ask for one; `trust` replaces the machine's
    certificates; `near` lets portals stand in our own network, and on this machine without TLS;
    `networks` are those of our own, such as a VPN, in which portals may stand.
    """

    def __init__(
        self,
        now: Callable[[], datetime],
        *,
        certificate: Path | None = None,
        trust: ssl.SSLContext | None = None,
        near: bool = False,
        networks: Sequence[Network] = (),
        timeout: float = 60.0,
    ) -> None:
        self._networks = networks
        self._now, self._near, self._timeout = now, near, timeout
        self._trust = trust or ssl.create_default_context()
        self._shows_certificate = certificate is not None
        if certificate is not None:
            _load(self._trust, certificate)

    def send(self, parcel: Parcel, attempt: int) -> Outcome:
        """Post the notice, and sort what the portal says."""
        refused = refusal(parcel)
        if refused is not None:
            return refused
        try:
            url, body = _portal(parcel.address, near=self._near), body_of(parcel)
            headers = self._headers(parcel, body)
        except MessageFault as fault:
            return Dead(str(fault))
        answer = post(
            url,
            headers,
            body,
            trust=self._trust,
            near=self._near,
            timeout=self._timeout,
            networks=self._networks,
        )
        match answer:
            case OwnNetwork():
                return Dead("the portal's address leads into our own network")
            case NotSent(why):
                return TryLater(f"the portal is not reached: {terminal(why, _WORDS_LIMIT)}")
            case NotAnswered(why):
                return Unknown(f"the portal did not answer: {terminal(why, _WORDS_LIMIT)}")
            case Answer():
                return _sorted(answer, attempt, self._now())

    def find(self, parcel: Parcel) -> Search:  # noqa: ARG002 - Way
        """Repeating the key is the search: a portal that has the notice does not take it twice."""
        return Absent()

    def close(self) -> None:
        """Nothing is held open."""

    def _headers(self, parcel: Parcel, body: bytes) -> dict[str, str]:
        key = bearable(parcel.key)
        if not parcel.secret and not self._shows_certificate:
            raise MessageFault("the portal has no secret to sign with", mend="give the client one")
        signature = signed(key, body, parcel.secret, self._now()) if parcel.secret else {"webhook-id": key}
        return {
            "content-type": "application/json",
            "accept": "application/json",
            "accept-encoding": "identity",
            "user-agent": "seventytwo",
            "idempotency-key": key,
            **signature,
        }


def body_of(parcel: Parcel) -> bytes:
    """What is posted: the same bytes on each attempt."""
    told: dict[str, Any] = {
        "type": "notice",
        "id": parcel.key,
        "ref": parcel.ref,
        "from": parcel.sender,
        "to": parcel.name,
        "subject": parcel.subject,
        "text": parcel.text,
        "sha256": parcel.sha256,
        "queued_at": parcel.queued_at.isoformat(),
        "acknowledge_url": parcel.acknowledge_url,
        "documents": [
            {
                "name": each.name,
                "media_type": each.media_type,
                "sha256": each.sha256,
                "content": base64.b64encode(each.content).decode(),
            }
            for each in parcel.documents
        ],
    }
    return json.dumps(told, ensure_ascii=False).encode()


def _load(trust: ssl.SSLContext, certificate: Path) -> None:
    try:
        trust.load_cert_chain(certificate, password="")  # given, so that a protected key asks no terminal
    except OSError:
        raise SetupFault(
            "the certificate for portals cannot be used",
            which=str(certificate),
            mend="a PEM file with the certificate and its key, without a password",
        ) from None


def _portal(address: str, *, near: bool) -> httpx.URL:
    try:
        url = httpx.URL(address)
    except (httpx.InvalidURL, ValueError):
        url = httpx.URL()
    is_whole = (
        bool(url.host) and not url.userinfo and (url.port or 443) < 65_536 and len(address) <= _URL_LIMIT
    )
    here = near and url.scheme == "http" and is_loopback(str(url))
    if not is_whole or not (url.scheme == "https" or here):
        raise MessageFault("this is no address of a portal", mend="https, and no password in it")
    return url.copy_with(fragment=None)


def _sorted(answer: Answer, attempt: int, now: datetime) -> Outcome:
    words = f"{answer.status} {terminal(answer.body.decode(errors='replace'), _WORDS_LIMIT)}".strip()
    told = _told(answer.body)
    match answer.status:
        case status if 200 <= status <= 299 and _is_page(answer.headers.get("content-type", "")):
            return Dispatched("", words)  # a login page or a shop's front: nobody knows what it took
        case status if 200 <= status <= 299:
            made = Acknowledged if told.get("acknowledged") is True else Accepted
            return made(_reference(told), words)
        case 409 if attempt > 1 and _reference(told):  # it has this key from an earlier attempt
            return Accepted(_reference(told), words)
        case status if status in _LATER or status >= 500 or (status == 409 and attempt > 1):
            return TryLater(f"the portal says {words}", _asked(answer.headers.get("retry-after", ""), now))
        case status if 300 <= status <= 399:
            where = terminal(answer.headers.get("location", ""), _WORDS_LIMIT)
            return Dead(f"the portal wants us elsewhere ({status}): {where}")
        case _:
            return Dead(f"the portal refuses: {words}")


def _is_page(media_type: str) -> bool:
    return media_type.partition(";")[0].strip().lower() in {"text/html", "application/xhtml+xml"}


def _told(body: bytes) -> dict[str, Any]:
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def _reference(told: dict[str, Any]) -> str:
    reference = told.get("reference")
    is_one = isinstance(reference, str | int) and not isinstance(reference, bool)
    return terminal(reference, _REFERENCE_LIMIT) if is_one else ""


def _asked(said: str, now: datetime) -> float | None:
    """The seconds that Retry-After asks for, as a number or a date, as far as they are believed."""
    if said.isascii() and said.isdecimal():
        return min(float(said[:9]), LONGEST_ASKED)
    try:
        seconds = (parsedate_to_datetime(said) - now).total_seconds()
    except (ValueError, TypeError, OverflowError):  # no date, or one without a zone
        return None
    return min(max(seconds, 0.0), LONGEST_ASKED)
