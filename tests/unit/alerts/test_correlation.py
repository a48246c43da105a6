"""Which alerts belong together: keys of an alert, what says nothing, and when a human or a number decides."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from playbooks.alerts.rules import GroupKey, load_alert_rules
from tests.harness.alert_rules import alert, correlating

SHIPPED = load_alert_rules()


def keys(**known: object) -> set[tuple[str, ...]]:
    """The keys of an alert by the shipped rules, each with its rule's id first."""
    return {(key.rule, *key.values) for key in SHIPPED.grouping(alert(**known)).keys}


def test_an_alert_belongs_with_others_of_its_account_its_machine_and_its_client() -> None:
    found = SHIPPED.grouping(
        alert(accounts=("Agent-17 ",), hosts=("WS-17",), clients=("acme",), playbook="phishing")
    )
    assert found.keys == (
        GroupKey("same-account", ("agent-17",), timedelta(hours=4)),
        GroupKey("same-host", ("ws-17",), timedelta(hours=4)),
        GroupKey("same-client-and-playbook", ("acme", "phishing"), timedelta(hours=1)),
    )
    assert (found.then, found.threshold, found.threshold_key) == ("open", 1, None)


def test_two_tools_meet_in_an_account_whatever_its_case_and_margins() -> None:
    assert keys(accounts=("AGENT-17",), source="a") == keys(accounts=(" agent-17",), source="b") != set()


def test_an_account_or_machine_that_everybody_has_holds_nothing_together() -> None:
    accounts = ("root", "SYSTEM", r"NT AUTHORITY\SYSTEM", r"NT SERVICE\sql", r"WS-17\Administrator", "-", " ")
    assert keys(accounts=(*accounts, "system:serviceaccount:web:default", "S-1-5-18")) == set()
    assert (
        keys(accounts=("kubernetes-admin", "root(uid=0)", r"DB-1\root", "DWM-1", "CrowdStrike", "(none)"))
        == set()
    )
    assert keys(accounts=("[UNKNOWN VARIABLE: ENDPOINT_USER_NAME]", "unknown user")) == set()
    assert keys(hosts=("localhost", "LOCALHOST.localdomain", "127.0.0.1", "::1", "")) == set()
    assert keys(accounts=("root", "agent-17")) == {("same-account", "agent-17")}


def test_two_alerts_of_unknown_kind_at_one_client_are_not_thereby_one() -> None:
    assert keys(clients=("acme",), playbook="unclassified-incident") == set()


def test_one_outage_on_many_machines_is_one_event_and_equal_titles_of_other_alerts_are_none() -> None:
    many = [keys(title="Storage is down", category="outage", hosts=(f"db-{at}",)) for at in range(3)]
    assert set.intersection(*many) == {("same-outage", "siem", "storage is down")}
    assert keys(title="Log-in from two countries", category="identity") == set()


def test_all_fields_of_a_rule_must_be_filled_and_several_values_give_a_key_each(tmp_path: Path) -> None:
    rules = correlating(tmp_path, {"id": "pair", "by": ["account", "host"]})
    assert rules.grouping(alert(accounts=("a",))).keys == ()
    found = rules.grouping(alert(accounts=("b", "a", "A"), hosts=("h",)))
    assert [key.values for key in found.keys] == [("a", "h"), ("b", "h")]


def test_an_alert_has_twenty_keys_by_one_rule_and_fifty_in_all_at_most(tmp_path: Path) -> None:
    names = tuple(f"n-{at:04}" for at in range(1_000))
    by = [["account"], ["host"], ["account", "host", "domain"]]
    rules = correlating(tmp_path, *({"id": f"r{at}", "by": one} for at, one in enumerate(by)))
    found = rules.grouping(alert(accounts=names, hosts=names, domains=names)).keys
    assert [sum(key.rule == f"r{at}" for key in found) for at in range(3)] == [20, 20, 10]


def test_a_rule_whose_keys_are_beyond_the_bound_decides_nothing(tmp_path: Path) -> None:
    names = tuple(f"n-{at}" for at in range(20))
    by = [["account"], ["host"], ["domain"]]
    late = {"id": "late", "by": ["kind"], "threshold": 5}
    rules = correlating(tmp_path, *({"id": f"r{at}", "by": one} for at, one in enumerate(by)), late)
    found = rules.grouping(alert(accounts=names, hosts=names, domains=names))
    assert (found.threshold, found.threshold_key) == (1, None)


def test_a_rule_holds_together_only_what_its_condition_admits(tmp_path: Path) -> None:
    rules = correlating(tmp_path, {"id": "grave", "by": ["kind"], "when": 'severity in ["high", "critical"]'})
    assert len(rules.grouping(alert(severity="high")).keys) == 1
    assert rules.grouping(alert(severity="low")).keys == ()


def test_the_first_rule_that_counts_or_asks_a_human_decides(tmp_path: Path) -> None:
    rules = correlating(
        tmp_path,
        {"id": "plain", "by": ["source"]},
        {"id": "tries", "by": ["account"], "threshold": 5, "why": "A few mistyped passwords are no deed."},
        {"id": "weak", "by": ["kind"], "then": "candidate"},
    )
    found = rules.grouping(alert(accounts=("b", "a")))
    assert (found.then, found.threshold) == ("open", 5)
    assert found.threshold_key == GroupKey("tries", ("a",), timedelta(hours=1))
    assert found.why == rules.why("tries") == "A few mistyped passwords are no deed."
    assert len(found.keys) == 4
    without = rules.grouping(alert())
    assert (without.then, without.threshold, without.threshold_key) == ("candidate", 1, without.keys[-1])


def test_nothing_is_said_of_a_rule_that_is_no_longer_there() -> None:
    assert SHIPPED.why("retired") == ""
