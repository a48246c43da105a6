"""The worked deadlines of `vectors.yaml`, every one through `due` with the rules that are shipped."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from playbooks.calendars import shipped_calendars
from playbooks.clocks import Due, due
from playbooks.contracts import ContractTermView, contract_rule
from playbooks.counting.ground import Ground
from playbooks.counting.hours import hours_1182
from playbooks.documents import read_document
from playbooks.errors import InstantFault
from playbooks.force import in_force
from playbooks.instants import read_instant
from playbooks.law import Rule
from playbooks.places import place
from playbooks.rulebook import load_rules
from playbooks.zones import zone

RULES = tuple(load_rules().values())
VECTORS: list[dict[str, Any]] = read_document(
    Path(__file__).with_name("vectors.yaml").read_bytes(), "vectors.yaml"
).data["vectors"]


def rule_of(vector: dict[str, Any]) -> Rule:
    """The shipped rule in force when the vector's first event happened, or the contract's."""
    if hours := vector.get("contract_hours"):
        return contract_rule(ContractTermView("example", hours))
    first = datetime.fromisoformat(min(vector["events"].values())[:10]).date()
    return next(rule for rule in in_force(RULES, lambda _: first) if rule.id == vector["rule"])


def events_of(vector: dict[str, Any], rule: Rule) -> dict[str, datetime]:
    """The events as instants; a date alone is a day of the rule's place."""
    where = place(rule.place or vector["place"])
    return {name: read_instant(text, where.zone_name)[0] for name, text in vector["events"].items()}


def computed(vector: dict[str, Any]) -> Due:
    """The clock of a vector."""
    rule = rule_of(vector)
    where = place(rule.place or vector["place"])
    return due(rule, events_of(vector, rule), place=where, facts=vector.get("facts", {}))


def vector(name: str) -> dict[str, Any]:
    """The first vector of that id."""
    return next(vector for vector in VECTORS if vector["id"] == name)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: f"{vector['id']}-{vector.get('rule')}")
def test_a_worked_deadline_holds_in_every_reading(vector: dict[str, Any]) -> None:
    found = computed(vector)
    given = {"shown": found.due_at, "legal": found.legal_due_at}
    given |= {reading.reading: reading.due_at for reading in found.contested}
    expected = {name: datetime.fromisoformat(text) for name, text in vector["expect"].items()}
    assert {name: given[name] for name in expected} == expected, vector["why"]
    if anchor := vector.get("anchor"):
        assert found.anchor_at == datetime.fromisoformat(vector["events"][anchor])


def test_all_forty_four_vectors_are_here_but_the_two_that_are_no_deadline() -> None:
    assert len({vector["id"] for vector in VECTORS}) == 42
    assert sum(len(vector["expect"]) for vector in VECTORS) == 80


def test_v08_a_time_that_does_not_exist_is_refused_with_the_reason() -> None:
    with pytest.raises(InstantFault, match=r"does not exist.*2027-03-28T02:30 Europe/Paris.*03:00\+02:00"):
        read_instant("2027-03-28T02:30", "Europe/Paris")


def test_v31_the_rounding_of_the_union_is_late_in_india() -> None:
    trap, rule = vector("V31"), rule_of(vector("V31"))
    (aware_at,) = events_of(trap, rule).values()
    rounded = hours_1182(aware_at, 72, Ground(place("IN"), shipped_calendars())).at
    found = computed(trap)
    assert rounded == datetime(2027, 6, 4, 5, 30, tzinfo=UTC)
    assert found.due_at is not None
    assert found.due_at < rounded
    assert found.legal_due_at is None
    assert found.contested == ()


def test_v31_no_rule_outside_the_union_and_the_united_kingdom_rounds_as_the_union_does() -> None:
    for rule in RULES:
        methods = {reading.method for reading in (rule.legal, *rule.contested) if reading is not None}
        if any("1182" in method for method in methods):
            assert rule.jurisdiction in {"EU", "UK"}, rule.key


@pytest.mark.parametrize(
    ("where", "shown"),
    [
        ("Asia/Manila", "2026-11-23T17:23:00+08:00"),
        ("Asia/Kolkata", "2026-11-23T14:53:00+05:30"),
        ("America/Sao_Paulo", "2026-11-23T06:23:00-03:00"),
        ("America/New_York", "2026-11-23T04:23:00-05:00"),
    ],
)
def test_v64_one_deadline_is_shown_on_four_other_clocks(where: str, shown: str) -> None:
    deadline = computed(vector("V01")).due_at
    assert deadline is not None
    assert deadline.astimezone(zone(where)).isoformat() == shown
