"""The watch's files: the example is sound, every fault has its line and its mend."""

from __future__ import annotations

from pathlib import Path

import pytest

from flows.access_watch.book import read_book

PLACE = "  - {place: a, networks: [192.0.2.0/24], latitude: 1, longitude: 1}\n"
EXAMPLE = Path(__file__).parents[3] / "docs" / "examples" / "access-watch"


def faults(folder: Path, text: str, *logs: str) -> list[str]:
    (folder / "watch.yaml").write_text(text)
    return [str(one).partition("watch.yaml:")[2] for one in read_book([folder], logs)[1]]


def test_the_example_is_sound() -> None:
    book, found = read_book([EXAMPLE])
    assert not found
    assert len({rule.kind for rule in book.rules}) == 7
    person = book.person("AGENT-7")
    assert person is not None
    assert book.zone_of(person) == "Europe/Warsaw"
    assert book.zone_of(book.person("nobody")) == "Europe/Warsaw"  # of the settings


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("rules: [{id: a, kind: bulk}]", "1: item 1 of `rules`: name `records`, `bytes` or both"),
        (
            "rules:\n  - {id: a, kind: bulk, records: 5, within: 2d}",
            "2: `within`: a stretch is at most a day",
        ),
        ("rules:\n  - {id: a, kind: guess}", "2: "),
        ("rules:\n  - {id: a, kind: leaver}\n  - {id: a, kind: leaver}", "3: a second rule `a`"),
        ("people:\n  - {accounts: [a]}\n  - {accounts: [b, A]}", "3: a second person with the account `a`"),
        ("people:\n  - {accounts: [a], roster: day}", "2: no roster `day`"),
        ("people:\n  - {accounts: [a], exempt: [x]}", "2: no rule `x`"),
        (
            "rules: [{id: a, kind: bulk, by: [client], bytes: 1}]\npeople:\n  - {accounts: [a], exempt: [a]}",
            "3: `a` counts all accounts of a client together: nobody is exempt from it",
        ),
        ("people:\n  - {accounts: [a], days_off: [2026-13-01]}", "2: item 1 of `days_off` cannot be that"),
        (
            "people:\n  - {accounts: [a], days_off: [2026-01-02..2026-01-01]}",
            "2: item 1 of `days_off`: the last day comes after",
        ),
        ("people:\n  - {accounts: [a], zone: Europe/Warszawa}", "2: unknown time zone"),
        ("settings: {usual_roster: x}", "1: no roster `x`"),
        (
            "networks:\n  - {place: a, networks: [192.0.2.1/24], latitude: 1, longitude: 1}",
            "2: item 1 of `networks` cannot be that",
        ),
        (
            f"networks:\n{PLACE}{PLACE}",
            "3: a second place with the network `192.0.2.0/24`",
        ),
    ],
)
def test_every_fault_has_its_line(tmp_path: Path, text: str, expected: str) -> None:
    (found,) = faults(tmp_path, text)
    assert found.startswith(expected)
    assert " - " in found


def test_a_rule_for_a_log_that_nobody_described_is_a_fault(tmp_path: Path) -> None:
    assert faults(tmp_path, "rules: [{id: a, kind: leaver, logs: [crm]}]", "mail") == [
        "1: no log `crm` - use one of mail"
    ]


def test_settings_stand_once_over_all_folders(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "settings.yaml").write_text("settings: {late: 2d}\n")
    (fault,) = read_book([tmp_path / "one", tmp_path / "two"])[1]
    assert fault.what == "a second `settings`"
