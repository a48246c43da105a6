"""What a notice's check, phase and unknowns are in a few words, for forms, pages and the terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Final

from sqlmodel import Session

from flows.notice_phases import Known, headings, now_known
from playbooks.notices.findings import CODES, NoticeFinding, Severity, from_json
from playbooks.notices.library import ENGLISH, heading_of, shipped_languages
from store.tables import Notice

MEANS: Final[dict[Severity, str]] = {"block": "stops it", "warn": "to weigh", "note": "remark"}
"""By severity, what a finding wants of whoever reads it."""


def finding_lines(notice: Notice) -> tuple[str, ...]:
    """A notice's findings by what and where, without a word of what it says: Prefect shows them."""
    found = from_json(notice.findings)
    return tuple(f"{MEANS[one.severity]}: {named(one)}" for one in found)


def named(one: NoticeFinding) -> str:
    """A finding without the words that it quotes: its content's heading and what is wrong."""
    return f"{heading(one.content)}: {CODES[one.code]}" if one.content else CODES[one.code]


def tally(found: Iterable[NoticeFinding]) -> str:
    """How many findings of each kind there are."""
    counted = Counter(one.severity for one in found)
    return ", ".join(f"{counted[one]} {MEANS[one]}" for one in MEANS if counted[one]) or "nothing found"


def phase_line(notice: Notice) -> str:
    """What a later notice is to the one that it follows; empty for a first one."""
    if notice.previous_id is None:
        return ""
    words = {
        "update": f"an update of notice {notice.previous_id}",
        "final": f"the final notice after notice {notice.previous_id}",
        "withdrawal": f"a withdrawal: it takes back notice {notice.previous_id}",
    }
    return words.get(notice.phase, f"it follows notice {notice.previous_id}")


def unknown_lines(notice: Notice) -> tuple[str, ...]:
    """The headings of what a notice says is not yet known."""
    return headings(notice.unknown)


def known_since(session: Session, notice: Notice) -> tuple[Known, ...]:
    """What earlier notices left open and this one tells, by its heading and since when."""
    return tuple(Known(heading(one.content), one.since) for one in now_known(session, notice))


def heading(content: str) -> str:
    """A content as its English heading."""
    return heading_of(shipped_languages()[ENGLISH], content)
