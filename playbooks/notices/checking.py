"""A notice's words checked before its release: all that must be said, and nothing that the facts contradict.

Pure: a draft in, findings out. What blocks is what no approver should have to weigh: something required left
out, no reasons for lateness, nobody to ask, prescribed words changed, or a sentence that says outright the
opposite of a fact. All else is shown to whoever releases it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from playbooks.fact_types import FactValue
from playbooks.notices.claims_said import check_claims
from playbooks.notices.dates_said import check_awareness, check_dates
from playbooks.notices.findings import NoticeFinding, in_order
from playbooks.notices.jargon import check_jargon
from playbooks.notices.library import ENGLISH, heading_of, shipped_forms
from playbooks.notices.models import Form, Language
from playbooks.notices.numbers_said import check_numbers
from playbooks.notices.plainness import check_plainness
from playbooks.notices.unknowns import is_open, unknown_in

CALIFORNIA: Final = (
    "Notice of Data Breach",
    "What Happened",
    "What Information Was Involved",
    "What We Are Doing",
    "What You Can Do",
    "For More Information",
)
"""Title and headings of Civil Code 1798.82(d)(1), in its order."""
_PRESCRIBED: Final[Mapping[str, tuple[str, ...]]] = {"california-people": CALIFORNIA}
_REACHED_BY: Final = re.compile(r"@|\d{3}|https?://|www\.")
_EMPTY_PHRASES: Final = re.compile(
    r"(?:due to|because of|owing to|for|there were|it was)?\s*(?:the |a |an |some |various |certain |"
    r"several |other |different |internal |operational |organi[sz]ational |technical |unforeseen |"
    r"general |own )*"
    r"(?:reasons?|circumstances|delays?|issues?|problems?|difficult(?:y|ies)|late(?:ness)?|"
    r"oversight|time|busy|workload|investigation(?:s)?(?: ongoing)?|coordination|see above|as discussed)",
    re.IGNORECASE,
)
_FEWEST_WORDS: Final = 3


@dataclass(frozen=True, slots=True)
class Draft:
    """What is checked: the form, what fills it, the text as laid out, and what is known of its case."""

    form: Form
    language: Language
    phase: str
    values: Mapping[str, object]
    text: str
    facts: Mapping[str, FactValue]
    now: datetime
    is_late: bool = False
    typed: Mapping[str, str] | None = None
    """By content, what a responder typed that says nothing, and is told as not yet known."""
    systems: Collection[str] = ()
    """Names of systems of the house, which mean nothing to the people told."""


def check_notice(draft: Draft) -> tuple[NoticeFinding, ...]:
    """All that is found in a draft, the gravest first."""
    return in_order(
        (
            *_left_out(draft),
            *_prescribed(draft),
            *_contact(draft),
            *_of_phase(draft),
            *_lateness(draft),
            *_told_as_unknown(draft),
            *_contradictions(draft),
            *_for_people(draft),
        )
    )


def _left_out(draft: Draft) -> Iterator[NoticeFinding]:
    """Each required content has its heading in the letter, and its words or that they are not yet known."""
    at = 0
    for section in draft.form.sections:
        if not section.required:
            continue
        heading = heading_of(draft.language, section.heading or section.content[0])
        match = re.search(rf"^(?:\d+\. )?{re.escape(heading)}$", draft.text[at:], re.MULTILINE)
        if match is None:
            mend = f"the letter lacks \u201c{heading}\u201d: write it anew"
            yield NoticeFinding("left_out", "block", section.content[0], mend)
            continue
        at += match.end()
        body = re.split(r"\n(?=\S)", draft.text[at:], maxsplit=1)[0]
        for content in section.content:
            label = heading_of(draft.language, content)
            if content not in draft.values or (content != section.content[0] and f"    {label}:" not in body):
                yield NoticeFinding("left_out", "block", content, f"it does not say: {label}")
            elif draft.values[content] in (None, "") and draft.language.fixed.not_known not in body:
                mend = f"unknown, and not told as unknown: {label}"
                yield NoticeFinding("left_out", "block", content, mend)


def _prescribed(draft: Draft) -> Iterator[NoticeFinding]:
    """Title and headings that a law prescribes stand in the letter, word for word and in order."""
    if not draft.form.prescribed:
        return
    shipped = shipped_forms().get(draft.form.id, draft.form)
    own = (shipped.title, *(section.heading or "" for section in shipped.sections if section.required))
    lines = iter(draft.text.splitlines())
    for words in _PRESCRIBED.get(draft.form.id, own):
        if words not in lines:  # goes on where the last one was found
            yield NoticeFinding("prescribed_changed", "block", "", f"the law wants \u201c{words}\u201d here")
            return


def _contact(draft: Draft) -> Iterator[NoticeFinding]:
    if "contact_point" not in draft.form.contents:
        return
    said = draft.values.get("contact_point")
    if is_open(said):
        is_needed = "contact_point" in draft.form.required
        mend = "say whom to ask: that is never unknown"
        yield NoticeFinding("contact_missing", "block" if is_needed else "warn", "contact_point", mend)
    elif not _REACHED_BY.search(str(said)):
        mend = "add an address, a number or a page"
        yield NoticeFinding("contact_unreachable", "warn", "contact_point", mend)


def _of_phase(draft: Draft) -> Iterator[NoticeFinding]:
    if draft.phase == "withdrawal" and is_open(draft.values.get("nature")):
        mend = "say why the earlier notice is withdrawn"
        yield NoticeFinding("withdrawal_unexplained", "block", "nature", mend)
    if draft.phase == "final":
        for content in unknown_in(draft.form, draft.values):
            mend = "say what is known now, or that it will stay unknown"
            yield NoticeFinding("final_with_unknown", "warn", content, mend)


def _lateness(draft: Draft) -> Iterator[NoticeFinding]:
    reasons = " ".join(str(draft.values.get("delay_reasons") or "").split())
    if not draft.is_late or draft.phase == "withdrawal":
        return
    if not reasons:
        mend = "give the reasons for the delay"
        yield NoticeFinding("late_without_reasons", "block", "delay_reasons", mend)
    elif len(reasons.split()) < _FEWEST_WORDS or _EMPTY_PHRASES.fullmatch(reasons.rstrip(".! ")):
        mend = f"\u201c{reasons[:80]}\u201d explains nothing: say what happened when"
        yield NoticeFinding("late_reasons_empty", "warn", "delay_reasons", mend)


def _told_as_unknown(draft: Draft) -> Iterator[NoticeFinding]:
    for content, typed in (draft.typed or {}).items():
        mend = f"\u201c{typed[:40]}\u201d is told as not yet known"
        yield NoticeFinding("told_as_unknown", "note", content, mend)


def _contradictions(draft: Draft) -> Iterator[NoticeFinding]:
    if draft.phase == "withdrawal":  # it says that what it says was wrong
        return
    yield from check_numbers(draft.values, draft.facts)
    yield from check_dates(draft.values, draft.facts, draft.now)
    if draft.language.language == ENGLISH:
        yield from check_awareness(draft.values, draft.facts)
        yield from check_claims(draft.values, draft.facts)


def _for_people(draft: Draft) -> Iterator[NoticeFinding]:
    if draft.form.audience != "people":
        return
    if draft.language.language == ENGLISH:
        yield from check_jargon(draft.values, draft.systems)
    yield from check_plainness(draft.values, draft.language.language)
