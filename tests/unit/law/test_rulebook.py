from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from playbooks.documents import read_document
from playbooks.errors import FileFaults
from playbooks.contracts import ContractTermView, contract_rule
from playbooks.law import Rule, in_force
from playbooks.rulebook import load_rules, read_rules

SOUND = """\
rules:
  - id: XX-1
    version: "1"
    title: Tell the regulator
    status: in_force
    in_force_from: 2020-01-01
    jurisdiction: XX
    citation: {act: Breach Act, locator: s 1}
    evidence: M-L
    obliged_role: controller
    recipient: supervisory_authority
    starts: aware_at
    hours: 48
    counting: hours_elapsed
    when: personal_data
"""


def folder(tmp_path: Path, **files: str) -> Path:
    """A folder of rule files."""
    for name, text in files.items():
        (tmp_path / f"{name}.yaml").write_text(text, "utf-8")
    return tmp_path


def faults_of(text: str) -> list[str]:
    """The faults of one file's text, without its name."""
    _, faults = read_rules(read_document(text, "law.yaml"))
    return [str(fault).removeprefix("law.yaml:") for fault in faults]


def test_the_shipped_rules_load_with_citation_and_evidence() -> None:
    rules = load_rules()
    assert {rule.id for rule in rules.values()} >= {"EU-GDPR-33-1", "EU-GDPR-33-2"}
    assert all(key == rule.key for key, rule in rules.items())
    assert all(rule.citation.locator and rule.citation.link for rule in rules.values())


def test_a_folder_of_the_organisation_adds_rules_and_replaces_by_id_and_version(tmp_path: Path) -> None:
    shipped = load_rules()["EU-GDPR-33-2@2018-05-25"]
    text = SOUND.replace("XX-1", "EU-GDPR-33-2").replace('"1"', f'"{shipped.version}"')
    rules = load_rules([folder(tmp_path, more=SOUND, own=text)])
    assert rules["XX-1@1"].hours == 48
    assert rules[shipped.key].title == "Tell the regulator"


def test_every_fault_of_every_file_is_listed_at_once(tmp_path: Path) -> None:
    bad = folder(tmp_path, a=SOUND.replace("hours: 48", "hours: -1"), b="rules: &x []", c="law: []", d=SOUND)
    with pytest.raises(FileFaults) as caught:
        load_rules([bad])
    assert sorted({Path(fault.file).name for fault in caught.value.faults}) == ["a.yaml", "b.yaml", "c.yaml"]


def test_what_is_no_plain_file_is_a_fault_and_a_missing_folder_too(tmp_path: Path) -> None:
    (tmp_path / "deep.yaml").mkdir()
    with pytest.raises(FileFaults) as caught:
        load_rules([tmp_path, tmp_path / "none"])
    assert [fault.what for fault in caught.value.faults] == ["not a plain file", "no such folder"]


def test_a_fault_names_its_line_and_what_would_mend_it() -> None:
    text = SOUND.replace("when: personal_data", "when: personal_dta").replace("aware_at", "contained")
    first, second = faults_of(text)
    assert first.startswith("15: ")
    assert "personal_data" in first
    assert second.startswith("12: `contained` is not an instant that facts hold")
    assert "aware_at" in second


def test_two_bad_rules_of_one_file_are_both_named() -> None:
    again = SOUND.removeprefix("rules:\n").replace("title: Tell the regulator", "titel: Tell the regulator")
    faults = faults_of(SOUND.replace("hours: 48", "hours: soon") + again)
    assert [fault.split(":")[0] for fault in faults] == ["13", "16", "18"]


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ("hours: 48\n", "policy_hours: 4\n", "counting hours_elapsed needs `hours`"),
        ("counting: hours_elapsed", "counting: asap", "counting asap has no `hours`"),
        ("counting: hours_elapsed", "counting: hours_elapsed\n    policy_hours: 4", "needs no policy target"),
        ("counting: hours_elapsed", "counting: days_local", "counting"),
        ("status: in_force", "status: proposed", "a proposed rule has no date of force"),
        ("status: in_force", "status: repealed", "a repealed rule needs `in_force_until`"),
        ("    in_force_from: 2020-01-01\n", "", "a rule in force needs `in_force_from`"),
        ("2020-01-01", "2020-01-01\n    in_force_until: 2019-01-01", "must be after"),
        ("evidence: M-L", "evidence: sure", "evidence"),
        ("id: XX-1", 'id: "X X"', "id"),
    ],
)
def test_what_contradicts_itself_is_refused(before: str, after: str, says: str) -> None:
    faults = faults_of(SOUND.replace(before, after))
    assert len(faults) == 1
    assert says in faults[0]


def test_the_same_version_of_a_rule_twice_in_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileFaults, match=r"b\.yaml:2: rule XX-1@1 stands here twice"):
        load_rules([folder(tmp_path, a=SOUND, b=SOUND)])


def versions(*spans: tuple[str, date, date | None]) -> list[Rule]:
    """Versions of one rule with their dates of force."""
    (sound, _), *_ = read_rules(read_document(SOUND, "law.yaml"))[0]
    return [
        sound.model_copy(update={"version": name, "in_force_from": begins, "in_force_until": ends})
        for name, begins, ends in spans
    ]


def held_on(rules: list[Rule], day: date) -> list[str]:
    """The versions that decide about that day."""
    return [rule.version for rule in in_force(rules, lambda _: day)]


def test_the_law_of_the_day_decides_and_old_versions_stay() -> None:
    rules = versions(("old", date(2020, 1, 1), date(2026, 1, 1)), ("new", date(2026, 1, 1), None))
    days = {date(2019, 12, 31): [], date(2025, 12, 31): ["old"], date(2026, 1, 1): ["new"]}
    assert not rules[0].holds_on(date(2026, 1, 1))
    for day, expected in days.items():
        assert held_on(rules, day) == expected


def test_of_two_versions_that_both_hold_the_younger_decides() -> None:
    rules = versions(("new", date(2026, 1, 1), None), ("old", date(2020, 1, 1), None))
    assert held_on(rules, date(2027, 1, 1)) == ["new"]


def test_a_proposal_is_never_law_and_an_enacted_rule_is_from_its_day() -> None:
    (rule,) = versions(("1", date(2027, 5, 13), None))
    enacted = rule.model_copy(update={"status": "not_in_force"})
    assert not rule.model_copy(update={"status": "proposed"}).holds_on(date(2030, 1, 1))
    assert not enacted.holds_on(date(2027, 5, 12))
    assert enacted.holds_on(date(2027, 5, 13))


def test_a_contract_term_takes_the_shape_of_a_rule() -> None:
    rule = contract_rule(ContractTermView("example-retail", 36, citation="Annex 2, clause 7", version="3"))
    assert (rule.id, rule.version, rule.hours) == ("CONTRACT-example-retail", "3", 36)
    assert str(rule.citation) == "Contract, Annex 2, clause 7"
    assert rule.holds_on(date(2000, 1, 1))
