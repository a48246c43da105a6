"""What a rule of law or a term of contract says: data, read from `playbooks/law/*.yaml` or a client's file.

One shape carries both. A duty keeps its id for ever, and a changed text is a new version beside the old one,
because the law in force when the clock started decides.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from difflib import get_close_matches
from functools import lru_cache
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from playbooks.documents import as_validation_error
from playbooks.errors import Mend
from playbooks.vocabulary import CONTENT, RECIPIENTS, ROLES, STAGES

Status = Literal["in_force", "not_in_force", "proposed", "repealed"]
Kind = Literal["notify", "assess", "record", "assist", "relief", "voluntary", "variant"]
"""notify, assess: a duty with a clock. record, assist: a duty without one. relief: what suspends or extends
another. voluntary: may be told. variant: a special case that another rule's counting already covers."""
Counting = Literal[
    "hours_elapsed",
    "days_excl",
    "days_incl",
    "days_after_year_end",
    "date_next_year",
    "bdays_excl",
    "bdays_sec",
    "month_same_time",
    "dora_initial",
    "dora_hours",
    "dora_month",
    "business_hours",
    "asap",
]
"""How the number shown is counted."""
ReadingMethod = Literal[
    "hours_1182",
    "hours_1182_touch",
    "hours_1182_full",
    "month_1182",
    "hours_elapsed",
    "days_excl",
    "days_incl",
    "days_excl_rolled",
    "days_incl_rolled",
    "bdays_excl",
]
"""How another reading of the same period is counted."""
Text = Annotated[str, Field(min_length=1, max_length=200)]
SUBMITTED = re.compile(r"submitted\(([A-Za-z0-9][A-Za-z0-9._-]*)\)")
"""An event of another duty: the instant at which it was met."""

_UNITS: dict[str, tuple[str, ...]] = {
    "hours": ("hours_elapsed", "dora_initial", "dora_hours", "business_hours"),
    "days": ("days_excl", "days_incl", "days_after_year_end"),
    "business_days": ("bdays_excl", "bdays_sec"),
    "months": ("month_same_time", "dora_month"),
}


def _wrong(what: str, mend: str) -> PydanticCustomError:
    return as_validation_error(Mend(what, mend=mend))


def _one_of(known: Iterable[str]) -> AfterValidator:
    words = tuple(known)

    def check(value: str) -> str:
        if value not in words:
            near = get_close_matches(value, words, n=1)
            guess = f"did you mean {near[0]}? One of: " if near else "one of: "
            raise _wrong(f"`{value}` is not in the vocabulary", f"{guess}{', '.join(words)}")
        return value

    return AfterValidator(check)


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Citation(_Frozen):
    """Where the duty is written."""

    act: Annotated[str, Field(min_length=1, max_length=120)]
    locator: str = Field(default="", max_length=70)
    link: str = Field(default="", max_length=300)
    checked_on: date | None = None

    def __str__(self) -> str:
        """The act and the place in it."""
        return f"{self.act}, {self.locator}" if self.locator else self.act


class Period(_Frozen):
    """How long: a number and its unit."""

    value: float = Field(ge=0, le=24 * 366)
    unit: Literal["hours", "days", "business_days", "months"]

    def __str__(self) -> str:
        """As people say it: 72 hours, 1 month."""
        unit = self.unit.replace("_", " ")
        return f"{self.value:g} {unit.removesuffix('s') if self.value == 1 else unit}"


class Reading(_Frozen):
    """Another way to count the same period, with what speaks for or against it."""

    method: ReadingMethod
    value: float | None = Field(default=None, gt=0, description="instead of the period's own number")
    calendar: str = Field(default="", max_length=32, description="instead of the place's own")
    name: str = Field(default="", max_length=60, description="how it is called where several stand together")
    note: str = Field(default="", max_length=300)


class BusinessHours(_Frozen):
    """When a contract's hours run: weekdays (0 Monday), from and to on the local clock of a zone."""

    days: tuple[Annotated[int, Field(ge=0, le=6)], ...] = (0, 1, 2, 3, 4)
    opens: Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")] = "09:00"
    closes: Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")] = "17:00"
    place: Annotated[str, Field(max_length=16)] = ""

    @model_validator(mode="after")
    def _opens_first(self) -> BusinessHours:
        if not self.days or self.opens >= self.closes:
            what = "business hours need a weekday, and open before they close"
            raise _wrong(what, "name a day in `days`, and let `opens` come before `closes`")
        return self


