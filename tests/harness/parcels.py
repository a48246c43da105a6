"""A notice ready to leave, for the tests of the ways out."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from notify.delivery.parcel import Document, Parcel
from tests.fakes.portal import SECRET

TEXT = "Personal data breach: first notice\n\nWhat happened\n.A line that begins with a dot\n..two dots\n."
PAGE = Document.of("notice.html", "text/html", b"<!doctype html><p>Notice</p>")
PAPER = Document.of("notice.pdf", "application/pdf", b"%PDF-1.7 " + bytes(range(256)) * 40)


def parcel(**how: Any) -> Parcel:
    """A parcel to a client's data protection desk, with what the test says otherwise."""
    usual: dict[str, Any] = {
        "key": "d-7-1",
        "ref": "INC-2026-0007/01",
        "sender": "Provider",
        "name": "Data protection desk",
        "address": "privacy@client.example",
        "subject": "Notice of a personal data breach",
        "text": TEXT,
        "queued_at": datetime(2026, 11, 20, 9, 23, tzinfo=UTC),
        "documents": (PAGE, PAPER),
        "acknowledge_url": "https://desk.provider.example/a/one-use-word",
        "secret": SECRET,
    }
    return Parcel(**usual | how)
