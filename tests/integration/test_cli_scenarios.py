"""`seventytwo exercise list|show|check`: what stands there, for whom, and every fault."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from playbooks.exercises.library import load_scenarios
from tests.harness.terminal import Terminal

NAME = "vendor-breach-before-easter"
EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "scenario.yaml"


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    """A shell before an empty folder: there is no store."""
    return Terminal(tmp_path)


def test_every_scenario_is_listed(terminal: Terminal) -> None:
    listed = terminal.ok("exercise", "list")
    assert all(name in listed for name in load_scenarios())
    told = json.loads(terminal.ok("exercise", "list", "--json"))
    assert [one["id"] for one in told] == list(load_scenarios())


def test_participants_are_shown_the_story_and_nothing_of_what_will_happen(terminal: Terminal) -> None:
    shown = terminal.ok("exercise", "show", NAME) + terminal.ok("exercise", "show", NAME, "--json")
    assert "Sample Transcripts turns our call recordings into text" in " ".join(shown.split())
    scenario = load_scenarios()[NAME]
    hidden = [scenario.facilitator[:40], scenario.alert.title]
    hidden += [part for one in scenario.injects for part in (one.id, one.title)]
    hidden += [part for one in scenario.expected for part in (one.id, one.speaks_for[:40])]
    hidden += [one.title for one in scenario.objectives]
    hidden += [one.text[:40] for one in scenario.hot_wash]
    assert [words for words in hidden if words in " ".join(shown.split())] == []


def test_the_facilitator_is_shown_everything(terminal: Terminal) -> None:
    shown = " ".join(terminal.ok("exercise", "show", NAME, "--facilitator").split())
    scenario = load_scenarios()[NAME]
    wanted = [scenario.facilitator, scenario.alert.title]
    wanted += [part for one in scenario.injects for part in (one.id, one.title, one.text, one.note or "")]
    wanted += [part for one in scenario.expected for part in (one.id, one.speaks_for)]
    wanted += [one.title for one in scenario.objectives]
    wanted += [one.text for one in scenario.hot_wash]
    assert [words for words in wanted if " ".join(words.split()) not in shown] == []


def test_a_file_of_ones_own_is_shown_with_its_words_inert(terminal: Terminal, tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text(EXAMPLE.read_text().replace("A sheet goes", "A [red]sheet[/red] goes"))
    assert "A [red]sheet[/red] goes to the wrong client" in terminal.ok("exercise", "show", str(own))


def test_what_is_shipped_has_no_fault(terminal: Terminal) -> None:
    assert "no faults" in terminal.ok("exercise", "check")


def test_every_fault_is_told_with_its_line_and_ends_with_code_1(terminal: Terminal, tmp_path: Path) -> None:
    text = EXAMPLE.read_text().replace("step: recall-message", "step: phone-home").replace("at: 2h", "at: 9d")
    bad, worse = tmp_path / "bad.yaml", tmp_path / "worse.yaml"
    bad.write_text(EXAMPLE.read_text().replace("step: recall-message", "step: phone-home"))
    worse.write_text(text)
    result = terminal.run("exercise", "check", str(bad), str(worse), str(EXAMPLE))
    assert result.exit_code == 1
    line = 1 + bad.read_text()[: bad.read_text().index("step: phone-home")].count("\n")
    assert f"bad.yaml:{line}: `misdirected-message` has no step `phone-home`" in result.stdout
    assert "worse.yaml" in result.stdout
    assert "it comes after the end" in result.stdout
    told = json.loads(terminal.run("exercise", "check", str(bad), "--json").stdout)
    assert [fault["line"] for fault in told["faults"]] == [line]


def test_an_unknown_scenario_is_answered_with_those_there_are(terminal: Terminal) -> None:
    refused = terminal.run("exercise", "show", "ransom")
    assert refused.exit_code != 0
    assert NAME in refused.output
