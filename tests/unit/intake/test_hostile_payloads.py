"""Whatever a tool, or somebody in its place, sends: claims within their bounds, or a fault with its field."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from flows.intake.adapters.adapter import Adapter
from flows.intake.kinds import ADAPTERS, AUTO, read_claims, recognised
from playbooks.errors import PayloadFault
from tests.unit.intake.hostility import WHOLE, check_claim, check_fault, mutants, raw_mutants

OWN = Path(__file__).parent / "adapters" / "payloads"
SHARED = Path(os.environ.get("SEVENTYTWO_SHARED", "/nowhere"), "data", "alerts")
FIXTURES = {f"{path.parent.name}/{path.stem}": path for path in sorted(OWN.glob("*/*.json"))}
REAL = {f"{path.parent.name}/{path.stem}": path for path in sorted(SHARED.glob("*/*.json"))}


def survive(adapter: Adapter, body: Any) -> None:
    try:
        claims = adapter.read(body)
    except PayloadFault as fault:
        check_fault(fault)
        return
    for one in claims:
        check_claim(one)


def survive_bytes(kind: str, raw: bytes) -> None:
    try:
        claims = read_claims(kind, raw).claims
    except PayloadFault as fault:
        check_fault(fault)
        return
    for one in claims:
        check_claim(one)


def survive_all(adapter: Adapter, body: Any, seed: str, fields: int, values: int) -> None:
    for worse in mutants(body, seed, fields, values):
        survive(adapter, worse)
    for worse in mutants(body, seed, fields // 4, 2):
        known = recognised(worse)
        if known is not None and known is not adapter:
            survive(known, worse)
    for raw in raw_mutants(body, seed, fields):
        survive_bytes(adapter.kind, raw)
        survive_bytes(AUTO, raw)


@pytest.mark.parametrize("name", FIXTURES)
def test_exactly_one_adapter_recognises_an_own_fixture(name: str) -> None:
    body = json.loads(FIXTURES[name].read_bytes())
    assert [one.kind for one in ADAPTERS.values() if one.recognises(body)] == [FIXTURES[name].parent.name]


def test_every_kind_of_source_has_a_fixture() -> None:
    assert {path.parent.name for path in FIXTURES.values()} == ADAPTERS.keys()


@pytest.mark.parametrize("name", FIXTURES)
def test_an_own_fixture_made_worse_is_read_or_refused_by_field(name: str) -> None:
    path = FIXTURES[name]
    survive_all(ADAPTERS[path.parent.name], json.loads(path.read_bytes()), name, fields=10, values=3)


@pytest.mark.parametrize("kind", [AUTO, *ADAPTERS])
@pytest.mark.parametrize("raw", WHOLE)
def test_a_body_that_holds_nothing_is_refused_or_holds_no_alert(kind: str, raw: bytes) -> None:
    survive_bytes(kind, raw)


@pytest.mark.parametrize("name", FIXTURES)
def test_an_adapter_given_another_tools_body_refuses_it_by_field(name: str) -> None:
    body = json.loads(FIXTURES[name].read_bytes())
    for adapter in ADAPTERS.values():
        survive(adapter, body)


@pytest.mark.shared_data
@pytest.mark.skipif(not REAL, reason="real payloads are not read: SEVENTYTWO_SHARED is unset")
@pytest.mark.parametrize("name", REAL)
def test_a_real_payload_made_worse_is_read_or_refused_by_field(name: str) -> None:
    body = json.loads(REAL[name].read_bytes())
    adapter = recognised(body)
    if adapter is not None:
        survive_all(adapter, body, name, fields=16, values=4)
