"""Slack's blocks, within Slack's limits however large their words are: nothing here can be refused for size.

The limits are Slack's own (docs.slack.dev); the one of all text together is not documented, and was seen
between 9,597 and 11,341 characters.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from notify import text

Block = dict[str, Any]

MOST_BLOCKS: Final = 50
SECTION_LIMIT: Final = 2_900  # Slack: 3,000
CONTEXT_LIMIT: Final = 2_000
MOST_ELEMENTS: Final = 10  # of a context; Slack takes 25 in a row of buttons
ALL_TEXT: Final = 9_000
BUTTON_TEXT: Final = 75
BUTTON_VALUE: Final = 2_000
BLOCK_ID: Final = 255
NOTIFICATION_LIMIT: Final = 3_000  # Slack: 40,000, and asks for fewer than 4,000
MORE: Final = "\u2026 there is more: open the link"

QUESTION_BUTTONS: Final = (
    ("ack", "Acknowledge"),
    ("take", "Take"),
    ("snooze", "Snooze"),
    ("note", "Add note"),
    ("escalate", "Escalate"),
    ("answer", "Answer"),
)
"""What can be done about a question in the channel: the action's id, and the button's words."""

_WHOLE: Final = re.compile(r"<[^<>]*>|&(?:amp|lt|gt);|[\s\S]")


def section(mrkdwn: str) -> Block:
    """A paragraph of text that is inert already."""
    return {"type": "section", "text": _mrkdwn(fit(mrkdwn, SECTION_LIMIT) or "\u00a0")}


def context(*lines: str) -> Block:
    """Small print of text that is inert already."""
    shown = [fit(line, CONTEXT_LIMIT) for line in lines if line.strip()][:MOST_ELEMENTS]
    return {"type": "context", "elements": [_mrkdwn(line) for line in shown or ["\u00a0"]]}


def divider() -> Block:
    """A line between what is said above and below."""
    return {"type": "divider"}


def question_buttons(question: str) -> Block:
    """What can be pressed about the question of that ref."""
    value = text.one_line(question)[:BUTTON_VALUE]
    buttons = [_button(action, words, value) for action, words in QUESTION_BUTTONS]
    return {"type": "actions", "block_id": f"question:{value}"[:BLOCK_ID], "elements": buttons}


def _named_once(blocks: Iterable[Block]) -> Iterator[Block]:
    """The blocks without those whose name came before: Slack refuses the whole message."""
    seen: set[str] = set()
    for block in blocks:
        name = block.get("block_id")
        if name is None or name not in seen:
            yield block
        if name is not None:
            seen.add(name)


def bounded(blocks: Iterable[Block], last: Block | None = None) -> tuple[Block, ...]:
    """As many blocks as Slack takes, `last` always among them; says where something is missing."""
    ending = [last] if last is not None else []
    room = ALL_TEXT - sum(map(_size, ending)) - len(MORE)
    kept: list[Block] = []
    for block in _named_once(blocks):
        room -= _size(block)
        if room < 0 or len(kept) == MOST_BLOCKS - len(ending) - 1:
            return (*kept, context(MORE), *ending)
        kept.append(block)
    return (*kept, *ending)


def fit(mrkdwn: str, limit: int) -> str:
    """At most `limit` characters, cut where neither a link nor an entity breaks."""
    if len(mrkdwn) <= limit:
        return mrkdwn
    return "".join(_as_long_as(mrkdwn, limit - 1)).rstrip() + "\u2026"


def _as_long_as(mrkdwn: str, limit: int) -> Iterator[str]:
    size = 0
    for found in _WHOLE.finditer(mrkdwn):
        size += len(found[0])
        if size > limit:
            return
        yield found[0]


def _button(action: str, words: str, value: str) -> Block:
    label = {"type": "plain_text", "text": words[:BUTTON_TEXT], "emoji": False}
    return {"type": "button", "action_id": action, "text": label, "value": value}


def _mrkdwn(mrkdwn: str) -> dict[str, Any]:
    return {"type": "mrkdwn", "text": mrkdwn, "verbatim": True}  # verbatim: no link is made of a bare word


def _size(block: Block) -> int:
    """How many characters of text a block shows."""
    parts = [block.get("text"), *block.get("elements", ())]
    texts = [part["text"] for part in parts if isinstance(part, dict) and "text" in part]
    return sum(len(one["text"] if isinstance(one, dict) else one) for one in texts)
