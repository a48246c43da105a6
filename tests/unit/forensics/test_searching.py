"""Which observables the words of an answer name: each number of a run, and nothing passed over in silence."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from flows.forensics.searching import _observables
from store.tables import Observable

AT = datetime(2026, 3, 2, tzinfo=UTC)
ROWS = [
    Observable(incident_id=1, number=n, kind="account", value=f"a{n}", digest="", origin="", added_at=AT)
    for n in range(1, 10)
]
BESIDE = "words beside the numbers of the accounts were passed over"


@pytest.mark.parametrize(
    ("given", "numbers", "findings"),
    [
        ("1, O3 and 4", "134", []),
        ("O2-O5", "2345", []),
        ("5 \u2013 2; 9.", "23459", []),
        ("2 to 4", "234", []),
        ("1-99999999", "1", [BESIDE]),
        ("all but 3", "3", [BESIDE]),
        ("everybody", "", ["no account was named by its number: nothing was read"]),
    ],
)
def test_numbers_and_runs_of_them(given: str, numbers: str, findings: list[str]) -> None:
    told: list[str] = []
    found = _observables(ROWS, given, told)
    assert [value for _, value in found or ()] == [f"a{n}" for n in numbers]
    assert told == findings


def test_a_run_without_end_names_what_there_is_and_no_more_findings_than_a_few() -> None:
    told: list[str] = []
    found = _observables(ROWS, "1-999999", told)
    assert len(found or ()) == 9
    assert len(told) == 1
