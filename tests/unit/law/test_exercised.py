from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
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
from playbooks.force import in_force
from playbooks.law import Rule
from playbooks.places import Place, place
from playbooks.rulebook import load_rules
from playbooks.zones import zone

EXERCISED = Path(__file__).parent / "exercised"


@dataclass(frozen=True)
class Exercise:
    """One rule put to the facts that call it forth, to facts that spare it, and to its start.

    `also` are further situations that call it forth: what each changes of the first.
    """

    rule: str
    applies: dict[str, FactValue]
    also: tuple[dict[str, FactValue], ...]
    spares: dict[str, FactValue]
    start: dict[str, datetime]
    at: date | None
    due: datetime | None

    @property
    def situations(self) -> tuple[dict[str, FactValue], ...]:
        """Every set of facts over which the rule must hold."""
        return (self.applies, *(self.applies | changed for changed in self.also))

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
    assert set(entry) <= {"rule", "applies", "also", "spares", "start", "at", "due"}, entry
    start = {name: instant(given) for name, given in entry["start"].items()}
    at = date.fromisoformat(entry["at"]) if "at" in entry else None
    ends = instant(entry["due"]) if entry.get("due") else None
    also = tuple(facts(changed) for changed in entry.get("also", ()))
    return Exercise(entry["rule"], facts(entry["applies"]), also, facts(entry["spares"]), start, at, ends)


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
    for situation in entry.situations:
        assert holds(rule, situation) is True, situation
    assert holds(rule, entry.spares) is False


@each
def test_a_rule_is_due_when_the_hand_says(entry: Exercise) -> None:
    rule = exercised(entry)
    if entry.due is None:
        assert not rule.has_clock, "a duty with a clock is exercised with its deadline"
        return
    computed = due(rule, entry.start, place=where(rule), facts=entry.applies)
    assert computed.due_at == entry.due, computed.explanation


def situations() -> dict[str, list[dict[str, FactValue]]]:
    """Every situation that calls a version of a rule forth, by its key."""
    found: defaultdict[str, list[dict[str, FactValue]]] = defaultdict(list)
    for entry in EXERCISES:
        found[exercised(entry).key] += entry.situations
    return found


def test_every_category_that_a_rule_names_calls_it_forth_alone() -> None:
    """So that no category can be lost from a rule, or taken for another, unseen."""
    missing = {
        (key, category)
        for key, known in situations().items()
        for category in re.findall(r'"(\w+)" in data_categories', rulebook()[key].when)
        if all(one.get("data_categories") != frozenset({category}) for one in known)
    }
    assert missing == set()


def without_one_alternative(condition: str) -> Iterator[tuple[str, str]]:
    """The condition once for each side of each `or`, with that side left out; the side comes first."""
    tree = ast.parse(condition.replace("\n", " ").strip(), mode="eval")
    for node in ast.walk(tree):
        if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.Or):
            every = node.values
            for left_out in every:
                node.values = [side for side in every if side is not left_out]
                yield ast.unparse(left_out), ast.unparse(tree)
            node.values = every


def test_every_side_of_an_or_calls_its_rule_forth_where_no_other_does() -> None:
    missed = [
        (key, left_out)
        for key, known in situations().items()
        for left_out, rest in without_one_alternative(rulebook()[key].when)
        if all(compile_condition(rest).evaluate(FactView(one)) is True for one in known)
    ]
    assert missed == []


def test_every_rule_in_force_or_to_come_is_exercised() -> None:
    keys = {exercised(entry).key for entry in EXERCISES}
    law = {key for key, rule in rulebook().items() if rule.status in ("in_force", "not_in_force")}
    assert law - keys == set()


def test_eighty_duties_and_more_are_shipped() -> None:
    assert len({rule.id for rule in rulebook().values() if rule.has_clock}) >= 80
