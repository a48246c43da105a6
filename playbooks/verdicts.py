"""Which rules are law for a subject, whether each obliges it, and when it is due: the why and the why not.

A subject is the incident itself (case None) or one of its cases. Many subjects share most of what a rule
looks at, so that one `Bench` judges all of them and decides the like only once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, Final

from playbooks.calendars import Calendars
from playbooks.clocks import Due, due, not_computable
from playbooks.condition_nodes import contains, members_of
from playbooks.conditions import compile_condition
from playbooks.facts import DICTIONARY, UNKNOWN, FactValue, FactView, to_json
from playbooks.force import version_in_force, versions_by_id
from playbooks.law import Rule, submitted_rule
from playbooks.places import UTC_PLACE, Place, place
from playbooks.timebase import aware
from playbooks.truth import Truth
from playbooks.zones import zone

Subject = str | None
Met = Mapping[tuple[Subject, str], datetime]
"""When each duty was met, by subject and rule id: that starts its dependents."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a rule applies, and the facts that decided it in the order its condition names them."""

    holds: Truth
    condition: str
    facts: tuple[tuple[str, FactValue], ...]
    remarks: tuple[str, ...] = ()

    @property
    def why(self) -> tuple[str, ...]:
        """The trace in words: each fact, what was remarked, and what follows; also for why not."""
        said = "so it is presumed until known"
        if self.holds is not UNKNOWN:
            said = "so it applies" if self.holds else "so it does not apply"
        trace = (f"{name} is {_shown(value)}" for name, value in self.facts)
        return (*trace, *self.remarks, f"{said}: {self.condition}")


@dataclass(frozen=True, slots=True)
class Put:
    """A rule put to a subject: whether it obliges, and why or why not."""

    case: Subject
    rule: Rule
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Considered(Put):
    """The same with its clock, as far as it can run, whether or not the rule obliges."""

    due: Due


@dataclass(slots=True)
class Bench:
    """All rules, ready to be put to any subject of one view of the facts.

    `footprint` are the places where our clients have people: an unknown place outside them is not presumed.
    `calendars` are those of the house with an organisation's own closures; None: the shipped ones.
    """

    rules: Iterable[Rule]
    view: FactView
    now: datetime
    met: Met = field(default_factory=dict)
    places: Mapping[Subject, Place] = field(default_factory=dict)
    footprint: frozenset[str] | None = None
    calendars: Calendars | None = None
    _versions: dict[str, list[Rule]] = field(init=False)
    _verdicts: dict[tuple[object, ...], Verdict] = field(init=False, default_factory=dict)
    _days: dict[tuple[datetime, str], date] = field(init=False, default_factory=dict)
    _dues: dict[tuple[object, ...], Due] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Read the clock, and sort the versions of each rule, youngest first."""
        self.now = aware(self.now, "now")
        self._versions = versions_by_id(self.rules)

    def put(self, case: Subject, *, only: str | None = None, more: Iterable[Rule] = ()) -> Iterator[Put]:
        """Every rule in force for the subject, or `only` those per case or incident; `more`: its contract."""
        for versions in self._versions.values():
            if only not in (None, versions[0].per):
                continue
            rule = version_in_force(versions, lambda version: self._law_day(version, case))
            if rule is not None:
                yield Put(case, rule, self.judge(rule, case))
        for rule in more:
            yield Put(case, rule, self.judge(rule, case))

    def events(self, rule: Rule, case: Subject) -> dict[str, datetime]:
        """The events that start the rule's clock, as far as they have happened."""
        found = {}
        for name in (name for limb in rule.limbs for name in limb):
            value = self._event(name, case)
            if value is not None:
                found[name] = value
        return found

    def _event(self, name: str, case: Subject) -> datetime | None:
        if submitted := submitted_rule(name):
            return self.met.get((case, submitted)) or self.met.get((None, submitted))
        value = self.view.known(name, case)
        return aware(value, name) if isinstance(value, datetime) else None

    def _law_day(self, rule: Rule, case: Subject) -> date:
        """The day whose law decides: that of the clock's start in the rule's place, or today without one."""
        at = next(iter(self.events(rule, case).values()), self.now)
        key = at, self._place(rule, case).zone_name
        if key not in self._days:
            self._days[key] = at.astimezone(zone(key[1])).date()
        return self._days[key]

    def _place(self, rule: Rule, case: Subject) -> Place:
        return place(rule.place) if rule.place else self.places.get(case, UTC_PLACE)

    def considered(self, one: Put) -> Considered:
        """The same with its clock."""
        return Considered(one.case, one.rule, one.verdict, self.due(one.rule, one.case))

    def due(self, rule: Rule, case: Subject) -> Due:
        """The clock of a rule for a subject, as far as its events have happened."""
        if not rule.has_clock:
            return not_computable(rule, "it has no clock")
        events, where = self.events(rule, case), self._place(rule, case)
        entity = self.view.known("entity_class", case)
        key = (rule.key, rule.source == "contract" and rule, tuple(events.items()), where, entity)
        if key not in self._dues:
            facts = {} if entity is UNKNOWN else {"entity_class": entity}
            self._dues[key] = due(rule, events, place=where, facts=facts, calendars=self.calendars)
        return self._dues[key]

    def judge(self, rule: Rule, case: Subject) -> Verdict:
        """Whether the rule's condition holds for the subject, and why or why not."""
        condition = compile_condition(rule.when)
        values = tuple((name, self.view.known(name, case)) for name in condition.names_in_order)
        key: tuple[object, ...] = (rule.id, rule.when, *(value for _, value in values))
        if condition.looks_at_all_cases:
            key = (*key, case)
        if key not in self._verdicts:
            holds = condition.evaluate(self.view, case)
            if holds is UNKNOWN and self._is_elsewhere(rule, dict(values)):
                beyond = f"no client has people in {rule.jurisdiction}, and nobody has named it"
                self._verdicts[key] = Verdict(False, condition.text, values, (beyond,))
            else:
                self._verdicts[key] = Verdict(holds, condition.text, values)
        return self._verdicts[key]

    def _is_elsewhere(self, rule: Rule, values: Mapping[str, FactValue]) -> bool:
        """Whether only a place that nobody has named could make it apply."""
        held = values.get("jurisdictions")
        if self.footprint is None or held is None or rule.jurisdiction not in _PLACES:
            return False
        named = held if isinstance(held, frozenset) else frozenset({"unknown"})
        if "unknown" not in named:
            return False
        return not any(_within(rule.jurisdiction, code) for code in self.footprint | named)


