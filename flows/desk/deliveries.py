"""What a notice's page shows of its ways: whom it reaches, how far each came, what to paste into a portal."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlmodel import Session

from flows.delivery.queueing import deliveries_of, ways_of_notice
from store.tables import Delivery, Notice

_INDENT: Final = "    "
_STAGES: Final = ("sent", "accepted", "acknowledged", "bounced", "failed")


@dataclass(frozen=True, slots=True)
class ProofView:
    """One stage that a delivery reached, and what proves it."""

    state: str
    at: str
    words: str
    sha256: str


@dataclass(frozen=True, slots=True)
class WayView:
    """One way of a notice: whom it reaches how, and how far it came."""

    number: int
    channel: str
    name: str
    address: str
    state: str
    """Empty where it was not taken."""
    key: str
    external_id: str
    error: str
    queued_at: datetime | None
    silent_at: datetime | None
    proofs: tuple[ProofView, ...]


@dataclass(frozen=True, slots=True)
class PasteView:
    """One field of a notice, ready to be copied."""

    heading: str
    words: str
    rows: int


def ways_shown(session: Session, notice: Notice) -> tuple[WayView, ...]:
    """The ways that a notice took, and after them those that it would take next."""
    gone = deliveries_of(session, notice)
    places = {one.position for one in gone}
    left = [(place, way) for place, way in enumerate(ways_of_notice(notice)) if place not in places]
    taken = tuple(_taken(one) for one in gone)
    return taken + tuple(
        WayView(place + 1, way["channel"], way["name"], way["address"], "", "", "", "", None, None, ())
        for place, way in left
    )


def to_paste(notice: Notice) -> tuple[PasteView, ...]:
    """The fields of a notice by their headings: what foreign words say stands indented below each."""
    return tuple(
        PasteView(heading, words, min(12, 1 + len(words) // 70 + words.count("\n")))
        for heading, words in _parts(notice.text)
    )


def _parts(text: str) -> Iterator[tuple[str, str]]:
    heading, lines = "", list[str]()
    for line in [*text.split("\n"), "end"]:
        if line.startswith(_INDENT):
            lines.append(line.removeprefix(_INDENT))
        elif line:
            if heading and lines:
                yield heading, "\n".join(lines).strip()
            heading, lines = line, []


def _taken(one: Delivery) -> WayView:
    proof = one.proof or {}
    return WayView(
        number=one.position + 1,
        channel=one.channel,
        name=one.name,
        address=one.address,
        state=one.state,
        key=one.key,
        external_id=one.external_id,
        error=one.error,
        queued_at=one.queued_at,
        silent_at=one.silent_at,
        proofs=tuple(_proof(state, proof[state]) for state in _STAGES if state in proof),
    )


def _proof(state: str, told: dict[str, object]) -> ProofView:
    words = str(told.get("response") or told.get("receipt") or told.get("why") or "")
    sha256 = str(told.get("sha256") or told.get("response_sha256") or "")
    return ProofView(state, str(told.get("at", ""))[:19].replace("T", " "), words[:400], sha256)
