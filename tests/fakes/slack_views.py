"""What Slack refuses in a window: sizes and shapes of Block Kit's modals."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

BLOCKS, TITLE, BACK, LABEL, HINT, OPTIONS, OPTION, VALUE, TEXT = (
    100,
    24,
    3_000,
    2_000,
    2_000,
    100,
    75,
    150,
    3_000,
)
VIEW_BYTES = 250_000


def view_refusal(view: dict[str, Any]) -> dict[str, Any] | None:
    """The answer to a window that Slack would not open, or none."""
    if len(json.dumps(view)) > VIEW_BYTES:
        return {"ok": False, "error": "view_too_large"}
    faults = list(_faults(view))
    if not faults:
        return None
    told = {"messages": [f"[ERROR] {fault}" for fault in faults]}
    return {"ok": False, "error": "invalid_arguments", "response_metadata": told}


def _faults(view: dict[str, Any]) -> Iterator[str]:
    if view.get("type") != "modal":
        yield "unsupported type [json-pointer:/view/type]"
    for part in ("title", "submit", "close"):
        yield from _text(view.get(part), TITLE, f"/view/{part}")
    if len(view.get("private_metadata", "")) > BACK:
        yield f"must be less than {BACK + 1} characters [json-pointer:/view/private_metadata]"
    if len(view.get("callback_id", "")) > 255:
        yield "must be less than 256 characters [json-pointer:/view/callback_id]"
    blocks = view.get("blocks", [])
    if not 0 < len(blocks) <= BLOCKS:
        yield f"1 to {BLOCKS} items allowed [json-pointer:/view/blocks]"
    names = [block.get("block_id") for block in blocks if block.get("block_id")]
    if len(set(names)) < len(names):
        yield "block_id must be unique [json-pointer:/view/blocks]"
    for index, block in enumerate(blocks):
        yield from _block(block, f"/view/blocks/{index}")


def _block(block: dict[str, Any], at: str) -> Iterator[str]:
    if block.get("type") == "section":
        yield from _text(block.get("text"), TEXT, f"{at}/text")
    elif block.get("type") == "input":
        yield from _text(block.get("label"), LABEL, f"{at}/label")
        if "hint" in block:
            yield from _text(block["hint"], HINT, f"{at}/hint")
        yield from _element(block["element"], f"{at}/element")
    elif block.get("type") != "divider":
        yield f"unsupported type: {block.get('type')} [json-pointer:{at}/type]"


def _element(element: dict[str, Any], at: str) -> Iterator[str]:
    if element["type"] == "plain_text_input":
        if not 1 <= element.get("max_length", 1) <= 3_000:
            yield f"must be 1 to 3000 [json-pointer:{at}/max_length]"
        return
    if element["type"] not in {"static_select", "multi_static_select"}:
        yield f"unsupported type: {element['type']} [json-pointer:{at}/type]"
        return
    options = element.get("options", [])
    if not 0 < len(options) <= OPTIONS:
        yield f"1 to {OPTIONS} items allowed [json-pointer:{at}/options]"
    for option in options:
        yield from _text(option["text"], OPTION, f"{at}/options")
        if not 0 < len(option["value"]) <= VALUE:
            yield f"must be 1 to {VALUE} characters [json-pointer:{at}/options/value]"
    if "initial_option" in element and element["initial_option"] not in options:
        yield f"initial_option is not one of the options [json-pointer:{at}/initial_option]"


def _text(text: Any, limit: int, at: str) -> Iterator[str]:
    if not isinstance(text, dict) or text.get("type") not in {"plain_text", "mrkdwn"}:
        yield f"missing text [json-pointer:{at}]"
    elif not 0 < len(text["text"]) <= limit:
        yield f"must be 1 to {limit} characters [json-pointer:{at}/text]"
