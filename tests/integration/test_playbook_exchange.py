"""`seventytwo playbook export|import`: what they write, what they never overwrite, and how they end."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from flows.cli.main import app
from playbooks.library import load_playbooks
from tests.harness.cacao import action, as_bytes, chain, identifier


class Exchange:
    """The two commands before one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def run(self, *arguments: str, **env: str) -> Result:
        result = CliRunner().invoke(
            app, ["playbook", *arguments], env={"SEVENTYTWO_DATA": str(self.folder), **env}
        )
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result

    def ok(self, *arguments: str) -> str:
        result = self.run(*arguments)
        assert result.exit_code == 0, result.output
        return result.stdout

    def file(self, given: dict[str, Any], name: str = "given.json") -> str:
        path = self.folder / name
        path.write_bytes(as_bytes(given))
        return str(path)

    def there(self) -> set[str]:
        return {path.name for path in self.folder.iterdir()}


@pytest.fixture
def exchange(tmp_path: Path) -> Exchange:
    return Exchange(tmp_path)


def test_what_is_exported_is_imported_again(exchange: Exchange, tmp_path: Path) -> None:
    document = str(tmp_path / "phishing.json")
    exchange.ok("export", "phishing", "--cacao", "--to", document)
    assert json.loads(exchange.ok("export", "phishing@1", "--cacao")) == json.loads(
        Path(document).read_text()
    )
    exchange.ok("import", document, "--to", str(tmp_path), "--id", "our-phishing")
    assert exchange.there() == {"phishing.json", "our-phishing.yaml"}
    again = load_playbooks([tmp_path])["our-phishing"]
    assert again.steps == load_playbooks()["phishing"].steps


def test_nothing_is_written_before_somebody_says_where(exchange: Exchange) -> None:
    told = exchange.ok("import", exchange.file(chain("Block it")))
    assert "kept /workflow/action--" in told
    assert "added triage: the steps of `establish-the-facts`" in told
    assert exchange.there() == {"given.json"}


def test_no_file_is_ever_overwritten(exchange: Exchange, tmp_path: Path) -> None:
    document = exchange.file(chain("Block it"))
    exchange.ok("import", document, "--to", str(tmp_path))
    before = (tmp_path / "a-plan.yaml").read_text()
    for again in (
        exchange.run("import", document, "--to", str(tmp_path)),
        exchange.run("import", document, "--report", document),
        exchange.run("export", "phishing", "--to", document),
    ):
        assert again.exit_code == 1
        assert "it is there already" in again.stderr
    assert (tmp_path / "a-plan.yaml").read_text() == before
    assert exchange.there() == {"given.json", "a-plan.yaml"}


def test_a_foreign_playbook_takes_no_place_of_ours_unasked(exchange: Exchange, tmp_path: Path) -> None:
    document = exchange.file(chain("Block it", name="Phishing"))
    refused = exchange.run("import", document, "--to", str(tmp_path))
    assert refused.exit_code == 1
    assert "another playbook of that id" in refused.stderr
    assert exchange.there() == {"given.json"}
    for no_id in ("!!!", "Phishing", "../phishing"):
        wrong = exchange.run("import", document, "--to", str(tmp_path), "--id", no_id)
        assert wrong.exit_code == 1
        assert "no id of a playbook" in wrong.stderr
    assert exchange.there() == {"given.json"}
    told = ["--report", str(tmp_path / "report.txt")]
    assert exchange.run("import", document, "--to", str(tmp_path), *told).exit_code == 1
    exchange.ok("import", document, "--to", str(tmp_path), "--id", "phishing-elsewhere", *told)
    assert exchange.there() == {"given.json", "phishing-elsewhere.yaml", "report.txt"}


def test_a_playbook_for_few_eyes_goes_out_with_a_word(exchange: Exchange) -> None:
    assert "marked TLP:RED" in exchange.run("export", "insider-misuse").stderr
    assert exchange.run("export", "phishing").stderr == ""


def test_a_refused_document_ends_with_its_faults(exchange: Exchange, tmp_path: Path) -> None:
    broken = chain("Block it")
    broken["workflow_start"] = "nowhere"
    result = exchange.run("import", exchange.file(broken), "--to", str(tmp_path), "--json")
    assert result.exit_code == 1
    told = json.loads(result.stdout)
    assert (told["playbook"], told["imported"]) == (None, False)
    assert told["wrong"][0]["pointer"] == "/workflow_start"
    assert "/workflow_start: names no step" in result.stderr
    assert exchange.there() == {"given.json"}


def test_the_report_goes_into_a_file(exchange: Exchange, tmp_path: Path) -> None:
    given = chain("Block it")
    given["workflow"][identifier("action", 1)] = action(
        "Block it", commands=[{"type": "bash", "command": "x"}]
    )
    report = tmp_path / "report.json"
    exchange.ok("import", exchange.file(given), "--to", str(tmp_path), "--report", str(report), "--json")
    told = json.loads(report.read_text())
    assert told["playbook"] == "a-plan@1"
    assert told["counts"]["refused"] >= 1
    assert any("never runs here" in part["why"] for part in told["parts"])


def test_hostile_words_reach_no_terminal(exchange: Exchange) -> None:
    given = chain("Block it", **{"\x1b]0;owned\x07": 1})
    given["workflow"]["\x1b[2J"] = {}
    result = exchange.run("import", exchange.file(given))
    assert result.exit_code == 1
    assert "\x1b" not in result.output


@pytest.mark.parametrize("what", ["missing.json", "folder", "giant.json"])
def test_what_is_no_file_to_read(exchange: Exchange, tmp_path: Path, what: str) -> None:
    (tmp_path / "folder").mkdir()
    with (tmp_path / "giant.json").open("wb") as giant:
        giant.truncate(10_000_000)
    result = exchange.run("import", str(tmp_path / what))
    assert result.exit_code == 1
    assert len(result.stderr.strip().splitlines()) == 1


def test_an_unknown_playbook_is_answered_with_those_there_are(exchange: Exchange) -> None:
    result = exchange.run("export", "no-such-playbook", "--cacao")
    assert result.exit_code == 1
    assert "no such playbook" in result.stderr


def test_a_folder_that_cannot_be_written(exchange: Exchange, tmp_path: Path) -> None:
    result = exchange.run("import", exchange.file(chain("Block it")), "--to", str(tmp_path / "none"))
    assert result.exit_code == 1
    assert "cannot be written" in result.stderr
    assert exchange.there() == {"given.json"}
