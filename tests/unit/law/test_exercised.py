from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from playbooks.clocks import due
from playbooks.conditions import Truth, compile_condition
from playbooks.documents import read_document
from playbooks.facts import FactValue, FactView, parse_fact
from playbooks.law import Rule, in_force
from playbooks.places import Place, place
from playbooks.rulebook import load_rules
from playbooks.zones import zone

EXERCISED = Path(__file__).parent / "exercised"


@dataclass(frozen=True)
class Exercise:
    """One rule put to the facts that call it forth, to facts that spare it, and to its start."""

    rule: str
    applies: dict[str, FactValue]
    spares: dict[str, FactValue]
    start: dict[str, datetime]
    at: date | None
    due: datetime | None

    def day(self, rule: Rule) -> date:
        """The day whose law decides: the one given, or that of the first start where the rule counts."""
        return self.at or min(self.start.values()).astimezone(zone(where(rule).zone_name)).date()


def where(rule: Rule) -> Place:
    """The rule's own place, or the institutions of the European Union."""
    return place(rule.place or "EU")


def facts(given: dict[str, Any]) -> dict[str, FactValue]:
    """Facts as a responder would state them."""
    return {name: parse_fact(name, value) for name, value in given.items()}


def instant(given: str) -> datetime:
    """An instant with its offset."""
    at = datetime.fromisoformat(given)
    assert at.tzinfo is not None, f"{given} has no offset"
    return at


def exercise(entry: dict[str, Any]) -> Exercise:
    """One entry of a file."""
    assert set(entry) <= {"rule", "applies", "spares", "start", "at", "due"}, entry
    start = {name: instant(given) for name, given in entry["start"].items()}
    at = date.fromisoformat(entry["at"]) if "at" in entry else None
    ends = instant(entry["due"]) if entry.get("due") else None
    return Exercise(entry["rule"], facts(entry["applies"]), facts(entry["spares"]), start, at, ends)


EXERCISES = tuple(
    exercise(entry)
    for path in sorted(EXERCISED.glob("*.yaml"))
    for entry in read_document(path.read_bytes(), path.name).data
)
each = pytest.mark.parametrize("entry", EXERCISES, ids=lambda entry: entry.rule)


@cache
def rulebook() -> dict[str, Rule]:
    """Every version of every shipped rule."""
    return load_rules()


def exercised(entry: Exercise) -> Rule:
    """The version of its rule that is law on its day."""
    versions = [rule for rule in rulebook().values() if rule.id == entry.rule]
    (rule,) = in_force(versions, entry.day)
    return rule


def holds(rule: Rule, given: dict[str, FactValue]) -> Truth:
    """What the rule's condition comes to over these facts."""
    return compile_condition(rule.when).evaluate(FactView(given))


@each
def test_a_rule_holds_where_it_should_and_spares_where_it_should(entry: Exercise) -> None:
    rule = exercised(entry)
    assert holds(rule, entry.applies) is True
    assert holds(rule, entry.spares) is False


@each
def test_a_rule_is_due_when_the_hand_says(entry: Exercise) -> None:
    rule = exercised(entry)
    if entry.due is None:
        assert not rule.has_clock, "a duty with a clock is exercised with its deadline"
        return
    computed = due(rule, entry.start, place=where(rule), facts=entry.applies)
    assert computed.due_at == entry.due, computed.explanation


def test_every_rule_in_force_or_to_come_is_exercised() -> None:
    keys = {exercised(entry).key for entry in EXERCISES}
    law = {key for key, rule in rulebook().items() if rule.status in ("in_force", "not_in_force")}
    assert law - keys == set()


def test_eighty_duties_and_more_are_shipped() -> None:
    assert len({rule.id for rule in rulebook().values() if rule.has_clock}) >= 80
