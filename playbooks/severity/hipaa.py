"""HIPAA's four factors (45 CFR 164.402, "breach", paragraph 2) as a structured record, without a number.

An impermissible use or disclosure of unsecured health information is presumed a breach. Only a person's
conclusion that the probability of compromise is low, resting on all four factors, rebuts the presumption;
the burden of proof is the entity's (164.414), and the record is kept for six years (164.530(j)).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final, Literal, TypeAlias

from pydantic import BeforeValidator, Field, StrictBool, model_validator

from playbooks.clocks import NO_FACTS
from playbooks.documents import as_validation_error
from playbooks.errors import FactFault
from playbooks.fact_parsing import parse_value
from playbooks.fact_types import FactSpec, Frozen
from playbooks.facts import Facts
from playbooks.severity.proposing import holds, implied

Finding: TypeAlias = Literal["low", "medium", "high", "unknown"]
Words = Annotated[str, Field(max_length=1_000)]

FACTORS: Final = {
    "nature": "nature and extent of the information, identifiers and likelihood of re-identification (i)",
    "recipient": "who used it or to whom it was disclosed without permission (ii)",
    "acquired": "whether it was actually acquired or viewed (iii)",
    "mitigation": "how far the risk was mitigated (iv)",
}
"""What the rule wants weighed at least, by our name for it."""
_AT: Final = FactSpec(name="at", type="instant", label="When was it concluded?")
_ENTITIES: Final = frozenset({"hipaa_covered_entity", "hipaa_business_associate"})
EXCEPTIONS: Final = {
    "good_faith_access": "access in good faith by the workforce, within its authority (1)(i)",
    "inadvertent_disclosure": "inadvertent disclosure between authorised persons of one entity (1)(ii)",
    "not_retained": "the recipient could not have retained it (1)(iii)",
}
"""What is no breach at all; looked at first."""


_PROPOSALS: Final[tuple[tuple[str, str, Finding, str], ...]] = (
    (
        "nature",
        '"health" in data_categories and "contact" in data_categories',
        "high",
        "health data with names",
    ),
    ("nature", '"government_id" in data_categories', "high", "identity numbers"),
    ("recipient", "malicious", "high", "whoever has it meant harm, or may have"),
    ("recipient", "recipient_trusted", "low", "the recipient is bound by confidentiality"),
    ("acquired", "acquired", "high", "the data was acquired"),
    ("acquired", "not acquired", "low", "the data was not acquired"),
    ("mitigation", "data_returned", "low", "returned or deleted, with written confirmation"),
    ("mitigation", "not data_returned", "high", "neither returned nor deleted with confirmation"),
)


def _yes_no(given: Any) -> Any:
    return {"yes": True, "no": False}.get(given, given) if isinstance(given, str) else given


def _instant(given: Any) -> Any:
    try:
        return parse_value(_AT, given)
    except FactFault as fault:
        raise as_validation_error(fault) from fault


YesNo = Annotated[StrictBool, BeforeValidator(_yes_no)]


class Factor(Frozen):
    """One factor: the probability of compromise that it speaks for, and the evidence for that."""

    finding: Finding = "unknown"
    evidence: Words = ""

    @model_validator(mode="after")
    def _rests_on_evidence(self) -> Factor:
        if self.finding != "unknown" and not self.evidence.strip():
            raise ValueError("a finding needs its `evidence`")
        return self


class NotABreach(Frozen):
    """Whether an exception holds, and the evidence for that."""

    holds: YesNo
    evidence: Annotated[str, Field(min_length=1, max_length=1_000)]


class Conclusion(Frozen):
    """What a person concluded, who and when; nothing here is ever concluded by a program."""

    low_probability: YesNo
    by: Annotated[str, Field(min_length=1, max_length=120)]
    at: Annotated[datetime, BeforeValidator(_instant)]
    reasons: Annotated[str, Field(min_length=1, max_length=2_000)]


class HipaaRecord(Frozen):
    """The assessment as it stands: exceptions, the four factors, and a person's conclusion if any."""

    secured: YesNo | None = Field(default=None, description="encrypted or destroyed as HHS guidance says")
    good_faith_access: NotABreach | None = None
    inadvertent_disclosure: NotABreach | None = None
    not_retained: NotABreach | None = None
    nature: Factor = Factor()
    recipient: Factor = Factor()
    acquired: Factor = Factor()
    mitigation: Factor = Factor()
    conclusion: Conclusion | None = None


@dataclass(frozen=True, slots=True)
class HipaaOutcome:
    """Whether a breach is presumed, which factors are open, what was concluded, and why."""

    presumed: bool
    open: tuple[str, ...]
    concluded: bool | None
    why: tuple[str, ...]


def weigh(record: HipaaRecord, facts: Facts = NO_FACTS) -> HipaaOutcome:
    """The outcome of a record: the presumption stands unless an exception or a full record rebuts it.

    Where a person found nothing the facts may speak for a finding; it stays unknown until a person agrees.
    """
    concluded = record.conclusion.low_probability if record.conclusion else None
    if record.secured:
        why = ("the information was secured as HHS guidance says: no breach of unsecured information",)
        return HipaaOutcome(presumed=False, open=(), concluded=concluded, why=why)
    if excepted := _excepted(record):
        return HipaaOutcome(presumed=False, open=(), concluded=concluded, why=tuple(excepted))
    spoken = _spoken_for(facts)
    lines = [f"{text}: {_found(getattr(record, name), spoken.get(name))}" for name, text in FACTORS.items()]
    unknown = tuple(name for name in FACTORS if getattr(record, name).finding == "unknown")
    rebutted = concluded is True and not unknown
    return HipaaOutcome(not rebutted, unknown, concluded, (*lines, *_ending(record, unknown)))


def concerned(facts: Facts) -> bool:
    """Whether we or the client stand under HIPAA, as far as is stated."""
    stated = (facts.get(name) for name in ("our_status", "client_status"))
    return any(isinstance(one, frozenset) and one & _ENTITIES for one in stated)


def _spoken_for(facts: Facts) -> dict[str, str]:
    """What the stated facts say of each factor."""
    known, found = implied(facts), dict[str, str]()
    for name, condition, finding, evidence in _PROPOSALS:
        if name not in found and holds(condition, known) is True:
            found[name] = f"the facts speak for {finding}, {evidence}"
    return found


def _excepted(record: HipaaRecord) -> list[str]:
    given = {name: getattr(record, name) for name in EXCEPTIONS}
    return [f"{EXCEPTIONS[name]}: {one.evidence}" for name, one in given.items() if one and one.holds]


def _found(factor: Factor, spoken: str | None) -> str:
    if factor.finding != "unknown":
        return f"{factor.finding}, {factor.evidence}"
    return f"unknown; {spoken}" if spoken else "unknown"


def _ending(record: HipaaRecord, unknown: tuple[str, ...]) -> list[str]:
    concluded = record.conclusion
    if unknown:
        lines = [f"a breach is presumed while a factor is unknown: {', '.join(unknown)}"]
        return [*lines, "the conclusion given rests on an incomplete record"] if concluded else lines
    if concluded is None:
        return ["a breach is presumed until a person concludes otherwise; there is no number that does"]
    who = f"{concluded.by} concluded on {concluded.at:%Y-%m-%d}"
    if not concluded.low_probability:
        return [f"{who} that a low probability of compromise is not shown: {concluded.reasons}"]
    return [f"{who} that the probability of compromise is low: {concluded.reasons}"]
