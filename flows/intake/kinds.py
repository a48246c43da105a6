"""The kinds of source there are, each with the function that reads its payloads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flows.intake import alertmanager, generic, guardduty
from flows.intake.body import read_json
from flows.intake.claims import Claim
from playbooks.errors import NotFound

READERS: Mapping[str, Callable[[Any], tuple[Claim, ...]]] = {
    "generic": generic.read,
    "alertmanager": alertmanager.read,
    "guardduty": guardduty.read,
}


def read_claims(kind: str, body: bytes) -> tuple[Claim, ...]:
    """What a body of that kind of source claims; raises PayloadFault where it is not of its shape."""
    if kind not in READERS:
        raise NotFound("no such kind of source", which=kind, mend=f"use one of: {', '.join(READERS)}")
    return READERS[kind](read_json(body))
