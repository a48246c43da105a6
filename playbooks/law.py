"""What a rule of law or a term of contract says: data, read from `playbooks/law/*.yaml` or a client's file.

One shape carries both. Issue by issue it grows fields; a duty keeps its id for ever, and a changed text is
a new version beside the old one, because the law in force when the clock started decides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Status = Literal["in_force", "not_in_force", "proposed", "repealed"]
Counting = Literal["hours_elapsed", "asap"]
LegalCounting = Literal["hours_1182"]
Text = Annotated[str, Field(min_length=1, max_length=200)]


class Citation(BaseModel):
    """Where the duty is written."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    act: Annotated[str, Field(min_length=1, max_length=120)]
    locator: str = Field(default="", max_length=70)
    link: str = Field(default="", max_length=300)
    checked_on: date | None = None

    def __str__(self) -> str:
        """The act and the place in it."""
        return f"{self.act}, {self.locator}" if self.locator else self.act


class Rule(BaseModel):
    """A duty to tell somebody: who, whom, by when, counted how, on what authority."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=64)]
    version: Annotated[str, Field(pattern=r"^[0-9A-Za-z.-]+$", max_length=16)]
    title: Text
    source: Literal["law", "contract"] = "law"
    status: Status
    in_force_from: date | None = None
    in_force_until: date | None = Field(default=None, description="the first day it no longer holds")
    jurisdiction: Annotated[str, Field(min_length=2, max_length=16)]
    citation: Citation
    evidence: Annotated[str, Field(pattern=r"^[PSM](/[PSM])*-[HML]$")]
    reviewer: str | None = None
    obliged_role: Text
    recipient: Annotated[str, Field(min_length=1, max_length=32)]
    starts: Annotated[
        str, Field(min_length=1, max_length=32, description="the fact whose instant starts the clock")
    ]
    hours: float | None = Field(default=None, ge=0, le=24 * 366)
    qualifier: str = Field(default="", max_length=120)
    counting: Counting
    legal_counting: LegalCounting | None = None
    policy_hours: float | None = Field(
        default=None, gt=0, le=24 * 366, description="a target; policy, not law"
    )
    when: Text
    exemptions: tuple[Text, ...] = ()
    content: tuple[Text, ...] = ()
    follow_up: str | None = Field(
        default=None, description="the rule for what is still missing at the first notice"
    )
    lateness_requires: str | None = None
    penalty: str | None = Field(default=None, max_length=200)

    @property
    def key(self) -> str:
        """Identity of this text of the rule: id and version."""
        return f"{self.id}@{self.version}"

    def holds_on(self, day: date) -> bool:
        """Whether this version is law on that day; the dates decide, and a mere proposal never is."""
        if self.status == "proposed" or (self.in_force_from is None and self.source == "law"):
            return False
        begun = self.in_force_from is None or self.in_force_from <= day
        return begun and (self.in_force_until is None or day < self.in_force_until)

    @model_validator(mode="after")
    def _period_fits_counting(self) -> Rule:
        if self.counting == "hours_elapsed" and self.hours is None:
            raise ValueError("counting hours_elapsed needs `hours`")
        if self.counting == "asap" and self.hours is not None:
            raise ValueError("counting asap has no `hours`; a target of ours goes into `policy_hours`")
        if self.counting == "asap" and self.legal_counting is not None:
            raise ValueError("counting asap has no number, so no legal counting either")
        if self.counting == "hours_elapsed" and self.policy_hours is not None:
            raise ValueError("a rule with hours needs no policy target")
        return self

    @model_validator(mode="after")
    def _dates_fit_status(self) -> Rule:
        if self.status == "proposed" and self.in_force_from is not None:
            raise ValueError("a proposed rule has no date of force")
        if self.status == "in_force" and self.in_force_from is None and self.source == "law":
            raise ValueError("a rule in force needs `in_force_from`")
        if self.status == "repealed" and self.in_force_until is None:
            raise ValueError("a repealed rule needs `in_force_until`")
        if self.in_force_from and self.in_force_until and self.in_force_until <= self.in_force_from:
            raise ValueError("`in_force_until` must be after `in_force_from`")
        return self


@dataclass(frozen=True, slots=True)
class ContractTermView:
    """What one client's contract asks: tell us within `hours` of `starts`, when `when` holds."""

    client: str
    hours: float
    starts: str = "aware_at"
    citation: str = ""
    version: str = "1"
    when: str = 'our_role == "processor" and personal_data'


def contract_rule(term: ContractTermView) -> Rule:
    """The contract term in the shape of a rule, id `CONTRACT-<client ref>`."""
    return Rule(
        id=f"CONTRACT-{term.client}",
        version=term.version,
        title=f"Tell the client within {term.hours:g} hours, as its contract says",
        source="contract",
        status="in_force",
        jurisdiction="contract",
        citation=Citation(act="Contract", locator=term.citation),
        evidence="P-H",
        obliged_role="processor",
        recipient="client_controller",
        starts=term.starts,
        hours=term.hours,
        counting="hours_elapsed",
        when=term.when,
    )


def in_force(rules: Iterable[Rule], day_of: Callable[[Rule], date]) -> tuple[Rule, ...]:
    """Of each rule the version that holds on its day (that of its clock's start), the youngest of several."""
    found: dict[str, Rule] = {}
    for rule in sorted((rule for rule in rules if rule.holds_on(day_of(rule))), key=_age):
        found[rule.id] = rule
    return tuple(found[name] for name in sorted(found))


def _age(rule: Rule) -> tuple[date, str]:
    return rule.in_force_from or date.min, rule.version
