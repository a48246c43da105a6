"""What the methods would advise on telling the authority (SA) and the people affected (DS), and why.

The score gives a first level; factors in the spirit of the EDPB's Guidelines 01/2021 and 9/2022 raise or
lower it. A lowering factor counts once it is established; a raising one leaves the advice open till then.
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
_EXPOSED: Final = "not encrypted and (exfiltrated or acquired)"


@dataclass(frozen=True, slots=True)
class Factor:
    """A circumstance that overrides the score: it keeps the advice at `level` or above, or at it or below."""

    name: str
    effect: Literal["raises", "lowers"]
    level: int
    when: str
    because: str


FACTORS: Final = (
    Factor(
        "no personal data",
        "lowers",
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
        "recipient_trusted and data_returned and not malicious and not integrity_lost and not outage_harm",
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
        f"people_affected > 100 and {_EXPOSED}",
        "among many somebody is likely to be harmed",
    ),
    Factor(
        "identities of many",
        "raises",
        PEOPLE,
        f'people_affected > 100 and (identity_fraud or "government_id" in data_categories) and {_EXPOSED}',
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
    least = _level(proposal.least, found, doubtful=False)
    most = _level(proposal.most, found, doubtful=True)
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
        unknown=_unknown(proposal, found, known, settled=least == most),
    )


def level_of(score: float) -> int:
    """The level a score alone suggests: the authority from 2, the people from 3; lines of ours, no law's."""
    return DOCUMENT if score < 2 else AUTHORITY if score < 3 else PEOPLE


def _level(score: float, found: list[tuple[Factor, Truth]], *, doubtful: bool) -> int:
    """The level of a score and the factors that hold, or may where `doubtful`; lowering has the last word."""
    level = level_of(score)
    counts = (True, UNKNOWN) if doubtful else (True,)
    raising = [factor.level for factor, truth in found if factor.effect == "raises" and truth in counts]
    lowering = [factor.level for factor, truth in found if factor.effect == "lowers" and truth is True]
    return min([max([level, *raising]), *lowering])


def _answer(least: bool, most: bool) -> Answer:
    if least == most:
        return "yes" if least else "no"
    return "unknown"


def _flags(known: Facts) -> tuple[str, ...]:
    flags = {"more than 100 people": "people_affected > 100", "data unreadable to others": "encrypted"}
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
    matters = {"lowers": most > DOCUMENT, "raises": least < most}
    for effect, condition in (("raises", "if so"), ("lowers", "once established")):
        names = [one.name for one, truth in found if truth is UNKNOWN and one.effect == effect]
        if names and matters[effect]:
            lines.append(f"{condition}, what {effect} it: {', '.join(names)}")
    if known.get("our_role") == "processor":
        lines.append(FOR_THE_CLIENT)
    return tuple(lines)


def _unknown(
    proposal: Proposal, found: list[tuple[Factor, Truth]], known: Facts, *, settled: bool
) -> tuple[str, ...]:
    """What would narrow the score or settle the advice, in the words of facts and of ENISA's parts."""
    open_factors = (factor for factor, truth in found if truth is UNKNOWN)
    names = [] if settled else [name for factor in open_factors for name in wanted(factor.when, known)]
    return tuple(dict.fromkeys((*proposal.wants, *names)))
