"""Conditions over alerts, made ready once: an alert has no unknown facts, so every answer is yes or no."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from operator import attrgetter
from typing import Final, TypeAlias, get_args

from playbooks.alerts.attributes import TERMS
from playbooks.alerts.view import AlertView, Category
from playbooks.condition_nodes import All, Any, Contains, IsOneOf, Node, Not
from playbooks.condition_reader import read_condition
from playbooks.condition_terms import Terms
from playbooks.conditions import joined
from playbooks.errors import ConditionFault


@dataclass(slots=True)
class Folded:
    """An alert as it is compared: texts stripped and without case, several texts as a set.

    Never changed, yet not frozen: that costs several microseconds for every alert.
    """

    source: str
    kind: str
    title: str
    category: str
    severity: str
    status: str
    accounts: frozenset[str]
    hosts: frozenset[str]
    addresses: frozenset[str]
    domains: frozenset[str]
    clients: frozenset[str]
    data_hints: frozenset[str]
    playbook: str


Test: TypeAlias = Callable[[Folded], bool]
_NONE: Final[frozenset[str]] = frozenset()
_ALL_CATEGORIES: Final = frozenset(get_args(Category))


def folded(view: AlertView) -> Folded:
    """The alert without case and margins; a text of margins alone is none."""
    return Folded(
        view.source.strip().casefold(),
        view.kind.strip().casefold(),
        view.title.strip().casefold(),
        view.category,
        view.severity,
        view.status,
        _set(view.accounts),
        _set(view.hosts),
        _set(view.addresses),
        _set(view.domains),
        _set(view.clients),
        frozenset(view.data_hints) if view.data_hints else _NONE,
        view.playbook.strip().casefold(),
    )


def _set(texts: tuple[str, ...]) -> frozenset[str]:
    if not texts:
        return _NONE
    return frozenset([text for one in texts if (text := one.strip().casefold())])


@dataclass(frozen=True, slots=True)
class Match:
    """A condition over alerts that was checked and made ready; equal when its text is."""

    text: str
    holds: Test = field(compare=False, repr=False)
    """Whether it holds for an alert that was folded already."""

    def __call__(self, view: AlertView) -> bool:
        """Tell whether it holds for this alert; an empty attribute equals nothing and holds nothing."""
        return self.holds(folded(view))


def match_faults(text: str, terms: Terms = TERMS) -> tuple[ConditionFault, ...]:
    """Everything wrong with a condition over alerts: names, columns and mends; nothing when it is sound."""
    return read_condition(text, terms)[1]


def categories_of(text: str) -> frozenset[str]:
    """The categories that an alert may have for this condition to hold; all where it does not say."""
    return _categories(read_condition(text, TERMS)[0])


def _categories(node: Node) -> frozenset[str]:
    match node:
        case IsOneOf() if node.fact.name == "category":
            return node.values
        case All():
            return _ALL_CATEGORIES.intersection(*(_categories(part) for part in node.parts))
        case Any():
            return frozenset().union(*(_categories(part) for part in node.parts))
        case _:
            return _ALL_CATEGORIES


@lru_cache(maxsize=4096)
def compile_match(text: str) -> Match:
    """The condition over alerts that this text says; ConditionFault lists everything wrong with it."""
    node, faults = read_condition(text, TERMS)
    if faults:
        raise joined(faults)
    return Match(text, _test(node))


def _test(node: Node) -> Test:
    match node:
        case IsOneOf():
            return _equal(attrgetter(node.fact.name), node.values)
        case Contains():
            return _holding(attrgetter(node.fact.name), node.value)
        case Not():
            return _not(_test(node.part))
        case All():
            return _every(tuple(_test(part) for part in node.parts))
        case Any() if asked := _all_asked_of_one(node):
            name, values = asked
            is_text = TERMS.known[name].type == "line"
            return (_mentioning if is_text else _overlapping)(attrgetter(name), values)
        case Any():
            return _some(tuple(_test(part) for part in node.parts))
        case _:
            raise AssertionError(f"no attribute of an alert is read as {type(node).__name__}")


def _equal(read: attrgetter[str], values: frozenset[str]) -> Test:
    return lambda alert: read(alert) in values


def _holding(read: attrgetter[str | frozenset[str]], value: str) -> Test:
    return lambda alert: value in read(alert)


def _all_asked_of_one(node: Any) -> tuple[str, frozenset[str]] | None:
    """The attribute and the values, where each part asks the same attribute for one value."""
    asked = {part.fact.name if isinstance(part, Contains) else "" for part in node.parts}
    name = asked.pop()
    if asked or not name:
        return None
    return name, frozenset(part.value for part in node.parts if isinstance(part, Contains))


def _mentioning(read: attrgetter[str], values: frozenset[str]) -> Test:
    def holds(alert: Folded) -> bool:
        text = read(alert)
        for value in values:  # noqa: SIM110  # half of what any() costs, and this runs for every alert
            if value in text:
                return True
        return False

    return holds


def _overlapping(read: attrgetter[frozenset[str]], values: frozenset[str]) -> Test:
    return lambda alert: not values.isdisjoint(read(alert))


def _not(test: Test) -> Test:
    return lambda alert: not test(alert)


def _every(tests: tuple[Test, ...]) -> Test:
    def holds(alert: Folded) -> bool:
        for test in tests:  # noqa: SIM110  # as in _mentioning
            if not test(alert):
                return False
        return True

    return holds


def _some(tests: tuple[Test, ...]) -> Test:
    def holds(alert: Folded) -> bool:
        for test in tests:  # noqa: SIM110  # as in _mentioning
            if test(alert):
                return True
        return False

    return holds
