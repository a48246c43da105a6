"""Which event of a rule somebody means who types a name for it: `aware`, `classified`, `submitted`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from playbooks.errors import Mend
from playbooks.facts import DICTIONARY
from playbooks.law import SUBMITTED, Rule

_ALSO: Final[Mapping[str, tuple[str, ...]]] = {
    "aware_at": ("awareness", "controller_aware", "processor_aware", "entity_aware", "knew", "knowledge"),
    "detected_at": ("detection",),
    "discovered_at": ("discovery",),
    "occurred_at": ("occurrence", "happened"),
    "suspected_at": ("suspicion",),
    "assessed_at": ("assessment",),
    "classified_at": ("classification",),
    "determined_at": ("determination",),
    "materiality_at": ("material",),
    "ransom_paid_at": ("paid", "payment"),
    "client_confirmed_at": ("confirmed", "confirmation"),
}
_SUBMISSION: Final = ("submitted", "submission", "communicated", "notified", "sent", "told")
_ALIKE: Final = (("aware_at", "discovered_at", "detected_at"), ("determined_at", "materiality_at"))
"""Events that people call by each other's names; the law of each rule says which one counts."""


@dataclass(frozen=True, slots=True)
class Meant:
    """The event that a name means for a rule; `note` says what the reader should know of the choice."""

    event: str
    note: str = ""


def events_of(rule: Rule) -> tuple[str, ...]:
    """Every event that the rule reads, in its own order."""
    return tuple(name for limb in rule.limbs for name in limb)


def meant(given: str, rule: Rule) -> Meant:
    """What a typed name means for this rule; Mend lists the rule's own names where it means nothing."""
    own = events_of(rule)
    word = given.strip().casefold().replace(" ", "_")
    for event in own:
        if word in _words(event):
            return Meant(event)
    fact = next((name for name in _instants() if word in _words(name)), None)
    alike = [event for event in own for family in _ALIKE if fact in family and event in family]
    if alike:
        return Meant(alike[0], f"`{given}` was taken for {alike[0]}, which starts this rule")
    if fact is not None:
        return Meant(fact, f"{fact} does not start this rule: {' and '.join(own)} does")
    mend = f"{rule.id} knows: {', '.join(dict.fromkeys(own))}"
    raise Mend(f"`{given[:60]}` is no event", mend=mend)


def _instants() -> tuple[str, ...]:
    return tuple(name for name, spec in DICTIONARY.items() if spec.type == "instant")


def _words(event: str) -> frozenset[str]:
    """All that people may type for an event, in small letters."""
    if parent := SUBMITTED.fullmatch(event):
        telling = (word for one in _SUBMISSION for word in (one, f"{one}_at"))
        return frozenset({event.casefold(), parent[1].casefold(), *telling})
    return frozenset({event, event.removesuffix("_at"), *_ALSO.get(event, ())})
