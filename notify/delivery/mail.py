"""A notice as a mail: the same bytes on each attempt, and nothing of a name or an address obeyed."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime

from notify.delivery.addresses import MailAddress, mail_address
from notify.delivery.parcel import Document, Parcel, bearable
from notify.text import clip, one_line

_MEDIA_TYPE = re.compile(r"([a-z]+)/([a-z0-9][a-z0-9.+-]{0,62})", re.ASCII)
_STRUCTURE = re.compile(r"[\"()<>\[\]:;@\\,=?]+")  # what has a meaning in the header of an address
_ODD_IN_FILE = re.compile(r"[^\w.-]+")
_NAME_LIMIT, _SUBJECT_LIMIT, _FILE_LIMIT = 60, 150, 80
RULE = "-" * 60  # two dashes and a space would make a signature of it, which readers fold away


@dataclass(frozen=True, slots=True)
class Mail:
    """What is handed to a mail server: envelope and content."""

    key: str
    message_id: str
    sender: MailAddress = field(repr=False)
    recipient: MailAddress = field(repr=False)
    content: bytes = field(repr=False)
    """Lines end with CRLF; dots are not yet doubled."""

    @property
    def is_ascii(self) -> bool:
        """Whether every server can take it; otherwise it must offer SMTPUTF8."""
        return self.sender.is_ascii and self.recipient.is_ascii


def compose(parcel: Parcel, sender: MailAddress) -> Mail:
    """The parcel as a mail from `sender`; raises MessageFault for an address or a key that cannot be."""
    recipient, named = mail_address(parcel.address), message_id(parcel.key, sender.domain)
    message = EmailMessage(policy=SMTP if sender.is_ascii and recipient.is_ascii else SMTPUTF8)
    message["From"] = _written(parcel.sender, sender)
    message["To"] = _written(parcel.name, recipient)
    message["Subject"] = _subject(parcel.subject)
    message["Date"] = format_datetime(parcel.queued_at)
    message["Message-ID"] = named
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday notes in return
    message["X-Auto-Response-Suppress"] = "OOF, AutoReply"
    message["Disposition-Notification-To"] = str(sender)
    message.set_content(_body(parcel), cte="quoted-printable")
    for number, document in enumerate(parcel.documents, start=1):
        _attach(message, document, number)
    if message.is_multipart():  # a boundary drawn by lot would make each attempt another mail
        message.set_boundary(f"=_{hashlib.sha256(parcel.key.encode()).hexdigest()[:32]}")
    return Mail(parcel.key, named, sender, recipient, message.as_bytes())


def message_id(key: str, domain: str) -> str:
    """The Message-ID made of a parcel's key and our domain."""
    return f"<{bearable(key)}@{domain}>"


def _written(name: str, address: MailAddress) -> Address:
    shown = clip(one_line(_STRUCTURE.sub(" ", one_line(name))), _NAME_LIMIT)
    return Address(display_name=shown, username=address.local, domain=address.domain)


def _subject(text: str) -> str:
    """One line; an encoded word in it would be decoded on its way, line ends and all (CVE-2024-6923)."""
    return clip(one_line(text).replace("=?", "= ?"), _SUBJECT_LIMIT)


def _body(parcel: Parcel) -> str:
    """The text as it was approved, then what is not part of it."""
    footer = [RULE, f"Reference: {one_line(parcel.ref)}"]
    if parcel.acknowledge_url:
        footer += ["Please confirm that you have this notice, by this link:", parcel.acknowledge_url]
    footer += ["SHA-256 of the text above the line:", parcel.sha256]
    return "\n".join([parcel.text, "", *footer, ""])


def _attach(message: EmailMessage, document: Document, number: int) -> None:
    found = _MEDIA_TYPE.fullmatch(document.media_type.partition(";")[0].strip())
    main, sub = (
        found.groups()
        if found and found[1] not in {"multipart", "message"}
        else ("application", "octet-stream")
    )
    name = _ODD_IN_FILE.sub("-", one_line(document.name)).strip(".-")[:_FILE_LIMIT] or f"document-{number}"
    message.add_attachment(
        document.content,
        maintype=main,
        subtype=sub,
        filename=name,
        params={"charset": "utf-8"} if main == "text" else {},
    )
