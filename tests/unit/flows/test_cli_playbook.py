"""The playbooks on the command line: listed, shown, checked and drawn, without a store or with one."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from typer.testing import CliRunner, Result

from flows.cli.main import app
from playbooks.library import SHIPPED_PLAYBOOKS

Run = Callable[..., Result]
SHIPPED = sorted(path.stem for path in SHIPPED_PLAYBOOKS.glob("*.yaml"))
PLANTED = Path(__file__).parents[1] / "playbooks" / "planted"


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """The organisation's folder of playbooks, empty."""
    folder = tmp_path / "own"
    folder.mkdir()
    return folder


@pytest.fixture
def run(own: Path, tmp_path: Path) -> Run:
    """`seventytwo playbook …` with the organisation's folder, where there is no store."""
    env = {"SEVENTYTWO_PLAYBOOKS": str(own), "SEVENTYTWO_DATA": str(tmp_path / "data")}
    return lambda *words, **more: CliRunner(env=env | more).invoke(app, ["playbook", *words])


def plant(own: Path, name: str) -> None:
    (own / f"{name}.yaml").write_text((PLANTED / f"{name}.yaml").read_text("utf-8"), "utf-8")


def said(result: Result) -> Any:
    """The JSON that a command printed."""
    return json.loads(result.stdout)


def test_every_playbook_is_listed_with_who_keeps_it(run: Run) -> None:
    result = run("list")
    assert result.exit_code == 0, result.stderr
    head, *rows = result.stdout.splitlines()
    assert head.split()[:3] == ["playbook", "version", "owner"]
    assert [row.split()[0] for row in rows] == SHIPPED


def test_the_list_as_json_has_versions_validity_and_signers(run: Run) -> None:
    listed = {one["id"]: one for one in said(run("list", "--json"))}
    assert set(listed) == set(SHIPPED)
    phishing = listed["phishing"]
    assert {"version", "owner", "valid_until", "regimes", "signed_by", "steps"} <= phishing.keys()
    assert phishing["signed_by"] is None
    assert "phases" not in phishing


def test_one_is_shown_whole_with_what_it_takes_in(run: Run) -> None:
    shown = run("show", "ransomware").stdout
    for words in ("CONTAIN", "tell-client", "do not", "once for each client", "(required)", "TLP:AMBER"):
        assert words in shown
    assert max(len(line) for line in shown.splitlines() if "(" not in line) <= 100
    assert said(run("show", "ransomware", "--json"))["plan"]["phases"][0]["id"] == "detect"


def test_a_name_that_nobody_has_is_refused_with_those_there_are(run: Run) -> None:
    for command in ("show", "graph"):
        result = run(command, "nowhere")
        assert result.exit_code == 1
        assert "phishing" in result.stderr


def test_the_shipped_library_has_no_fault_and_no_warning(run: Run) -> None:
    result = run("check")
    assert result.exit_code == 0, result.stdout
    assert f"{len(SHIPPED)} playbooks: no faults, no warnings" in result.stdout
    assert "Roles were not checked: there is no store here" in result.stdout


def test_a_fault_ends_with_code_1_and_a_warning_does_not(run: Run, own: Path) -> None:
    plant(own, "contradiction")
    result = run("check")
    assert result.exit_code == 1
    assert "Faults:" in result.stdout
    assert "contradiction.yaml:57: `mourn` is never reached" in result.stdout
    (own / "contradiction.yaml").unlink()
    plant(own, "nothing-to-show")
    result = run("check")
    assert result.exit_code == 0
    assert "Warnings, for the playbook's owner to settle:" in result.stdout
    assert "nothing-to-show.yaml" in result.stdout


def test_a_file_that_cannot_be_read_is_told_with_its_line_in_words_and_as_json(run: Run, own: Path) -> None:
    plant(own, "unknown-role")
    result = run("check")
    assert result.exit_code == 1
    assert "unknown-role.yaml:57: `role` is none of the words known here" in result.stderr
    result = run("check", "--json")
    assert result.exit_code == 1
    (fault,) = said(result)["faults"]
    assert (Path(fault["file"]).name, fault["line"]) == ("unknown-role.yaml", 57)


def test_an_expired_playbook_warns_or_is_a_fault_as_the_house_decides(run: Run, own: Path) -> None:
    plant(own, "expired")
    assert run("check").exit_code == 0
    refused = run("check", "--json", SEVENTYTWO_EXPIRED_PLAYBOOKS="refuse")
    assert refused.exit_code == 1
    planted = next(one for one in said(refused)["playbooks"] if one["playbook"] == "planted@1")
    assert "it expired on 2025-12-31" in planted["faults"][0]["what"]


def test_a_folder_named_on_the_command_line_is_checked_too(run: Run, own: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    plant(other, "tautology")
    assert run("check").exit_code == 0
    assert "is never false" in run("check", str(other)).stdout


def test_a_plan_is_drawn_as_a_picture_or_as_text_on_the_screen_or_into_a_file(
    run: Run, tmp_path: Path
) -> None:
    assert ET.fromstring(run("graph", "phishing").stdout).tag.endswith("svg")
    assert run("graph", "phishing", "--mermaid").stdout.startswith("flowchart TB\n")
    told = run("graph", "phishing", "--svg", "--to", str(tmp_path / "plan.svg"))
    assert told.exit_code == 0
    assert ET.fromstring((tmp_path / "plan.svg").read_text("utf-8")).tag.endswith("svg")
    assert run("graph", "phishing", "--svg", "--mermaid").exit_code == 1
    lost = run("graph", "phishing", "--to", str(tmp_path / "no" / "plan.svg"))
    assert lost.exit_code == 1
    assert "cannot be written" in lost.stderr
    again = run("graph", "ransomware", "--to", str(tmp_path / "plan.svg"))
    assert (again.exit_code, "it is there already" in again.stderr) == (1, True)
    assert "phishing 1" in (tmp_path / "plan.svg").read_text("utf-8")


def test_hostile_words_obey_no_terminal(run: Run, own: Path) -> None:
    text = (PLANTED / "no-warning-words.yaml").read_text("utf-8")
    (own / "p.yaml").write_text(text.replace("title: Search", "title: See https://evil.example now"), "utf-8")
    assert "https://evil" not in run("show", "planted").stdout
