"""Loading playbooks: what is shipped, what an organisation adds, and every fault of a bad one."""

from __future__ import annotations

from pathlib import Path

import pytest

from playbooks.errors import FileFaults
from playbooks.library import SHIPPED_PLAYBOOKS, load_playbooks, read_playbook
from playbooks.models import Playbook

SMALL = """\
id: small
version: "1"
title: A small playbook
neutral_title: Check
kind: small
phases:
  - id: detect
    steps:
      - id: look
        title: Look
        kind: manual
        role: it
        target: 30m
        instructions: Look closely.
        fields:
          - fact: personal_data
            required: true
  - id: triage
    steps:
      - {id: sort, title: Sort, kind: manual, role: it, target: 1h, instructions: Sort., when: personal_data}
  - id: notify
    steps:
      - {id: tell, title: Tell, kind: notice, role: privacy, target: 2d, instructions: Tell., per: case,
         recipient: client, template: notice-client}
"""


def faults_of(text: str) -> list[str]:
    with pytest.raises(FileFaults) as error:
        read_playbook(text, "p.yaml")
    return [str(fault) for fault in error.value.faults]


def changed(old: str, new: str) -> list[str]:
    assert old in SMALL
    return faults_of(SMALL.replace(old, new, 1))


def test_a_sound_playbook_is_read() -> None:
    playbook = read_playbook(SMALL, "p.yaml")
    assert [step.id for step in playbook.steps] == ["look", "sort", "tell"]
    assert playbook.phase_of("tell") == "notify"
    assert playbook.step("look").fields[0].label == "Is personal data affected?"
    assert [playbook.if_unknown(step) for step in ("sort", "tell")] == ["wait", "open"]


def test_a_pinned_plan_comes_back_the_same() -> None:
    for playbook in [*load_playbooks().values(), read_playbook(SMALL, "p.yaml")]:
        again = Playbook.from_pinned(playbook.pinned())
        assert again == playbook
        assert again.pinned() == playbook.pinned()


def test_a_pinned_plan_outlives_a_change_of_the_dictionary() -> None:
    pinned = read_playbook(SMALL, "p.yaml").pinned()
    retired = pinned.replace("personal_data", "data_of_people")
    assert Playbook.from_pinned(retired).step("sort").when == "data_of_people"
    with pytest.raises(ValueError, match="not a fact"):
        Playbook.model_validate_json(retired)


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("title: Look\n", "titel: Look\n", "p.yaml:10: `titel` is not a key here"),
        ("        role: it\n", "", "p.yaml:9: `role` is missing"),
        (
            "target: 30m",
            "target: soon",
            "p.yaml:13: `target` cannot be that: `soon` - write a time such as 30m, 4h or 2d",
        ),
        ("target: 30m", "target: 999999d", "p.yaml:13: `target`"),
        (
            "fact: personal_data",
            "fact: personal_date",
            "p.yaml:16: `personal_date` is not a fact of the dictionary",
        ),
        ("fact: personal_data", "{id: code, type: text, label: Code}", "p.yaml:"),
        ("kind: manual", "kind: automated", "an automated step, and no other, names an `action`"),
        ("when: personal_data", "when: personal_date", "did you mean `personal_data`?"),
        (
            "when: personal_data",
            "when: exfiltrated",
            "waits for `exfiltrated`, and no step asks for it in time",
        ),
        ("when: personal_data", "if_unknown: open", "`if_unknown` belongs to a `when`"),
        ("id: sort", "id: look", "p.yaml:20: step `look` stands here twice, first on line 9"),
        ("when: personal_data", "after: [lok]", "p.yaml:20: no step is called `lok` - did you mean `look`?"),
        ("when: personal_data", "after: [tell]", "nothing but closing waits for a notice"),
        ("when: personal_data", "after: [sort]", "steps wait for each other: sort -> sort"),
        (
            "instructions: Look closely.",
            "after: [sort]\n        instructions: x",
            "steps wait for each other",
        ),
        ("id: triage", "id: detect", "phase `detect` stands here twice"),
        ("id: detect", "id: contain", "phase `triage` comes after `contain`"),
        (
            "id: detect",
            "id: before",
            "p.yaml:7: `id` is none of the words known here: `before` - one of: detect, triage",
        ),
        ("title: Look", 'title: "Look \\e[31m"', "holds a control or invisible character"),
        ("recipient: client,", "", "a notice, and no other step, names a `recipient` and a `template`"),
        ('version: "1"', "version: newest", "p.yaml:2: `version`"),
        ("id: small", "schema_version: 2\nid: small", "`schema_version`"),
    ],
)
def test_a_fault_is_told_with_its_line_and_mend(old: str, new: str, fault: str) -> None:
    assert any(fault in told for told in changed(old, new)), changed(old, new)


