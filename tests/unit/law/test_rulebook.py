"""The rulebook: what is read, what replaces what, and which version decides."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from playbooks.calendars import shipped_calendars
from playbooks.contracts import ContractTermView, contract_rule
from playbooks.documents import read_document
from playbooks.errors import FileFaults, NotFound
from playbooks.force import in_force
from playbooks.law import Rule
from playbooks.rulebook import load_rules, read_rules, versions_of

SOUND = """\
rules:
  - id: XX-1
    version: "1"
    title: Tell the regulator
    status: in_force
    in_force_from: 2020-01-01
    jurisdiction: XX
    citation: {act: Breach Act, locator: s 1, link: "https://law.example/breach"}
    evidence: M-L
    obliged_role: controller
    recipient: supervisory_authority
    starts: aware_at
    period: {value: 48, unit: hours}
    counting: hours_elapsed
    when: personal_data
"""


def folder(tmp_path: Path, **files: str) -> Path:
    """A folder of rule files."""
    for name, text in files.items():
        (tmp_path / f"{name}.yaml").write_text(text, "utf-8")
    return tmp_path


def test_the_shipped_rules_load_with_citation_and_evidence() -> None:
    rules = load_rules()
    assert {rule.id for rule in rules.values()} >= {"EU-GDPR-33-1", "EU-GDPR-33-2"}
    assert all(key == rule.key for key, rule in rules.items())
    assert all(rule.citation.locator for rule in rules.values())
    assert all(rule.citation.link for rule in rules.values() if not rule.stub)


def test_a_folder_of_the_organisation_adds_rules_and_replaces_by_id_and_version(tmp_path: Path) -> None:
    shipped = load_rules()["EU-GDPR-33-2@2018-05-25"]
    text = SOUND.replace("XX-1", "EU-GDPR-33-2").replace('"1"', f'"{shipped.version}"')
    rules = load_rules([folder(tmp_path, more=SOUND, own=text)])
    assert str(rules["XX-1@1"].period) == "48 hours"
    assert rules[shipped.key].title == "Tell the regulator"


def test_a_folder_may_end_a_shipped_version_and_begin_the_next(tmp_path: Path) -> None:
    ended = SOUND.replace("XX-1", "EU-GDPR-33-2").replace('"1"', '"2018-05-25"')
    ended = ended.replace(
        "in_force_from: 2020-01-01", "in_force_from: 2018-05-25\n    in_force_until: 2027-01-01"
    )
    begun = SOUND.replace("XX-1", "EU-GDPR-33-2").replace('"1"', '"2027-01-01"')
    own = folder(tmp_path, ended=ended, begun=begun.replace("2020-01-01", "2027-01-01"))
    versions = versions_of(load_rules([own]).values(), "EU-GDPR-33-2")
    assert [rule.version for rule in versions] == ["2018-05-25", "2027-01-01"]


def test_every_fault_of_every_file_is_listed_at_once(tmp_path: Path) -> None:
    wrong = SOUND.replace("value: 48", "value: -1")
    bad = folder(tmp_path, a=wrong, b="rules: &x []", c="law: []", d=SOUND.replace("XX-1", "XX-2"))
    with pytest.raises(FileFaults) as caught:
        load_rules([bad])
    assert sorted({Path(fault.file).name for fault in caught.value.faults}) == ["a.yaml", "b.yaml", "c.yaml"]


def test_what_is_no_plain_file_is_a_fault_and_a_missing_folder_too(tmp_path: Path) -> None:
    (tmp_path / "deep.yaml").mkdir()
    with pytest.raises(FileFaults) as caught:
        load_rules([tmp_path, tmp_path / "none"])
    assert [fault.what for fault in caught.value.faults] == ["not a plain file", "no such folder"]


def test_a_rule_is_found_by_its_id_or_by_one_version() -> None:
    rules = versions(("old", date(2020, 1, 1), date(2026, 1, 1)), ("new", date(2026, 1, 1), None))
    assert [rule.version for rule in versions_of(rules, "XX-1")] == ["old", "new"]
    assert [rule.version for rule in versions_of(rules, "XX-1@new")] == ["new"]


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("eu-gdpr-33-3", "did you mean EU-GDPR-33-"),
        ("EU-GDPR-33-1@1999", "its versions: 2018-05-25"),
        ("????", "law list"),
    ],
)
def test_a_rule_that_is_not_there_is_answered_with_the_nearest(name: str, says: str) -> None:
    with pytest.raises(NotFound, match=says):
        versions_of(load_rules().values(), name)


def versions(*spans: tuple[str, date, date | None]) -> list[Rule]:
    """Versions of one rule with their dates of force."""
    (sound,), _, _ = read_rules(read_document(SOUND, "law.yaml"), shipped_calendars())
    return [
        sound.rule.model_copy(update={"version": name, "in_force_from": begins, "in_force_until": ends})
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
    assert (rule.id, rule.version, str(rule.period)) == ("CONTRACT", "3", "36 hours")
    assert str(rule.citation) == "Contract, Annex 2, clause 7"
    assert rule.holds_on(date(2000, 1, 1))
