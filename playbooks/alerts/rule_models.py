"""The rules of what becomes of an alert, as their files hold them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Annotated, Final, Literal, Self, TypeAlias

from pydantic import AfterValidator, model_validator
from pydantic import Field as Bound

from playbooks.alerts.attributes import BEFORE_THE_CHOICE, TERMS, By
from playbooks.alerts.matching import match_faults
from playbooks.alerts.view import Severity
from playbooks.condition_terms import Terms
from playbooks.conditions import joined
from playbooks.documents import as_validation_error
from playbooks.fact_types import Frozen
from playbooks.wording import Line, Period, Slug

Then = Literal["open", "candidate"]
"""What an alert becomes that joins nothing: an incident, or a candidate that a human judges."""

_LONGEST_WINDOW = timedelta(days=30)


def _sound(text: str, terms: Terms = TERMS) -> str:
    faults = match_faults(text, terms)
    if faults:
        raise as_validation_error(joined(faults))
    return text


def _sound_before_the_choice(text: str) -> str:
    return _sound(text, BEFORE_THE_CHOICE)


def _short(window: timedelta) -> timedelta:
    if window > _LONGEST_WINDOW:
        raise ValueError("write a window of 30d at most")
    return window


def _is_true(off: bool) -> bool:
    if not off:
        raise ValueError("write true, or leave the key out")
    return off


def _one_star(text: str) -> str:
    if "*" in text.strip("*") or text in ("*", "**") or (text.startswith("*") and text.endswith("*")):
        raise ValueError("write a value, or its beginning and then *, or * and then its end")
    return text


When = Annotated[str, AfterValidator(_sound)]
"""A condition over alerts."""
WhenUnplaced = Annotated[str, AfterValidator(_sound_before_the_choice)]
"""A condition over alerts whose playbook is not chosen yet."""
Window = Annotated[Period, AfterValidator(_short)]
"""A span from one minute to 30 days."""
Value = Annotated[Line, Bound(max_length=200), AfterValidator(_one_star)]
"""A value without case; `*` at its beginning or end stands for anything."""


class Switched(Frozen):
    """A rule of an earlier folder that is taken out."""

    id: Slug
    off: Annotated[bool, AfterValidator(_is_true)]
    why: Line | None = None


class CorrelationRule(Frozen):
    """Which alerts belong together, for how long, and from how many on they are an incident."""

    id: Slug
    by: Annotated[tuple[By, ...], Bound(min_length=1, max_length=4)]
    when: When | None = None
    window: Window
    threshold: Annotated[int, Bound(ge=1, le=10_000)] = 1
    then: Then = "open"
    except_: Annotated[tuple[Value, ...], Bound(alias="except", max_length=500)] = ()
    """Values that say nothing of what belongs together: an account that every machine has."""
    why: Line


class SeverityChange(Frozen):
    """How a rule moves the severity that the tool gave."""

    at_least: Severity | None = None
    is_: Annotated[Severity | None, Bound(alias="is")] = None

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.at_least is None) == (self.is_ is None):
            raise ValueError("a severity is either `at_least` or `is`; write one of them")
        return self


class PlaybookRule(Frozen):
    """Which playbook an alert opens."""

    id: Slug
    when: WhenUnplaced
    playbook: Slug
    severity: SeverityChange | None = None
    why: Line


class SeverityRule(Frozen):
    """What moves the severity of an alert, whichever playbook it opens."""

    id: Slug
    when: WhenUnplaced
    severity: SeverityChange
    why: Line


Rule: TypeAlias = CorrelationRule | PlaybookRule | SeverityRule
Section: TypeAlias = Literal["correlation", "playbooks", "severity"]
MODELS: Final[Mapping[Section, type[Rule]]] = MappingProxyType(
    {"correlation": CorrelationRule, "playbooks": PlaybookRule, "severity": SeverityRule}
)
"""The lists that a file of alert rules may hold, and what stands in each."""
