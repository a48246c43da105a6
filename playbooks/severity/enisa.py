"""ENISA's severity formula, SE = DPC x EI + CB (working document on breach severity, December 2013).

DPC: what the data is, 1 to 4. EI: how easily a person is identified, 0.25 to 1. CB: what happened, added.
The paper predates the GDPR and is not its test; the formula orders and explains, and a person decides.
"""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Any, Final, Literal, TypeAlias

from pydantic import BeforeValidator, Field, model_validator

from playbooks.fact_types import Frozen

Category: TypeAlias = Literal["simple", "behavioural", "financial", "sensitive"]

BASES: Final = MappingProxyType({"simple": 1, "behavioural": 2, "financial": 3, "sensitive": 4})
"""The score a category of data starts from."""
STEPS: Final = MappingProxyType(
    {
        "simple": {
            1: "volume, or who the controller is, lets a profile or somebody's standing be inferred",
            2: "lets health, sex life, politics or religion be inferred",
            3: "critical for somebody's safety: minors, vulnerable or protected people",
        },
        "behavioural": {
            -1: "gives no real insight, or is easily public",
            1: "makes a profile of daily life",
            2: "makes a profile built on sensitive data",
        },
        "financial": {
            -2: "gives no insight: only that somebody is a customer",
            -1: "gives some insight, none of significance: a bare account number",
            1: "is complete enough for fraud, or for a detailed profile",
        },
        "sensitive": {
            -3: "gives no insight, or is public",
            -2: "allows general assumptions only",
            -1: "allows assumptions",
        },
    }
)
"""By how much a category is adjusted, and for which reason."""
EASE: Final = MappingProxyType({"negligible": 0.25, "limited": 0.5, "significant": 0.75, "maximum": 1.0})
"""How easily a person is identified from the data."""
CONFIDENTIALITY: Final = MappingProxyType(
    {"none_known": 0.0, "known_recipients": 0.25, "unknown_recipients": 0.5}
)
"""Exposed without a sign of use; to a known number of recipients; to an unknown number."""
INTEGRITY: Final = MappingProxyType({"unused": 0.0, "recoverable": 0.25, "unrecoverable": 0.5})
"""Altered and restored before use; altered and recoverable; altered and lost."""
AVAILABILITY: Final = MappingProxyType({"restorable": 0.0, "temporary": 0.25, "permanent": 0.5})
"""Easily restored; lost for a time and rebuilt; gone for good."""
INTENT: Final = MappingProxyType({"no": 0.0, "yes": 0.5})
"""Whether somebody meant harm."""

PARTS: Final = MappingProxyType(
    {
        "dpc": "kind of data (DPC)",
        "ei": "ease of identification (EI)",
        "confidentiality": "confidentiality",
        "integrity": "integrity",
        "availability": "availability",
        "malicious": "intent",
    }
)
"""The parts of the formula in their order, as people read them; the last four add up to CB."""


class Band(StrEnum):
    """What a score means for the people affected; each band begins at its lower bound, which it includes."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    VERY_HIGH = "very high"


MEANINGS: Final = MappingProxyType(
    {
        Band.LOW: "no inconvenience, or a few that are easily overcome",
        Band.MEDIUM: "significant inconvenience, overcome with some difficulty",
        Band.HIGH: "significant consequences, overcome with serious difficulty",
        Band.VERY_HIGH: "consequences that may be irreversible or not overcome",
    }
)


def _level(words: MappingProxyType[str, float]) -> Any:
    def read(given: Any) -> Any:
        if isinstance(given, bool):
            given = "yes" if given else "no"
        number = words.get(given) if isinstance(given, str) else given
        if number not in words.values():
            shown = ", ".join(f"{word} ({number:g})" for word, number in words.items())
            raise ValueError(f"one of: {shown}")
        return number

    return BeforeValidator(read)


Ease = Annotated[float, _level(EASE)]
Confidentiality = Annotated[float, _level(CONFIDENTIALITY)]
Integrity = Annotated[float, _level(INTEGRITY)]
Availability = Annotated[float, _level(AVAILABILITY)]
Intent = Annotated[float, _level(INTENT)]
Points = Annotated[int, Field(ge=1, le=4, strict=True)]


class DataPart(Frozen):
    """One category of the data, with the step it is adjusted by and why."""

    category: Category
    step: Annotated[int, Field(strict=True)] = 0
    why: Annotated[str, Field(max_length=200)] = ""

    @model_validator(mode="after")
    def _step_is_of_the_table(self) -> DataPart:
        known = STEPS[self.category]
        if self.step and self.step not in known:
            raise ValueError(f"{self.category} data is adjusted by one of: 0, {', '.join(map(str, known))}")
        return self

    @property
    def points(self) -> int:
        """The score of this category, 1 to 4."""
        return BASES[self.category] + self.step

    def __str__(self) -> str:
        step = f", {self.step:+d}: {STEPS[self.category][self.step]}" if self.step else ""
        return f"{self.category} data{step}" + (f" ({self.why})" if self.why else "")


class EnisaParts(Frozen):
    """Every part of the formula."""

    dpc: Points
    ei: Ease
    confidentiality: Confidentiality = 0.0
    integrity: Integrity = 0.0
    availability: Availability = 0.0
    malicious: Intent = 0.0


class EnisaGiven(Frozen):
    """What a person gives of the formula, in numbers or in the words of its tables; the rest is proposed."""

    dpc: Points | None = None
    data: Annotated[tuple[DataPart, ...], Field(min_length=1, max_length=20)] | None = None
    ei: Ease | None = None
    confidentiality: Confidentiality | None = None
    integrity: Integrity | None = None
    availability: Availability | None = None
    malicious: Intent | None = None

    @model_validator(mode="after")
    def _one_judgement_of_the_data(self) -> EnisaGiven:
        if self.dpc is not None and self.data is not None:
            raise ValueError("give `dpc`, or the categories in `data`, not both")
        return self


def severity(parts: EnisaParts) -> float:
    """The score, 0.25 to 6: what the data is, times the ease of identifying somebody, plus what happened."""
    happened = parts.confidentiality + parts.integrity + parts.availability + parts.malicious
    return parts.dpc * parts.ei + happened


def band(score: float) -> Band:
    """The band of a score."""
    if score < 2:
        return Band.LOW
    if score < 3:
        return Band.MEDIUM
    return Band.HIGH if score < 4 else Band.VERY_HIGH
