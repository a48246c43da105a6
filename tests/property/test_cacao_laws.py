"""Laws of the exchange: what goes out comes back, and nothing that comes in can break us."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playbooks.cacao.conditions_in import condition_of
from playbooks.cacao.conditions_out import condition_text, condition_variables
from playbooks.cacao.exporting import exported, written
from playbooks.cacao.importing import imported
from playbooks.cacao.order_tree import order_in, tree_of
from playbooks.cacao.workflow_out import order_of
from playbooks.conditions import compile_condition
from playbooks.facts import UNKNOWN, FactView, Range
from playbooks.library import load_playbooks, read_playbook
from playbooks.models import Playbook
from playbooks.order import all_before, prerequisites
from tests.harness.cacao import action, as_bytes, document, identifier, stripped, structural_faults

LIBRARY = load_playbooks()
ATOMS = (
    "personal_data",
    "not encrypted",
    'our_role == "processor"',
    'risk != "unlikely"',
    'risk in ["likely", "high"]',
    '"health" in data_categories',
    "people_affected >= 500",
    "detected_at < aware_at",
    'detected_at > "2026-03-01T14:05Z"',
    'any(case.risk == "high" and not case.encrypted)',
    "all(case.personal_data)",
)


def before_of(plan: Playbook) -> dict[str, frozenset[str]]:
    waits = prerequisites(plan)
    return {step.id: all_before(waits, step.id) for step in plan.steps}


@pytest.mark.parametrize("name", sorted(LIBRARY))
def test_a_shipped_playbook_comes_back_equal(name: str) -> None:
    plan = LIBRARY[name]
    found = imported(written(exported(plan)).encode())
    assert found.playbook == plan
    assert read_playbook(found.text, "written") == plan


@pytest.mark.parametrize("name", sorted(LIBRARY))
def test_without_our_extension_comes_back_what_both_can_say(name: str) -> None:
    plan, found = LIBRARY[name], imported(as_bytes(stripped(exported(LIBRARY[name]))))
    back = found.playbook
    assert back is not None, found.report.wrong
    assert {step.id for step in back.steps} == {step.id for step in plan.steps}
    assert (back.title, back.tlp, back.valid_from, back.valid_until, back.regimes) == (
        *(plan.title, plan.tlp, plan.valid_from, plan.valid_until, plan.regimes),
    )
    assert [(one.name, one.link) for one in back.sources] == [(one.name, one.link) for one in plan.sources]
    for step in plan.steps:
        other = back.step(step.id)
        assert other.title == step.title
        assert other.instructions.startswith(step.instructions.strip())
        assert (other.do_not, other.evidence) == (step.do_not, step.evidence)
        assert (other.approvals, other.per) == (step.approvals, step.per)
        assert {field.label for field in step.fields} <= {field.label for field in other.fields}
        assert same(other.when, step.when)
        assert same(other.repeat and other.repeat.until, step.repeat and step.repeat.until)
        asked = {field.fact for field in step.fields if field.fact}
        assert {field.fact for field in other.fields if field.fact} == asked
        assert step.kind == "automated" or other.role == step.role
    assert before_of(back) == order_in(order_of(plan))


def same(one: str | None, other: str | None) -> bool:
    return one == other or (
        one is not None and other is not None and condition_text(one) == condition_text(other)
    )


@pytest.mark.parametrize("name", sorted(LIBRARY))
def test_the_order_is_never_looser_than_the_plan(name: str) -> None:
    tree = order_in(order_of(LIBRARY[name]))
    assert all(before <= tree[step] for step, before in before_of(LIBRARY[name]).items())


@st.composite
def orders(draw: st.DrawFn) -> dict[str, frozenset[str]]:
    """Any order of up to nine steps, with all that lies before each."""
    before: dict[str, frozenset[str]] = {}
    for at in range(draw(st.integers(1, 9))):
        direct = draw(st.sets(st.sampled_from(sorted(before)))) if before else set()
        before[f"s{at}"] = frozenset(direct).union(*(before[one] for one in direct))
    return before


@given(orders())
def test_any_order_becomes_a_tree_that_keeps_it(before: dict[str, frozenset[str]]) -> None:
    told = order_in(tree_of(tuple(before), before))
    assert set(told) == set(before)
    assert all(before[step] <= told[step] for step in before)
    assert all(step not in behind for step, behind in told.items())


CONDITIONS = st.recursive(
    st.sampled_from(ATOMS),
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: "(" + " and ".join(parts) + ")"),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: "(" + " or ".join(parts) + ")"),
        inner.map(lambda part: f"not ({part})"),
    ),
    max_leaves=5,
)
FACTS = st.fixed_dictionaries(
    {
        "personal_data": st.sampled_from([True, False, UNKNOWN]),
        "encrypted": st.sampled_from([True, False, UNKNOWN]),
        "our_role": st.sampled_from(["processor", "controller", UNKNOWN]),
        "risk": st.sampled_from(["unlikely", "likely", "high", UNKNOWN]),
        "data_categories": st.sampled_from([frozenset({"health"}), frozenset({"card"}), UNKNOWN]),
        "people_affected": st.sampled_from([Range(low=1, high=900), Range(low=600, high=None), UNKNOWN]),
    }
)


@given(CONDITIONS, st.booleans(), FACTS)
def test_a_condition_comes_back_with_its_meaning(text: str, negated: bool, facts: dict[str, Any]) -> None:
    back = condition_of(condition_text(text, negated=negated), condition_variables(text))
    assert back is not None
    meant = compile_condition(f"not ({text})" if negated else text)
    view = FactView(incident=facts)
    assert compile_condition(back).evaluate(view) == meant.evaluate(view)


@pytest.mark.parametrize(
    "text",
    [
        "__personal_data__:value >= true",
        "__personal_data__:value < false",
        "__our_role__:value = 'processor\" or encrypted or our_role == \"controller'",
        "__our_role__:value IN ('processor\"] or our_role in [\"controller')",
    ],
)
def test_what_is_not_of_the_form_we_write_is_asked_not_guessed(text: str) -> None:
    """An order of yes and no, and words that would read as more than one value in our language."""
    defined = condition_variables('personal_data and our_role == "processor"')
    assert condition_of(text, defined) is None


@given(st.text(max_size=200))
def test_any_text_is_a_condition_or_none(text: str) -> None:
    assert condition_of(text, {}) is None


NAMES = (
    "Detect it",
    "Triage it",
    "Block it",
    "Examine it",
    "Notify them",
    "Restore it",
    "Lessons",
    "",
    "Do it",
)
KINDS = (
    "action",
    "action",
    "action",
    "parallel",
    "if-condition",
    "while-condition",
    "switch-condition",
    "end",
)


@st.composite
def workflows(draw: st.DrawFn) -> dict[str, Any]:
    """Any workflow of up to nine steps, most of them tangled."""
    kinds = draw(st.lists(st.sampled_from(KINDS), min_size=1, max_size=9))
    ids = [identifier(kind, at) for at, kind in enumerate(kinds, 1)]
    onward = st.sampled_from([*ids, *ids, identifier("end", 99)])
    steps: dict[str, Any] = {identifier("end", 99): {"type": "end"}}
    for name, kind in zip(ids, kinds, strict=True):
        then = draw(st.none() | onward)
        step = (
            action(draw(st.sampled_from(NAMES)), then)
            if kind == "action"
            else {"type": kind, **({"on_completion": then} if then else {})}
        )
        match kind:
            case "end":
                step = {"type": "end"}
            case "action" if then is None and draw(st.booleans()):
                step |= {"on_success": draw(onward), "on_failure": draw(onward)}
            case "parallel":
                step["next_steps"] = draw(st.lists(onward, min_size=1, max_size=3))
            case "if-condition":
                step |= {"condition": "x", "on_true": draw(onward), "on_false": draw(onward)}
            case "while-condition":
                step |= {"condition": "x", "on_true": draw(onward)}
            case "switch-condition":
                step |= {"switch": "x", "cases": {"a": draw(onward), "b": draw(onward)}}
        steps[name] = step
    return document(steps, ids[0])


@given(workflows())
def test_any_workflow_is_taken_or_refused(made: dict[str, Any]) -> None:
    found = imported(as_bytes(made))
    assert (found.playbook is None) == bool(found.report.wrong)
    assert not any("no playbook of ours" in str(wrong) for wrong in found.report.wrong)
    if found.playbook is None:
        return
    assert {f"/workflow/{name}" for name in made["workflow"]} <= {gap.pointer for gap in found.report.gaps}
    assert structural_faults(exported(found.playbook)) == ()
    assert imported(written(exported(found.playbook)).encode()).playbook == found.playbook


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=20)
    | st.sampled_from(["end", "action", "a--b"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@given(st.data())
def test_any_part_of_a_document_may_be_anything(data: st.DataObject) -> None:
    made: Any = copy.deepcopy(data.draw(st.sampled_from([SMALL, stripped(SMALL)])))
    for _ in range(data.draw(st.integers(1, 3))):
        place = made
        while True:
            key = data.draw(st.sampled_from(sorted(place) if isinstance(place, dict) else range(len(place))))
            if not isinstance(place[key], dict | list) or not place[key] or data.draw(st.integers(0, 4)) == 0:
                break
            place = place[key]
        place[key] = data.draw(VALUES)
    found = imported(json.dumps(made).encode())
    assert (found.playbook is None) == bool(found.report.wrong)
    assert all(sign.isprintable() or sign == "\n" for sign in found.text)


@given(st.binary(max_size=300))
def test_any_bytes_are_refused(raw: bytes) -> None:
    assert imported(raw).playbook is None


SMALL = exported(LIBRARY["misdirected-message"])
