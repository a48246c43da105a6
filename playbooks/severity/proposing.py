"""What the stated facts say about each part of ENISA's formula, from the least to the most they allow.

Nothing is guessed: where a fact is missing the part has two values, and names the fact that would settle it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from playbooks.conditions import compile_condition
from playbooks.facts import UNKNOWN, Facts, FactView
from playbooks.severity.enisa import (
    AVAILABILITY,
    BASES,
    CONFIDENTIALITY,
    EASE,
    INTEGRITY,
    INTENT,
    PARTS,
    DataPart,
    EnisaGiven,
    EnisaParts,
    severity,
)
from playbooks.truth import Truth

CATEGORIES: Final = MappingProxyType(
    {
        "contact": DataPart(category="simple"),
        "employment": DataPart(category="simple"),
        "government_id": DataPart(category="simple", step=1),
        "children": DataPart(category="simple", step=3),
        "older_people": DataPart(category="simple", step=3),
        "location": DataPart(category="behavioural"),
        "communications": DataPart(category="behavioural"),
        "financial": DataPart(category="financial"),
        "card": DataPart(category="financial", step=1),
        "health": DataPart(category="sensitive"),
        "biometric": DataPart(category="sensitive"),
        "special": DataPart(category="sensitive"),
        "secret": DataPart(category="sensitive"),
    }
)
"""How our categories of data score where nobody judged them closer.

