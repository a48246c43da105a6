"""From the words of a command line to a clock: which version of the rule, where, from which events. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Final

from flows.event_names import events_of, meant
from flows.rule_text import ORIGINS
from playbooks.calendars import Calendars
from playbooks.clocks import Due, due
from playbooks.contracts import ContractTermView, contract_rule
from playbooks.errors import InstantFault, Mend
from playbooks.facts import FactValue, parse_fact
from playbooks.force import in_force
from playbooks.instants import read_instant
from playbooks.law import Rule
from playbooks.places import Place, place, place_of_zone
from playbooks.rulebook import Origin
from playbooks.rulebook_findings import Standing, standing_on
from playbooks.timebase import stamp
from playbooks.zones import zone

CONFIGURED: Final = "the configuration (SEVENTYTWO_PLACE)"
DEFAULT_PLACE: Final = "EU"
"""The place where nobody has configured another."""
SHIPPED_ALONE: Final[Mapping[str, Origin]] = MappingProxyType({})
"""The origins of rules where no folder but ours is read."""
_CONTRACT = re.compile(r"SLA-(\d{1,4}(?:\.\d{1,2})?)h", re.IGNORECASE | re.ASCII)
_LONGEST: Final = 24 * 366
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_DAYS: Final = ("days_excl", "days_incl", "days_after_year_end", "date_next_year", "bdays_excl", "bdays_sec")
_EEA: Final = (
    *("AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE"),
    *("IS", "IT", "LI", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK"),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody typed: a rule, `NAME=INSTANT` or one bare instant, `FACT=VALUE`, a zone, a place."""

    rule: str
    events: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    zone: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True)
class Computed:
    """A clock with all that it was computed from."""

    rule: Rule
    status: Standing
    due: Due
    place: Place
    place_from: str
    events: Mapping[str, datetime]
    warnings: tuple[str, ...]
    origin: Origin | None
    """Whose text of the rule it is; None for a contract, which has no text of law."""


def contract_named(name: str) -> Rule | None:
    """The contract of n hours that `SLA-<n>h` names; None for any other name."""
    found = _CONTRACT.fullmatch(name.strip())
    if found is None:
        return None
    hours = float(found[1])
    if not 0 < hours <= _LONGEST:
        raise Mend("no contract has such hours", which=name.strip(), mend="write SLA-24h")
    term = ContractTermView("", hours, citation=f"notice within {hours:g} hours")
    return contract_rule(term).model_copy(update={"id": f"SLA-{hours:g}h"})


def compute(
    asked: Asked,
    versions: Sequence[Rule],
    *,
    now: datetime,
    default_place: str,
    calendars: Calendars | None = None,
    origins: Mapping[str, Origin] = SHIPPED_ALONE,
) -> Computed:
    """The clock that was asked for; Mend says what of it cannot be read, and how to write it.

    The version that is law on the day of the start decides, by the dates of force; where none is, the nearest
    is computed and its status says so. Instants ahead of `now` are taken, with a warning.
    """
    if asked.zone:
        zone(asked.zone)  # refused even where nothing needs it
    readers = [_Reader(asked, rule, default_place) for rule in versions]
    day_of = {reader.rule.key: reader.day(now) for reader in readers}
    held = in_force(versions, lambda rule: day_of[rule.key])
    rule = held[0] if held else _nearest(versions, day_of)
    reader = next(reader for reader in readers if reader.rule is rule)
    events, notes = reader.events()
    where, whence = reader.place
    facts = dict(_fact(text) for text in asked.facts)
    elsewhere = bool(asked.place) and where.name != rule.place
    counted = rule.model_copy(update={"place": ""}) if elsewhere else rule
    status = standing_on(rule, day_of[rule.key])
    about = _about(rule, status, day_of[rule.key], elsewhere=elsewhere)
    origin = None if rule.source == "contract" else origins.get(rule.key, "shipped")
    said = (*_whose(origin), *about, *_ahead(events, now), *notes)
    found = due(counted, events, place=where, facts=facts, calendars=calendars)
    return Computed(rule, status, found, where, whence, events, said, origin)


def _nearest(versions: Iterable[Rule], day_of: Mapping[str, date]) -> Rule:
    """Of versions of which none is law: the next to come, else the last that was, else a proposal."""

    def distance(rule: Rule) -> tuple[int, int]:
        day = day_of[rule.key]
        if rule.in_force_from is None:
            return 2, 0
        if day < rule.in_force_from:
            return 0, (rule.in_force_from - day).days
        return 1, (day - (rule.in_force_until or day)).days

    return min(versions, key=distance)


