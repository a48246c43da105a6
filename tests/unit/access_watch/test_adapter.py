"""What intake reads of the watch's own findings."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from flows.intake.adapters.access_watch import ADAPTER, KIND
from flows.intake.kinds import ADAPTERS, AUTO, read_claims, recognised
from playbooks.access_watch.findings import Finding
from playbooks.errors import NotFound, PayloadFault
from playbooks.forensics.observable_kinds import Seen

AT = datetime(2026, 3, 4, 10, tzinfo=UTC)


def finding(**more: Any) -> Finding:
    usual: dict[str, Any] = {
        "log": "crm-log", "system": "crm", "rule": "bulk", "kind": "bulk", "severity": "high",
        "category": "data_access", "title": "Bulk access", "expected": "at most 5", "seen": "6",
        "since": AT, "until": AT, "first": AT, "account": "agent-7", "clients": ("ours",),
    }  # fmt: skip
    return Finding(**{**usual, **more})


def test_a_finding_is_a_claim_of_its_account_and_clients() -> None:
    payload = finding().as_payload()
    (claim,) = ADAPTER.read(payload)
    assert (claim.severity, claim.category, claim.occurred_at, claim.client_hints) == (
        "high", "data_access", AT, ("ours",),
    )  # fmt: skip
    assert claim.observables == (Seen("account", "agent-7"),)


def test_no_body_from_outside_passes_for_a_finding() -> None:
    payload = finding().as_payload()
    assert recognised(payload) is None
    assert KIND not in ADAPTERS
    with pytest.raises(PayloadFault):
        read_claims(AUTO, json.dumps(payload).encode())
    with pytest.raises(NotFound):
        read_claims(KIND, json.dumps(payload).encode())


def test_the_same_stretch_is_the_same_alert_whatever_was_seen() -> None:
    one, more, other = ADAPTER.read(
        [finding().as_payload(), finding(seen="12").as_payload(), finding(account="agent-8").as_payload()]
    )
    assert one.fingerprint == more.fingerprint != other.fingerprint
    assert one.content != more.content


def test_names_cannot_be_made_to_look_like_another_finding() -> None:
    assert finding(account="a|b", client="c").identity != finding(account="a", client="b|c").identity


@pytest.mark.parametrize("lacking", ["identity", "title", "severity", "category"])
def test_a_finding_without_what_it_needs_is_refused(lacking: str) -> None:
    payload = finding().as_payload()
    del payload[lacking]
    with pytest.raises(PayloadFault):
        ADAPTER.read(payload)
