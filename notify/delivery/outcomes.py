"""What became of a notice that was handed to a way out, sorted by what may be done next."""

from __future__ import annotations

from dataclasses import dataclass, field

from notify.sending import Absent, Dead, TryLater, Unknown

__all__ = [
    "Absent",
    "Accepted",
    "Acknowledged",
    "Bounced",
    "Dead",
    "Dispatched",
    "Outcome",
    "Search",
    "TryLater",
    "Unknown",
]


@dataclass(frozen=True, slots=True)
class Dispatched:
    """It left us towards the recipient: a relay or a channel took it, nobody there has said so yet."""

    external_id: str
    response: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Accepted:
    """The recipient's own system took it; `external_id` is its reference where it gave one."""

    external_id: str
    response: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """The recipient says that it has the notice; `external_id` is its reference where it gave one."""

    external_id: str
    response: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Bounced:
    """The recipient's side refused it for good; `response` holds its words, bounded and inert."""

    why: str
    response: str = field(default="", repr=False)


Outcome = Dispatched | Accepted | Acknowledged | Bounced | TryLater | Unknown | Dead
Search = Outcome | Absent
