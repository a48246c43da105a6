"""The payloads of our own making, read as the door reads them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from flows.intake.claims import Claim
from flows.intake.kinds import ADAPTERS, AUTO, read_claims
from playbooks.errors import PayloadFault

PAYLOADS = Path(__file__).parents[1] / "unit" / "intake" / "adapters" / "payloads"


def claims_of(kind: str, name: str) -> tuple[Claim, ...]:
    """The claims of one file, which its kind's adapter and no other recognises."""
    raw = PAYLOADS.joinpath(kind, f"{name}.json").read_bytes()
    body = json.loads(raw)
    assert [one for one, adapter in ADAPTERS.items() if adapter.recognises(body)] == [kind]
    return read_claims(AUTO, raw).claims


def claim_of(kind: str, name: str) -> Claim:
    """The only claim of one file."""
    (one,) = claims_of(kind, name)
    return one


def refused(kind: str, body: Any) -> str:
    """The field that a source of that kind refuses a body for; empty where it takes it."""
    try:
        read_claims(kind, json.dumps(body).encode())
    except PayloadFault as fault:
        return fault.which
    return ""


def seen_in(claim: Claim) -> set[str]:
    """The observables of a claim as `kind value`."""
    return {f"{one.kind} {one.value}" for one in claim.observables}
