"""What a client file says of a contract: within how many hours, when they run, which way, with what. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches
from types import MappingProxyType
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import AfterValidator, BeforeValidator, Field, StrictBool, ValidationInfo, field_validator

from playbooks.documents import as_validation_error
from playbooks.errors import Mend
from playbooks.fact_types import Frozen
from playbooks.facts import DICTIONARY
from playbooks.law import BusinessHours
from playbooks.places import place
from playbooks.vocabulary import CONTENT

Channel = Literal["email", "phone", "portal", "slack", "webhook"]
"""The ways by which somebody is told."""

STARTS: Mapping[str, str] = MappingProxyType(
    {"awareness": "aware_at", "suspicion": "detected_at", "confirmation": "client_confirmed_at"}
)
"""The words of contracts for the instant at which their hours start, and the fact each one means."""

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_TOLD = "client_told_at"
_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d", re.ASCII)
_WORD = re.compile(r"[a-z]+(?:_[a-z]+)*", re.ASCII)


def visible(text: str) -> str:
    """Return the line without blanks around it; ValueError where it shows nothing, or hides something."""
    if not text.strip() or not text.isprintable():
        raise ValueError("holds no visible text, or characters that cannot be seen")
    return text.strip()


def _visible_if_any(text: str) -> str:
    return visible(text) if text else text


def _visible_lines(text: str) -> str:
    if not all(line.isprintable() for line in text.split("\n")):
        raise ValueError("holds characters that cannot be seen")
    return text.strip()


def _start(name: str) -> str:
    fact = STARTS.get(name, name)
    known = sorted(spec.name for spec in DICTIONARY.values() if spec.type == "instant" and spec.name != _TOLD)
    if fact == _TOLD:
        raise as_validation_error(
            Mend("telling the client ends the clock and cannot start it", mend="use awareness")
        )
    if fact not in known:
        mend = f"use {', '.join(STARTS)}, or a fact: {', '.join(known)}"
        raise as_validation_error(Mend("no clock can start at this", mend=mend))
    return fact


def _known_place(code: str) -> str:
    try:
        return place(code).name if code else ""
    except Mend as fault:
        raise as_validation_error(fault) from fault


def _day(word: str) -> str:
    if word not in DAYS:
        raise as_validation_error(Mend("no day of the week", mend=f"use {', '.join(DAYS)}"))
    return word


def _clock(text: str) -> str:
    if not _CLOCK.fullmatch(text):
        raise as_validation_error(Mend("no time of day", mend="write it as 09:00, up to 23:59"))
    return text


def _word_or_line(text: str) -> str:
    """Check a word of the vocabulary; what is more than one small word is a line of the contract's own."""
    if _WORD.fullmatch(text) and text not in CONTENT:
        near = get_close_matches(text, CONTENT, n=1)
        mend = (
            f"did you mean `{near[0]}`?" if near else f"write several words, or one of {', '.join(CONTENT)}"
        )
        raise as_validation_error(Mend(f"`{text[:60]}` is no word for what a notice says", mend=mend))
    return text


def _none_if_false(given: Any) -> Any:
    if given is True:
        mend = "say which: days, opens, closes; leave it out where the hours always run"
        raise as_validation_error(Mend("`true` does not say when the hours run", mend=mend))
    return None if given is False else given


Line: TypeAlias = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(visible)]
Paragraph: TypeAlias = Annotated[str, Field(max_length=2_000), AfterValidator(_visible_lines)]
Hours = Annotated[float, Field(gt=0, le=24 * 366, allow_inf_nan=False, strict=True)]
PlaceCode = Annotated[str, AfterValidator(_known_place)]
Clock = Annotated[str, AfterValidator(_clock)]


class BusinessHoursEntry(Frozen):
    """The weekly hours in which a contract's hours run, on the local clock of `place`, or of the client's."""

    days: Annotated[tuple[Annotated[str, AfterValidator(_day)], ...], Field(min_length=1)]
    opens: Clock
    closes: Clock
    place: PlaceCode = ""

    @field_validator("closes")
    @classmethod
    def _after_it_opens(cls, closes: str, info: ValidationInfo) -> str:
        if closes <= info.data.get("opens", ""):
            raise as_validation_error(Mend("closes before it opens", mend="hours end on the day they begin"))
        return closes

    @property
    def window(self) -> BusinessHours:
        """The same in the shape of a rule."""
        days = tuple(number for number, word in enumerate(DAYS) if word in self.days)
        return BusinessHours(days=days, opens=self.opens, closes=self.closes, place=self.place)


class ContractEntry(Frozen):
    """What a contract says about telling the client: within `hours` of the instant that `starts` names.

    Without `hours` it says nothing of time, and the strictest default holds.
    """

    hours: Hours | None = None
    starts: Annotated[str, AfterValidator(_start)] = "aware_at"
    business_hours: Annotated[BusinessHoursEntry | None, BeforeValidator(_none_if_false)] = None
    channel: Channel | None = None
    content: Annotated[tuple[Annotated[Line, AfterValidator(_word_or_line)], ...], Field(max_length=50)] = ()
    approvals: Annotated[int, Field(ge=1, le=5, strict=True)] = 1
    """How many people, none of them its author, release a notice to this client."""
    counsel_review: StrictBool = False
    """Whether counsel reads a notice before it is put to those who release it."""
    acknowledge_hours: Annotated[float, Field(gt=0, le=24 * 14, strict=True)] | None = None
    """After how many hours of silence the next contact is told; ours where it says nothing."""
    audit_right: Paragraph = ""
    citation: Annotated[str, Field(max_length=70), AfterValidator(_visible_if_any)] = ""
    notes: Paragraph = ""

    @property
    def window(self) -> dict[str, Any]:
        """When its hours run, as the store keeps it; empty where they always run."""
        return self.business_hours.window.model_dump(mode="json") if self.business_hours else {}

    @property
    def terms(self) -> dict[str, Any]:
        """What is kept sealed beside the numbers."""
        return {
            "channel": self.channel or "",
            "content": list(self.content),
            "approvals": self.approvals,
            "counsel_review": self.counsel_review,
            "acknowledge_hours": self.acknowledge_hours,
            "audit_right": self.audit_right,
            "notes": self.notes,
        }
