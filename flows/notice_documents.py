"""The documents of a notice: laid out when it is drafted, kept sealed, handed out as they were released."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from typing import Final

from sqlmodel import Session, col, select

from notify.notices.layouts import as_page
from notify.notices.letter import Letter
from notify.notices.pdf import as_pdf
from store.tables import Notice, NoticeDocument

MEDIA_TYPES: Final[Mapping[str, str]] = {"html": "text/html; charset=utf-8", "pdf": "application/pdf"}
"""By kind of document."""


def keep_documents(session: Session, notice: Notice, letter: Letter) -> None:
    """Lay a letter out as page and PDF, and keep both with their hashes."""
    assert notice.id is not None
    for kind, content in (("html", as_page(letter).encode()), ("pdf", as_pdf(letter))):
        session.add(
            NoticeDocument(
                notice_id=notice.id,
                kind=kind,
                sha256=hashlib.sha256(content).hexdigest(),
                content=base64.b64encode(content).decode(),
            )
        )
    session.flush()


def hashes_of(session: Session, notice: Notice) -> dict[str, str]:
    """The SHA-256 of each document of a notice, by kind."""
    rows = (
        select(NoticeDocument.kind, NoticeDocument.sha256)
        .where(NoticeDocument.notice_id == notice.id)
        .order_by(col(NoticeDocument.kind))
    )
    return dict(session.exec(rows).all())


def digests_of(session: Session, notice: Notice) -> list[list[str]]:
    """What the documents of a notice hash to now, by kind, whatever their rows say."""
    rows = select(NoticeDocument).where(NoticeDocument.notice_id == notice.id)
    return [
        [one.kind, one.sha256, hashlib.sha256(base64.b64decode(one.content)).hexdigest()]
        for one in session.exec(rows.order_by(col(NoticeDocument.kind)))
    ]


def document_of(session: Session, notice: Notice, kind: str) -> bytes | None:
    """The bytes of a document as they were kept; None where there is none of that kind."""
    rows = select(NoticeDocument).where(NoticeDocument.notice_id == notice.id, NoticeDocument.kind == kind)
    found = session.exec(rows).first()
    return base64.b64decode(found.content) if found else None
