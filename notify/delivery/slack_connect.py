"""Notices in a channel shared with a client: one message, the rest of the text as replies in its thread."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from notify.delivery.outcomes import Absent, Dead, Dispatched, Outcome, Search, TryLater, Unknown
from notify.delivery.parcel import Parcel, bearable, refusal
from notify.kinds import MessageFault
from notify.render import SlackMessage
from notify.sending import Sent
from notify.slack import SlackSender
from notify.text import clip, one_line, safe_url, slack, terminal

SECTION_LIMIT = 3_000  # Block Kit's, for the text of one section
PART_LIMIT = 7_000  # of 9,000 for all text of a message; the rest is for its head and its foot
SKEW = timedelta(minutes=5)  # by which Slack's clock may differ from ours
_HEADER_LIMIT = 150
_CHANNEL = re.compile(r"#[\w-]{1,79}|[CG][A-Z0-9]{2,79}", re.ASCII)
_ESCAPED = {"&": 5, "<": 4, ">": 4}


@dataclass(frozen=True, slots=True)
class Part:
    """One message of a notice, found again by its mark."""

    mark: str
    message: SlackMessage


class SlackConnectWay:
    """The channels that one Slack workspace shares with clients; safe to use from several threads."""

    def __init__(self, sender: SlackSender) -> None:
        self._sender = sender

    def send(self, parcel: Parcel, attempt: int) -> Outcome:
        """Post every part in order; after the first attempt, only those that are not there yet."""
        refused = refusal(parcel)
        if refused is not None:
            return refused
        try:
            channel, parts = _channel(parcel.address), tuple(parts_of(parcel))
        except MessageFault as fault:
            return Dead(str(fault))
        root: str | None = None
        for part in parts:
            found = self._found(channel, part, root, parcel) if attempt > 1 else Absent()
            told = self._posted(channel, part, root) if isinstance(found, Absent) else found
            if not isinstance(told, Sent):
                return _unfinished(told, part)
            root = root or told.external_id
        return _dispatched(root, parts)

    def find(self, parcel: Parcel) -> Search:
        """Look for every part; `Absent` where one is missing, which sending again mends."""
        try:
            channel, parts = _channel(parcel.address), tuple(parts_of(parcel))
        except MessageFault as fault:
            return Dead(str(fault))
        root: str | None = None
        for part in parts:
            told = self._found(channel, part, root, parcel)
            if not isinstance(told, Sent):
                return told
            root = root or told.external_id
        return _dispatched(root, parts)

    def close(self) -> None:
        """Close the connections of the sender."""
        self._sender.close()

    def _posted(self, channel: str, part: Part, root: str | None) -> Sent | TryLater | Unknown | Dead:
        return self._sender.post_whole(channel, part.message, thread=root, key=part.mark)

    def _found(
        self, channel: str, part: Part, root: str | None, parcel: Parcel
    ) -> Sent | Absent | TryLater | Dead:
        return self._sender.find(channel, thread=root, key=part.mark, since=parcel.queued_at - SKEW)


def parts_of(parcel: Parcel) -> Iterator[Part]:
    """The messages of a notice, in order; joined, their sections are its text as it was approved."""
    key, chunks = bearable(parcel.key), tuple(_chunks(parcel.text))
    foot = _foot(parcel)
    for number, sections in enumerate(chunks, start=1):
        blocks = [_head(parcel.subject)] if number == 1 else []
        blocks += [_section(_plain(each)) for each in sections]
        blocks += foot if number == len(chunks) else []
        which = f"{one_line(parcel.ref)}, part {number} of {len(chunks)}"
        blocks.append({"type": "context", "elements": [_plain(clip(which, SECTION_LIMIT))]})
        heading = f"{slack(parcel.subject, _HEADER_LIMIT)} ({slack(which)})"
        yield Part(f"{key}/{number}", SlackMessage(heading, tuple(blocks), terminal(which)))


def _channel(address: str) -> str:
    if not _CHANNEL.fullmatch(address):
        raise MessageFault("this is no Slack channel", which=terminal(address, 100), mend="#name or its id")
    return address


def _unfinished(told: TryLater | Unknown | Dead, part: Part) -> Outcome:
    """What hindered one part hinders the notice; the parts before it are found by the next attempt."""
    where = f"part {part.mark.rpartition('/')[2]}"
    match told:
        case TryLater(why, after):
            return TryLater(f"{where}: {why}", after)
        case Unknown(why):
            return Unknown(f"{where}: {why}")
        case Dead(why):
            return Dead(f"{where}: {why}")


def _dispatched(root: str | None, parts: tuple[Part, ...]) -> Outcome:
    return Dispatched(root, f"{len(parts)} in the channel") if root else Dead("the notice has no text")


def _chunks(text: str) -> Iterator[tuple[str, ...]]:
    """The sections of each message."""
    held: list[str] = []
    for section in _sections(text):
        if held and _size("".join(held)) + _size(section) > PART_LIMIT:
            yield tuple(held)
            held = []
        held.append(section)
    if held:
        yield tuple(held)


def _sections(text: str) -> Iterator[str]:
    """The text in pieces that a section can hold, cut at line ends where there are any."""
    held = ""
    for line in _lines(text):
        if _size(held) + _size(line) > SECTION_LIMIT:
            yield from _shown(held)
            held = ""
        held += line
    yield from _shown(held)


def _shown(section: str) -> tuple[str, ...]:
    """Slack takes no section of spaces alone."""
    return (section,) if section.strip() else ()


def _lines(text: str) -> Iterator[str]:
    """Lines with their ends, those too long for a section in pieces."""
    for line in text.splitlines(keepends=True):
        piece: list[str] = []
        size = 0
        for char in line:
            if size + _size(char) > SECTION_LIMIT:
                yield "".join(piece)
                piece, size = [], 0
            piece.append(char)
            size += _size(char)
        yield "".join(piece)


def _size(text: str) -> int:
    """How long Slack may hold a text to be: in UTF-16, with what it escapes escaped."""
    return sum(_ESCAPED.get(char, 2 if char > "\uffff" else 1) for char in text)


def _head(subject: str) -> dict[str, Any]:
    return {"type": "header", "text": _plain(clip(one_line(subject), _HEADER_LIMIT) or "Notice")}


def _foot(parcel: Parcel) -> list[dict[str, Any]]:
    """The hash, and the link by which the client says that it has the notice."""
    foot = [_section(_plain(f"SHA-256 of this text: {parcel.sha256}"))]
    if parcel.acknowledge_url:
        url = safe_url(parcel.acknowledge_url)
        if url is None:
            raise MessageFault("the link to acknowledge by is no link")
        foot.append(_section({"type": "mrkdwn", "text": f"<{url}|Confirm that you have this notice>"}))
    return foot


def _section(text: dict[str, Any]) -> dict[str, Any]:
    return {"type": "section", "text": text}


def _plain(text: str) -> dict[str, Any]:
    """Text in which Slack looks for no mark, no mention and no link."""
    return {"type": "plain_text", "text": text, "emoji": False}
