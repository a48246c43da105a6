"""Our own payloads of the tools, read as the door reads them."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from flows.intake.claims import Claim
from flows.intake.kinds import AUTO, read_claims
from playbooks.errors import PayloadFault

PAYLOADS = Path(__file__).parents[1] / "unit" / "intake" / "adapters" / "payloads"
DIGESTS = ("fingerprint", "content", "payload")


def payload(name: str) -> Any:
    """The payload of that name, `kind/file`, as parsed JSON."""
    return json.loads((PAYLOADS / f"{name}.json").read_bytes())


def read(kind: str, body: Any) -> tuple[Claim, ...]:
    """The claims of a body by the reader of its kind."""
    return read_claims(kind, json.dumps(body).encode()).claims


def claims_in(name: str) -> tuple[Claim, ...]:
    """The claims of a payload, whose kind must be told by its body alone."""
    understood = read_claims(AUTO, (PAYLOADS / f"{name}.json").read_bytes())
    assert understood.kind == name.partition("/")[0]
    return understood.claims


def told(claim: Claim) -> dict[str, Any]:
    """Whatever a claim says, without its digests: what is not said is left out, observables are pairs."""
    said = {one.name: getattr(claim, one.name) for one in fields(claim) if one.name not in DIGESTS}
    said["observables"] = {(one.kind, one.value) for one in claim.observables}
    return {name: value for name, value in said.items() if value}


def refused_field(kind: str, body: Any) -> str:
    """The field for which a body is refused."""
    with pytest.raises(PayloadFault) as refused:
        read(kind, body)
    return refused.value.which
