"""What a mapping leaves wanting though nothing about it is wrong, for whoever writes one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from flows.intake.adapters.mapped import adapter_of
from flows.intake.claims import Claim
from flows.intake.mapping import Mapping


def remarks(mapping: Mapping, body: Any, claims: Sequence[Claim]) -> Iterator[str]:
    """What a reader of these claims will miss, each in a sentence."""
    if not adapter_of(mapping).recognises(body):
        why = "does not know this payload" if mapping.recognises else "is not given"
        yield f"`recognises` {why}: it would not be told from other tools' payloads"
    if not claims:
        yield "no alert was found in the payload"
    if any(not one.original_severity for one in claims):
        yield f"no severity was found: {mapping.severity.otherwise} is taken"
    if any(one.occurred_at is None for one in claims):
        yield "no time was found: the time of arrival counts"
    if any(not one.observables for one in claims):
        yield "no account, host or address was found: no rule can join it with other alerts by one"
