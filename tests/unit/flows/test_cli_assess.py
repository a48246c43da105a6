"""The assessment on the command line: what it shows, what it refuses, how it starts."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from flows.cli.main import app

EXAMPLES = Path(__file__).parents[3] / "docs" / "examples"
EDPB = EXAMPLES / "edpb"
HOSTILE = """\
at: 2026-03-02T12:00Z
facts: {our_role: controller, personal_data: yes, jurisdictions: EU, aware_at: 2026-03-02T09:23Z}
severity:
  enisa: {data: [{category: simple, why: "\\e[31mred\\u202e"}]}
"""


def run(*words: str) -> Result:
    return CliRunner().invoke(app, ["assess", *words])


@pytest.mark.parametrize("case", sorted(path.stem for path in EDPB.glob("??.yaml")))
def test_every_case_of_the_edpb_runs_through(case: str) -> None:
    found = run(str(EDPB / f"{case}.yaml"), "--json")
    assert found.exit_code == 0, found.output
    assert {"score", "band", "advice", "obligations", "clocks", "shadow_clocks"} <= set(
        json.loads(found.stdout)
    )


def test_the_example_of_two_clients_shows_each_its_own(tmp_path: Path) -> None:
    text = run(str(EXAMPLES / "facts.yaml")).stdout
    assert text.index("ADVICE FOR CLIENT-7") < text.index("ADVICE FOR CLIENT-9")
    assert "CONTRACT for client-7: met" in text
    assert "US-CA-1798.82 for client-9: the client has not been told yet" in text
    assert "HIPAA (45 CFR 164.402): a breach is presumed" in text


def test_advice_comes_first_then_what_applies_then_the_clocks_in_two_zones() -> None:
    text = run(str(EDPB / "08.yaml")).stdout
    assert text.index("ADVICE") < text.index("WHAT APPLIES") < text.index("PRESUMED") < text.index("CLOCKS")
    assert "tell the authority: yes; tell the people: no; risk: likely" in text
    assert "insider misuse raises it" in text
    assert "EU-GDPR-33-5: Document the breach, its effects and what was done" in text
    assert "EU-GDPR-33-1: Notify the supervisory authority of the breach; unknown: risk" in text
    assert "2026-03-05 09:23Z  Thu 05 Mar 10:23 Europe/Brussels  EU-GDPR-33-1: on track" in text
    assert "WHAT DOES NOT APPLY" not in text


def test_all_adds_why_each_other_rule_does_not_apply() -> None:
    text = run(str(EDPB / "08.yaml"), "--all").stdout
    after = text[text.index("WHAT DOES NOT APPLY") :]
    assert "EU-GDPR-33-2: our_role is controller" in after
    assert "so it does not apply" in after


def test_the_place_named_on_the_line_counts_where_the_file_names_none(tmp_path: Path) -> None:
    file = tmp_path / "facts.yaml"
    file.write_text("facts: {personal_data: yes}\n")
    assert json.loads(run(str(file), "--json", "--place", "PH").stdout)["place"] == "PH"
    assert run(str(file), "--place", "Atlantis").exit_code == 1


def test_a_client_s_clock_says_what_starts_it_and_what_we_used(tmp_path: Path) -> None:
    file = tmp_path / "facts.yaml"
    file.write_text(
        "at: 2026-03-02T12:00Z\n"
        "facts: {our_role: processor, our_status: none, client_status: none, personal_data: yes,"
        " jurisdictions: [EU, PH], aware_at: 2026-03-02T09:00Z}\n"
        "cases: {a: {}}\n"
    )
    text = run(str(file)).stdout
    theirs = text[text.index("THE CLIENTS' OWN CLOCKS") :]
    assert "starts with our notice; we have used 3.0 h" in theirs
    assert "our awareness counts as the client's; we have used 3.0 h" in theirs


def test_faults_are_listed_with_file_and_line_and_nothing_is_shown(tmp_path: Path) -> None:
    file = tmp_path / "facts.yaml"
    file.write_text("facts:\n  our_rol: controller\n  personal_data: maybe\n")
    found = run(str(file))
    assert found.exit_code == 1
    assert found.stdout == ""
    assert [line.split(": ")[0] for line in found.stderr.splitlines()] == [f"{file}:2", f"{file}:3"]


def test_an_instant_that_lies_ahead_is_assessed_with_a_warning(tmp_path: Path) -> None:
    file = tmp_path / "facts.yaml"
    file.write_text("at: 2099-01-01T00:00Z\nfacts: {personal_data: yes}\n")
    said = "at 2099-01-01T00:00Z lies ahead: this is a plan, not a record"
    assert f"note: {said}" in run(str(file)).stdout
    assert json.loads(run(str(file), "--json").stdout)["warnings"] == [said]


def test_an_act_of_no_rule_is_refused_with_what_is_near(tmp_path: Path) -> None:
    file = tmp_path / "facts.yaml"
    file.write_text("acts: {EU-NIS2-23-4bb: 2026-03-02T10:00Z}\n")
    found = run(str(file))
    assert found.exit_code == 1
    assert f"{file}:1: `EU-NIS2-23-4bb` is no rule - did you mean EU-NIS2-23-4b" in found.stderr


def test_a_file_that_is_not_there_is_said_in_one_line(tmp_path: Path) -> None:
    found = run(str(tmp_path / "nothing.yaml"))
    assert (found.exit_code, len(found.stderr.splitlines())) == (1, 1)


def test_text_of_the_file_has_no_power_over_the_terminal(tmp_path: Path) -> None:
    file = tmp_path / "facts.yaml"
    file.write_text(HOSTILE)
    text = run(str(file)).stdout
    assert "red" in text
    assert "\x1b" not in text
    assert "\u202e" not in text


def test_neither_prefect_nor_the_store_is_loaded() -> None:
    code = (
        "import sys; from typer.testing import CliRunner; from flows.cli.main import app;"
        f"found = CliRunner().invoke(app, ['assess', {str(EDPB / '01.yaml')!r}]); assert not found.exit_code;"
        "sys.exit(','.join(name for name in ('prefect', 'store', 'sqlmodel') if name in sys.modules) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
