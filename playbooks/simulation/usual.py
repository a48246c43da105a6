"""What is taken to be so in a simulation where nobody says otherwise; a file of facts as a truth. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Final

from playbooks.calendars import Calendars
from playbooks.conditions import compile_condition
from playbooks.contracts import contract_rule
from playbooks.documents import read_document
from playbooks.fact_file import FactFile, fact_file_of
from playbooks.facts import DICTIONARY, UNKNOWN, Facts, FactValue
from playbooks.law import Rule
from playbooks.models import Playbook
from playbooks.places import Place
from playbooks.roster.models import DutyRoster, Shift
from playbooks.simulation.model import CaseTruth, Law, Truth

OF_KIND: Final[Mapping[str, Facts]] = {
    "insider-misuse": {"source_kind": "insider"},
    "leaver-copies-data": {"source_kind": "insider", "removable_media": True, "data_returned": True},
    "screen-capture-or-phone-on-floor": {"source_kind": "insider"},
    "removable-media": {"source_kind": "insider", "removable_media": True},
    "shared-login": {"source_kind": "stolen_credential"},
    "credential-compromise": {"source_kind": "stolen_credential"},
    "mailbox-compromise": {"source_kind": "stolen_credential"},
    "phishing": {"source_kind": "stolen_credential"},
    "vendor-breach": {"source_kind": "supplier"},
    "misdirected-message": {"source_kind": "mistake", "malicious": False},
    "wrong-party-disclosure": {"source_kind": "mistake", "malicious": False},
    "lost-or-stolen-device": {"source_kind": "mistake", "malicious": False},
    "cloud-misconfiguration": {"source_kind": "mistake", "malicious": False},
    "ransomware": {"ransomware": True, "availability_lost": True, "service_disrupted": True},
    "service-outage-with-data-unavailable": {"availability_lost": True, "service_disrupted": True},
    "card-data-exposed": {"data_categories": frozenset({"contact", "card"}), "card_data_at_risk": True},
    "health-data-exposed": {"data_categories": frozenset({"contact", "health"})},
}
"""What differs by kind of incident."""
_OF_RECORD: Final = frozenset({"our_role", "client_status", "jurisdictions"})
_OF_OURS: Final = "our_status"
_OUTCOMES: Final = frozenset({"client_told_at"})
"""What a simulation finds out, and is not told."""
_OPENINGS: Final = ("aware_at", "detected_at", "discovered_at")
"""The instants by which a file says when the incident was opened, the first known."""
PEOPLE_A_ROLE: Final = 2
ROUND_THE_CLOCK: Final = ("commander", "it")


@dataclass(frozen=True, slots=True)
class Premise:
    """What is so of an incident, the law about it, and which facts nobody stated."""

    truth: Truth
    law: Law
    assumed: Facts
    """The facts that are taken to be so, since nobody said."""
    cases: tuple[str, ...]
    are_assumed: bool
    """Whether the cases too are the usual ones."""
    unasked: tuple[str, ...] = ()
    """Facts that somebody stated and nothing asks for, so that they never become known."""


@cache
def usual_facts() -> FactFile:
    """The facts and cases that stand for what nobody stated."""
    text = files("playbooks").joinpath("simulation/usual.yaml").read_bytes()
    return fact_file_of(read_document(text, "playbooks/simulation/usual.yaml"))


def premise(
    plan: Playbook,
    rules: Iterable[Rule],
    given: FactFile | None = None,
    *,
    where: Place | None = None,
    calendars: Calendars | None = None,
) -> Premise:
    """What a simulation of this plan starts from: the facts given, the usual ones for the rest."""
    usual = usual_facts()
    stated: Facts = given.view.incident if given else {}
    held = _cases_of(given, stated)
    own = {name for facts in held.values() for name in facts} if given and given.cases else set()
    assumed = {
        name: value
        for name, value in {**usual.view.incident, **OF_KIND.get(plan.kind, {})}.items()
        if name not in stated and name not in own
    }
    facts = {**assumed, **stated}
    opened_at = _opened_at(given)
    known: dict[str, FactValue] = {_OF_OURS: facts[_OF_OURS]} if _OF_OURS in facts else {}
    instants = {"detected_at": timedelta(), "aware_at": timedelta(), **_instants(stated, opened_at)}
    truth = Truth(
        facts={name: value for name, value in facts.items() if _is_asked(name, value)},
        known=known,
        cases={case: _case(facts, opened_at) for case, facts in held.items()},
        instants=instants,
    )
    cases = given if given is not None and given.cases else usual
    law = _law(rules, cases, tuple(held), truth, (given.place if given else None) or where, calendars)
    truth = replace(truth, known_instants=truth.known_instants | _starts(plan, law, truth))
    unasked = _unasked(plan, law, truth, {*stated, *own})
    return Premise(truth, law, assumed, tuple(held), cases is usual, unasked)


def _starts(plan: Playbook, law: Law, truth: Truth) -> set[str]:
    """The instants stated without which a clock never starts, and that no step of the plan asks for.

    In earnest the law has them asked for; here they are known from the start.
    """
    stated = {*truth.instants, *(name for case in truth.cases.values() for name in case.instants)}
    known = {*truth.known_instants, *truth.as_answered, *_asked(plan)}
    rules = (*law.rules, *(contract_rule(term) for term in law.terms.values()))
    limbs = (limb for rule in rules for limb in rule.limbs)
    return {name for limb in limbs if known.isdisjoint(limb) for name in stated.intersection(limb)}


def _asked(plan: Playbook) -> set[str]:
    return {field.fact for step in plan.steps for field in step.fields if field.fact}


def _unasked(plan: Playbook, law: Law, truth: Truth, stated: Collection[str]) -> tuple[str, ...]:
    """Of what was stated all that is neither known from the start nor asked for by the plan or the law."""
    asked = _asked(plan)
    for rule in law.rules:
        asked |= compile_condition(rule.when).names
    known = {*truth.known, *truth.known_instants, *_OF_RECORD, *_OUTCOMES}
    return tuple(sorted(set(stated) - asked - known))


def _cases_of(given: FactFile | None, stated: Facts) -> dict[str, Facts]:
    """The cases that a file names; else of the usual ones those that its facts leave, with what it states."""
    if given is not None and given.cases:
        return {case: given.view.cases[case] for case in given.cases}
    usual = usual_facts()
    ours = stated.get("our_role", UNKNOWN)
    return {
        case: {name: value for name, value in facts.items() if name not in stated or name == "our_role"}
        for case, facts in usual.view.cases.items()
        if ours is UNKNOWN or facts["our_role"] == ours
    }


def usual_roster(zone: str, roles: Iterable[str]) -> DutyRoster:
    """Shifts of a small team, two people a role: round the clock where hours decide, else weekdays by day."""
    shifts = []
    for role in roles:
        first, second = people_of(role)
        if role in ROUND_THE_CLOCK:
            shifts += [
                _shift(role, "08:00", "20:00", (first, second)),
                _shift(role, "20:00", "08:00", (second, first)),
            ]
        else:
            week = {"days": ("mon", "tue", "wed", "thu", "fri")}
            shifts += [_shift(role, "08:00", "18:00", (one,), **week) for one in (first, second)]
    return DutyRoster(zone=zone, shifts=tuple(shifts))


def people_of(role: str, count: int = PEOPLE_A_ROLE) -> tuple[str, ...]:
    """The handles of people made up for a role."""
    return tuple(f"{role.replace('_', '-')}-{number}" for number in range(1, count + 1))


def _shift(role: str, begins: str, ends: str, people: tuple[str, ...], **more: object) -> Shift:
    return Shift.model_validate({"role": role, "from": begins, "until": ends, "people": people, **more})


def _opened_at(given: FactFile | None) -> datetime | None:
    if given is None:
        return None
    subjects = (None, *given.cases)
    known = (given.view.known(name, case) for name in _OPENINGS for case in subjects)
    return next((one for one in known if isinstance(one, datetime)), given.at)


def _instants(facts: Facts, opened_at: datetime | None) -> dict[str, timedelta]:
    return {
        name: value - opened_at
        for name, value in facts.items()
        if isinstance(value, datetime) and opened_at is not None and name not in _OUTCOMES
    }


def _is_asked(name: str, value: FactValue) -> bool:
    return not isinstance(value, datetime) and name in DICTIONARY and name != _OF_OURS


def _case(facts: Facts, opened_at: datetime | None) -> CaseTruth:
    stated = {name: value for name, value in facts.items() if not isinstance(value, datetime)}
    return CaseTruth(
        on_record={name: value for name, value in stated.items() if name in _OF_RECORD},
        facts={name: value for name, value in stated.items() if name not in _OF_RECORD},
        instants=_instants(facts, opened_at),
    )


def _law(
    rules: Iterable[Rule],
    file: FactFile,
    cases: tuple[str, ...],
    truth: Truth,
    default: Place | None,
    calendars: Calendars | None,
) -> Law:
    """The rules and contracts, whose clocks count, and where the people of all cases are."""
    places = {case: file.places.get(case, default) for case in cases} | {None: default}
    said = [
        {**truth.facts, **one.facts, **one.on_record}.get("jurisdictions") for one in truth.cases.values()
    ]
    named = [one for one in said if isinstance(one, frozenset) and "unknown" not in one]
    footprint = frozenset[str]().union(*named) if named and len(named) == len(said) else None
    return Law(
        rules=tuple(rules),
        terms={case: term for case, term in file.terms.items() if case in cases},
        places={case: one for case, one in places.items() if one is not None},
        footprint=footprint,
        calendars=calendars,
    )
