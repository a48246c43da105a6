"""What one alert claims, whichever tool said it; and the digests by which a repeat is known."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from notify.text import clip, one_line

Status = Literal["firing", "resolved"]
Severity = Literal["critical", "high", "medium", "low", "info"]

TITLE_LIMIT = 300
UNTITLED = "untitled alert"
FIRST_YEAR, LAST_YEAR = 1970, 9998
"""Instants outside are no claim: tools write year 1 for none, and arithmetic ends at the edges of time."""

_SCALE: Mapping[str, Severity] = {
    "critical": "critical", "fatal": "critical", "emergency": "critical", "page": "critical",
    "p1": "critical",
    "high": "high", "error": "high", "major": "high", "p2": "high",
    "medium": "medium", "moderate": "medium", "warning": "medium", "warn": "medium", "p3": "medium",
    "low": "low", "minor": "low", "p4": "low",
    "info": "info", "informational": "info", "notice": "info", "none": "info", "p5": "info",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Claim:
    """One alert as its tool stated it; `payload` is the tool's own words, kept whole."""

    fingerprint: str
    status: Status
    severity: Severity
    title: str
    content: str
    payload: dict[str, Any]
    occurred_at: datetime | None = None


def claim(
    identity: object,
    *,
    status: Status,
    severity: Severity,
    title: str,
    payload: dict[str, Any],
    occurred_at: datetime | None = None,
) -> Claim:
    """A claim whose repeats are known by `identity`, and whose identical repeats by the whole payload."""
    return Claim(
        fingerprint=digest(identity),
        status=status,
        severity=severity,
        title=inert_title(title),
        content=digest(payload),
        payload=payload,
        occurred_at=_believable(occurred_at),
    )


def _believable(at: datetime | None) -> datetime | None:
    return at if at is not None and FIRST_YEAR <= at.year <= LAST_YEAR else None


def digest(value: object) -> str:
    """The SHA-256 of a JSON value, in hex, the same for any order of its keys."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def on_scale(word: str) -> Severity:
    """A tool's severity on our scale; a word that nobody knows is medium."""
    return _SCALE.get(word.strip().lower(), "medium")


def inert_title(text: str) -> str:
    """A title as one short line that can be seen."""
    if text.isascii() and text.isprintable():
        return clip(text.strip(), TITLE_LIMIT) or UNTITLED
    return clip(one_line(text), TITLE_LIMIT) or UNTITLED


def instant_or_none(text: str) -> datetime | None:
    """The aware instant that a tool wrote, or none where it wrote something else."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo is not None else None
