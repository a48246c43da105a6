"""What comes back about a mailed notice: delivery reports (RFC 3464), read receipts (RFC 8098), replies.

Nobody vouches for such a mail: whoever knows a Message-ID can write one. It says where to look and that
something went wrong; that a client has the notice, only the client says.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import Message
from email.parser import BytesParser, HeaderParser
from itertools import islice
from typing import Literal, TypeAlias

from notify.delivery.parcel import bearable
from notify.kinds import MessageFault
from notify.text import terminal

Kind: TypeAlias = Literal[
    "failed", "delayed", "relayed", "expanded", "delivered", "read", "unread", "replied", "auto_replied"
]
"""`unread` is a receipt of a mail that was deleted, or dealt with by a machine."""
LARGEST = 5 * 1024 * 1024
_MOST_PARTS = 50
_WORST_FIRST: tuple[Kind, ...] = ("failed", "delayed", "relayed", "expanded", "delivered")
_STATUS = re.compile(r"\s*([245])\.(\d{1,3})\.(\d{1,3})(?!\d)", re.ASCII)
_CLASSES: Mapping[Kind, str] = {
    "failed": "45",
    "delayed": "4",
    "relayed": "2",
    "expanded": "2",
    "delivered": "2",
}
_RETURNED = frozenset({"message/rfc822", "message/global", "text/rfc822-headers", "message/rfc822-headers",
                       "message/global-headers"})  # fmt: skip


class ReportFault(MessageFault):
    """A mail that tells nothing about a notice of ours, or contradicts itself."""


@dataclass(frozen=True, slots=True)
class Report:
    """What one mail says of one notice; every word of it is bounded and inert."""

    key: str
    """The parcel's."""
    kind: Kind
    status: str = ""
    """As 5.1.1, where it has one."""
    words: str = field(default="", repr=False)
    recipient: str = field(default="", repr=False)
    """Whom the report is about, where it says so."""


def read_report(raw: bytes, domain: str) -> Report:
    """The report that a mail is, about a notice sent from `domain`; raises ReportFault for any other mail."""
    if len(raw) > LARGEST:
        raise ReportFault("the mail is too large to be a report", mend="read it, and state what it says")
    try:
        mail = BytesParser().parsebytes(raw)
        return _read(mail, domain)
    except RecursionError:
        raise ReportFault("the mail is nested too deeply", mend="read it, and state what it says") from None


def _read(mail: Message, domain: str) -> Report:
    """By the parts right below the mail: a report inside a forwarded mail is somebody else's."""
    parts = _inside(mail)
    for part in parts:
        match part.get_content_type():
            case "message/delivery-status":
                return _delivery_report(_blocks(part), _returned(parts, domain))
            case "message/disposition-notification":
                return _receipt(_blocks(part), domain)
    return _reply(mail, domain)


def _delivery_report(blocks: list[Message], returned: str) -> Report:
    """Fields of the whole message first, then of each recipient; the worst of them is what counts."""
    if len(blocks) < 2:
        raise ReportFault("a delivery report about no recipient")
    named = _key(_said(blocks[0], "Original-Envelope-Id"))
    if named and returned and named != returned:
        raise ReportFault("a delivery report about two notices", which=f"{named}, {returned}")
    key = named or returned
    if not key:
        raise ReportFault("a delivery report about no notice of ours")
    told = [_about_recipient(key, block) for block in blocks[1:_MOST_PARTS]]
    return min(told, key=lambda each: _WORST_FIRST.index(each.kind))


def _about_recipient(key: str, block: Message) -> Report:
    action = _said(block, "Action").strip().lower()
    kind = next((each for each in _WORST_FIRST if each == action), None)
    if kind is None:
        raise ReportFault("a delivery report without an action", which=terminal(action, 40))
    found = _STATUS.match(_said(block, "Status"))
    status = ".".join(found.groups()) if found else ""
    if (kind != "failed" and not found) or (found and found[1] not in _CLASSES[kind]):
        raise ReportFault("a delivery report that contradicts itself", which=f"{action} {status}".strip())
    address = _said(block, "Original-Recipient") or _said(block, "Final-Recipient")
    return Report(
        key,
        kind,
        status,
        terminal(_said(block, "Diagnostic-Code")),
        terminal(address.partition(";")[2].strip(), 320),
    )


def _receipt(blocks: list[Message], domain: str) -> Report:
    """A read receipt; only one that names our own Message-ID is about a notice."""
    fields = blocks[0] if blocks else Message()
    key = _key_of_id(_said(fields, "Original-Message-ID"), domain)
    if not key:
        raise ReportFault("a read receipt about no notice of ours")
    disposition = _said(fields, "Disposition").partition(";")[2].partition("/")[0].strip().lower()
    address = _said(fields, "Original-Recipient") or _said(fields, "Final-Recipient")
    return Report(
        key,
        "read" if disposition == "displayed" else "unread",
        words=terminal(_said(fields, "Disposition")),
        recipient=terminal(address.partition(";")[2].strip(), 320),
    )


def _reply(mail: Message, domain: str) -> Report:
    named = [*_said(mail, "In-Reply-To").split()[:1], *reversed(_said(mail, "References").split())]
    key = next((key for each in named if (key := _key_of_id(each, domain))), "")
    if not key:
        raise ReportFault("a mail about no notice of ours")
    by_machine = (
        _said(mail, "Auto-Submitted").strip().lower() not in {"", "no"}
        or _said(mail, "Precedence").strip().lower() in {"bulk", "junk", "auto_reply"}
        or _said(mail, "Return-Path").strip() == "<>"
    )
    return Report(
        key,
        "auto_replied" if by_machine else "replied",
        words=_first_words(mail),
        recipient=terminal(_said(mail, "From"), 320),
    )


def _returned(parts: list[Message], domain: str) -> str:
    """The key in what the report returns of the notice: its headers, or all of it."""
    for part in parts:
        if part.get_content_type() in _RETURNED:
            for headers in _blocks(part):
                key = _key_of_id(_said(headers, "Message-ID"), domain)
                if key:
                    return key
    return ""


def _blocks(part: Message) -> list[Message]:
    """The groups of fields in a part: as the parser read them, else read now from its text."""
    if part.is_multipart():
        return _inside(part)
    text = part.get_payload(decode=True)
    return [HeaderParser().parsestr(text.decode(errors="replace"))] if isinstance(text, bytes) else []


def _inside(part: Message) -> list[Message]:
    held = part.get_payload() if part.is_multipart() else []
    return (
        [each for each in held if isinstance(each, Message)][:_MOST_PARTS] if isinstance(held, list) else []
    )


def _said(message: Message, name: str) -> str:
    return str(message.get(name, ""))


def _key_of_id(message_id: str, domain: str) -> str:
    """The key in one of our Message-IDs, or nothing."""
    local, _, behind = message_id.strip().removeprefix("<").removesuffix(">").rpartition("@")
    return _key(local) if behind.lower() == domain.lower() else ""


def _key(text: str) -> str:
    try:
        return bearable(text.strip())
    except MessageFault:
        return ""


def _first_words(mail: Message) -> str:
    """The beginning of its text, whatever charset it claims."""
    for part in islice(mail.walk(), _MOST_PARTS):
        if part.get_content_type() == "text/plain":
            held = part.get_payload(decode=True)
            return terminal(held.decode(errors="replace")) if isinstance(held, bytes) else ""
    return ""
