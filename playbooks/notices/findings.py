"""What the check of a notice finds: how grave, about which content, and how to mend it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

Severity: TypeAlias = Literal["block", "warn", "note"]
SEVERITIES: Final[tuple[Severity, ...]] = ("block", "warn", "note")

CODES: Final[Mapping[str, str]] = {
    "left_out": "something that must be said is left out",
    "contact_missing": "it does not say whom to ask",
    "contact_unreachable": "the contact point has no address or number",
    "told_as_unknown": "words that say nothing are told as not yet known",
    "exact_number": "an exact number where the facts know a range, or nothing",
    "number_contradicts": "a number that the facts contradict",
    "number_unsupported": "a number that no fact supports",
    "copied_contradicts": "what it says about data copied, the facts contradict",
    "encrypted_contradicts": "what it says about encryption, the facts contradict",
    "date_before": "a date before it happened",
    "date_ahead": "a date that lies ahead",
    "aware_contradicts": "another awareness than the facts and the letter's head say",
    "role_contradicts": "another role than the facts say is ours",
    "category_omitted": "data that the facts do not name as affected",
    "category_denied": "it denies data that the facts name as affected",
    "late_without_reasons": "it is late and gives no reasons",
    "late_reasons_empty": "the reasons for lateness are an empty phrase",
    "prescribed_changed": "the wording that the law prescribes is not intact",
    "jargon": "words that the people told may not know",
    "hard_to_read": "hard to read for those whom it tells",
    "final_with_unknown": "a final notice that leaves something open",
    "withdrawal_unexplained": "a withdrawal without its reason",
}
"""Every code, and what it means; neither names anybody, so that any surface may show it."""


@dataclass(frozen=True, slots=True)
class NoticeFinding:
    """One thing found: `content` is the content concerned, or empty; `words` say which, and how to mend it.

    The words may quote the notice: they are shown only where the notice itself is.
    """

    code: str
    severity: Severity
    content: str
    words: str

    def as_json(self) -> dict[str, str]:
        """The finding as the store keeps it."""
        return {
            "code": self.code,
            "severity": self.severity,
            "content": self.content,
            "words": self.words,
        }


def from_json(kept: Iterable[Mapping[str, Any]] | None) -> tuple[NoticeFinding, ...]:
    """The findings as the store kept them."""
    return tuple(
        NoticeFinding(one["code"], one["severity"], one["content"], one["words"]) for one in kept or ()
    )


def blocking(found: Iterable[NoticeFinding]) -> tuple[NoticeFinding, ...]:
    """Those that no release may pass."""
    return tuple(one for one in found if one.severity == "block")


def in_order(found: Iterable[NoticeFinding]) -> tuple[NoticeFinding, ...]:
    """The gravest first, each once."""
    return tuple(sorted(dict.fromkeys(found), key=lambda one: SEVERITIES.index(one.severity)))
