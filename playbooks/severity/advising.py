"""What the methods would advise on telling the authority (SA) and the people affected (DS), and why.

The score gives a first level; factors in the spirit of the EDPB's Guidelines 01/2021 and 9/2022 raise or
lower it. A lowering factor counts once it is established; a raising one leaves the advice open till then.
Where both hold neither has the last word: the advice is open, and the question is the person's.
This is not the legal test: articles 33 and 34 of the GDPR ask for the risk, and a named person decides.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from playbooks.facts import UNKNOWN, Facts
from playbooks.severity.enisa import MEANINGS, Band, EnisaGiven, band
from playbooks.severity.proposing import Proposal, holds, implied, propose, wanted
from playbooks.truth import Truth

Answer: TypeAlias = Literal["yes", "no", "unknown"]

DOCUMENT, AUTHORITY, PEOPLE = 0, 1, 2
"""Levels of advice: keep a record; also notify the authority; also tell the people."""
RISKS: Final = ("unlikely", "likely", "high")
"""The value of the fact `risk` that each level amounts to."""
NOT_THE_TEST: Final = "advice only: the law asks for the risk to people, and a named person decides"
FOR_THE_CLIENT: Final = (
    "as its processor we tell the client whatever the risk; this is about the client's own duties"
)
_BOTH_HOLD: Final = "what raises it and what lowers it both hold: weigh them, no method does"
_MANY: Final = "people_affected > 100"
_EXPOSED: Final = "not encrypted and (exfiltrated or acquired)"


@dataclass(frozen=True, slots=True)
class Factor:
    """A circumstance that overrides the score: it keeps the advice at `level` or above, or at it or below.

    One that ends the question keeps it at `level` whatever else holds.
    """

    name: str
    effect: Literal["raises", "lowers", "ends"]
    level: int
    when: str
    because: str


FACTORS: Final = (
    Factor(
        "no personal data",
        "ends",
        DOCUMENT,
        "not personal_data",
        "a breach of other data has no people at risk",
    ),
    Factor(
        "effective encryption",
        "lowers",
        DOCUMENT,
        "encrypted and not integrity_lost and (not availability_lost or (restorable and not outage_harm))",
        "nobody can read it, the key is safe, and nobody went without",
    ),
    Factor(
        "trusted recipient",
        "lowers",
        DOCUMENT,
        "recipient_trusted and data_returned and not malicious and not wrongful_purpose"
        " and not integrity_lost and not outage_harm",
        "the only recipient is bound by secrecy and confirmed in writing that nothing was kept",
    ),
    Factor(
        "insider misuse",
        "raises",
        AUTHORITY,
        'source_kind == "insider" and (malicious or wrongful_purpose)',
        "whoever took it meant to use it, and no safeguard stands between",
    ),
    Factor(
        "harm from unavailability",
        "raises",
        AUTHORITY,
        "availability_lost and outage_harm",
        "people went without what they depend on",
    ),
    Factor(
        "national identifiers",
        "raises",
        AUTHORITY,
        f'"government_id" in data_categories and {_EXPOSED}',
        "they cannot be changed and open other doors",
    ),
    Factor(
        "more than 100 people",
        "raises",
        AUTHORITY,
        f"{_MANY} and {_EXPOSED}",
        "among many somebody is likely to be harmed",
    ),
    Factor(
        "identities of many",
        "raises",
        PEOPLE,
        f'{_MANY} and (identity_fraud or "government_id" in data_categories) and {_EXPOSED}',
        "enough to pose as many people: they must be able to protect themselves",
    ),
)
"""The overriding factors, ours; their conditions are in the language of facts."""


@dataclass(frozen=True, slots=True)
class Advice:
    """What the methods would say; `score` on what is known, `score_at_most` if the rest turns out badly."""

    score: float
    band: Band
    score_at_most: float
    band_at_most: Band
    flags: tuple[str, ...]
    factors: tuple[str, ...]
    sa: Answer
    ds: Answer
    risk: str
    scored: tuple[str, ...]
    overriding: tuple[str, ...]
    unknown: tuple[str, ...]

    @property
    def why(self) -> tuple[str, ...]:
        """Every reason: the parts of the score, the factors, and what this is not."""
        return (*self.scored, *self.overriding, NOT_THE_TEST)


def advise(facts: Facts, given: EnisaGiven | None = None) -> Advice:
    """The advice on these facts, with what a person gave of the formula; pure."""
    known = implied(facts)
    proposal = propose(known, given)
    found = [(factor, holds(factor.when, known)) for factor in FACTORS]
    least, most = _levels(proposal, found)
    return Advice(
        score=proposal.least,
        band=band(proposal.least),
        score_at_most=proposal.most,
        band_at_most=band(proposal.most),
        flags=_flags(known),
        factors=tuple(factor.name for factor, truth in found if truth is True),
        sa=_answer(least >= AUTHORITY, most >= AUTHORITY),
        ds=_answer(least >= PEOPLE, most >= PEOPLE),
        risk=RISKS[least] if least == most else "unknown",
        scored=_scored(proposal),
        overriding=_overriding(found, known, least, most),
        unknown=_unknown(proposal, found, known, least, most),
    )


def level_of(score: float) -> int:
    """The level a score alone suggests: the authority from 2, the people from 3; lines of ours, no law's."""
    return DOCUMENT if score < 2 else AUTHORITY if score < 3 else PEOPLE


