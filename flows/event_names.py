"""Which event of a rule somebody means who types a name for it: `aware`, `classified`, `submitted`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from playbooks.errors import Mend
from playbooks.facts import DICTIONARY
from playbooks.law import SUBMITTED, Rule

_ALSO: Final[Mapping[str, tuple[str, ...]]] = {
    "aware_at": ("awareness", "knew", "known", "knowledge"),
    "detected_at": ("detection", "detect", "noticed", "observed", "identified", "spotted", "seen"),
    "discovered_at": ("discovery", "discover", "found", "learned", "learnt"),
    "occurred_at": ("occurrence", "occurred", "happened", "began"),
    "suspected_at": ("suspicion", "suspect"),
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
    word = given.strip().casefold().replace(" ", "_").removesuffix("_at")
    for said in (word, word.partition("_")[2]):  # controller_aware is aware, initial_submitted submitted
        event = next((name for name in (*own, *_instants()) if said in _words(name)), None)
        if event is not None:
            return _taken(given, event, rule)
    mend = f"{rule.id} knows: {', '.join(dict.fromkeys(own))}"
    raise Mend(f"`{given[:60]}` is no event", mend=mend)


def _taken(given: str, event: str, rule: Rule) -> Meant:
    own = events_of(rule)
    if event in own:
        return Meant(event)
    alike = [name for name in own for family in _ALIKE if event in family and name in family]
    if alike:
        return Meant(alike[0], f"`{given}` was taken for {alike[0]}, which starts this rule")
    starts = " and ".join(" or ".join(limb) for limb in rule.limbs)
    return Meant(event, f"{event} does not start this rule: {starts} does")


def _instants() -> tuple[str, ...]:
    return tuple(name for name, spec in DICTIONARY.items() if spec.type == "instant")


def _words(event: str) -> frozenset[str]:
    """All that people may type for an event, in small letters."""
    if parent := SUBMITTED.fullmatch(event):
        return frozenset({event.casefold(), parent[1].casefold(), *_SUBMISSION})
    return frozenset({event.removesuffix("_at"), *_ALSO.get(event, ())})