Any other may score anything: so do credentials, which score as what they open.
"""
_MOST_POINTS: Final = max(BASES.values())
_NAMED: Final = '"contact" in data_categories or "government_id" in data_categories'
_INTENDED: Final = (
    'malicious or wrongful_purpose or ransomware or source_kind in ["external", "stolen_credential"]'
)
_CONTRADICTED: Final = "not malicious and (wrongful_purpose or ransomware)"
_EXPOSED: Final = "exfiltrated or acquired"


@dataclass(frozen=True, slots=True)
class Estimate:
    """One part of the formula: the least and the most it can be, why, and which facts would narrow it."""

    part: str
    least: float
    most: float
    why: str
    wants: tuple[str, ...] = ()

    @property
    def numbers(self) -> str:
        """Its value, or the range that it lies in."""
        return f"{self.least:g}" if self.least == self.most else f"{self.least:g} to {self.most:g}"

    def __str__(self) -> str:
        return f"{PARTS[self.part]} {self.numbers}: {self.why}"


@dataclass(frozen=True, slots=True)
class Proposal:
    """Every part of the formula as far as the facts go."""

    estimates: tuple[Estimate, ...]

    @property
    def least(self) -> float:
        """The score on what is known, whatever is unknown turning out harmless."""
        return severity(EnisaParts.model_validate({one.part: one.least for one in self.estimates}))

    @property
    def most(self) -> float:
        """The score where whatever is unknown turns out badly."""
        return severity(EnisaParts.model_validate({one.part: one.most for one in self.estimates}))

    @property
    def wants(self) -> tuple[str, ...]:
        """The facts that would narrow it."""
        return tuple(dict.fromkeys(name for one in self.estimates for name in one.wants))


def propose(facts: Facts, given: EnisaGiven | None = None) -> Proposal:
    """What the facts say of every part; a part that a person gave stands as given."""
    given, facts = given or EnisaGiven(), implied(facts)
    return Proposal(
        (
            _data(facts, given),
            _given("ei", given.ei, EASE) or _ease(facts),
            _given("confidentiality", given.confidentiality, CONFIDENTIALITY) or _confidentiality(facts),
            _given("integrity", given.integrity, INTEGRITY) or _integrity(facts),
            _given("availability", given.availability, AVAILABILITY) or _availability(facts),
            _given("malicious", given.malicious, INTENT) or _intent(facts),
        )
    )


def implied(facts: Facts) -> Facts:
    """The facts with what follows from them; what is stated is never replaced, be it `unknown`."""
    found: dict[str, bool] = {}
    if facts.get("exfiltrated") is False:
        found["acquired"] = False
    if facts.get("availability_lost") is False:
        found["outage_harm"] = False
    if (intended := holds(_INTENDED, facts)) is True or facts.get("source_kind") == "mistake":
        found["malicious"] = intended is True
    if facts.get("malicious", found.get("malicious")) is False:
        found["wrongful_purpose"] = False
    return {**found, **facts}


def holds(condition: str, facts: Facts) -> Truth:
    """Whether a condition of the language of facts holds."""
    return compile_condition(condition).evaluate(FactView(facts))


def wanted(condition: str, facts: Facts) -> tuple[str, ...]:
    """The facts of a condition that nobody has stated."""
    return compile_condition(condition).unknown_facts(FactView(facts))


def _exactly(part: str, value: float, why: str) -> Estimate:
    return Estimate(part, value, value, why)


def _given(part: str, value: float | None, words: Mapping[str, float]) -> Estimate | None:
    if value is None:
        return None
    word = next(word for word, number in words.items() if number == value).replace("_", " ")
    return _exactly(part, value, f"given as {word}")


def _data(facts: Facts, given: EnisaGiven) -> Estimate:
    if given.dpc is not None:
        return _exactly("dpc", given.dpc, "given")
    if given.data is not None:
        return _highest(given.data)
    stated = facts.get("data_categories", UNKNOWN)
    names = stated if isinstance(stated, frozenset) else frozenset({"unknown"})
    known = _highest(CATEGORIES[name] for name in sorted(names) if name in CATEGORIES)
    unjudged = sorted(names - set(CATEGORIES) - {"unknown"})
    more = [f"what {' and '.join(unjudged)} open or show is not judged"] if unjudged else []
    wants = ("enisa.data",) if unjudged else ()
    if "unknown" in names or not names:
        more, wants = [*more, "there may be more"], (*wants, "data_categories")
    if not more:
        return known
    return Estimate("dpc", known.least, _MOST_POINTS, ", and ".join([known.why, *more]), wants)


def _highest(parts: Iterable[DataPart]) -> Estimate:
    top = max(parts, key=lambda part: part.points, default=None)
    if top is None:
        return _exactly("dpc", 1, "what the data is has not been established")
    return _exactly("dpc", top.points, str(top))


def _ease(facts: Facts) -> Estimate:
    least, most = EASE["negligible"], EASE["maximum"]
    named = holds(_NAMED, facts)
    if named is True:
        return _exactly("ei", most, "names with contact details, or identity numbers")
    wants = "data_categories" if named is UNKNOWN else "enisa.ei"
    return Estimate("ei", least, most, "how easily a person is identified is not established", (wants,))


def _confidentiality(facts: Facts) -> Estimate:
    part, exposed = "confidentiality", holds(_EXPOSED, facts)
    known, unknown = CONFIDENTIALITY["known_recipients"], CONFIDENTIALITY["unknown_recipients"]
    if exposed is False:
        return _exactly(part, 0, "nothing left our control")
    if exposed is UNKNOWN:
        return Estimate(part, 0, unknown, "whether data left is not established", wanted(_EXPOSED, facts))
    if facts.get("recipient_trusted") is True:
        return _exactly(part, known, "a known recipient has it")
    what = "data left; to how many is not established"
    return Estimate(part, known, unknown, what, ("enisa.confidentiality",))


def _integrity(facts: Facts) -> Estimate:
    part, worst = "integrity", INTEGRITY["unrecoverable"]
    match facts.get("integrity_lost", UNKNOWN), facts.get("restorable", UNKNOWN):
        case False, _:
            return _exactly(part, 0, "nothing was altered")
        case True, True:
            most = INTEGRITY["recoverable"]
            return Estimate(part, 0, most, "altered, and can be restored", ("enisa.integrity",))
        case True, False:
            return _exactly(part, worst, "altered, and cannot be restored")
        case True, _:
            return Estimate(part, 0, worst, "altered", ("restorable",))
        case _:
            return Estimate(
                part, 0, worst, "whether data was altered is not established", ("integrity_lost",)
            )


def _availability(facts: Facts) -> Estimate:
    part, worst = "availability", AVAILABILITY["permanent"]
    match facts.get("availability_lost", UNKNOWN), facts.get("restorable", UNKNOWN):
        case False, _:
            return _exactly(part, 0, "nothing became unavailable")
        case True, True:
            return _exactly(part, 0, "unavailable, and soon restored")
        case True, False:
            least, what = AVAILABILITY["temporary"], "unavailable, and not soon restored"
            return Estimate(part, least, worst, what, ("enisa.availability",))
        case True, _:
            return Estimate(part, 0, worst, "unavailable", ("restorable",))
        case _:
            what = "whether anything is unavailable is not established"
            return Estimate(part, 0, worst, what, ("availability_lost",))


def _intent(facts: Facts) -> Estimate:
    part, worst = "malicious", INTENT["yes"]
    if holds(_CONTRADICTED, facts) is True:
        return Estimate(part, 0, worst, "what is stated of purpose and intent does not agree", ("malicious",))
    match facts.get("malicious", UNKNOWN):
        case True:
            return _exactly(part, worst, "somebody meant harm, or may have")
        case False:
            return _exactly(part, 0, "nobody meant harm")
        case _:
            return Estimate(part, 0, worst, "whether somebody meant harm is not established", ("malicious",))
