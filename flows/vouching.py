"""In whose name a command changes something: handle and one-time code, checked, spent, written down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session, col, func, select

from flows.identity import CODE_PERIOD, delay_after, matching_counter, spend
from playbooks.errors import Refused
from store import timeline
from store.database import Store
from store.tables import CodeUse, Responder, TimelineEntry

HOUSE = "house"
_REFUSED = "code_refused"
_NO_MATCH = "the code does not fit this responder"


@dataclass(frozen=True, slots=True)
class Voucher:
    """Who says they ask for a change, and the code that is to prove it."""

    handle: str
    code: str


@dataclass(frozen=True, slots=True)
class Vouched:
    """A voucher whose code was right; it counts once `spend_vouched` has spent it."""

    handle: str
    responder_id: int
    counter: int


def check_vouchers(store: Store, vouchers: Sequence[Voucher], at: datetime) -> tuple[Vouched, ...]:
    """Check every voucher; a wrong code is written into the house's timeline, slows, and is Refused."""
    if len({voucher.handle for voucher in vouchers}) < len(vouchers):
        raise Refused("two different people are needed", which=vouchers[0].handle, mend="name a second one")
    return tuple(_check(store, voucher, at) for voucher in vouchers)


def spend_vouched(
    session: Session, vouched: Sequence[Vouched], used_for: str, at: datetime
) -> tuple[str, ...]:
    """Spend the codes within a change of the house and return the handles, to be named as its authors.

    Refused to those who see some clients only, or are enrolled for exercises.
    """
    for one in vouched:
        responder = session.get_one(Responder, one.responder_id)
        refuse_exercise_only(responder)
        _refuse_limited(responder)
        spend(session, responder, one.counter, used_for, at)
    return tuple(one.handle for one in vouched)


def note_house(session: Session, kind: str, author: str, payload: dict[str, Any], at: datetime) -> None:
    """Append an entry to the house's own timeline, whose time is wall time."""
    timeline.append(session, chain=HOUSE, kind=kind, author=author, at=at, recorded_at=at, payload=payload)


def refuse_exercise_only(responder: Responder) -> None:
    """Raise Refused for a responder whose short code counts in exercises only."""
    if responder.code_period < CODE_PERIOD:
        raise Refused("this responder is enrolled for exercises only", which=responder.handle)


def _check(store: Store, voucher: Voucher, at: datetime) -> Vouched:
    with store.writing() as session:
        responder = _find_active(session, voucher.handle)
        wait = _wait_left(session, responder, at) if responder else timedelta(0)
        if wait > timedelta(0):
            seconds = -int(-wait.total_seconds() // 1)
            raise Refused("too many wrong codes", which=voucher.handle, mend=f"wait {seconds} s")
        vouched = _proven(responder, voucher.code, at) if responder else None
        if vouched is not None:
            return vouched
        author = responder.handle if responder else "unknown"
        note_house(session, _REFUSED, author, {"handle": voucher.handle[:64]}, at)
    raise Refused(_NO_MATCH, which=voucher.handle, mend="check the handle, read a new code")


def _proven(responder: Responder, code: str, at: datetime) -> Vouched | None:
    counter = matching_counter(responder.secret, responder.code_period, code, at)
    if counter is None or responder.id is None:
        return None
    return Vouched(responder.handle, responder.id, counter)


def _find_active(session: Session, handle: str) -> Responder | None:
    if not handle.isprintable():  # PostgreSQL refuses a NUL, both a lone surrogate
        return None
    return session.exec(
        select(Responder).where(Responder.handle == handle, col(Responder.disabled_at).is_(None))
    ).first()


def _wait_left(session: Session, responder: Responder, at: datetime) -> timedelta:
    """How long the responder must still wait for the wrong codes given since the last right one."""
    last_right = session.exec(
        select(func.max(CodeUse.used_at)).where(CodeUse.responder_id == responder.id)
    ).one()
    wrong = select(TimelineEntry.recorded_at).where(
        TimelineEntry.chain == HOUSE,
        TimelineEntry.kind == _REFUSED,
        TimelineEntry.author == responder.handle,
    )
    if last_right is not None:
        wrong = wrong.where(TimelineEntry.recorded_at > last_right)
    instants = session.exec(wrong.order_by(col(TimelineEntry.seq))).all()
    return instants[-1] + delay_after(len(instants)) - at if instants else timedelta(0)


def _refuse_limited(responder: Responder) -> None:
    if responder.clients:
        raise Refused(
            "this responder sees some clients only and may not change the house",
            which=responder.handle,
            mend="ask a responder for all clients",
        )
