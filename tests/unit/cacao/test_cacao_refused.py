"""Documents that are refused: every fault with its pointer, at once, and never a crash."""

from __future__ import annotations

import json
from typing import Any

import pytest

from playbooks.cacao.importing import imported
from tests.harness.cacao import action, as_bytes, chain, document, identifier

A, B, END = identifier("action", 1), identifier("action", 2), identifier("end")


def wrong(raw: bytes | dict[str, Any]) -> list[str]:
    found = imported(raw if isinstance(raw, bytes) else as_bytes(raw))
    assert found.playbook is None
    assert found.text == ""
    assert found.report.wrong
    assert not found.report.as_json()["imported"]
    return [str(one) for one in found.report.wrong]


@pytest.mark.parametrize(
    ("raw", "what"),
    [
        (b"", "not JSON"),
        (b"type: playbook", "not JSON"),
        (bytes(range(256)), "not JSON"),
        (b'{"type": NaN}', "no JSON number"),
        (b'{"type": 1' + b"0" * 10_000 + b"}", "not JSON"),
        (b" " * 10_000_000, "larger than 1,000,000 bytes"),
        (b"[" * 900_000, "nested deeper"),
        (b'{"a":' * 100_000, "nested deeper"),
        (json.dumps({"a": [0] * 60_000}).encode(), "more than 50,000 parts"),
        (b'{"a": {"b": 1, "b": 2}}', "/a/b: stands here twice"),
        (b"[]", "not an object"),
    ],
)
def test_what_is_no_json_within_bounds(raw: bytes, what: str) -> None:
    assert any(what in one for one in wrong(raw))


def test_all_faults_of_shape_are_told_at_once() -> None:
    given = chain(
        "Do it", name=5, spec_version="1.1", labels="one", revoked="no", playbook_variables={"__a__": 1}
    )
    given["workflow"][A] |= {"on_completion": [END], "commands": {}, "timeout": "1"}
    given["workflow"][B] = []
    told = wrong(given)
    for place in (
        "/name",
        "/spec_version",
        "/labels",
        "/revoked",
        "/playbook_variables/__a__",
        f"/workflow/{B}",
    ):
        assert any(one.startswith(f"{place}: ") for one in told), place
    for place in ("on_completion", "commands", "timeout"):
        assert any(one.startswith(f"/workflow/{A}/{place}: ") for one in told), place


def test_all_steps_that_lead_nowhere_are_told_at_once() -> None:
    given = chain("Do it", "And this")
    given["workflow"][A]["on_completion"] = identifier("end", 9)
    given["workflow"][B]["on_completion"] = "x"
    assert [one.split(":")[0] for one in wrong(given)] == [
        f"/workflow/{name}/on_completion" for name in (A, B)
    ]


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"workflow_start": identifier("start")}, "/workflow_start"),
        ({"workflow": {}}, "/workflow"),
        ({"workflow": []}, "/workflow"),
        ({"type": "bundle"}, "/type"),
        ({"spec_version": "cacao-1.1"}, "/spec_version"),
    ],
)
def test_what_decides_the_order_must_be_whole(change: dict[str, Any], place: str) -> None:
    assert wrong({**chain("Do it"), **change})[0].startswith(f"{place}: ")


@pytest.mark.parametrize("name", ["id", "name", "workflow_start", "workflow"])
def test_what_is_missing_is_named(name: str) -> None:
    given = chain("Do it")
    del given[name]
    assert any(one.startswith(f"/{name}: missing") for one in wrong(given))


def test_steps_that_lead_back_to_each_other() -> None:
    given = document({A: action("One", B), B: action("Two", A)}, A)
    (told,) = wrong(given)
    assert "lead back to each other" in told
    assert "while-condition" in told


def test_two_starts_and_two_ways() -> None:
    start, other = identifier("start", 1), identifier("start", 2)
    steps = {start: {"type": "start", "on_completion": A}, other: {"type": "start", "on_completion": A}}
    given = document({**steps, A: action("One", END, on_success=END), END: {"type": "end"}}, start)
    told = wrong(given)
    assert any("a second start" in one for one in told)
    assert any("excludes" in one for one in told)