class Rule(_Frozen):
    """A duty to tell somebody: who, whom, by when, counted how, on what authority."""

    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=64)]
    version: Annotated[str, Field(pattern=r"^[0-9A-Za-z.-]+$", max_length=16)]
    title: Text
    source: Literal["law", "contract"] = "law"
    kind: Kind = "notify"
    stub: bool = Field(default=False, description="from memory, to be confirmed before anyone relies on it")
    status: Status
    in_force_from: date | None = None
    in_force_until: date | None = Field(default=None, description="the first day it no longer holds")
    jurisdiction: Annotated[str, Field(min_length=2, max_length=16)]
    citation: Citation
    evidence: Annotated[str, Field(pattern=r"^[PSM](/[PSM])*-[HML]$")]
    reviewer: str | None = Field(default=None, max_length=120)
    obliged_role: Annotated[str, _one_of(ROLES)]
    recipient: Annotated[str, _one_of(RECIPIENTS)]
    authority: str = Field(
        default="", max_length=80, description="who that is by name; empty where it hangs on the place"
    )
    per: Literal["case", "incident"] = Field(
        default="case", description="once for each client's case, or once for us"
    )
    stage: Annotated[str, _one_of(STAGES)] = "initial"
    starts: Annotated[
        tuple[Annotated[str, Field(min_length=1, max_length=90)], ...], Field(min_length=1, max_length=3)
    ]
    period: Period | None = None
    qualifier: str = Field(default="", max_length=160)
    counting: Counting
    legal: Reading | None = None
    contested: tuple[Reading, ...] = ()
    place: Annotated[str, Field(max_length=16)] = Field(
        default="", description="whose zone and calendar count; empty: the authority's"
    )
    calendar: str = Field(default="", max_length=32, description="business days; empty: the place's own")
    policy_hours: float | None = Field(
        default=None, gt=0, le=24 * 366, description="a target; policy, not law"
    )
    when: Annotated[str, Field(min_length=1, max_length=600)]
    exemptions: tuple[Annotated[str, Field(min_length=1, max_length=300)], ...] = ()
    content: tuple[Annotated[str, _one_of(CONTENT)], ...] = ()
    follow_up: str | None = Field(
        default=None, description="the rule for what is still missing at the first notice"
    )
    counts: Literal["sent", "accepted"] = Field(
        default="accepted",
        description="which instant of a notice meets it; proof that it was accepted is needed for both",
    )
    met_by: str | None = Field(default=None, description="the fact whose instant meets the duty")
    imputed: bool = Field(
        default=False, description="our awareness is the client's: its clock starts with ours"
    )
    lawful_delay: str | None = Field(
        default=None, max_length=200, description="what may lawfully delay it, with the place in the act"
    )
    lateness_requires: str | None = Field(default=None, max_length=200)
    penalty: str | None = Field(default=None, max_length=200)
    notes: tuple[Annotated[str, Field(min_length=1, max_length=400)], ...] = ()
    window: BusinessHours | None = None

    @field_validator("starts", mode="before")
    @classmethod
    def _one_start(cls, given: Any) -> Any:
        return (given,) if isinstance(given, str) else given

    @property
    def key(self) -> str:
        """Identity of this text of the rule: id and version."""
        return f"{self.id}@{self.version}"

    @property
    def addressee(self) -> str:
        """Whom one notice reaches: telling the client is one act under every law, authorities are apart."""
        if self.recipient in ("client_controller", "register"):
            return ""
        return self.authority or self.jurisdiction

    @property
    def has_clock(self) -> bool:
        """Whether it is a duty that is owed by an instant."""
        return self.kind in ("notify", "assess")

    @property
    def limbs(self) -> tuple[tuple[str, ...], ...]:
        """The events that start it: every limb is needed, of the names within one the first that is known."""
        return _limbs(self.starts)

    @property
    def depends_on(self) -> tuple[str, ...]:
        """The rules whose meeting starts this one."""
        return tuple(found[1] for limb in self.starts for found in SUBMITTED.finditer(limb))

    def holds_on(self, day: date) -> bool:
        """Whether this version is law on that day; the dates decide, and a mere proposal never is."""
        if self.status == "proposed" or (self.in_force_from is None and self.source == "law"):
            return False
        begun = self.in_force_from is None or self.in_force_from <= day
        return begun and (self.in_force_until is None or day < self.in_force_until)

    @model_validator(mode="after")
    def _period_fits_counting(self) -> Rule:
        name = self.counting
        if name in ("asap", "date_next_year"):
            if self.period is not None and name == "asap":
                raise _wrong("counting asap has no `period`", "a target of ours goes into `policy_hours`")
            if self.legal is not None:
                raise _wrong(f"counting {name} has no number, so no `legal` reading either", "remove `legal`")
            return self
        if self.period is None:
            raise _wrong(f"counting {name} needs a `period`", "add `period: {value: 72, unit: hours}`")
        unit = next(unit for unit, counted in _UNITS.items() if name in counted)
        if self.period.unit != unit:
            what = f"counting {name} does not count {self.period.unit.replace('_', ' ')}"
            raise _wrong(what, f"write `unit: {unit}`, or another counting")
        if self.policy_hours is not None:
            raise _wrong("a rule with a `period` needs no policy target", "remove `policy_hours`")
        if name == "business_hours" and self.window is None:
            mend = "add `window: {opens: '09:00', closes: '17:00'}`"
            raise _wrong("counting business_hours needs a `window`", mend)
        return self

    @model_validator(mode="after")
    def _dates_fit_status(self) -> Rule:
        if self.status == "proposed" and self.in_force_from is not None:
            raise _wrong("a proposed rule has no date of force", "remove `in_force_from`")
        if (
            self.status in ("in_force", "not_in_force")
            and self.in_force_from is None
            and self.source == "law"
        ):
            what = f"a rule {self.status.replace('_', ' ')} needs `in_force_from`"
            raise _wrong(what, "add the day it begins to hold, such as 2026-11-20")
        if self.status == "repealed" and self.in_force_until is None:
            raise _wrong(
                "a repealed rule needs `in_force_until`", "add the first day on which it no longer holds"
            )
        if self.in_force_from and self.in_force_until and self.in_force_until <= self.in_force_from:
            raise _wrong("`in_force_until` must be after `in_force_from`", "correct one of the two")
        return self


@lru_cache(maxsize=1024)
def _limbs(starts: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(limb.split("|")) for limb in starts)


@lru_cache(maxsize=1024)
def submitted_rule(event: str) -> str | None:
    """The rule whose meeting an event is, None for an instant that facts hold."""
    found = SUBMITTED.fullmatch(event)
    return found[1] if found else None
