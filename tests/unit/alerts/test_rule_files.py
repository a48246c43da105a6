"""Files of alert rules: what replaces what, what takes a rule out, and every fault with its line and mend."""

from __future__ import annotations

from pathlib import Path

import pytest

from playbooks.alerts.rules import load_alert_rules
from tests.harness.alert_rules import WHY, alert, faults_of, written

PHISHING = {"id": "phishing", "when": 'category == "phishing"', "playbook": "mailbox-compromise", "why": WHY}


def test_a_rule_of_the_same_id_replaces_the_shipped_one(tmp_path: Path) -> None:
    rules = load_alert_rules([written(tmp_path, {"playbooks": [PHISHING]})])
    assert rules.choose(alert(category="phishing")).playbook == "mailbox-compromise"
    assert [entry.is_shipped for entry in rules.entries if entry.id == "phishing"] == [False]


def test_a_later_folder_replaces_an_earlier_one_and_its_rules_go_first(tmp_path: Path) -> None:
    other = {**PHISHING, "id": "other", "playbook": "vendor-breach"}
    first = written(tmp_path / "a", {"playbooks": [PHISHING, other]})
    second = written(tmp_path / "b", {"playbooks": [{**PHISHING, "playbook": "ransomware"}]})
    rules = load_alert_rules([first, second])
    assert [entry.id for entry in rules.entries][:2] == ["phishing", "other"]
    assert rules.choose(alert(category="phishing")).playbook == "ransomware"


def test_a_rule_that_is_off_is_gone_and_may_come_back_in_a_later_folder(tmp_path: Path) -> None:
    off = written(
        tmp_path / "a", {"correlation": [{"id": "same-host", "off": True, "why": "Shared desktops."}]}
    )
    on = written(
        tmp_path / "b", {"correlation": [{"id": "same-host", "by": ["host"], "window": "1h", "why": WHY}]}
    )
    assert load_alert_rules([off]).grouping(alert(hosts=("h",))).keys == ()
    assert len(load_alert_rules([off, on]).grouping(alert(hosts=("h",))).keys) == 1


def test_lists_have_ids_of_their_own(tmp_path: Path) -> None:
    folder = written(tmp_path, {"playbooks": [{**PHISHING, "id": "same-host"}]})
    assert len(load_alert_rules([folder]).grouping(alert(hosts=("h",))).keys) == 1


RULE = """correlation:
  - id: mine
    by: [account]
    window: 4h
    why: x
"""
CHOICE = """playbooks:
  - id: a
    when: kind == 'x'
    playbook: phishing
    why: x
"""


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("correlations: []", 1, "one of: correlation, playbooks, severity"),
        ("[]", 1, "correlation, playbooks, severity"),
        ("correlation: {}", 1, "begin each rule with"),
        ("correlation: [word]", 1, "no group of keys"),
        (RULE.replace("account", "acount"), 3, "did you mean account?"),
        (RULE.replace("[account]", "[]"), 3, "at least"),
        (RULE.replace("4h", "31d"), 4, "30d at most"),
        (RULE.replace("4h", "30s"), 4, "30m, 4h or 2d"),
        (RULE.replace("4h", "0m"), 4, "30m, 4h or 2d"),
        (RULE + "    threshold: 0", 6, "write 1 at least"),
        (RULE + "    threshold: 10001", 6, "write 10000 at most"),
        (RULE + "    then: shout", 6, "open, candidate"),
        (RULE + "    colour: red", 6, "check its spelling"),
        (RULE + "    except: ['a*b']", 6, "its beginning and then *"),
        (RULE + "    except: ['*']", 6, "its beginning and then *"),
        (RULE + "    when: titel == 'x'", 6, "did you mean `title`?"),
        (RULE + "    off: false", 6, "leave the key out"),
        (RULE.replace("    why: x\n", ""), 2, "`why` is missing"),
        (RULE + RULE.removeprefix("correlation:\n"), 6, "a second time; the first is rules.yaml:2"),
        ("correlation:\n  - id: same-acount\n    off: true", 2, "did you mean `same-account`?"),
        (CHOICE.replace("kind ==", "playbook =="), 3, "is not a field"),
        (CHOICE.replace("kind ==", "category =="), 3, "no value of"),
        (CHOICE + "    severity: {}", 6, "one of them"),
        (CHOICE + "    severity: {is: low, at_least: low}", 6, "one of them"),
        (CHOICE + "    severity: {is: grave}", 6, "critical, high"),
        ("severity: !!python/none x", 1, "tag"),
    ],
)  # fmt: skip
def test_every_fault_has_its_line_and_its_mend(tmp_path: Path, text: str, line: int, what: str) -> None:
    told = faults_of(written(tmp_path, text))
    assert told.startswith(f"rules.yaml:{line}: ")
    assert what in told


def test_all_faults_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    written(tmp_path, RULE.replace("4h", "31d") + "    threshold: 0", "a.yaml")
    written(tmp_path, "nothing", "b.yaml")
    assert [line.partition(":")[0] for line in faults_of(tmp_path).splitlines()] == [
        "a.yaml",
        "a.yaml",
        "b.yaml",
    ]


def test_two_files_of_a_folder_may_not_give_the_same_rule(tmp_path: Path) -> None:
    written(tmp_path, RULE, "a.yaml")
    assert "the first is a.yaml:2" in faults_of(written(tmp_path, RULE, "b.yaml"))


def test_a_folder_that_is_not_there_is_a_fault(tmp_path: Path) -> None:
    assert "no such folder" in faults_of(tmp_path / "nowhere")


def test_more_rules_than_can_be_asked_in_time_are_refused(tmp_path: Path) -> None:
    many = [{**PHISHING, "id": f"r{at}"} for at in range(500)]
    assert "more than 500 rules" in faults_of(written(tmp_path, {"playbooks": many}))
