"""`seventytwo alert rules`: the rules in force with their reasons, and every fault of a folder."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from flows.cli.main import app
from playbooks.alerts.rules import load_alert_rules
from tests.harness.alert_rules import WHY, written

EXAMPLES = Path(__file__).parents[3] / "docs" / "examples" / "alert-rules"
OWN = {"id": "own", "when": 'kind == "okta"', "playbook": "phishing", "why": WHY}


def run(*words: str, own: Path | None = None) -> Result:
    env = {"SEVENTYTWO_ALERT_RULES": str(own) if own else ""}
    return CliRunner(env=env).invoke(app, ["alert", "rules", *words])


def test_every_rule_in_force_is_listed_with_its_reason() -> None:
    shown = run().stdout
    for entry in load_alert_rules().entries:
        (line,) = [one for one in shown.splitlines() if one.startswith(f"{entry.id}  ")]
        assert line.endswith(entry.rule.why)
    assert "same client and playbook, 1h" in shown
    assert "origin" not in shown


def test_an_organisations_own_rule_stands_first_and_is_told_apart(tmp_path: Path) -> None:
    shown = run(own=written(tmp_path, {"playbooks": [OWN]})).stdout.splitlines()
    opens = shown[shown.index("playbooks:") + 2 :]
    assert opens[0].split() == ["own", "phishing", "own", *WHY.split()]
    assert " shipped " in opens[1]


def test_as_json_a_rule_is_whole_and_says_where_it_stands(tmp_path: Path) -> None:
    correlation = {"id": "mine", "by": ["host"], "window": "90m", "except": ["ts-*"], "why": WHY}
    told = json.loads(run("--json", own=written(tmp_path, {"correlation": [correlation]})).stdout)
    assert told[0] == {
        "section": "correlation",
        "where": f"{tmp_path}/rules.yaml:2",
        "is_shipped": False,
        "threshold": 1,
        "then": "open",
        **correlation,
    }


def test_sound_rules_are_said_to_be() -> None:
    found = run("check", str(EXAMPLES))
    assert found.exit_code == 0
    assert found.stdout.endswith("rules: no fault\n")


def test_the_shipped_rules_alone_are_sound() -> None:
    assert run("check").exit_code == 0


def test_every_fault_is_reported_and_ends_with_exit_code_1(tmp_path: Path) -> None:
    rules = [{**OWN, "when": "titel == 'x'"}, {**OWN, "id": "b", "colour": "red"}]
    found = run("check", str(written(tmp_path, {"playbooks": rules})))
    assert found.exit_code == 1
    assert len(found.stdout.splitlines()) == 3
    assert "did you mean `title`?" in found.stdout


def test_a_playbook_that_nobody_has_is_a_fault(tmp_path: Path) -> None:
    found = run("check", "--json", str(written(tmp_path, {"playbooks": [{**OWN, "playbook": "fishing"}]})))
    assert found.exit_code == 1
    (fault,) = json.loads(found.stdout)["faults"]
    assert (fault["line"], fault["mend"]) == (4, "did you mean `phishing`?")


def test_a_hostile_file_reaches_the_terminal_only_inert(tmp_path: Path) -> None:
    found = run("check", str(written(tmp_path, {"playbooks": [{**OWN, "id": "\x1b]0;x\x07"}]})))
    assert found.exit_code == 1
    assert "\x1b" not in found.stdout
    assert "\x07" not in found.stdout


@pytest.mark.parametrize("file", sorted(EXAMPLES.glob("*.yaml")), ids=lambda path: path.name)
def test_the_examples_stand_in_a_folder_by_themselves(file: Path, tmp_path: Path) -> None:
    assert run("check", str(written(tmp_path, file.read_text(), file.name))).exit_code == 0
