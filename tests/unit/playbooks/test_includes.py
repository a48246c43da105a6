"""Step groups and sub-playbooks taken in: what comes out, and every fault with its file and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from playbooks.documents import read_document
from playbooks.errors import FileFaults
from playbooks.includes import Shelf
from playbooks.library import load_playbooks, read_playbook
from playbooks.models import Playbook

GROUP = """\
group: look-closely
title: Look closely
phases: [detect]
parameters:
  at:
    help: what is looked at
  how:
    help: how
    default: with care
steps:
  - id: look
    title: Look
    kind: manual
    role: it
    target: 1h
    instructions: Look at ${at} ${how}.
    do_not: [Do not touch it.]
    fields:
      - {fact: personal_data, required: true}
  - id: write
    title: Write
    kind: manual
    role: it
    target: 1h
    when: personal_data
    if_unknown: open
    after: [look]
    instructions: Write it down.
"""
HEAD = """\
id: taker
version: "1"
title: T
neutral_title: T
kind: taker
phases:
"""
TAKER = (
    HEAD
    + """\
  - id: detect
    steps:
      - include: look-closely
        with: {at: the door}
"""
)
LENT = """\
id: lent
version: "1"
title: T
neutral_title: T
kind: lent
phases:
  - id: detect
    steps:
      - include: look-closely
        with: {at: the window}
  - id: contain
    steps:
      - {id: shut, title: Shut, kind: manual, role: it, target: 1h, instructions: Shut it., after: [look]}
      - {id: bar, title: Bar, kind: manual, role: it, target: 1h, instructions: Bar it., after: [shut]}
  - id: recover
    steps:
      - {id: open, title: Open, kind: manual, role: it, target: 1h, instructions: Open it.,
         when: personal_data, if_unknown: open}
"""


def shelf(group: str = GROUP, **playbooks: str) -> Shelf:
    return Shelf(
        {"look-closely": read_document(group, "groups/look-closely.yaml")},
        {name: read_document(text, f"{name}.yaml") for name, text in playbooks.items()},
    )


def taken(text: str, on: Shelf | None = None) -> Playbook:
    return read_playbook(text, "taker.yaml", on or shelf())


def faults(text: str, on: Shelf | None = None) -> list[str]:
    with pytest.raises(FileFaults) as error:
        taken(text, on)
    return [str(fault) for fault in error.value.faults]


class TestGroups:
    def test_a_group_is_taken_in_with_its_parameters(self) -> None:
        playbook = taken(TAKER)
        assert [step.id for step in playbook.steps] == ["look", "write"]
        assert playbook.step("look").instructions == "Look at the door with care."

    def test_what_is_put_in_is_not_read_again(self) -> None:
        playbook = taken(TAKER.replace("the door", "'${how} {{ 7*7 }}'"))
        assert playbook.step("look").instructions == "Look at ${how} {{ 7*7 }} with care."

    def test_steps_are_left_out_changed_and_added_to(self) -> None:
        more = """\
        without: [write]
        change: {look: {target: 2h}}
        add: {look: {do_not: [Do not wait.]}}
        when: exfiltrated
        if_unknown: open
