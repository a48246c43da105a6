"""What Slack refuses: sizes of a message, and posting too fast."""

from __future__ import annotations

import json
from typing import Any

BLOCKS_LIMIT = 50
SECTION_LIMIT = 3_000
HEADER_LIMIT = 150
CONTEXT_LIMIT = 10
ALL_TEXT_LIMIT = 10_000  # undocumented; reports lie between 9,597 and 11,341
METADATA_LIMIT = 8_000
ACTIONS_LIMIT = 25
BUTTON_LIMITS = {"value": 2_000, "url": 3_000, "action_id": 255}
BUTTON_TEXT_LIMIT = 75
BLOCK_ID_LIMIT = 255


class Bucket:
    """A channel's allowance: `burst` messages at once, one more each `1 / rate` seconds."""

    def __init__(self, rate: float, burst: int, now: float) -> None:
        self.rate, self.burst = rate, burst
        self.tokens, self.at = float(burst), now

    def take(self, now: float) -> bool:
        self.tokens = min(self.burst, self.tokens + (now - self.at) * self.rate)
        self.at = now
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True


def refusal(message: dict[str, Any]) -> dict[str, Any] | None:
    """The answer to a message that Slack would not take, or none."""
    if not message.get("text") and not message.get("blocks"):
        return {"ok": False, "error": "no_text"}
    if len(json.dumps(message.get("metadata", ""))) > METADATA_LIMIT:
        return {"ok": False, "error": "metadata_too_large"}
    faults = list(block_faults(message.get("blocks") or []))
    if faults:
        told = {"messages": [f"[ERROR] {fault}" for fault in faults]}
        return {"ok": False, "error": "invalid_blocks", "errors": faults, "response_metadata": told}
    if sum(len(text) for text in texts_of(message.get("blocks") or [])) > ALL_TEXT_LIMIT:
        return {"ok": False, "error": "msg_blocks_too_long"}
    return None


def block_faults(blocks: list[dict[str, Any]]) -> list[str]:
    faults = []
    if len(blocks) > BLOCKS_LIMIT:
        faults.append(f"no more than {BLOCKS_LIMIT} items allowed [json-pointer:/blocks]")
    for index, block in enumerate(blocks):
        at = f"json-pointer:/blocks/{index}"
        kind, text = block.get("type"), (block.get("text") or {}).get("text", "")
        if kind not in {"section", "header", "context", "divider", "actions"}:
            faults.append(f"unsupported type: {kind} [{at}/type]")
        limit = HEADER_LIMIT if kind == "header" else SECTION_LIMIT
        if len(text) > limit:
            faults.append(f"must be less than {limit + 1} characters [{at}/text/text]")
        if kind in {"section", "header"} and not text and not block.get("fields"):
            faults.append(f"must be more than 0 characters [{at}/text/text]")
        if kind == "context" and not 0 < len(block.get("elements", ())) <= CONTEXT_LIMIT:
            faults.append(f"1 to {CONTEXT_LIMIT} items allowed [{at}/elements]")
        if len(block.get("block_id", "")) > BLOCK_ID_LIMIT:
            faults.append(f"must be less than {BLOCK_ID_LIMIT + 1} characters [{at}/block_id]")
        if kind == "actions":
            faults += _button_faults(block.get("elements", ()), at)
    ids = [block["block_id"] for block in blocks if "block_id" in block]
    if len(ids) != len(set(ids)):
        faults.append("`block_id` already exists [json-pointer:/blocks]")
    return faults


def _button_faults(buttons: Any, at: str) -> list[str]:
    faults = (
        [] if 0 < len(buttons) <= ACTIONS_LIMIT else [f"1 to {ACTIONS_LIMIT} items allowed [{at}/elements]"]
    )
    for place, button in enumerate(buttons):
        here = f"{at}/elements/{place}"
        if button.get("type") != "button" or button.get("text", {}).get("type") != "plain_text":
            faults.append(f"unsupported element [{here}]")
            continue
        if not 0 < len(button["text"].get("text", "")) <= BUTTON_TEXT_LIMIT:
            faults.append(f"must be less than {BUTTON_TEXT_LIMIT + 1} characters [{here}/text/text]")
        for name, limit in BUTTON_LIMITS.items():
            if len(button.get(name, "")) > limit:
                faults.append(f"must be less than {limit + 1} characters [{here}/{name}]")
    if len({button.get("action_id") for button in buttons}) != len(buttons):
        faults.append(f"`action_id` already exists [{at}/elements]")
    return faults


def texts_of(blocks: list[dict[str, Any]]) -> list[str]:
    """Every text that the blocks show."""
    texts = []
    for block in blocks:
        parts = [block.get("text"), *block.get("elements", ()), *block.get("fields", ())]
        texts += [part["text"] for part in parts if isinstance(part, dict) and "text" in part]
    return [text if isinstance(text, str) else text["text"] for text in texts]