@pytest.mark.parametrize(
    "kind", ["if-condition", "while-condition", "switch-condition", "parallel", "single", None]
)
def test_a_step_without_what_its_type_needs(kind: str | None) -> None:
    given = chain("Do it")
    given["workflow"][identifier("x", 7)] = {"type": kind} if kind else {}
    assert all(one.startswith(f"/workflow/{identifier('x', 7)}") for one in wrong(given))


def test_more_steps_than_a_plan_holds() -> None:
    assert "more than 100 steps" in wrong(chain(*(f"Step {at}" for at in range(101))))[0]
    assert "more than 600 steps" in wrong(chain(*(f"Step {at}" for at in range(600))))[0]
    assert imported(as_bytes(chain(*(f"Step {at}" for at in range(90))))).playbook is not None


HOSTILE = (
    "\x1b[31mred\x07 \u202edesrever\u200b \ufeff\x00 \ud800 \u2028 ${HOME} {{ 7*7 }} {% raw %} <script>"
    " !!python/object:os.system &a *a - : # | > % @ ` ' \" \\ ---\n...\n? [ ] { } , 😀"
)


def test_hostile_text_comes_out_visible_and_means_nothing() -> None:
    given = chain(HOSTILE, name=HOSTILE, description=HOSTILE, labels=[HOSTILE], markings=[HOSTILE])
    given["workflow"][A] |= {
        "description": HOSTILE,
        "commands": [{"type": HOSTILE, "command": HOSTILE}],
        "out_args": [HOSTILE, "", "type", "__class__", "__class__"],
        "agent": HOSTILE,
        HOSTILE: 1,
    }
    given["playbook_variables"] = {HOSTILE: {"type": HOSTILE, "description": HOSTILE, "value": HOSTILE}}
    given["external_references"] = [{"name": HOSTILE, "url": "javascript:alert(1)"}, {"name": 5}]
    given[HOSTILE] = HOSTILE
    found = imported(as_bytes(given))
    assert found.playbook is not None, found.report.wrong
    told = found.text + "\n".join(found.report.lines())
    assert all(sign.isprintable() or sign == "\n" for sign in told)
    assert "${HOME} {{ 7*7 }}" in found.text
    assert all(step.kind != "automated" for step in found.playbook.steps)


def test_conditions_that_lead_back_to_each_other() -> None:
    first, second = identifier("if-condition", 1), identifier("if-condition", 2)
    back = {"type": "if-condition", "condition": "x", "on_true": first, "on_completion": A}
    steps = {
        first: {"type": "if-condition", "condition": "x", "on_true": second},
        second: back,
        A: action("One"),
    }
    (told,) = wrong(document(steps, first))
    assert "lead back to each other" in told


def tangled(parallels: int, ends: int, joins: int) -> dict[str, Any]:
    """Parallels that all lead to the same ends, within many others that each wait for all of these."""
    workflow: dict[str, Any] = {f"e{at}": {"type": "end"} for at in range(ends)}
    targets = list(workflow)
    inner = [f"p{at}" for at in range(parallels)]
    workflow |= {name: {"type": "parallel", "next_steps": targets} for name in inner}
    for at in range(joins):
        follows = f"j{at + 1}" if at + 1 < joins else "e0"
        workflow[f"j{at}"] = {"type": "parallel", "next_steps": inner, "on_completion": follows}
    return document({"s": {"type": "start", "on_completion": "j0"}, **workflow}, "s")


def test_a_document_made_to_be_costly_is_refused_before_it_costs() -> None:
    told = wrong(tangled(100, 100, 100))
    assert told == ["/workflow: more than 100,000 ways between its steps - split the playbook"]


def test_many_keys_that_stand_twice_are_told_without_seeking_each_among_all() -> None:
    pairs = ",".join(f'"a{at // 2}":1' for at in range(90_000))
    told = wrong(("{" + pairs + "}").encode())
    assert told[0].startswith("/a0: stands here twice")
    assert len(told) < 100
