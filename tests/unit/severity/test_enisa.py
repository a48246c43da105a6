from __future__ import annotations

import pytest
from pydantic import ValidationError

from playbooks.severity.enisa import Band, DataPart, EnisaGiven, EnisaParts, band, severity

NUMERIC = {
    "T1": ((3, 0.75, 0.25, 0, 0, 0), 2.50, "medium"),
    "T2": ((4, 1, 0.5, 0.25, 0.25, 0.5), 5.50, "very high"),
    "T3": ((1, 0.25, 0, 0, 0, 0), 0.25, "low"),
    "T4": ((4, 1, 0.5, 0.5, 0.5, 0.5), 6.00, "very high"),
    "T5": ((2, 1, 0, 0, 0, 0), 2.00, "medium"),
    "T6": ((3, 1, 0, 0, 0, 0), 3.00, "high"),
    "T7": ((4, 1, 0, 0, 0, 0), 4.00, "very high"),
    "T8": ((1, 1, 0.25, 0, 0, 0.5), 1.75, "low"),
    "T9": ((4, 0.75, 0, 0, 0.25, 0.5), 3.75, "high"),
    "T10": ((1, 1, 0.25, 0, 0, 0), 1.25, "low"),
}
"""DPC, EI, then confidentiality, integrity, availability, malice; the score and its band."""
NAMES = ("dpc", "ei", "confidentiality", "integrity", "availability", "malicious")


@pytest.mark.parametrize("name", NUMERIC)
def test_the_formula_gives_the_score_and_the_band(name: str) -> None:
    numbers, score, expected = NUMERIC[name]
    parts = EnisaParts(**dict(zip(NAMES, numbers, strict=True)))
    assert severity(parts) == score
    assert band(score) == expected


@pytest.mark.parametrize(
    ("score", "expected"),
    [
        (0.25, Band.LOW),
        (1.75, Band.LOW),
        (2.0, Band.MEDIUM),
        (2.75, Band.MEDIUM),
        (3.0, Band.HIGH),
        (3.75, Band.HIGH),
        (4.0, Band.VERY_HIGH),
        (6.0, Band.VERY_HIGH),
    ],
)
def test_a_band_includes_its_lower_bound(score: float, expected: Band) -> None:
    assert band(score) is expected


@pytest.mark.parametrize(
    ("category", "step", "points"),
    [
        ("simple", 0, 1),
        ("simple", 3, 4),
        ("behavioural", -1, 1),
        ("behavioural", 2, 4),
        ("financial", -2, 1),
        ("financial", 1, 4),
        ("sensitive", -3, 1),
        ("sensitive", 0, 4),
    ],
)
def test_a_category_runs_from_its_base_by_its_steps_within_one_and_four(
    category: str, step: int, points: int
) -> None:
    assert DataPart.model_validate({"category": category, "step": step}).points == points


@pytest.mark.parametrize(
    ("category", "step"),
    [
        ("simple", -1),
        ("simple", 4),
        ("behavioural", 3),
        ("financial", 2),
        ("sensitive", 1),
        ("sensitive", -4),
    ],
)
def test_a_step_that_the_table_does_not_have_is_refused(category: str, step: int) -> None:
    with pytest.raises(ValidationError, match="adjusted by one of"):
        DataPart.model_validate({"category": category, "step": step})


def test_a_part_is_given_as_a_number_or_in_the_word_of_its_table() -> None:
    words = EnisaGiven.model_validate(
        {
            "ei": "significant",
            "confidentiality": "known_recipients",
            "availability": "temporary",
            "malicious": "yes",
        }
    )
    numbers = EnisaGiven(ei=0.75, confidentiality=0.25, availability=0.25, malicious=0.5)
    assert words == numbers
    assert EnisaGiven.model_validate({"malicious": True}).malicious == 0.5


@pytest.mark.parametrize(
    "wrong",
    [
        {"dpc": 5},
        {"dpc": 0},
        {"dpc": True},
        {"dpc": 2.5},
        {"ei": 0.3},
        {"ei": 0},
        {"ei": [1]},
        {"confidentiality": 1},
        {"malicious": 0.25},
        {"availability": "gone"},
        {"recipients": 3},
        {"dpc": 3, "data": [{"category": "simple"}]},
        {"data": []},
    ],
)
def test_a_number_outside_its_table_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        EnisaGiven.model_validate(wrong)


def test_a_wrong_part_is_told_what_it_can_be() -> None:
    with pytest.raises(ValidationError, match=r"negligible \(0.25\), limited \(0.5\)"):
        EnisaGiven.model_validate({"ei": "some"})
