"""What whoever pressed or typed gets back, and them alone. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from notify.text import safe_url, slack
from playbooks.errors import Refused

TEXT_LIMIT: Final = 2_800
"""Slack refuses a section over 3,000 characters."""
NEUTRAL: Final = "There is nothing of that name here that you can act on. The desk knows more."
"""The one refusal: for a stranger, for whoever is kept out, and for what does not exist."""


@dataclass(frozen=True, slots=True)
class Reply:
    """Words for one person, a window to open for them, or faults for the window they handed in."""

    text: str = ""
    blocks: Sequence[Mapping[str, Any]] = ()
    view: Mapping[str, Any] | None = None
    faults: Mapping[str, str] = field(default_factory=dict)

    @property
    def message(self) -> dict[str, Any]:
        """The words as Slack takes them: inert, in one section, with no link unfolded."""
        blocks = list(self.blocks) or [section(self.text)]
        return {"text": self.text[:TEXT_LIMIT], "blocks": blocks, "unfurl_links": False}


NOTHING: Final = Reply(NEUTRAL)


def refusal(refused: Refused) -> str:
    """Why something was not done and what to do instead, inert; never the words it was about."""
    return slack(f"{refused.what}; {refused.mend}" if refused.mend else refused.what, 250)


def section(text: str) -> dict[str, Any]:
    """A text of mrkdwn as a block, cut where Slack would refuse it."""
    return {"type": "section", "text": {"type": "mrkdwn", "text": fitting(text.split("\n"))}}


def fitting(lines: Sequence[str], limit: int = TEXT_LIMIT) -> str:
    """As many whole lines as fit, and how many more there are."""
    kept: list[str] = []
    size = 40  # for the last line
    for line in lines:
        size += len(line) + 1
        if size > limit:
            return "\n".join([*kept, f"… and {len(lines) - len(kept)} more"])
        kept.append(line)
    return "\n".join(kept)


def link(url: str, label: object) -> str:
    """A link in mrkdwn, its label inert."""
    address = safe_url(url)
    return f"<{address}|{slack(label, 150)}>" if address else slack(label, 150)
