"""The rules of law on the command line: listed, shown, checked, compared."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from flows.cli.main import app

RULE = """\
rules:
  - id: XX-1
    version: "{version}"
    title: Tell the regulator
    status: in_force
    in_force_from: {begins}
    in_force_until: {ends}
    jurisdiction: XX
    citation: {{act: Breach Act, locator: s 1, link: "https://law.example/breach"}}
    evidence: M-L
    obliged_role: controller
    recipient: supervisory_authority
    starts: aware_at
    period: {{value: {hours}, unit: hours}}
    counting: hours_elapsed
    when: personal_data
"""
OLD = RULE.format(version="old", begins="2000-01-01", ends="2010-01-01", hours=72)
NEW = RULE.format(version="new", begins="2010-01-01", ends="2999-01-01", hours=48)

Law = Callable[..., Result]


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """The organisation's folder, with two versions of a rule of its own."""
    folder = tmp_path / "own"
    folder.mkdir()
    (folder / "xx.yaml").write_text(OLD + NEW.removeprefix("rules:\n"))
    return folder


@pytest.fixture
def law(own: Path) -> Law:
    """`seventytwo law …` with the organisation's folder."""
    return lambda *words: CliRunner(env={"SEVENTYTWO_LAW": str(own)}).invoke(app, ["law", *words])


def said(result: Result) -> Any:
    """The JSON that a command printed."""
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


class TestList:
    def test_each_version_is_an_object_with_id_status_and_citation(self, law: Law) -> None:
        found = {(one["id"], one["version"]): one for one in said(law("list", "--json"))}
        assert len(found) > 2
        gdpr = found["EU-GDPR-33-1", "2018-05-25"]
        assert (gdpr["status"], gdpr["counting"]) == ("in_force", "hours_elapsed")
        assert gdpr["citation"] == "Regulation (EU) 2016/679 (GDPR), art 33(1)"
        assert gdpr["period"] == {"value": 72, "unit": "hours"}

    @pytest.mark.parametrize(
        ("words", "versions"),
        [
            (("--on", "2005-06-01"), ["old"]),
            (("--on", "2010-01-01"), ["new"]),
            (("--on", "1999-12-31"), []),
            (("--status", "in_force"), ["old", "new"]),
            (("--status", "proposed"), []),
        ],
    )
    def test_only_what_was_asked_for_is_listed(
        self, law: Law, words: tuple[str, ...], versions: list[str]
    ) -> None:
        found = said(law("list", "--json", "--jurisdiction", "XX", *words))
        assert [one["version"] for one in found] == versions

    def test_an_unknown_jurisdiction_or_status_is_said(self, law: Law) -> None:
        assert "there are: " in law("list", "--jurisdiction", "ATLANTIS").stderr
        assert law("list", "--status", "asleep").exit_code == 2

    def test_people_get_one_line_for_each(self, law: Law) -> None:
        lines = law("list", "--jurisdiction", "XX").stdout.splitlines()
        assert len(lines) == 3
        assert lines[1].split()[:5] == ["XX-1", "old", "in_force", "72", "hours"]


class TestShow:
    def test_every_version_is_shown_with_what_it_says(self, law: Law) -> None:
        shown = law("show", "XX-1").stdout
        assert shown.index("XX-1@old") < shown.index("XX-1@new")
        assert "in force from 2010-01-01 until 2999-01-01" in shown
        assert "approximate number" not in shown  # a rule that names no content has no such line

    def test_the_authority_is_named(self, law: Law) -> None:
        told = law("show", "IN-CERTIN-6H").stdout
        assert "whom           CSIRT or competent authority (CERT-In)" in told
        assert said(law("list", "--jurisdiction", "UK", "--json"))[0]["authority"]

    def test_json_keeps_every_field(self, law: Law) -> None:
        (one,) = said(law("show", "XX-1@new", "--json"))
        assert one["citation"] == "Breach Act, s 1"
        assert one["link"] == "https://law.example/breach"
        assert one["when"] == "personal_data"
        assert one["period"] == {"value": 48, "unit": "hours"}

    def test_a_rule_that_is_not_there_is_answered_with_the_nearest(self, law: Law) -> None:
        result = law("show", "XX-2")
        assert result.exit_code == 1
        assert "did you mean XX-1" in result.stderr


