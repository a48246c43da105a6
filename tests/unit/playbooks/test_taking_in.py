"""Playbooks that take in others or groups in ways nobody should: refused on their line, never dropped."""

from __future__ import annotations

from pathlib import Path

import pytest

from playbooks.documents import Document, read_document
from playbooks.errors import FileFaults
from playbooks.includes import Shelf
from playbooks.library import load_playbooks, read_playbook
from playbooks.models import Playbook

STEP = "      - {{id: {}, title: T, kind: manual, role: it, target: 1h, instructions: Do it.{}}}\n"
HEAD = "id: {0}\nversion: {1}\ntitle: T\nneutral_title: N\nkind: {0}\nphases:\n  - id: detect\n    steps:\n"
TAKES = "sub_playbooks:\n  - {playbook: other, prefix: o}\n"


def text(steps: str = "", more: str = "", name: str = "taker", version: str = '"1"') -> str:
    return HEAD.format(name, version) + (steps or STEP.format("look", "")) + more


def document(said: str, file: str) -> Document:
    return read_document(said, file)


def other(steps: str = "") -> Shelf:
    steps = steps or STEP.format("shut", "")
    lent = text(more=f"  - id: contain\n    steps:\n{steps}", name="other")
    return Shelf({}, {"other": document(lent, "other.yaml")})


def faults(said: str, shelf: Shelf) -> str:
    with pytest.raises(FileFaults) as refused:
        read_playbook(said, "taker.yaml", shelf)
    return "\n".join(str(fault) for fault in refused.value.faults)


def ids(playbook: Playbook) -> list[str]:
    return [step.id for step in playbook.steps]


@pytest.mark.parametrize("said", ["other", "{playbook: other, prefix: o}", ""])
def test_what_is_taken_in_without_a_list_is_refused_and_not_left_out(said: str) -> None:
    found = faults(text(more=f"sub_playbooks: {said}\n"), other())
    assert "taker.yaml:10: `sub_playbooks` is a list" in found


@pytest.mark.parametrize(
    ("own", "line"),
    [
        ("", "taker.yaml:9: `id`"),
        ("  - contain\n", "taker.yaml:10: item 2 of `phases`"),
        ("  - id: contain\n    steps: none\n", "taker.yaml:11: `steps` is no list"),
        ("  - id: [contain]\n    steps: []\n", "taker.yaml:10: `id`"),
    ],
)
def test_a_taker_out_of_shape_is_refused_on_its_line(own: str, line: str) -> None:
    steps = STEP.format("look" if own else "[look]", "")
    assert line in faults(text(steps, own + TAKES), other())


def test_a_lender_out_of_shape_is_named() -> None:
    found = faults(text(more=TAKES), other(STEP.format("shut", ", after: [[look]]")))
    assert "taker.yaml:11: `other` has faults of its own" in found


def test_more_playbooks_than_anybody_needs_are_refused_before_they_are_read() -> None:
    many = "".join(f"  - {{playbook: other, prefix: p{number}}}\n" for number in range(11))
    assert "more than 10 playbooks" in faults(text(more=f"sub_playbooks:\n{many}"), other())


def test_what_is_left_out_must_be_there() -> None:
    said = text(more="sub_playbooks:\n  - {playbook: other, prefix: o, without: [shot]}\n")
    assert "`other` has no step `shot` - did you mean `shut`?" in faults(said, other())


def test_a_reaction_to_the_unknown_belongs_to_a_condition() -> None:
    said = text(more="sub_playbooks:\n  - {playbook: other, prefix: o, if_unknown: open}\n")
    assert "`if_unknown` belongs to a `when`" in faults(said, other())


def test_an_action_whose_answer_stays_behind_is_refused() -> None:
    action = (
        "      - {id: rebuild, title: T, kind: automated, role: it, target: 1h, instructions: Do it.,\n"
        "         action: reconstruct_access, arguments: {step: name-accounts}}\n"
    )
    shelf = other(STEP.format("name-accounts", "") + action)
    assert read_playbook(text(more=TAKES), "f", shelf).step("o-rebuild").arguments == {
        "step": "o-name-accounts"
    }
    left = text(more="sub_playbooks:\n  - {playbook: other, prefix: o, without: [name-accounts]}\n")
    assert "`o-rebuild` reads the answer of `name-accounts`" in faults(left, shelf)


def test_no_step_is_lost_where_many_groups_lend_one_step_each() -> None:
    every = [f"s{number}" for number in range(30)]
    group = "group: many\ntitle: Many\nphases: [detect]\nsteps:\n"
    group += "".join(STEP.format(name, "") for name in every).replace("      -", "  -")
    takes = [
        f"      - {{include: many, without: [{', '.join(one for one in every if one != name)}]}}\n"
        for name in every
    ]
    shelf = Shelf({"many": document(group, "many.yaml")})
    assert ids(read_playbook(text("".join(takes)), "f", shelf)) == every


@pytest.mark.parametrize("own", ["personal_data", "personal_data) or (personal_data"])
def test_no_parenthesis_reaches_out_of_its_own_condition(own: str) -> None:
    group = "group: one\ntitle: One\nphases: [detect]\nsteps:\n"
    group += STEP.format("look", f", when: '{own}', if_unknown: open").replace("      -", "  -")
    given = "personal_data" if ")" in own else "personal_data) or (personal_data"
    said = text(f"      - {{include: one, when: '{given}'}}\n")
    assert "unmatched ')'" in faults(said, Shelf({"one": document(group, "one.yaml")}))


@pytest.mark.parametrize("version", ['"' + "9" * 5_000 + '"', '"٣"', '"1.2.3.4"'])
def test_a_version_that_nobody_can_compare_is_refused(tmp_path: Path, version: str) -> None:
    (tmp_path / "taker.yaml").write_text(text(version=version), "utf-8")
    with pytest.raises(FileFaults, match=r"write it as 1, 1\.2 or 1\.2\.3"):
        load_playbooks([tmp_path])


def test_of_a_playbook_taken_in_the_newest_version_counts_that_nobody_revoked(tmp_path: Path) -> None:
    for file, version, step, more in (
        ("a", '"1.10"', "ten", ""),
        ("b", '"1.9"', "nine", ""),
        ("c", '"2"', "two", "revoked: It misled us.\n"),
    ):
        lent = f"  - id: contain\n    steps:\n{STEP.format(step, '')}"
        (tmp_path / f"{file}.yaml").write_text(text(more=lent + more, name="other", version=version), "utf-8")
    (tmp_path / "taker.yaml").write_text(text(more=TAKES), "utf-8")
    assert ids(load_playbooks([tmp_path])["taker"]) == ["look", "o-ten"]