def _levels(proposal: Proposal, found: list[tuple[Factor, Truth]]) -> tuple[int, int]:
    """The least and the most to advise: what lowers beats the score, and never what raises or may."""
    if ended := _those(found, "ends", True):
        return ended[0].level, ended[0].level
    lowered = min((factor.level for factor in _those(found, "lowers", True)), default=PEOPLE)
    raised = max((factor.level for factor in _those(found, "raises", True)), default=DOCUMENT)
    may_raise = max((factor.level for factor in _those(found, "raises", True, UNKNOWN)), default=DOCUMENT)
    least, most = level_of(proposal.least), level_of(proposal.most)
    return min(max(least, raised), lowered), max(min(most, lowered), may_raise)


def _those(found: list[tuple[Factor, Truth]], effect: str, *truths: Truth) -> list[Factor]:
    return [factor for factor, truth in found if factor.effect == effect and truth in truths]


def _opposed(found: list[tuple[Factor, Truth]], least: int, most: int) -> bool:
    """Whether the advice is open because what raises it and what lowers it both hold."""
    return least < most and bool(_those(found, "raises", True) and _those(found, "lowers", True))


def _answer(least: bool, most: bool) -> Answer:
    if least == most:
        return "yes" if least else "no"
    return "unknown"


def _flags(known: Facts) -> tuple[str, ...]:
    flags = {"more than 100 people": _MANY, "data unreadable to others": "encrypted"}
    return tuple(flag for flag, condition in flags.items() if holds(condition, known) is True)


def _scored(proposal: Proposal) -> tuple[str, ...]:
    score, most = proposal.least, proposal.most
    text = f"SE {score:.2f}, {band(score)}: {MEANINGS[band(score)]}"
    if most > score:
        text += f"; up to {most:.2f}, {band(most)}, while facts are missing"
    return (*(str(one) for one in proposal.estimates), text)


def _overriding(found: list[tuple[Factor, Truth]], known: Facts, least: int, most: int) -> tuple[str, ...]:
    """What the factors do, then what those would do that are open and still matter."""
    lines = [
        f"{factor.name} {factor.effect} it: {factor.because}" for factor, truth in found if truth is True
    ]
    if _opposed(found, least, most):
        lines.append(_BOTH_HOLD)
    raising = _those(found, "raises", UNKNOWN)
    if raising and least < most:
        lines.append(f"if so, what raises it: {_names(raising)}")
    lowering = _those(found, "ends", UNKNOWN) + _those(found, "lowers", UNKNOWN)
    if lowering and most > DOCUMENT:
        lines.append(f"once established, what lowers it: {_names(lowering)}")
    if known.get("our_role") == "processor":
        lines.append(FOR_THE_CLIENT)
    return tuple(lines)


def _names(factors: list[Factor]) -> str:
    return ", ".join(factor.name for factor in factors)


def _unknown(
    proposal: Proposal, found: list[tuple[Factor, Truth]], known: Facts, least: int, most: int
) -> tuple[str, ...]:
    """What would narrow the score or settle the advice, in the words of facts and of ENISA's parts."""
    open_factors = [factor for factor, truth in found if truth is UNKNOWN and least < most]
    names = [name for factor in open_factors for name in wanted(factor.when, known)]
    if any(_MANY in factor.when for factor in open_factors) and holds(_MANY, known) is UNKNOWN:
        names.append("people_affected")
    if _opposed(found, least, most):
        names.append("risk")
    return tuple(dict.fromkeys((*proposal.wants, *names)))
