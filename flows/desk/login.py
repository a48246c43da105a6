"""Who reads: a handle and a one-time code become a session, by the same rules as any other code."""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlmodel import Session

from flows.circle import may_know
from flows.desk.sessions import DeskSession, new_session
from flows.identity import CODE_PERIOD, spend
from flows.vouching import Voucher, check_vouchers, note_house
from store.database import Store
from store.scope import Scope
from store.tables import Incident, Responder


def log_in(store: Store, handle: str, code: str, wall: datetime) -> DeskSession:
    """Check and spend the code, and write the login into the house's timeline; raises Refused."""
    (vouched,) = check_vouchers(store, (Voucher(handle, code),), wall)
    with store.writing() as session:
        responder = session.get_one(Responder, vouched.responder_id)
        spend(session, responder, vouched.counter, f"desk login {secrets.token_hex(8)}", wall)
        note_house(session, "desk_login", vouched.handle, {}, wall)
    return new_session(vouched.responder_id, wall)


def reader_of(session: Session, held: DeskSession | None) -> Responder | None:
    """The responder of a session, unless they were disabled meanwhile."""
    responder = session.get(Responder, held.responder_id) if held else None
    return responder if responder is not None and responder.disabled_at is None else None


def may_read(session: Session, responder: Responder, incident: Incident) -> bool:
    """Whether an incident may be shown: to its circle, within the scope, no real one by a practice code."""
    if responder.code_period < CODE_PERIOD and incident.exercise_id is None:
        return False
    return may_know(session, incident, responder) and Scope.of(responder).sees(session, incident)
