"""What an adapter is: a tool's payloads recognised and read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flows.intake.claims import Claim


@dataclass(frozen=True, slots=True)
class Adapter:
    """One kind of source.

    `recognises` tells from a parsed body alone whether it is this tool's; it is cheap, strict and never
    raises. `read` raises PayloadFault naming the field that is not as it must be.
    """

    kind: str
    product: str
    docs: str
    """Where the vendor documents the format."""
    recognises: Callable[[Any], bool]
    read: Callable[[Any], tuple[Claim, ...]]
    severity: str
    """How the tool's severity is put on our scale, in words for docs/sources.md."""
    same_alert: str
    """What makes two payloads the same alert, in words for docs/sources.md."""
    auth: str = "hmac"
    """The best way this tool can prove itself at the door."""