def judge(rule: Rule, view: FactView, case: Subject) -> Verdict:
    """Whether one rule's condition holds for a subject, and why or why not."""
    return Bench((), view, datetime.max.replace(tzinfo=UTC)).judge(rule, case)


def resting_on(rule: Rule, view: FactView, case: Subject) -> dict[str, Any]:
    """The facts on which a decision not to tell anybody under this rule rests, as JSON holds them.

    Those that the rule names, without its instants; of several choices only whether they hold what the rule
    looks for; and where personal data or the gravity of a breach count, those of which that is judged.
    """
    condition = compile_condition(rule.when)
    held = set(members_of(condition.root))
    found = {f"{name} has {value}": _held(view.known(name, case), value) for name, value in sorted(held)}
    names = condition.names - {name for name, _ in held}
    if condition.names & {"personal_data", *JUDGED}:
        names |= _JUDGED_BY
    stated = sorted(name for name in names if DICTIONARY[name].type != "instant")
    return {**{name: to_json(view.known(name, case)) for name in stated}, **found}


def grounds_of(view: FactView, case: Subject) -> dict[str, Any]:
    """The facts of which the gravity of a breach is judged for a subject, as JSON holds them."""
    return {name: to_json(view.known(name, case)) for name in sorted(_JUDGED_BY)}


def _held(value: FactValue, wanted: str) -> bool | str:
    truth = contains(value, wanted)
    return "unknown" if truth is UNKNOWN else truth


def _within(wanted: str, code: str) -> bool:
    return wanted == code or wanted.startswith(f"{code}-") or code.startswith(f"{wanted}-")


def _shown(value: object) -> str:
    if value is UNKNOWN:
        return "unknown"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (frozenset, set, tuple, list)):
        return ", ".join(sorted(str(item) for item in value)) or "none"
    return str(value)


_PLACES = frozenset(DICTIONARY["jurisdictions"].values)
JUDGED: Final = frozenset({"risk", "serious_harm", "significant_harm", "low_probability"})
"""The facts that are judgements of how grave a breach is."""
RELEASING: Final[dict[str, FactValue]] = {
    "risk": "unlikely",
    "low_probability": True,
    "serious_harm": False,
    "significant_harm": False,
}
"""The judgements by which nobody need be told: unknown again as soon as what they rest on has changed."""
IN_DOUBT: Final = {name: (value,) for name, value in RELEASING.items()} | {"risk": ("unlikely", "likely")}
"""The judgements that are asked anew then: a risk that is likely stands meanwhile, and may be high by now."""
_JUDGED_BY = frozenset(
    {
        *("data_categories", "people_affected", "encrypted", "exfiltrated", "recipient_trusted"),
        *("data_returned", "source_kind", "malicious", "availability_lost"),
    }
)
