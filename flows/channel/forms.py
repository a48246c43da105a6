"""Windows as Slack shows them, within its limits: a remark, an answer, a new incident. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from flows.forms import EXAMPLE, FormSpec
from notify.text import clip, one_line
from playbooks.models import Field

TITLE, LABEL, HINT, OPTION, OPTIONS, BACK, TEXT = 24, 200, 600, 75, 100, 3_000, 3_000
"""What Slack takes at most: titles, options, the back of a window; labels and hints are kept short."""

_CODE: Final = "six digits, each good once; they prove that it is you"


def note_window(ref: str, title: str, channel: str) -> dict[str, Any]:
    """The window that asks for a remark."""
    asked = _input("text", "What is to be remembered?", _text(many=True, longest=2_000))
    told = f"{one_line(title)}\nIt goes into the timeline in your name. Leave personal data out."
    return _window("note", "Remark", "Write", [_told(told), asked], {"q": ref, "c": channel})


def answer_window(
    name: str, ref: str, title: str, spec: FormSpec, back: Mapping[str, Any], fault: str
) -> dict[str, Any]:
    """The window that asks what a form asks, the code and the decision."""
    blocks = [_told(f"{one_line(title)}\n{one_line(fault)}" if fault else one_line(title))]
    blocks.append(_input("decision", "Decision", _select(spec.decisions.items())))
    blocks += [_asked(field) for field in spec.fields]
    blocks.append(_input("reason", "Reason or remark", _text(many=True, longest=2_000), optional=True))
    blocks.append(_code())
    return _window("answer", name, "Answer", blocks, {**back, "q": ref})


def open_window(
    playbooks: Sequence[tuple[str, str]],
    severities: Sequence[str],
    chosen: str,
    title: str,
    channel: str,
) -> dict[str, Any]:
    """The window that asks for a new incident; its clocks start when it is handed in."""
    kinds = _select(((ref, f"{ref}: {words}") for ref, words in playbooks[:OPTIONS]), chosen)
    seen = _text(longest=200) | ({"initial_value": clip(one_line(title), 200)} if title else {})
    blocks = [
        _told("Its clocks start when you hand this in; triage may correct them."),
        _input("playbook", "Which playbook?", kinds),
        _input("title", "What was seen, in one line", seen, hint="Leave names and personal data out."),
        _input("severity", "How grave is it?", _select(((one, one) for one in severities), "medium")),
        _input(
            "clients",
            "Which clients?",
            _text(longest=400),
            optional=True,
            hint="their references, with spaces between; may be left to triage",
        ),
        _code(),
    ]
    return _window("open", "New incident", "Open", blocks, {"c": channel})


def digest_of(spec: FormSpec) -> str:
    """What a form asks, as a digest: an answer counts for the very form that was shown."""
    asked = [[field.name, field.spec.type, list(field.spec.values)] for field in spec.fields]
    text = json.dumps([asked, list(spec.decisions)], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def back_of(text: str) -> dict[str, str]:
    """What we wrote on the back of a window; nothing where it is not ours."""
    try:
        read = json.loads(text)
    except ValueError:
        return {}
    return {str(k): v for k, v in read.items() if isinstance(v, str)} if isinstance(read, dict) else {}


def fits(spec: FormSpec) -> bool:
    """Whether Slack can ask all of it: 100 blocks and 100 options at most."""
    return len(spec.fields) <= 90 and all(len(field.spec.values) < OPTIONS for field in spec.fields)


def _asked(field: Field) -> dict[str, Any]:
    spec = field.spec
    labels = {choice.value: choice.label for choice in spec.choices}
    match spec.type:
        case "yes_no" | "choice" | "choices":
            values = (*(spec.values or ("yes", "no")), "unknown")
            element = _select((value, labels.get(value, value)) for value in values)
            if spec.type == "choices":
                element["type"] = "multi_static_select"
            return _input(field.name, field.label, element, hint=field.help, optional=not field.required)
        case "instant":
            hint = f"{field.help} {EXAMPLE}"
            return _input(field.name, field.label, _text(longest=40), hint=hint, optional=True)
        case "text":
            return _input(field.name, field.label, _text(many=True), hint=field.help, optional=True)
        case _:
            return _input(field.name, field.label, _text(longest=200), hint=field.help, optional=True)


def _code() -> dict[str, Any]:
    return _input("code", "One-time code", _text(longest=7), hint=_CODE)


def _input(
    name: str, label: str, element: Mapping[str, Any], *, hint: str = "", optional: bool = False
) -> dict[str, Any]:
    block: dict[str, Any] = {
        "type": "input",
        "block_id": name,
        "label": _plain(label, LABEL),
        "element": {**element, "action_id": "given"},
        "optional": optional,
    }
    return block | ({"hint": _plain(hint, HINT)} if hint.strip() else {})


def _text(*, many: bool = False, longest: int = TEXT) -> dict[str, Any]:
    return {"type": "plain_text_input", "multiline": many, "max_length": longest}


def _select(options: Iterable[tuple[str, str]], chosen: str = "") -> dict[str, Any]:
    made = [{"text": _plain(words, OPTION), "value": value} for value, words in options]
    initial = [one for one in made if one["value"] == chosen]
    return {"type": "static_select", "options": made} | ({"initial_option": initial[0]} if initial else {})


def _told(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "plain_text", "text": clip(text, TEXT), "emoji": False}}


def _plain(text: str, limit: int) -> dict[str, Any]:
    return {"type": "plain_text", "text": clip(one_line(text), limit) or "-", "emoji": False}


def _window(
    name: str, title: str, submit: str, blocks: Sequence[Mapping[str, Any]], back: Mapping[str, Any]
) -> dict[str, Any]:
    kept = json.dumps({key: value for key, value in back.items() if value})
    assert len(kept) <= BACK
    return {
        "type": "modal",
        "callback_id": name,
        "title": _plain(title, TITLE),
        "submit": _plain(submit, TITLE),
        "close": _plain("Cancel", TITLE),
        "private_metadata": kept,
        "blocks": list(blocks),
    }
