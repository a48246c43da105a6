"""What the page of one notice shows: the text that is released, whom it tells, its duties, what changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from flows.approving import standing_of
from flows.desk.deliveries import PasteView, WayView, to_paste, ways_shown
from flows.desk.look import Look
from flows.desk.words import left_words
from flows.gathering import plan_of
from flows.house import House
from flows.notice_documents import hashes_of
from flows.notice_phases import Known as KnownView
from flows.notice_reading import (
    Comparison,
    comparisons,
    duty_rows,
    marking_of,
    notice_seen,
    release_of,
)
from flows.notice_telling import MEANS, heading, known_since, tally, unknown_lines
from flows.text_proof import LENGTH
from flows.wall.rows import team_zone
from notify.comparing import Change, Run
from notify.text import plain
from notify.wall_view import ClockRow
from playbooks.notices.findings import CODES, NoticeFinding, from_json
from store.tables import Notice

_MARKS: Final = {"added": "+", "removed": "\u2212", "kept": ""}
_BESIDE: Final = 3


@dataclass(frozen=True, slots=True)
class RunView:
    """A stretch of a comparison, line by line, with the sign that stands before it."""

    change: Change
    sign: str
    lines: tuple[str, ...]
    left_out: int = 0
    """How many lines that both texts have stand between `lines` and `tail`."""
    tail: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ChangesView:
    """What changed since an earlier text."""

    what: str
    number: int
    version: int
    at: datetime
    runs: tuple[RunView, ...]
    is_same: bool


@dataclass(frozen=True, slots=True)
class ReleaseView:
    """The open question by which the notice is released, or read by counsel before that."""

    is_counsel: bool
    so_far: str
    """How many have released it, of how many, where it takes several."""
    given: tuple[str, ...]
    cleared_by: str
    author: str
    ref: str
    due_at: datetime | None
    left: str
    is_over: bool
    excluded: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FindingView:
    """One thing that the content check found, with its words."""

    severity: str
    means: str
    heading: str
    what: str
    words: str


@dataclass(frozen=True, slots=True)
class DocumentView:
    """A document of the notice, to be downloaded, with its hash."""

    kind: str
    href: str
    sha256: str


@dataclass(frozen=True, slots=True)
class NoticePage:
    """The page of one notice."""

    incident: str
    is_exercise: bool
    is_restricted: bool
    now: datetime
    reader: str
    zone: str
    number: int
    version: int
    state: str
    case_ref: str
    recipient: str
    channel: str
    marking: str
    drafted_by: str
    drafted_at: datetime
    approved_by: str
    sent_at: datetime | None
    accepted_at: datetime | None
    receipt: str
    lines: tuple[str, ...]
    hides: bool
    """Whether the text holds characters that a page does not show."""
    hash_groups: tuple[str, ...]
    duties: tuple[ClockRow, ...]
    phase: str
    previous: int | None
    is_privileged: bool
    unknown: tuple[str, ...]
    known: tuple[KnownView, ...]
    findings: tuple[FindingView, ...]
    tally: str
    documents: tuple[DocumentView, ...]
    ways: tuple[WayView, ...]
    paste: tuple[PasteView, ...]
    release: ReleaseView | None
    changes: tuple[ChangesView, ...]


def notice_page(home: House, look: Look, number: int) -> NoticePage | None:
    """The page of a notice as its reader may see it; None where they may not."""
    notice = notice_seen(look.session, look.incident, look.scope, number)
    if notice is None:
        return None
    lines, found = _lines(notice.text), from_json(notice.findings)
    return NoticePage(
        incident=look.incident.ref,
        is_exercise=look.incident.exercise_id is not None,
        is_restricted=plan_of(look.incident).restricted,
        now=look.now,
        reader=look.reader.handle,
        zone=team_zone(home, look.session),
        number=number,
        version=notice.version,
        state=notice.state,
        case_ref=notice.case_ref,
        recipient=notice.recipient,
        channel=notice.channel,
        marking=marking_of(look.session, look.incident, notice),
        drafted_by=notice.drafted_by,
        drafted_at=notice.drafted_at,
        approved_by=notice.approved_by,
        sent_at=notice.sent_at,
        accepted_at=notice.accepted_at,
        receipt=notice.receipt,
        lines=lines,
        hides=any(plain(line) != line for line in lines),
        hash_groups=hash_groups(notice.sha256),
        duties=duty_rows(home, look.session, look.incident, look.scope, look.now, notice),
        phase=notice.phase,
        previous=notice.previous_id,
        is_privileged=notice.is_privileged,
        unknown=unknown_lines(notice),
        known=known_since(look.session, notice),
        findings=tuple(_finding(one) for one in found),
        tally=tally(found),
        documents=_documents(look, notice),
        ways=ways_shown(look.session, notice),
        paste=to_paste(notice) if notice.state == "approved" else (),
        release=_release(look, notice),
        changes=tuple(_changes(one) for one in comparisons(look.session, notice)),
    )


def hash_groups(sha256: str) -> tuple[str, ...]:
    """A hash as people read it: groups of what is typed, of which the first is typed."""
    return tuple(sha256[at : at + LENGTH] for at in range(0, len(sha256), LENGTH))


def _release(look: Look, notice: Notice) -> ReleaseView | None:
    asked = release_of(look.session, notice)
    if asked is None:
        return None
    due_at = asked.due_at
    standing = standing_of(look.session, notice)
    return ReleaseView(
        is_counsel=asked.kind == "counsel",
        so_far=standing.so_far if standing.wanted > 1 else "",
        given=tuple(word.handle for word in standing.given),
        cleared_by=standing.cleared.handle if standing.cleared else "",
        author=notice.drafted_by,
        ref=asked.ref,
        due_at=due_at,
        left=left_words(due_at, look.now) if due_at else "",
        is_over=due_at is not None and due_at < look.now,
        excluded=tuple(asked.excluded),
    )


def _finding(one: NoticeFinding) -> FindingView:
    where = heading(one.content) if one.content else ""
    return FindingView(one.severity, MEANS[one.severity], where, CODES[one.code], one.words)


def _documents(look: Look, notice: Notice) -> tuple[DocumentView, ...]:
    base = f"/i/{look.incident.ref}/n/{notice.id}"
    hashes = hashes_of(look.session, notice)
    return tuple(DocumentView(kind, f"{base}.{kind}", sha256) for kind, sha256 in hashes.items())


def _changes(one: Comparison) -> ChangesView:
    return ChangesView(
        what=one.what,
        number=one.earlier.id or 0,
        version=one.earlier.version,
        at=one.earlier.accepted_at or one.earlier.drafted_at,
        runs=tuple(_run(run) for run in one.runs),
        is_same=one.is_same,
    )


def _run(run: Run) -> RunView:
    """A run line by line; of what did not change, the lines beside what did."""
    lines = tuple(run.text.split("\n"))
    left_out = len(lines) - 2 * _BESIDE
    if run.change != "kept" or left_out <= 2:
        return RunView(run.change, _MARKS[run.change], lines)
    return RunView(run.change, "", lines[:_BESIDE], left_out, lines[-_BESIDE:])


def _lines(text: str) -> tuple[str, ...]:
    return tuple(text.removesuffix("\n").split("\n"))
