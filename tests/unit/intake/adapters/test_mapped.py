"""The tools that need no code: each own fixture read by its shipped mapping, to what a responder needs."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from flows.intake.claims import Claim
from flows.intake.kinds import read_claims
from flows.intake.mapping_library import shipped_mappings

PAYLOADS = Path(__file__).parent / "payloads"
KINDS = {one.kind for one in shipped_mappings()}

READ = {
    # kind/file: severity, in the tool's word, status, category, hour and minute of 2 March 2026 (UTC)
    "abnormal/threat": ("medium", "", "firing", "phishing", "08:11"),
    "appomni/alert": ("critical", "1", "firing", "policy", "09:00"),
    "carbon-black/alert": ("critical", "9", "firing", "malware", "10:00"),
    "carbon-black/log-row": ("high", "7", "resolved", "malware", "10:05"),
    "darktrace/breach": ("high", "0.83", "firing", "network", "10:00"),
    "dlp-cognni/incident": ("high", "3", "firing", "data_loss", "11:12"),
    "mcafee-nsm/alert": ("medium", "", "firing", "malware", "12:30"),
    "newrelic/classic": ("medium", "WARNING", "firing", "outage", "12:10"),
    "newrelic/workflow": ("critical", "CRITICAL", "firing", "outage", "12:10"),
    "newrelic/workflow-closed": ("critical", "CRITICAL", "resolved", "outage", "12:10"),
    "orca/alert": ("critical", "critical", "firing", "exposure", "13:05"),
    "pingdom/down": ("high", "HIGH", "firing", "outage", "13:30"),
    "pingdom/up": ("high", "HIGH", "resolved", "outage", "13:35"),
    "prisma-cloud/alert": ("high", "high", "firing", "exposure", "14:00"),
    "prisma-cloud/log-row": ("low", "low", "firing", "policy", "14:00"),
    "proofpoint-tap/click": ("medium", "", "firing", "malware", "14:00"),
    "proofpoint-tap/log-row": ("medium", "", "firing", "malware", "14:05"),
    "proofpoint-tap/message": ("medium", "", "firing", "phishing", "14:02"),
    "sublime/flagged": ("high", "high", "firing", "phishing", "15:00"),
    "thinkst-canary/incident": ("high", "", "firing", "data_access", "15:30"),
    "thinkst-canary/token": ("high", "", "firing", "network", "15:40"),
    "tracebit/accessed": ("high", "High", "firing", "data_access", "16:06"),
    "trendmicro/workbench": ("critical", "critical", "firing", "ransomware", "17:00"),
    "trendmicro-deep-security/events": ("medium", "", "firing", "malware", "18:00"),
    "trendmicro-deep-security/sns": ("medium", "", "firing", "network", "18:00"),
    "vmware-vrops/alert": ("high", "ALERT_CRITICALITY_LEVEL_IMMEDIATE", "firing", "outage", "18:00"),
    "vmware-vrops/cancelled": ("high", "ALERT_CRITICALITY_LEVEL_IMMEDIATE", "resolved", "outage", "18:00"),
    "wiz/detection": ("high", "HIGH", "firing", "malware", "19:08"),
    "wiz/issue": ("critical", "CRITICAL", "firing", "exposure", "19:00"),
    "zabbix/ok": ("critical", "Disaster", "resolved", "outage", "19:05"),
    "zabbix/problem": ("critical", "Disaster", "firing", "outage", "19:00"),
}
SEEN = {
    "carbon-black/alert": {("host", "desk-0417"), ("account", "EXAMPLE\\agent-17"), ("sha256", "a" * 64)},
    "dlp-cognni/incident": {("account", "agent-17@example.org"), ("file", "salaries-2026.xlsx")},
    "proofpoint-tap/log-row": {("account", "agent-19@example.org"), ("sha256", "2" * 64)},
    "proofpoint-tap/message": {("account", "agent-17@example.org"), ("account", "agent-18@example.org")},
    "thinkst-canary/incident": {("account", "agent-17"), ("address", "198.51.100.41")},
    "trendmicro/workbench": {("account", "example\\agent-17"), ("host", "desk-0417"), ("sha256", "5" * 64)},
    "trendmicro-deep-security/sns": {("address", "198.51.100.60"), ("host", "app-17")},
}
OF_CLIENTS = {
    "orca/alert": "aws:111122223333",
    "wiz/issue": "aws:111122223333",
    "tracebit/accessed": "aws:111122223333",
    "appomni/alert": "appomni:41",
    "thinkst-canary/token": "Key in the vault of client acme",
}


def claims(name: str) -> tuple[Claim, ...]:
    return read_claims(name.partition("/")[0], (PAYLOADS / f"{name}.json").read_bytes()).claims


def test_every_fixture_of_a_mapped_tool_has_its_expectation() -> None:
    there = {f"{path.parent.name}/{path.stem}" for kind in KINDS for path in (PAYLOADS / kind).glob("*.json")}
    assert there == READ.keys()
    assert {name.partition("/")[0] for name in there} == KINDS


@pytest.mark.parametrize("name", READ)
def test_a_tool_without_code_is_read_as_it_says(name: str) -> None:
    one = claims(name)[0]
    severity, original, status, category, clock = READ[name]
    assert (one.severity, one.original_severity, one.status, one.category) == (
        severity, original, status, category,
    )  # fmt: skip
    at = one.occurred_at
    assert at is not None
    assert at.replace(tzinfo=at.tzinfo or UTC).astimezone(UTC).replace(second=0, microsecond=0) == (
        datetime.fromisoformat(f"2026-03-02T{clock}Z")
    )


@pytest.mark.parametrize("name", SEEN)
def test_what_it_names_is_found_whoever_spells_it(name: str) -> None:
    assert SEEN[name] <= {(one.kind, one.value) for one in claims(name)[0].observables}


@pytest.mark.parametrize("name", OF_CLIENTS)
def test_it_hints_whose_data_it_is(name: str) -> None:
    assert OF_CLIENTS[name] in claims(name)[0].client_hints


def test_data_is_hinted_by_the_tools_own_words() -> None:
    assert claims("dlp-cognni/incident")[0].data_hints == ("employment",)


@pytest.mark.parametrize(
    ("first", "later"),
    [
        ("pingdom/down", "pingdom/up"),
        ("zabbix/problem", "zabbix/ok"),
        ("vmware-vrops/alert", "vmware-vrops/cancelled"),
        ("newrelic/workflow", "newrelic/workflow-closed"),
    ],
)
def test_the_end_of_an_alert_is_the_same_alert(first: str, later: str) -> None:
    (began,), (over,) = claims(first), claims(later)
    assert began.fingerprint == over.fingerprint
    assert (began.status, over.status) == ("firing", "resolved")


def test_events_over_a_queue_are_each_an_alert_wrapped_or_not() -> None:
    bare = claims("trendmicro-deep-security/events")
    body = json.loads((PAYLOADS / "trendmicro-deep-security/events.json").read_text())
    wrapped = json.dumps({"Type": "Notification", "Message": json.dumps(body)}).encode()
    assert len(bare) == 2
    assert read_claims("trendmicro-deep-security", wrapped).claims == bare