"""
        look = taken(TAKER + more).step("look")
        assert (look.target.total_seconds(), look.do_not) == (7200, ("Do not touch it.", "Do not wait."))
        assert look.when == "exfiltrated"

    def test_a_condition_of_the_include_is_joined_with_the_step_s_own(self) -> None:
        playbook = taken(TAKER + "        when: exfiltrated or encrypted\n        if_unknown: open\n")
        assert playbook.step("write").when == "(exfiltrated or encrypted) and (personal_data)"

    @pytest.mark.parametrize(
        ("old", "new", "fault"),
        [
            ("look-closely", "look-closly", "taker.yaml:9: no step group is called `look-closly`"),
            ("with: {at: the door}", "with: {}", "taker.yaml:9: group `look-closely` wants `at`"),
            ("at: the door", "at: the door, on: x",
             "taker.yaml:10: `on` is no parameter of group `look-closely`"),
            ("id: detect", "id: contain", "taker.yaml:9: group `look-closely` does not belong into contain"),
            ("with: {at: the door}", "with: {at: x}\n        without: [lok]",
             "taker.yaml:11: group `look-closely` has no step `lok`"),
            ("with: {at: the door}", "with: {at: x}\n        change: {lok: {target: 1h}}",
             "taker.yaml:11: group `look-closely` has no step `lok`"),
            ("with: {at: the door}", "with: {at: x}\n        wen: personal_data",
             "taker.yaml:11: `wen` is not a key here"),
            ("with: {at: the door}", "with: {at: x}\n        when: personal_dat",
             "taker.yaml:11: column 1: `personal_dat` is not a fact"),
            ("with: {at: the door}", "with: {at: x}\n        change: {look: {target: soon}}",
             "taker.yaml:11: "),
        ],
    )  # fmt: skip
    def test_a_fault_of_an_include_stands_where_the_include_stands(
        self, old: str, new: str, fault: str
    ) -> None:
        found = faults(TAKER.replace(old, new, 1))
        assert any(one.startswith(fault) for one in found), found

    def test_a_fault_of_a_group_stands_in_the_group_s_file(self) -> None:
        found = faults(TAKER, shelf(GROUP.replace("target: 1h", "target: soon", 1)))
        assert [one.split(": ")[0] for one in found] == ["groups/look-closely.yaml:15"]

    def test_a_group_may_use_only_parameters_that_it_declares(self) -> None:
        found = faults(TAKER, shelf(GROUP.replace("${how}", "${why}")))
        (fault,) = found
        assert fault.startswith("groups/look-closely.yaml:16: `${why}` is no parameter of this group")

    def test_parameters_that_blow_each_other_up_are_refused(self) -> None:
        bomb = GROUP.replace("Look at ${at} ${how}.", "${at}" * 900)
        found = faults(TAKER.replace("the door", "x" * 3900), shelf(bomb))
        assert any("`instructions`" in one for one in found), found

    def test_no_playbook_holds_more_steps_than_anybody_can_take(self) -> None:
        found = faults(
            HEAD + "  - id: detect\n    steps:\n" + "      - {include: look-closely, with: {at: x}}\n" * 101
        )
        assert any("more than 200 steps" in one for one in found), found


class TestSubPlaybooks:
    SUB = TAKER + "sub_playbooks:\n  - {playbook: lent, prefix: l}\n"

    def test_its_steps_come_under_a_prefix_in_their_phases(self) -> None:
        playbook = taken(self.SUB, shelf(lent=LENT))
        told = {phase.id: [step.id for step in phase.steps] for phase in playbook.phases}
        assert told == {"detect": ["look", "write"], "contain": ["l-shut", "l-bar"], "recover": ["l-open"]}
        assert playbook.step("l-bar").after == ("l-shut",)
        assert playbook.step("l-shut").after == ("look",), "the same step of the same group is not done twice"

    def test_a_condition_of_the_taking_is_joined_with_those_of_its_steps(self) -> None:
        text = self.SUB.replace("prefix: l}", "prefix: l, when: exfiltrated, if_unknown: open}")
        playbook = taken(text, shelf(lent=LENT))
        assert playbook.step("l-shut").when == "exfiltrated"
        assert playbook.step("l-open").when == "(exfiltrated) and (personal_data)"
        assert playbook.if_unknown("l-open") == "open"

    @pytest.mark.parametrize(
        ("text", "lent", "fault"),
        [
            (SUB, LENT + "sub_playbooks:\n  - {playbook: taker, prefix: t}\n",
             "lent.yaml:20: playbooks take each other in: taker -> lent -> taker"),
            (SUB.replace("playbook: lent", "playbook: lend"), LENT,
             "taker.yaml:12: no playbook is called `lend`"),
            (SUB.replace("prefix: l}", "prefix: l, phases: [notify]}"), LENT, "taker.yaml:12: "),
            (SUB.replace("prefix: l}", "prefix: l, when: exfiltrate}"), LENT,
             "taker.yaml:12: column 1: `exfiltrate` is not a fact"),
            (SUB, LENT.replace("target: 1h, instructions: Bar", "target: 1x, instructions: Bar"),
             "lent.yaml:14: "),
        ],
    )  # fmt: skip
    def test_what_is_wrong_is_told_where_it_stands(self, text: str, lent: str, fault: str) -> None:
        found = faults(text, shelf(lent=lent, taker=text))
        assert any(one.startswith(fault) for one in found), found

    def test_three_levels_are_one_too_many(self) -> None:
        def taking(name: str, other: str) -> str:
            text = LENT.replace("id: lent", f"id: {name}")
            return text + f"sub_playbooks:\n  - {{playbook: {other}, prefix: x}}\n"

        on = shelf(lent=taking("lent", "third"), third=taking("third", "last"), last=LENT)
        assert any(
            "more than 2 levels: taker -> lent -> third -> last" in one for one in faults(self.SUB, on)
        )


class TestFolders:
    def folder(self, root: Path, name: str, **files: str) -> Path:
        folder = root / name
        (folder / "groups").mkdir(parents=True)
        for file, text in files.items():
            (folder / f"{file.replace('__', '/')}.yaml").write_text(text, "utf-8")
        return folder

    def test_an_organisation_s_own_group_replaces_one_of_that_name(self, tmp_path: Path) -> None:
        first = self.folder(tmp_path, "first", **{"groups__look-closely": GROUP, "taker": TAKER})
        later = self.folder(
            tmp_path, "later", **{"groups__look-closely": GROUP.replace("with care", "twice")}
        )
        assert load_playbooks([first])["taker"].step("look").instructions == "Look at the door with care."
        assert load_playbooks([first, later])["taker"].step("look").instructions == "Look at the door twice."

    def test_versions_stand_side_by_side_and_the_newest_is_the_current_one(self, tmp_path: Path) -> None:
        ten = TAKER.replace('"1"', '"1.10"')
        folder = self.folder(
            tmp_path, "f", **{"groups__look-closely": GROUP, "a": ten, "b": TAKER.replace('"1"', '"1.9"')}
        )
        library = load_playbooks([folder])
        assert library["taker"].version == "1.10"
        assert library.versions("taker") == ("taker@1.9", "taker@1.10")
        assert library.named("taker@1.9").version == "1.9"

    def test_the_last_folder_says_which_version_is_current_even_an_older_one(self, tmp_path: Path) -> None:
        first = self.folder(
            tmp_path, "a", **{"groups__look-closely": GROUP, "t": TAKER.replace('"1"', '"2"')}
        )
        later = self.folder(tmp_path, "b", t=TAKER)
        library = load_playbooks([first, later])
        assert (library["taker"].version, library.named("taker@2").version) == ("1", "2")