@dataclass(frozen=True)
class _Reader:
    """One version of the rule, reading what was typed."""

    asked: Asked
    rule: Rule
    default_place: str

    @property
    def place(self) -> tuple[Place, str]:
        """Whose zone and calendar count, and what decided that."""
        if self.asked.place:
            return place(self.asked.place), "--place"
        if self.rule.place:
            return place(self.rule.place), "the rule"
        if self.asked.zone and self.default_place == DEFAULT_PLACE:
            found = place_of_zone(self.asked.zone)
            if self.rule.jurisdiction != "EU" or found.name in _EEA:
                return found, f"--zone {zone(self.asked.zone).key}"
        return place(self.default_place), CONFIGURED

    def day(self, now: datetime) -> date:
        """The day of the start, whose law decides; today while nothing has started."""
        given = {event: self._instant(text)[0] for event, text, _ in self._named()}
        start = next((given[event] for event in events_of(self.rule) if event in given), now)
        return start.astimezone(zone(self.place[0].zone_name)).date()

    def events(self) -> tuple[dict[str, datetime], tuple[str, ...]]:
        """The instants of the rule's events, and what is to be known of how they were read."""
        found: dict[str, datetime] = {}
        notes: list[str] = []
        for event, text, note in self._named():
            if event in found:
                raise Mend(f"{event} was given twice", mend="give it once")
            self._refuse_bare_date(text)
            found[event], read = self._instant(text)
            notes += [note, *read]
        starts = {event: at for event, at in found.items() if event in events_of(self.rule)}
        return starts, tuple(note for note in notes if note)

    def _named(self) -> list[tuple[str, str, str]]:
        """Each event with its text and a note on how its name was understood."""
        found = []
        for typed in self.asked.events:
            name, stated, text = typed.rpartition("=")
            if stated:
                understood = meant(name, self.rule)
                found.append((understood.event, text.strip(), understood.note))
            elif len(self.rule.limbs) > 1:
                several = " and ".join(f"--event {limb[0]}=INSTANT" for limb in self.rule.limbs)
                raise Mend(f"{self.rule.id} starts from several events", mend=f"name them: {several}")
            else:
                found.append((self.rule.limbs[0][0], text.strip(), ""))
        return found

    def _instant(self, text: str) -> tuple[datetime, tuple[str, ...]]:
        """The instant; a date alone is the start of that day in the place."""
        if _DATE.fullmatch(text):
            return read_instant(text, self.place[0].zone_name)[0], ()
        return read_instant(text, self.asked.zone or None)

    def _refuse_bare_date(self, text: str) -> None:
        if _DATE.fullmatch(text) and self.rule.counting not in _DAYS:
            what = f"{self.rule.id} does not count days: a date alone does not say when its period begins"
            raise InstantFault(what, which=text, mend=f"give the time too, such as {text}T10:23Z")


def _fact(typed: str) -> tuple[str, FactValue]:
    name, stated, value = typed.partition("=")
    if not stated:
        raise Mend("a fact without a value", which=typed[:60], mend="write --fact NAME=VALUE")
    return name.strip(), parse_fact(name.strip(), value)


def _whose(origin: Origin | None) -> Iterable[str]:
    if origin not in (None, "shipped"):
        yield ORIGINS[origin]


def _about(rule: Rule, status: Standing, day: date, *, elsewhere: bool) -> Iterable[str]:
    """What is to be known of the rule itself."""
    match status:
        case "not_in_force":
            yield f"not law on {day}: in force from {rule.in_force_from}; computed all the same"
        case "repealed":
            yield f"not law on {day}: repealed on {rule.in_force_until}; computed all the same"
        case "proposed":
            yield "only a proposal, never law so far; computed all the same"
        case "in_force":
            pass
    if rule.stub:
        yield "a stub: written from memory, to be confirmed before anybody relies on it"
    if elsewhere and rule.place:
        yield f"the rule's own place is {rule.place}; counted in another, as asked"
    if not rule.has_clock:
        yield f"no duty with a clock of its own, but of kind {rule.kind}"


def _ahead(events: Mapping[str, datetime], now: datetime) -> Iterable[str]:
    for event, at in events.items():
        if at > now:
            yield f"{event} {stamp(at)} lies ahead: this is a plan, not a record"
