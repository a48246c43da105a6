"""Which playbook an alert opens and how severe it counts, with reasons; and whom no alert accuses."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from playbooks.alerts.rules import AlertRules, load_alert_rules
from playbooks.alerts.view import Category
from playbooks.library import load_playbooks
from tests.harness.alert_rules import WHY, alert, written

SHIPPED = load_alert_rules()
LIBRARY = load_playbooks()


@pytest.mark.parametrize(
    ("playbook", "known"),
    [
        ("ransomware", {"category": "ransomware"}),
        ("ransomware", {"category": "malware", "title": "Shadow copies deleted on FS-1"}),
        ("ransomware", {"category": "ransomware", "title": "Ransomware Prevention Alert on training.docx"}),
        ("ransomware", {"category": "ransomware", "title": "Anti-Ransomware stopped an encryption"}),
        (
            "unclassified-incident",
            {"category": "ransomware", "title": "Ransomware protection was turned off"},
        ),
        ("unclassified-incident", {"category": "other", "title": "Anti-ransomware engine updated to 7.1"}),
        (
            "unclassified-incident",
            {"category": "ransomware", "title": "Ransomware simulation: 3 of 4 passed"},
        ),
        ("unclassified-incident", {"category": "malware", "title": "Scan over: no ransomware found"}),
        (
            "unclassified-incident",
            {"kind": "access-watch", "category": "outage", "title": "Access log silent: crm"},
        ),
        ("misdirected-message", {"category": "misdirected"}),
        ("misdirected-message", {"category": "data_loss", "title": "File sent to wrong recipient"}),
        ("removable-media", {"category": "data_loss", "title": "Copy to removable storage"}),
        ("removable-media", {"category": "policy", "title": "USB device connected"}),
        ("lost-or-stolen-device", {"category": "device", "title": "Laptop reported lost"}),
        ("card-data-exposed", {"category": "cardholder"}),
        ("card-data-exposed", {"category": "policy", "data_hints": ("card",)}),
        ("cloud-misconfiguration", {"category": "exposure", "data_hints": ("health", "card")}),
        ("credential-compromise", {"category": "secret_leak"}),
        ("credential-compromise", {"category": "credential"}),
        ("credential-compromise", {"category": "identity", "title": "A leaver's account in use"}),
        ("credential-compromise", {"category": "malware", "title": "Password stealer found"}),
        ("credential-compromise", {"category": "policy", "title": "Dormant account used"}),
        ("credential-compromise", {"category": "data_access", "title": "Canary file opened"}),
        (
            "credential-compromise",
            {"category": "data_access", "kind": "thinkst-canary", "title": "File opened"},
        ),
        ("unclassified-incident", {"category": "identity", "severity": "info", "title": "User log-in"}),
        ("mailbox-compromise", {"category": "mailbox"}),
        ("mailbox-compromise", {"category": "identity", "title": "Suspicious inbox rule"}),
        ("phishing", {"category": "phishing"}),
        ("vendor-breach", {"category": "vendor"}),
        ("unclassified-incident", {"category": "vendor", "title": "CVE-2026-0001 in a library"}),
        ("data-exfiltration", {"category": "data_loss", "title": "Upload to a foreign share"}),
        ("data-exfiltration", {"category": "data_loss", "title": "DLP policy matched: card numbers by mail"}),
        ("unclassified-incident", {"category": "data_loss", "title": "DLP agent offline on WS-17"}),
        (
            "unclassified-incident",
            {"category": "data_loss", "title": "Data loss prevention service degraded"},
        ),
        ("data-exfiltration", {"category": "data_access", "title": "Bulk access: 9,000 records"}),
        ("unclassified-incident", {"category": "data_loss", "title": "Upload blocked by policy"}),
        ("unclassified-incident", {"category": "data_loss", "title": "Shared inside the organisation"}),
        ("data-exfiltration", {"category": "data_loss", "title": "Upload was not blocked"}),
        ("unclassified-incident", {"category": "data_access", "title": "Record opened"}),
        ("after-hours-access", {"category": "insider", "title": "Access after hours: 12 accesses"}),
        ("health-data-exposed", {"category": "data_access", "data_hints": ("health",)}),
        ("service-outage-with-data-unavailable", {"category": "outage"}),
        ("service-outage-with-data-unavailable", {"category": "network", "title": "DDoS under way"}),
        ("physical-intrusion", {"category": "other", "title": "Door forced at site 3"}),
        ("unclassified-incident", {"category": "malware", "title": "EICAR test file"}),
        ("unclassified-incident", {"category": "network", "title": "Port scan"}),
        ("unclassified-incident", {"category": "other", "title": "Something"}),
    ],
)
def test_an_alert_opens_what_it_tells_of(playbook: str, known: dict[str, object]) -> None:
    assert SHIPPED.choose(alert(**known)).playbook == playbook


def test_the_playbook_of_its_source_goes_before_all_rules() -> None:
    found = SHIPPED.choose(alert(category="ransomware"), of_source="vendor-breach")
    assert (found.playbook, found.why) == ("vendor-breach", "chosen for this source")


def test_where_no_rule_holds_the_general_playbook_is_opened_and_said_to_be() -> None:
    found = SHIPPED.choose(alert())
    assert (found.playbook, found.severity, found.why) == (
        "unclassified-incident",
        "medium",
        "no rule matches",
    )


def test_data_exfiltration_is_only_chosen_where_data_is_said_to_have_left_or_been_read_in_bulk() -> None:
    bare = {
        one
        for one in get_args(Category)
        if SHIPPED.choose(alert(category=one)).playbook == "data-exfiltration"
    }
    assert bare == {"data_loss"}


def test_no_rule_opens_a_playbook_that_accuses_a_person() -> None:
    restricted = {name for name in LIBRARY if LIBRARY[name].restricted}
    assert restricted == {
        "insider-misuse", "leaver-copies-data", "screen-capture-or-phone-on-floor", "shared-login",
    }  # fmt: skip
    assert SHIPPED.playbook_faults(set(LIBRARY) - restricted) == ()


def test_a_hint_at_an_insider_opens_the_general_playbook_and_the_reason_says_why() -> None:
    found = SHIPPED.choose(alert(category="insider", title="Insider risk: leaver copies customer list"))
    assert found.playbook == "unclassified-incident"
    assert "accuses a person" in found.why


def test_every_playbook_that_a_rule_names_exists() -> None:
    assert SHIPPED.playbook_faults(LIBRARY) == ()


def test_a_playbook_that_does_not_exist_is_a_fault_with_its_line_and_the_nearest_name(tmp_path: Path) -> None:
    own = {"id": "own", "when": 'kind == "okta"', "playbook": "fishing", "why": WHY}
    rules = load_alert_rules([written(tmp_path, {"playbooks": [own]})])
    (fault,) = rules.playbook_faults(LIBRARY)
    assert (Path(fault.file).name, fault.line, fault.mend) == ("rules.yaml", 4, "did you mean `phishing`?")


@pytest.mark.parametrize(
    ("severity", "known"),
    [
        ("high", {"severity": "low", "data_hints": ("health",)}),
        ("high", {"severity": "info", "data_hints": ("contact", "card")}),
        ("high", {"severity": "low", "data_hints": ("government_id",)}),
        ("high", {"severity": "low", "data_hints": ("credentials",)}),
        ("critical", {"severity": "critical", "data_hints": ("health",)}),
        ("low", {"severity": "low", "data_hints": ("health",), "status": "resolved"}),
        ("medium", {"severity": "low", "data_hints": ("contact",)}),
        ("high", {"severity": "low", "data_hints": ("personal_data",), "category": "exposure"}),
        ("high", {"severity": "low", "category": "ransomware"}),
        ("info", {"severity": "info"}),
    ],
)
def test_severity_is_the_tools_own_and_raised_by_what_is_at_stake(
    severity: str, known: dict[str, object]
) -> None:
    assert SHIPPED.choose(alert(**known)).severity == severity


def test_what_raised_the_severity_is_said() -> None:
    found = SHIPPED.choose(alert(severity="low", data_hints=("health",)), of_source="vendor-breach")
    assert "severity high by rule grave-data" in found.why


def ruled(tmp_path: Path, *rules: dict[str, object], own: str) -> AlertRules:
    given = [{"why": WHY, "when": 'source == "siem"', **rule} for rule in rules]
    return load_alert_rules([written(tmp_path, {own: given})])


def test_a_rule_that_says_what_the_severity_is_ends_all_raising(tmp_path: Path) -> None:
    rules = ruled(tmp_path, {"id": "noisy", "severity": {"is": "low"}}, own="severity")
    assert rules.choose(alert(category="ransomware", data_hints=("health",))).severity == "low"


def test_the_rule_that_chose_the_playbook_speaks_first_of_severity(tmp_path: Path) -> None:
    rule: dict[str, object] = {"id": "drill", "playbook": "phishing", "severity": {"is": "info"}}
    found = ruled(tmp_path, rule, own="playbooks").choose(alert(data_hints=("health",)))
    assert (found.playbook, found.severity) == ("phishing", "info")


def test_an_organisations_rule_goes_before_the_shipped_ones(tmp_path: Path) -> None:
    rules = ruled(tmp_path, {"id": "own", "playbook": "vendor-breach"}, own="playbooks")
    assert rules.choose(alert(category="ransomware")).playbook == "vendor-breach"
    assert rules.choose(alert(category="ransomware", source="other")).playbook == "ransomware"
