"""The few values looked at stand for all: whatever a fact may be, one of them is judged like it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playbooks.condition_nodes import Compared, Ground, IsOneOf, evaluated
from playbooks.conditions import Condition, Truth, compile_condition
from playbooks.facts import DICTIONARY, UNKNOWN, FactValue, FactView, Range
from playbooks.library import load_playbooks
from playbooks.soundness.groups import conditions_of
from playbooks.soundness.values import representatives

WRITTEN = [
    "personal_data",
    'risk in ["likely", "high"]',
    'risk != "unlikely"',
    'source_kind == "insider"',
    '"US" in jurisdictions',
    '"US-CA" in jurisdictions',
    '"EU" in jurisdictions',
    "people_affected >= 500",
    "people_affected < 10",
    "people_affected == 30",
    'detected_at > "2026-03-01T00:00Z"',
]
PLACES = [choice.value for choice in DICTIONARY["jurisdictions"].choices]
COUNTS = st.one_of(
    st.integers(0, 2_000).map(lambda low: Range(low=low)),
    st.tuples(st.integers(0, 2_000), st.integers(0, 2_000)).map(
        lambda two: Range(low=min(two), high=max(two))
    ),
)
ANYTHING: dict[str, st.SearchStrategy[FactValue]] = {
    "personal_data": st.booleans(),
    "risk": st.sampled_from(DICTIONARY["risk"].values),
    "source_kind": st.sampled_from(DICTIONARY["source_kind"].values),
    "jurisdictions": st.frozensets(st.sampled_from([*PLACES, "unknown"]), max_size=4),
    "people_affected": COUNTS,
    "detected_at": st.integers(-500, 500).map(
        lambda days: datetime(2026, 3, 1, tzinfo=UTC) + timedelta(days)
    ),
}


@given(st.lists(st.sampled_from(WRITTEN), min_size=1, unique=True), st.data())
def test_every_value_is_judged_like_one_of_those_looked_at(texts: list[str], data: Any) -> None:
    conditions = [compile_condition(text) for text in texts]
    kept = representatives(conditions)
    name = data.draw(st.sampled_from(sorted(kept)))
    value = data.draw(ANYTHING[name])
    reading = [one for one in conditions if one.names == {name}]
    # a span may leave several comparisons open: each is looked at apart
    groups = [[one] for one in reading] if isinstance(value, Range) else [reading]
    for group in groups:
        assert any(judged(group, name, one) == judged(group, name, value) for one in (*kept[name], UNKNOWN))


def judged(conditions: list[Condition], name: str, value: FactValue) -> list[Truth]:
    return [one.evaluate(FactView({name: value})) for one in conditions]


def test_two_instants_come_in_every_order() -> None:
    condition = compile_condition("contained_at > detected_at")
    kept = representatives([condition])
    found = {
        condition.evaluate(FactView({"contained_at": one, "detected_at": other}))
        for one in kept["contained_at"]
        for other in kept["detected_at"]
    }
    assert found == {True, False}


@pytest.mark.parametrize("playbook", load_playbooks().values(), ids=lambda playbook: playbook.id)
def test_every_comparison_of_the_library_comes_out_both_ways(playbook: Any) -> None:
    conditions = [condition for step in playbook.steps for condition in conditions_of(step)]
    for condition in conditions:
        root = condition.root
        if isinstance(root, IsOneOf | Compared):
            values = representatives([condition])[root.fact.name]
            came = {evaluated(root, Ground(FactView({root.fact.name: value}), None)) for value in values}
            assert {True, False} <= came, condition.text
