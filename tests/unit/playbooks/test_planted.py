"""Each file of `planted/` has one fault, which its header names with its line: it is caught, and no other."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import get_args

import pytest

from flows.checking import check_one
from flows.settings import Settings
from flows.trusting import Trust
from playbooks.documents import read_document
from playbooks.errors import Fault, FileFaults
from playbooks.folders import documents_in
from playbooks.includes import Shelf
from playbooks.library import Library, read_whole
from playbooks.validity import PlaybookPolicy
from playbooks.wording import Role

PLANTED = Path(__file__).parent / "planted"
FILES = sorted(PLANTED.glob("*.yaml"))
TODAY = date(2026, 11, 21)
STRICT = PlaybookPolicy(expired="refuse")
EXPECTED = re.compile(r"^# Expect (fault|warning) on line (\d+)(?: of (\S+))?: (.+)$", re.MULTILINE)
STAFF = re.compile(r"^# Staff: (.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Expected:
    """What a file's header says will be found in it."""

    weight: str
    file: str
    line: int
    words: str

    def is_met_by(self, weight: str, found: Fault) -> bool:
        """Tell whether this is what was found."""
        place = (Path(found.file).name, found.line)
        return (
            weight == self.weight
            and place == (self.file, self.line)
            and self.words in f"{found.what} - {found.mend}"
        )


def expected_of(file: Path) -> list[Expected]:
    return [
        Expected(weight, other or file.name, int(line), words)
        for weight, line, other, words in EXPECTED.findall(file.read_text())
    ]


def staff_of(text: str) -> Mapping[str, frozenset[str]]:
    """Two for each role, but those that the header names otherwise."""
    people = {role: frozenset({f"{role}-1", f"{role}-2"}) for role in get_args(Role)}
    for said in STAFF.findall(text):
        for of_role in said.split(", "):
            role, *names = of_role.split()
            people[role] = frozenset(names) - {"nobody"}
    return people


def shelf_with(file: Path) -> Shelf:
    """What stands beside the planted file, and the file itself, so that playbooks can take each other in."""
    groups, _ = documents_in(PLANTED / "beside" / "groups")
    playbooks, _ = documents_in(PLANTED / "beside")
    found = {str(document.data["id"]): document for document in playbooks}
    with suppress(FileFaults):
        found["planted"] = read_document(file.read_bytes(), str(file))
    return Shelf({Path(document.file).stem: document for document in groups}, found)


def found_in(file: Path) -> list[tuple[str, Fault]]:
    """Every fault and warning of a file, as `playbook check` finds them."""
    try:
        playbook, document = read_whole(file.read_bytes(), str(file), shelf_with(file))
    except FileFaults as error:
        return [("fault", fault) for fault in error.faults]
    library = Library({playbook.id: (playbook,)}, {playbook.ref: playbook}, {playbook.ref: document})
    trust = Trust(replace(Settings.from_env({}), playbook_policy=STRICT), library)
    checked = check_one(trust, playbook, TODAY, staff_of(file.read_text()))
    return [("fault", one) for one in checked.faults] + [("warning", one) for one in checked.warnings]


def test_there_are_faults_of_every_kind_to_catch() -> None:
    assert len(FILES) > 70
    assert all(expected_of(file) for file in FILES)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_planted_fault_is_caught_on_its_line_and_nothing_else_is_found(file: Path) -> None:
    expected, found = expected_of(file), found_in(file)
    told = "\n".join(f"{weight}: {fault}" for weight, fault in found)
    for one in expected:
        assert any(one.is_met_by(weight, fault) for weight, fault in found), (
            f"not caught: {one}\nfound:\n{told}"
        )
    for weight, fault in found:
        assert any(one.is_met_by(weight, fault) for one in expected), f"found besides:\n{weight}: {fault}"
        assert fault.mend
