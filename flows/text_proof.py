"""The proof that an approver read the very text: the first characters of its hash, typed off its own page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlmodel import Session

from flows.rounds import notices_of
from playbooks.errors import Refused
from store.tables import Notice, Question, StepRow

FIELD: Final = "text_hash"
"""The field of the form of whoever reads it: counsel, or those who release it."""
READ: Final = frozenset({"counsel", "release"})
"""The questions that nobody answers well who has not read the text."""
LENGTH: Final = 8
"""How many characters of each text's hash are typed."""


def proof_of(notices: Sequence[Notice]) -> str:
    """What whoever read these texts types: the first characters of the hash of each, in their order."""
    return "".join(notice.sha256[:LENGTH] for notice in notices)


def proof_wanted(session: Session, question: Question) -> dict[str, str]:
    """The field of such a form filled in as whoever read the texts fills it; empty for any other question."""
    row = session.get(StepRow, question.step_row_id) if question.kind in READ else None
    return {FIELD: proof_of(notices_of(session, row))} if row is not None else {}


def refuse_unread(notices: Sequence[Notice], typed: str) -> None:
    """Raise Refused unless what was typed proves the reading; never says what it should have been."""
    given = "".join(typed.split()).casefold()
    if given == proof_of(notices):
        return
    first = f"the first {LENGTH} characters of its SHA-256"
    raise Refused(
        "that is not the hash of this text" if given else "an approval needs the hash of the text",
        mend=f"read the text on its page at the desk and type {first}, which stand below it",
    )
