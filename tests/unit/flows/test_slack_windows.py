"""Windows fit Slack's limits for whatever a playbook asks, and what comes back is read or is nothing."""

from __future__ import annotations

from typing import Any

import pytest

from flows.channel.forms import answer_window, back_of, digest_of, fits, note_window, open_window
from flows.channel.incoming import Press, Sheet, read_command, read_envelope, read_interaction
from flows.channel.replies import fitting, link, section
from flows.forms import FormSpec
from playbooks.facts import Choice
from playbooks.library import load_playbooks
from playbooks.models import Field
from tests.fakes.slack_views import view_refusal

DECISIONS = {"done": "the step is done", "not_applicable": "it does not apply here"}
STEPS = [
    (f"{playbook.id}/{step.id}", step)
    for playbook in load_playbooks(()).every()
    for step in playbook.steps
    if step.kind == "manual" and not any(field.spec.type == "clients" for field in step.fields)
]


@pytest.mark.parametrize("step", [step for _, step in STEPS], ids=[name for name, _ in STEPS])
def test_whatever_a_shipped_playbook_asks_fits_into_a_window(step: Any) -> None:
    spec = FormSpec(("it-1",), DECISIONS, step.fields)
    assert fits(spec)
    back = {"g": "12", "f": digest_of(spec), "c": "C0123456789#a-channel"}
    assert view_refusal(answer_window("INC-2026-0001", "a" * 16, step.title, spec, back, "why " * 80)) is None


def test_hostile_and_endless_words_fit_too() -> None:
    words = "<!channel> \u202e\x1b[31m\0 " + "x" * 5_000
    field = Field(id="odd", type="choice", label="l" * 200, help="h" * 600,
                  choices=tuple(Choice(value=f"v{n}", label=words[:100]) for n in range(99)))  # fmt: skip
    spec = FormSpec(("it-1",), DECISIONS, (field,))
    assert view_refusal(answer_window("INC-2026-0001", "a" * 16, words, spec, {}, words)) is None
    assert view_refusal(note_window("a" * 16, words, "C0")) is None
    many = [(f"playbook-{n}", words) for n in range(150)]
    assert view_refusal(open_window(many, ("low", "high", "medium"), "playbook-3", words, "C0")) is None


def test_a_form_that_slack_cannot_ask_is_known() -> None:
    field = Field(id="much", type="choice", label="l",
                  choices=tuple(Choice(value=f"v{n}", label="x") for n in range(100)))  # fmt: skip
    assert not fits(FormSpec((), DECISIONS, (field,)))


def test_another_form_has_another_digest() -> None:
    one, other = (
        FormSpec((), DECISIONS, (Field(id="a", type="text", label="l"),)),
        FormSpec((), DECISIONS, (Field(id="a", type="yes_no_unknown", label="l"),)),
    )
    assert digest_of(one) != digest_of(other)


@pytest.mark.parametrize("back", ["", "[]", "7", "{", '{"q": 7}', "null"])
def test_a_back_that_is_not_ours_holds_nothing(back: str) -> None:
    assert back_of(back) == {}


@pytest.mark.parametrize("payload", [
    {}, {"type": "block_actions"}, {"type": "block_actions", "user": {"id": "U"}, "actions": [7]},
    {"type": "block_actions", "user": {"id": "U"}, "team": {"id": "T"}, "actions": "no"},
    {"type": "view_submission", "user": 7, "team": {"id": "T"}, "view": {}},
    {"type": "view_submission", "user": {"id": 7}, "team": {"id": "T"}, "view": {}},
    {"type": "view_closed", "user": {"id": "U"}, "team": {"id": "T"}},
])  # fmt: skip
def test_a_payload_of_another_shape_is_nothing(payload: dict[str, Any]) -> None:
    assert read_interaction(payload) is None
    assert read_envelope("interactive", payload) is None


def test_two_presses_of_one_button_have_two_keys_and_one_brought_twice_has_one() -> None:
    def press(at: str, value: str = "q") -> Press:
        found = read_interaction({
            "type": "block_actions", "user": {"id": "U1"}, "team": {"id": "T1"}, "trigger_id": "9",
            "actions": [{"action_id": "take", "value": value, "action_ts": at}],
        })  # fmt: skip
        assert isinstance(found, Press)
        return found

    assert press("1").key == press("1").key
    assert len({press("1").key, press("2").key, press("1", "r").key}) == 3


def test_what_was_filled_in_is_read_by_field() -> None:
    found = read_interaction({
        "type": "view_submission", "user": {"id": "U1"}, "team": {"id": "T1"},
        "view": {"callback_id": "answer", "private_metadata": "{}", "state": {"values": {
            "a": {"given": {"value": "x\0y"}}, "b": {"given": {"selected_option": {"value": "yes"}}},
            "c": {"given": {"selected_options": [{"value": "p"}, {"value": "q"}]}},
            "d": {"given": {"value": None}},
            "e": 7, "f": {},
        }}},
    })  # fmt: skip
    assert isinstance(found, Sheet)
    assert found.values == {"a": "x\N{REPLACEMENT CHARACTER}y", "b": "yes", "c": ["p", "q"]}


def test_a_command_without_its_sender_is_nothing() -> None:
    assert read_command({"text": "list"}) is None


def test_lines_are_cut_whole_and_counted() -> None:
    lines = [f"line {n}" for n in range(1_000)]
    kept = fitting(lines).split("\n")
    assert kept[-1] == f"… and {1_000 - (len(kept) - 1)} more"
    assert len(section("\n".join(lines))["text"]["text"]) < 3_000


def test_a_label_cannot_end_its_link() -> None:
    assert link("https://desk.example/q/1", "a|b> <!channel>").count("<") == 1