class TestCheck:
    def test_findings_stand_with_each_rule(self, law: Law) -> None:
        found = {(one["id"], one["version"]): one for one in said(law("check", "--json"))}
        assert found["XX-1", "new"]["findings"] == [
            "from memory only",
            "low confidence",
            "citation never checked",
            "no reviewer",
        ]
        assert found["XX-1", "old"]["findings"][0].startswith("says in_force, but is repealed on ")
        assert found["EU-GDPR-33-1", "2018-05-25"]["findings"] == ["no reviewer"]

    def test_people_get_a_summary(self, law: Law) -> None:
        assert law("check").stdout.splitlines()[-1].endswith(" rules: no fault")

    def test_every_fault_of_every_file_is_listed_and_nothing_else(self, law: Law, own: Path) -> None:
        (own / "bad.yaml").write_text(NEW.replace("M-L", "sure").replace("personal_data", "personal_dta"))
        (own / "worse.yaml").write_text("rules: 3\n")
        result = law("check", "--json")
        assert result.exit_code == 1
        assert not result.stdout
        places = [line.split(": ")[0].rpartition("/")[2] for line in result.stderr.splitlines()]
        assert places == ["bad.yaml:10", "bad.yaml:16", "worse.yaml:1"]


class TestOrigin:
    def test_each_text_says_whose_it_is(self, law: Law, own: Path) -> None:
        gdpr = NEW.replace("XX-1", "EU-GDPR-33-1").replace('"new"', '"2018-05-25"')
        (own / "gdpr.yaml").write_text(gdpr)
        found = {(one["id"], one["version"]): one["origin"] for one in said(law("list", "--json"))}
        assert found["XX-1", "new"] == "own"
        assert found["EU-GDPR-33-1", "2018-05-25"] == "replaces shipped"
        assert found["EU-GDPR-33-2", "2018-05-25"] == "shipped"
        assert said(law("show", "XX-1@new", "--json"))[0]["origin"] == "own"
        assert {one["origin"] for one in said(law("check", "--json"))} == set(found.values())

    def test_people_read_it_where_it_is_not_ours(self, law: Law) -> None:
        assert "origin         the organisation's own text, not a shipped one" in law("show", "XX-1").stdout
        assert "origin  " not in law("show", "EU-GDPR-33-1").stdout
        assert law("list", "--jurisdiction", "XX").stdout.splitlines()[1].split()[5] == "own"

    def test_without_folders_no_list_speaks_of_origins(self) -> None:
        plain = CliRunner().invoke(app, ["law", "list", "--jurisdiction", "BR"]).stdout
        assert "origin" not in plain.splitlines()[0]


def test_a_rule_may_count_by_a_calendar_of_the_organisation(own: Path, tmp_path: Path) -> None:
    days = tmp_path / "days"
    days.mkdir()
    (days / "house.yaml").write_text("calendars:\n  House: {alone: true}\n")
    text = NEW.replace("unit: hours", "unit: business_days").replace("hours_elapsed", "bdays_excl")
    (own / "xx.yaml").write_text(text + "    calendar: House\n")
    env = {"SEVENTYTWO_LAW": str(own), "SEVENTYTWO_CALENDARS": str(days)}
    assert CliRunner(env=env).invoke(app, ["law", "check"]).exit_code == 0
    refused = CliRunner(env=env | {"SEVENTYTWO_CALENDARS": ""}).invoke(app, ["law", "check"])
    assert "`House` is no calendar known here" in refused.stderr


class TestDiff:
    def test_two_versions_are_compared_field_by_field(self, law: Law) -> None:
        (change,) = said(law("diff", "XX-1@old", "XX-1@new", "--json"))
        assert {one["field"] for one in change["fields"]} == {
            "version",
            "in_force_from",
            "in_force_until",
            "period",
        }
        shown = law("diff", "XX-1@old", "XX-1@new").stdout
        assert '- {"value": 72.0, "unit": "hours"}' in shown
        assert '+ {"value": 48.0, "unit": "hours"}' in shown

    def test_two_folders_say_what_came_went_and_changed(self, law: Law, own: Path, tmp_path: Path) -> None:
        other = tmp_path / "other"
        other.mkdir()
        (other / "xx.yaml").write_text(
            NEW.replace("value: 48", "value: 36") + NEW.removeprefix("rules:\n").replace("XX-1", "XX-9")
        )
        changes = said(law("diff", str(own), str(other), "--json"))
        assert [(one["change"], one["rule"]) for one in changes] == [
            ("changed", "XX-1@new"),
            ("removed", "XX-1@old"),
            ("added", "XX-9@new"),
        ]
        assert [one["field"] for one in changes[0]["fields"]] == ["period"]

    def test_a_rule_with_several_versions_wants_one_named(self, law: Law) -> None:
        result = law("diff", "XX-1", "EU-GDPR-33-1@2018-05-25")
        assert result.exit_code == 1
        assert "name one: XX-1@old, XX-1@new" in result.stderr

    def test_the_same_has_no_difference(self, law: Law, own: Path) -> None:
        assert law("diff", str(own), str(own)).stdout == "no difference\n"
