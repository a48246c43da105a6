"""Laws of the condition language: Kleene's logic, and that learning more never takes an answer back."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playbooks.conditions import UNKNOWN, Truth, compile_condition, condition_faults
from playbooks.documents import read_document
from playbooks.errors import ConditionFault, FactFault, FileFaults
from playbooks.facts import DICTIONARY, FactValue, FactView, Range, from_json, parse_fact, to_json
from playbooks.library import read_playbook
from playbooks.truth import Interval, all_true, any_true, negated

TRUTHS = (True, False, UNKNOWN)
truths = st.sampled_from(TRUTHS)


def possible(truth: Truth) -> set[bool]:
    return {True, False} if truth is UNKNOWN else {truth is True}


def seen(outcomes: set[bool]) -> Truth:
    return UNKNOWN if len(outcomes) == 2 else outcomes.pop()


@pytest.mark.parametrize(("left", "right"), list(product(TRUTHS, TRUTHS)))
def test_and_and_or_say_what_every_possible_world_says(left: Truth, right: Truth) -> None:
    worlds = list(product(possible(left), possible(right)))
    assert all_true([left, right]) is seen({a and b for a, b in worlds})
    assert any_true([left, right]) is seen({a or b for a, b in worlds})


@given(st.lists(truths), st.lists(truths))
def test_the_laws_of_de_morgan_hold_and_order_does_not_matter(some: list[Truth], more: list[Truth]) -> None:
    assert negated(all_true(some)) is any_true(negated(truth) for truth in some)
    assert all_true([*some, *more]) is all_true([*more, *some]) is all_true([all_true(some), all_true(more)])
    assert negated(negated(any_true(some))) is any_true(some)


counts = st.integers(0, 4)


@given(counts, counts | st.none(), st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), counts)
def test_a_range_compares_as_every_count_in_it_does(low: int, more: int | None, how: Any, point: int) -> None:
    high = None if more is None else low + more
    inside = range(low, (high if high is not None else 60) + 1)
    ways = {"<": "__lt__", "<=": "__le__", ">": "__gt__", ">=": "__ge__", "==": "__eq__", "!=": "__ne__"}
    outcomes = {bool(getattr(count, ways[how])(point)) for count in inside}
    assert Interval.of(Range(low=low, high=high)).compare(how, point) is seen(outcomes)


ATOMS = [
    "personal_data",
    "encrypted",
    'risk == "high"',
    'risk in ["likely", "high"]',
    '"health" in data_categories',
    "people_affected >= 500",
    "people_affected == 3",
    "detected_at < aware_at",
    'our_role != "processor"',
]
CASE_ATOMS = ["case.personal_data", 'case.risk == "high"', "case.people_affected < 10", "encrypted"]


def _grown(parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return (
        st.builds("({} and {})".format, parts, parts)
        | st.builds("({} or {})".format, parts, parts)
        | st.builds("(not {})".format, parts)
    )


over_cases = st.builds(
    "{}({} or case.contained)".format,
    st.sampled_from(["any", "all"]),
    st.recursive(st.sampled_from(CASE_ATOMS), _grown, max_leaves=4),
)
conditions = st.recursive(st.sampled_from(ATOMS) | over_cases, _grown, max_leaves=8)
instants = st.sampled_from([datetime(2026, 3, day, tzinfo=UTC) for day in (1, 2, 3)])
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "personal_data": st.booleans(),
    "encrypted": st.booleans(),
    "contained": st.booleans(),
    "risk": st.sampled_from(["unlikely", "likely", "high"]),
    "our_role": st.sampled_from(["controller", "processor"]),
    "data_categories": st.frozensets(st.sampled_from(["health", "contact"])),
    "people_affected": st.integers(0, 1000).map(lambda count: Range(low=count, high=count)),
    "detected_at": instants,
    "aware_at": instants,
}
complete = st.builds(
    FactView,
    st.fixed_dictionaries(VALUES),
    st.dictionaries(st.sampled_from("ab"), st.fixed_dictionaries(VALUES), min_size=1, max_size=2),
)


@st.composite
def less_known(draw: Any, view: FactView) -> FactView:
    """Draw what somebody knew before: facts not yet stated, counts only bounded, sets that may grow."""

    def before(value: FactValue) -> FactValue:
        if draw(st.booleans()):
            return UNKNOWN
        if isinstance(value, Range):
            return Range(low=draw(st.integers(0, value.low)), high=draw(st.none() | st.just(value.low + 50)))
        if isinstance(value, frozenset):
            kept = frozenset(item for item in value if draw(st.booleans()))
            return kept | {"unknown"}
        return value

    def each(facts: Any) -> dict[str, FactValue]:
        return {name: before(value) for name, value in facts.items()}

    return FactView(each(view.incident), {case: each(facts) for case, facts in view.cases.items()})


@given(conditions, complete, st.data())
def test_learning_more_never_takes_an_answer_back(text: str, view: FactView, data: Any) -> None:
    condition = compile_condition(text)
    earlier = condition.evaluate(data.draw(less_known(view)), "a")
    assert earlier in (UNKNOWN, condition.evaluate(view, "a"))


@given(conditions, complete)
def test_whoever_knows_everything_is_never_left_unknown(text: str, view: FactView) -> None:
    assert compile_condition(text).evaluate(view) is not UNKNOWN
    assert compile_condition(text).unknown_facts(view) == ()


@given(conditions, complete, st.data())
def test_an_unknown_answer_names_at_least_one_fact_to_ask_for(text: str, view: FactView, data: Any) -> None:
    """Unless what is missing is precision: a range to narrow or a set that may grow."""
    names = data.draw(st.sets(st.sampled_from(sorted(VALUES))))
    partly = FactView(
        {name: value for name, value in view.incident.items() if name not in names},
        {
            case: {name: value for name, value in facts.items() if name not in names}
            for case, facts in view.cases.items()
        },
    )
    condition = compile_condition(text)
    if condition.evaluate(partly) is UNKNOWN:
        assert set(condition.unknown_facts(partly)) <= names
        assert condition.unknown_facts(partly)


@given(st.text(max_size=200) | st.text("()andor not<>=!.'\"case risk[],x1 personal_data", max_size=120))
def test_any_text_is_a_condition_or_a_fault_and_never_a_crash(text: str) -> None:
    if condition_faults(text):
        with pytest.raises(ConditionFault):
            compile_condition(text)
    else:
        compile_condition(text).evaluate(FactView())


anything = (
    st.text(max_size=60)
    | st.integers()
    | st.booleans()
    | st.none()
    | st.floats()
    | st.datetimes()
    | st.datetimes(timezones=st.just(UTC))
    | st.lists(st.text(max_size=10), max_size=4)
    | st.dictionaries(st.text(max_size=5), st.integers(), max_size=2)
    | st.binary(max_size=10)
)


@given(st.sampled_from(sorted(DICTIONARY)), anything)
def test_whatever_is_given_for_a_fact_is_a_value_that_survives_json_or_a_fault(name: str, given: Any) -> None:
    try:
        value = parse_fact(name, given)
    except FactFault:
        return
    assert from_json(name, to_json(value)) == value


@given(st.binary(max_size=200) | st.text("ab:-&*![]{}#'\"\n |>,", max_size=200))
def test_any_bytes_are_a_document_or_faults_and_never_a_crash(text: Any) -> None:
    for read in (read_document, read_playbook):
        with suppress(FileFaults):
            read(text, "a.yaml")
