"""What one alert claims, whichever tool said it; and the digests by which a repeat is known."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from typing import Any

from notify.text import clip, one_line
from playbooks.alerts.view import Category, DataHint, Severity, Status
from playbooks.forensics.observable_kinds import Seen
from store.types import compact

__all__ = [
    "Claim",
    "Severity",
    "Status",
    "Understood",
    "claim",
    "digest",
    "in_zone",
    "inert_title",
    "on_scale",
]

TITLE_LIMIT = 300
UNTITLED = "untitled alert"
FIRST_YEAR, LAST_YEAR = 1971, 9998
"""Instants outside are no claim: tools write year 1 or the first instant of 1970 for none; time has edges."""
_LONGEST_HINT = 200
_LONGEST_WORD = 40
_MOST_HINTS = 50

_SCALE: Mapping[str, Severity] = {
    "critical": "critical", "fatal": "critical", "emergency": "critical", "page": "critical",
    "p0": "critical", "p1": "critical", "sev0": "critical", "sev1": "critical", "crit": "critical",
    "emerg": "critical", "disaster": "critical",
    "high": "high", "error": "high", "major": "high", "p2": "high",
    "sev2": "high", "err": "high", "severe": "high", "urgent": "high",
    "medium": "medium", "moderate": "medium", "warning": "medium", "warn": "medium", "p3": "medium",
    "sev3": "medium",
    "low": "low", "minor": "low", "p4": "low", "sev4": "low",
    "info": "info", "informational": "info", "notice": "info", "none": "info", "p5": "info",
    "sev5": "info", "information": "info", "debug": "info",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Claim:
    """One alert as its tool stated it; `payload` is the tool's own words, kept whole."""

    fingerprint: str
    """SHA-256 of what makes this alert this alert: the same for each of its states."""
    status: Status
    severity: Severity
    title: str
    content: str
    """SHA-256 of the payload, by which an identical repeat is known."""
    payload: dict[str, Any]
    original_severity: str = ""
    """The severity in the tool's own word or number; empty where it gave none."""
    occurred_at: datetime | None = None
    """When it happened or was first seen; naive until the source's zone completes it."""
    category: Category = "other"
    observables: tuple[Seen, ...] = ()
    """What the payload names under keys that say what they are; the rest is found later, in its text."""
    ids: tuple[str, ...] = ()
    """The tool's own ids, the alert's first."""
    data_hints: tuple[DataHint, ...] = ()
    client_hints: tuple[str, ...] = ()
    """What may tell whose data it is: cloud accounts, tenants, projects, labels, domains."""
    link: str = ""
    """Where the tool shows this alert: https or http, else empty."""


@dataclass(frozen=True, slots=True)
class Understood:
    """What a body says: the kind of source it is of, and its claims."""

    kind: str
    claims: tuple[Claim, ...]


def claim(
    identity: object,
    *,
    status: Status,
    severity: Severity,
    title: str,
    payload: dict[str, Any],
    original_severity: str = "",
    occurred_at: datetime | None = None,
    category: Category = "other",
    observables: Iterable[Seen] = (),
    ids: Iterable[str] = (),
    data_hints: Iterable[DataHint] = (),
    client_hints: Iterable[str] = (),
    link: str = "",
) -> Claim:
    """A claim whose repeats are known by `identity`, and whose identical repeats by the whole payload."""
    return Claim(
        fingerprint=digest(identity),
        status=status,
        severity=severity,
        title=inert_title(title),
        content=digest(payload),
        payload=payload,
        original_severity=_inert(original_severity, _LONGEST_WORD),
        occurred_at=believable(occurred_at),
        category=category,
        observables=tuple(observables),
        ids=_hints(ids),
        data_hints=tuple(dict.fromkeys(data_hints)),
        client_hints=_hints(client_hints),
        link=_safe_link(link) if link else "",
    )


def in_zone(one: Claim, zone: tzinfo) -> Claim:
    """The claim with its instant completed by the source's zone, where the tool gave no offset."""
    at = one.occurred_at
    if at is None or at.tzinfo is not None:
        return one
    return replace(one, occurred_at=at.replace(tzinfo=zone))


def believable(at: datetime | None) -> datetime | None:
    """The instant, where a tool can have meant it; none otherwise."""
    return at if at is not None and FIRST_YEAR <= at.year <= LAST_YEAR else None


def _hints(texts: Iterable[str]) -> tuple[str, ...]:
    found = dict.fromkeys(_inert(text, _LONGEST_HINT) for text in texts if text)
    return tuple(text for text in found if text)[:_MOST_HINTS]


def _safe_link(link: str) -> str:
    is_safe = link.startswith(("https://", "http://")) and len(link) <= 2_000 and link.isprintable()
    return link if is_safe and " " not in link else ""


def digest(value: object) -> str:
    """The SHA-256 of a JSON value, in hex, the same for any order of its keys."""
    return hashlib.sha256(compact(value)).hexdigest()


def on_scale(word: str) -> Severity:
    """A tool's severity on our scale; a word that nobody knows is medium."""
    return _SCALE.get(word.strip().lower(), "medium")


def inert_title(text: str) -> str:
    """A title as one short line that can be seen."""
    return _inert(text, TITLE_LIMIT) or UNTITLED


def _inert(text: str, longest: int) -> str:
    is_plain = text.isascii() and text.isprintable()
    return clip(text.strip() if is_plain else one_line(text), longest)
