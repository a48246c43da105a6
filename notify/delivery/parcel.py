"""A notice ready to leave, and what every way out promises."""

from __future__ import annotations

import hashlib
import logging
import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from notify.delivery.outcomes import Absent, Dead, Dispatched, Outcome, Search
from notify.kinds import MessageFault
from notify.text import terminal

_KEY = re.compile(r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*", re.ASCII)
_KEY_LIMIT = 100

log = logging.getLogger("seventytwo.delivery")


@dataclass(frozen=True, slots=True)
class Document:
    """A document that goes along, as it was released."""

    name: str
    media_type: str
    content: bytes = field(repr=False)
    sha256: str

    @classmethod
    def of(cls, name: str, media_type: str, content: bytes) -> Document:
        """The document of these bytes, with their SHA-256."""
        return cls(name, media_type, content, hashlib.sha256(content).hexdigest())


@dataclass(frozen=True, slots=True)
class Parcel:
    """One notice for one recipient by one channel; only what identifies it is ever shown in a log."""

    key: str
    """The same on each attempt: Message-ID, Idempotency-Key or Slack's mark are made of it."""
    ref: str
    """What we call the incident towards this recipient."""
    sender: str = field(repr=False)
    """Our organisation's name, as its recipients know it."""
    name: str = field(repr=False)
    """Whom it is for."""
    address: str = field(repr=False)
    """Where it goes: a mail address, the URL of a portal, a Slack channel's id or name."""
    subject: str = field(repr=False)
    text: str = field(repr=False)
    queued_at: datetime
    """Nothing of it can have gone out earlier."""
    documents: tuple[Document, ...] = ()
    acknowledge_url: str | None = field(default=None, repr=False)
    """The one-use link by which the recipient says that it has the notice."""
    secret: str = field(default="", repr=False)
    """What its portal checks our signature with; other channels need none."""
    exercise: bool = False

    @property
    def sha256(self) -> str:
        """The SHA-256 of the text in UTF-8, as it was approved."""
        return hashlib.sha256(self.text.encode()).hexdigest()


class Way(Protocol):
    """One channel by which notices leave; used from several threads at once."""

    def send(self, parcel: Parcel, attempt: int) -> Outcome:
        """Send it, for the `attempt`-th time (1 first); never raises for what the other side does."""

    def find(self, parcel: Parcel) -> Search:
        """Look for it where an earlier outcome is unknown; `Absent` where sending again is right."""

    def close(self) -> None:
        """Give back what is held open."""


def bearable(key: str) -> str:
    """The key, if a header can bear it: letters, digits, single dots, `_` and `-`."""
    if not _KEY.fullmatch(key) or len(key) > _KEY_LIMIT:
        raise MessageFault(
            "a key that no header can bear", which=terminal(key, 100), mend="letters and digits"
        )
    return key


def refusal(parcel: Parcel) -> Dead | None:
    """Why this parcel may not leave at all, or none: nothing of an exercise reaches anyone outside."""
    if parcel.exercise:
        log.error("%s is of an exercise and was about to leave: refused", parcel.key)
        return Dead("an exercise reaches nobody outside")
    return None


class Sink:
    """Where the notices of an exercise end: a line of our own log; it refuses a real one."""

    def send(self, parcel: Parcel, attempt: int) -> Outcome:
        """Write one line."""
        if not parcel.exercise:
            return Dead("a real notice does not end in the sink of exercises")
        log.info("%s of an exercise goes nowhere (attempt %d)", parcel.key, attempt)
        return Dispatched(parcel.key, "sink of exercises")

    def find(self, parcel: Parcel) -> Search:  # noqa: ARG002 - Way
        """A line may stand twice in a log, so it is simply written again."""
        return Absent()

    def close(self) -> None:
        """Nothing is held."""
