"""Every real payload of real tools is recognised and read, where SEVENTYTWO_SHARED names their folder."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest

from flows.intake.claims import UNTITLED
from flows.intake.kinds import ADAPTERS, AUTO, read_claims
from playbooks.alerts.view import Severity
from playbooks.errors import PayloadFault
from tests.checks.real_set import NO_ALERT, NO_TIME

ALERTS = Path(os.environ.get("SEVENTYTWO_SHARED", "/nowhere"), "data", "alerts")
FILES = {f"{path.parent.name}/{path.stem}": path for path in sorted(ALERTS.glob("*/*.json"))}
SCALE = set(Severity.__args__)  # type: ignore[attr-defined]
SAY_NONE = {
    *("abnormal", "cloudwatch", "elastalert", "gcp-monitoring", "m365-audit", "mcafee-nsm", "proofpoint-tap"),
    *("splunk", "sublime", "thinkst-canary", "trendmicro-deep-security", "zeek"),
}
"""Kinds of which no payload of the set states a severity."""
FINGERPRINT = re.compile(r"[0-9a-f]{64}")

pytestmark = [
    pytest.mark.shared_data,
    pytest.mark.skipif(not ALERTS.is_dir(), reason="real payloads are not read: SEVENTYTWO_SHARED is unset"),
]


@pytest.mark.parametrize("name", FILES)
def test_exactly_one_adapter_recognises_it(name: str) -> None:
    body = json.loads(FILES[name].read_bytes())
    known = [one.kind for one in ADAPTERS.values() if one.recognises(body)]
    assert len(known) == (0 if NO_ALERT.get(name, ("",))[0] == "body" else 1), known


@pytest.mark.parametrize("name", [name for name in FILES if name not in NO_ALERT])
def test_it_yields_title_severity_time_and_fingerprint(name: str) -> None:
    read = read_claims(AUTO, FILES[name].read_bytes())
    assert read.claims
    for one in read.claims:
        assert one.title != UNTITLED
        assert one.severity in SCALE
        assert FINGERPRINT.fullmatch(one.fingerprint)
        assert (one.occurred_at is None) == (name in NO_TIME)


@pytest.mark.parametrize("name", NO_ALERT)
def test_what_is_no_alert_is_refused_by_the_field_that_shows_it(name: str) -> None:
    with pytest.raises(PayloadFault) as refused:
        read_claims(AUTO, FILES[name].read_bytes())
    assert refused.value.which == NO_ALERT[name][0]


def test_fewer_than_three_in_a_hundred_cannot_be_read() -> None:
    assert len(FILES) >= 251
    assert len(NO_ALERT) < 0.03 * len(FILES)


def test_a_severity_is_the_tools_own_wherever_its_payloads_say_one() -> None:
    reads = [read_claims(AUTO, path.read_bytes()) for name, path in FILES.items() if name not in NO_ALERT]
    saying = {read.kind for read in reads if any(one.original_severity for one in read.claims)}
    assert {read.kind for read in reads} - saying == SAY_NONE
