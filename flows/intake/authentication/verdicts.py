"""What a check of a request says, and the shape of what is checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

Refusal = Literal["unsigned", "stale", "wrong"]

Headers = Mapping[bytes, bytes]
"""A request's headers as they came, their names in lower case."""


class Presented(NamedTuple):
    """A request at a source's door, and the secrets that are valid at that instant."""

    source: str
    secrets: Sequence[bytes]
    headers: Headers
    body: bytes
    now: datetime

    def __repr__(self) -> str:
        return f"Presented({self.source!r})"


@dataclass(frozen=True, slots=True)
class Accepted:
    """A request that its source sent; `digest` knows the very same request again, where it can be known."""

    digest: str | None


@dataclass(frozen=True, slots=True)
class Denied:
    """A request that may not count, and why."""

    reason: Refusal


Verdict = Accepted | Denied

UNSIGNED, STALE, WRONG = Denied("unsigned"), Denied("stale"), Denied("wrong")
