"""Notices on the terminal: foreign text inert, and beside it the same as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from textwrap import fill
from typing import Any, Final

from sqlmodel import Session

from flows.approving import standing_of
from flows.cli.shown import columns, say, when
from flows.desk.deliveries import WayView, ways_shown
from flows.house import House
from flows.notice_documents import hashes_of
from flows.notice_phases import now_known
from flows.notice_reading import comparisons, duty_rows, marking_of, release_of
from flows.notice_telling import known_since, named, phase_line, tally, unknown_lines
from notify.text import plain, terminal
from playbooks.notices.findings import NoticeFinding, from_json
from store.scope import Scope
from store.tables import Incident, Notice

_BELOW: Final = " " * 9
_MARKS: Final = {"kept": ("", ""), "added": ("{+", "+}"), "removed": ("[-", "-]")}


@dataclass(frozen=True, slots=True)
class Seen:
    """One notice before whoever asked for it."""

    house: House
    session: Session
    incident: Incident
    scope: Scope
    now: datetime
    notice: Notice


def say_list(rows: Sequence[tuple[Incident, Notice]], *, as_json: bool) -> None:
    """Show notices without a word of what they say or whom they name."""
    if as_json:
        _say_json([_head(incident, notice) for incident, notice in rows])
        return
    columns(
        ("id", "incident", "case", "template", "version", "state", "channel", "drafted by", "accepted"),
        [
            (n.id, i.ref, n.case_ref, n.template, n.version, n.state, n.channel, n.drafted_by, n.accepted_at)
            for i, n in rows
        ],
        none="no notice yet",
    )


def say_notice(seen: Seen, *, as_json: bool) -> None:
    """Show one notice whole."""
    notice = seen.notice
    duties = duty_rows(seen.house, seen.session, seen.incident, seen.scope, seen.now, notice)
    marking = marking_of(seen.session, seen.incident, notice)
    if as_json:
        met = [{"rule": one.rule, "due_at": _stamp(one.due_at), "standing": one.standing} for one in duties]
        more = {"marking": marking, "recipient": notice.recipient, "receipt": notice.receipt, "duties": met}
        more |= _substance(seen) | {"ways": [_way(one) for one in ways_shown(seen.session, notice)]}
        _say_json(_head(seen.incident, notice) | more | {"text": notice.text, "sha256": notice.sha256})
        return
    case = f", case {notice.case_ref}" if notice.case_ref else ""
    say(f"notice {notice.id}, version {notice.version}, {notice.state}: {seen.incident.ref}{case}, {marking}")
    say(f"to {terminal(notice.recipient)}, over {notice.channel}; now {when(seen.now)}")
    released = f", released by {terminal(notice.approved_by)}" if notice.approved_by else ""
    accepted = f", accepted {when(notice.accepted_at)}" if notice.accepted_at else ""
    say(f"drafted by {terminal(notice.drafted_by)} {when(notice.drafted_at)}{released}{accepted}")
    for line in _waiting_lines(seen):
        say(line)
    say()
    columns(
        ("duty", "due", "how it stands"),
        [(one.name, one.due_at, one.headline) for one in duties],
        none="no duty wants it",
    )
    _say_substance(seen)
    say()
    columns(
        ("way", "channel", "whom", "where", "how far", "their reference", "since"),
        [
            (one.number, one.channel, one.name, one.address, one.state or "-", one.external_id, one.queued_at)
            for one in ways_shown(seen.session, notice)
        ],
        none="it reaches nobody",
    )
    say()
    _say_text(notice.text)
    say()
    groups = [notice.sha256[at : at + 8] for at in range(0, len(notice.sha256), 8)]
    say(f"SHA-256  {' '.join(groups)}")
    for kind, sha256 in hashes_of(seen.session, notice).items():
        say(f"{kind:7}  {sha256}")


def _waiting_lines(seen: Seen) -> Iterator[str]:
    """What a notice still waits for before it is released."""
    asked = release_of(seen.session, seen.notice)
    if asked is None:
        return
    standing = standing_of(seen.session, seen.notice)
    if asked.kind == "counsel":
        yield "waits for counsel"
        return
    given = f", by {', '.join(terminal(word.handle) for word in standing.given)}" if standing.given else ""
    yield f"released by {standing.so_far}{given}" if standing.wanted > 1 else "waits for its release"
    if standing.cleared:
        yield f"cleared by counsel, {terminal(standing.cleared.handle)} {when(standing.cleared.at)}"


def say_changes(session: Session, notice: Notice, *, as_json: bool) -> None:
    """Show what changed, words added and removed in brackets of their own."""
    found = comparisons(session, notice)
    if as_json:
        told = [
            {
                "since": one.what,
                "id": one.earlier.id,
                "version": one.earlier.version,
                "runs": [{"change": run.change, "text": run.text} for run in one.runs],
            }
            for one in found
        ]
        _say_json(told)
        return
    if not found:
        say("nothing to compare it with: it is the first")
    for one in found:
        which = f"notice {one.earlier.id}, version {one.earlier.version}"
        say(f"since {one.what}: {which}; {{+added+}} [-removed-]")
        if one.is_same:
            say("nothing: the two texts are the same")
            continue
        say()
        _say_text("".join(_marked(run.change, run.text) for run in one.runs))


def say_findings(notice: Notice, found: Sequence[NoticeFinding], *, as_json: bool) -> None:
    """Show what the content check finds, the gravest first."""
    if as_json:
        _say_json([one.as_json() for one in found])
        return
    say(f"notice {notice.id}, version {notice.version}: {tally(found)}")
    for one in found:
        for line in (f"{named(one)} ({one.code})", terminal(one.words, 400)):
            head = f"  {one.severity:5}  " if line.startswith(named(one)) else _BELOW
            say(fill(line, 80, initial_indent=head, subsequent_indent=_BELOW))


def _substance(seen: Seen) -> dict[str, Any]:
    """Phase, unknowns, findings and documents of a notice, as JSON."""
    notice = seen.notice
    return {
        "phase": notice.phase,
        "follows": notice.previous_id,
        "unknown": notice.unknown,
        "known_since": {one.content: _stamp(one.since) for one in now_known(seen.session, notice)},
        "findings": notice.findings or [],
        "documents": hashes_of(seen.session, notice),
        "privileged": notice.is_privileged,
    }


def _say_substance(seen: Seen) -> None:
    notice = seen.notice
    say()
    if words := phase_line(notice):
        say(words)
    if notice.unknown:
        say(f"still unknown: {'; '.join(unknown_lines(notice))}")
    for one in known_since(seen.session, notice):
        say(f"now known since {when(one.since)}: {one.content}")
    found = from_json(notice.findings)
    say(f"content check: {tally(found)}")
    for finding in found:
        say(f"  {finding.severity:5}  {named(finding)}: {terminal(finding.words, 400)}")


def _marked(change: str, text: str) -> str:
    """The words between their marks, which stand before the white space at the end."""
    before, after = _MARKS[change]
    words = text.rstrip()
    return f"{before}{words}{after}{text[len(words) :]}"


def _say_text(text: str) -> None:
    for line in text.rstrip("\n").split("\n"):
        say(plain(line))


def _way(one: WayView) -> dict[str, Any]:
    return {
        "way": one.number,
        "channel": one.channel,
        "name": one.name,
        "address": one.address,
        "state": one.state or None,
        "message_id": one.key or None,
        "external_id": one.external_id or None,
        "queued_at": _stamp(one.queued_at),
        "proof": [{"state": p.state, "at": p.at, "words": p.words, "sha256": p.sha256} for p in one.proofs],
    }


def _head(incident: Incident, notice: Notice) -> dict[str, Any]:
    return {
        "id": notice.id,
        "incident": incident.ref,
        "case": notice.case_ref,
        "template": notice.template,
        "version": notice.version,
        "state": notice.state,
        "channel": notice.channel,
        "drafted_by": notice.drafted_by,
        "drafted_at": _stamp(notice.drafted_at),
        "approved_by": notice.approved_by,
        "sent_at": _stamp(notice.sent_at),
        "accepted_at": _stamp(notice.accepted_at),
    }


def _stamp(at: datetime | None) -> str | None:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if at else None


def _say_json(value: object) -> None:
    say(json.dumps(value, indent=2))
