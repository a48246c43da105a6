"""The 18 cases of the EDPB's Guidelines 01/2021 against our advice, every difference with its explanation."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from playbooks.errors import FileFaults
from playbooks.fact_file import read_fact_file
from playbooks.severity.edpb import TABLE, advise_on, table_rows

FOLDER = Path(__file__).parents[3] / "docs" / "examples" / "edpb"
NOW = datetime(2026, 11, 21, tzinfo=UTC)
EXPECTED = {
    "01": ("no", "no"),
    "02": ("yes", "no"),
    "03": ("yes", "yes"),
    "04": ("yes", "yes"),
    "05": ("yes", "yes"),
    "06": ("no", "no"),
    "07": ("yes", "yes"),
    "08": ("yes", "no"),
    "09": ("no", "no"),
    "10": ("no", "no"),
    "11": ("yes", "yes"),
    "12": ("yes", "yes"),
    "13": ("no", "no"),
    "14": ("yes", "yes"),
    "15": ("no", "no"),
    "16": ("yes", "no"),
    "17": ("yes", "yes"),
    "18": ("yes", "yes"),
}
"""Whether the guidelines want the authority notified, and the people told."""
ROWS = {row.case: row for row in table_rows(FOLDER)}


@pytest.mark.parametrize("case", EXPECTED)
def test_the_advice_on_a_case_is_what_the_guidelines_expect(case: str) -> None:
    file = FOLDER / f"{case}.yaml"
    found = advise_on(read_fact_file(file.read_bytes(), file.name, now=NOW))
    assert (found.sa, found.ds) == EXPECTED[case]


def test_the_table_expects_what_the_guidelines_do() -> None:
    assert {case: row.expected for case, row in ROWS.items()} == EXPECTED


def test_the_score_alone_misses_what_the_factors_are_for() -> None:
    wrong = {case for case, row in ROWS.items() if row.by_score != row.expected}
    assert wrong == {"02", "08", "09", "10", "11", "14"}


def test_without_a_judgement_the_facts_alone_go_wrong_three_times_and_only_towards_telling() -> None:
    wrong = {case: row.by_facts for case, row in ROWS.items() if row.by_facts != row.expected}
    assert wrong == {"05": ("yes", "unknown"), "15": ("yes", "yes"), "16": ("yes", "yes")}


def test_every_difference_is_explained() -> None:
    assert {case for case, row in ROWS.items() if row.differs} == {
        case for case, row in ROWS.items() if row.explained
    }


def changed(folder: Path, name: str, old: str, new: str) -> Path:
    """A copy of the cases in which one line reads otherwise."""
    copy = Path(shutil.copytree(FOLDER, folder / "edpb"))
    text = (copy / name).read_text()
    assert old in text
    (copy / name).write_text(text.replace(old, new, 1))
    return copy


def test_a_disagreement_without_a_word_fails(tmp_path: Path) -> None:
    folder = changed(tmp_path, TABLE, "expected: {sa: no, ds: no}", "expected: {sa: yes, ds: no}")
    with pytest.raises(FileFaults, match="case 01 differs from the guidelines, and nothing says why"):
        table_rows(folder)


def test_a_disagreement_with_a_word_is_shown_as_one(tmp_path: Path) -> None:
    folder = changed(
        tmp_path,
        TABLE,
        "expected: {sa: no, ds: no}",
        "expected: {sa: yes, ds: no}\n    explained: the guidelines are stricter here",
    )
    row = table_rows(folder)[0]
    assert not row.agrees
    assert row.explained == "the guidelines are stricter here"


def test_advice_that_is_no_longer_the_one_written_down_fails(tmp_path: Path) -> None:
    folder = changed(tmp_path, "10.yaml", "encrypted: yes", "encrypted: no")
    with pytest.raises(FileFaults, match=r"expected\.yaml:\d+: case 10: the advice is 4\.5, yes, yes"):
        table_rows(folder)


def test_a_case_that_is_missing_or_not_in_the_table_fails(tmp_path: Path) -> None:
    folder = changed(tmp_path, "01.yaml", "at:", "at:")
    (folder / "01.yaml").rename(folder / "19.yaml")
    with pytest.raises(FileFaults) as failed:
        table_rows(folder)
    assert [fault.what for fault in failed.value.faults] == [
        "case 01 stands in the table or in a file alone",
        "case 19 stands in the table or in a file alone",
    ]


def test_a_folder_without_a_table_is_no_table(tmp_path: Path) -> None:
    with pytest.raises(FileFaults, match="no such table"):
        table_rows(tmp_path)