def test_all_faults_are_told_at_once_whatever_their_kind() -> None:
    bad = (
        SMALL.replace("target: 30m", "target: soon")
        .replace("when: personal_data", "when: nonsense(1), after: [lok]")
        .replace("per: case", "per: planet")
        .replace("title: A small playbook\n", "")
    )
    told = faults_of(bad)
    for part in ("`title` is missing", "`target`", "calls something", "no step is called `lok`", "`per`"):
        assert any(part in fault for fault in told), (part, told)
    assert told == sorted(told, key=lambda fault: int(fault.split(":")[1]))


@pytest.mark.parametrize(
    "text", ["", "[]", "phases: 3", "phases: [{steps: [1, {id: []}]}, 4]", "a", "phases: [[]]"]
)
def test_a_file_of_another_shape_is_refused_and_not_stumbled_over(text: str) -> None:
    assert faults_of(text)


def test_an_organisation_adds_playbooks_and_replaces_shipped_ones(tmp_path: Path) -> None:
    (tmp_path / "small.yaml").write_text(SMALL)
    shipped = (SHIPPED_PLAYBOOKS / "data-exfiltration.yaml").read_text()
    (tmp_path / "ours.yml").write_text(shipped.replace('version: "2"', 'version: "2.1"', 1))
    playbooks = load_playbooks([tmp_path])
    assert set(playbooks) == {*load_playbooks(), "small"}
    assert playbooks["data-exfiltration"].version == "2.1"


def test_the_faults_of_all_files_are_told_together(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(SMALL.replace("target: 30m", "target: soon"))
    (tmp_path / "b.yaml").write_text("a: [")
    (tmp_path / "c.yaml").write_text(SMALL)
    (tmp_path / "d.yaml").write_text(SMALL)
    (tmp_path / "e.yaml").mkdir()
    with pytest.raises(FileFaults) as error:
        load_playbooks([tmp_path, tmp_path / "nowhere"])
    told = {(Path(fault.file).name, fault.what.split(":")[0]) for fault in error.value.faults}
    assert told == {
        ("a.yaml", "`target` cannot be that"),
        ("b.yaml", "not YAML"),
        ("d.yaml", "playbook `small@1` stands in c.yaml too"),
        ("e.yaml", "not a plain file"),
        ("nowhere", "no such folder"),
    }


def test_a_step_that_waits_for_a_fact_asked_only_behind_it_is_refused() -> None:
    later = SMALL.replace("instructions: Sort.", "instructions: Sort., fields: [{fact: contained}]").replace(
        "when: personal_data", "when: contained"
    )
    behind = SMALL.replace(
        "        fields:\n          - fact: personal_data\n            required: true\n", ""
    ).replace("template: notice-client}", "template: notice-client, fields: [{fact: personal_data}]}")
    for text, fact in [(later, "contained"), (behind, "personal_data")]:
        assert f"`sort` waits for `{fact}`, and no step asks for it in time" in faults_of(text)[0]


def test_a_giant_in_the_folder_is_refused_and_not_cut_to_what_fits(tmp_path: Path) -> None:
    (tmp_path / "giant.yaml").write_text(SMALL + "# " + "x" * 1_000_000)
    with pytest.raises(FileFaults, match="larger than 1 MB"):
        load_playbooks([tmp_path])
