"""Who did it: one-time codes, checked against the instant they were given and spent once."""

from __future__ import annotations

import hmac
import re
from datetime import datetime, timedelta

import pyotp
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from playbooks.errors import InstantFault, Refused
from store.tables import CodeUse, Responder

ISSUER = "Seventytwo"
CODE_PERIOD = 30
"""Seconds of a real responder's code; a shorter one counts in exercises only."""

_SCRIPTED = re.compile(r"(ex-[0-9]{4}-[0-9]{4,6})-[a-z0-9-]+", re.ASCII)
_CODE_DIGITS = 6
_LONGEST_DELAY = 60


def matching_counter(secret: str, period: int, code: str, at: datetime, window: int = 1) -> int | None:
    """The TOTP counter (RFC 6238) whose code this is, at most `window` periods beside `at`; else None."""
    if at.tzinfo is None:
        raise InstantFault("a code is checked at an instant with an offset", which=str(at))
    given = "".join(code.split())
    if len(given) != _CODE_DIGITS or not (given.isascii() and given.isdigit()):
        return None
    now = int(at.timestamp()) // period
    generator = pyotp.HOTP(secret)
    nearest_first = sorted(range(max(0, now - window), now + window + 1), key=lambda c: abs(c - now))
    matches = [c for c in nearest_first if hmac.compare_digest(generator.at(c), given)]
    return matches[0] if matches else None


def delay_after(refused: int) -> timedelta:
    """How long somebody waits after that many refused answers in a row: 0, then 1, 2, 4 ... 60 s."""
    if refused <= 0:
        return timedelta(0)
    return timedelta(seconds=min(_LONGEST_DELAY, 2 ** min(refused - 1, 10)))


def spend(session: Session, responder: Responder, counter: int, used_for: str, at: datetime) -> None:
    """Spend the code of `counter` on `used_for`; its replay is let through, any other use is Refused."""
    assert responder.id is not None
    spent_on = _spent_on(session, responder.id, counter)
    if spent_on is None:
        spent_on = _record(session, responder.id, counter, used_for, at)
    if spent_on != used_for:
        raise Refused(
            "this code was right, and it is spent", which=responder.handle, mend="wait for the next one"
        )


def played_in(handle: str) -> str:
    """The name of the only exercise in which a scripted responder answers; empty for people."""
    found = _SCRIPTED.fullmatch(handle)
    return found[1].upper() if found else ""


def new_secret() -> str:
    """A fresh base32 secret of 160 bits, as RFC 4226 recommends."""
    return pyotp.random_base32()


def otpauth_uri(handle: str, secret: str, period: int = CODE_PERIOD) -> str:
    """The address that an authenticator app reads from the QR code; it holds the secret."""
    return pyotp.TOTP(secret, interval=period).provisioning_uri(name=handle, issuer_name=ISSUER)


def _spent_on(session: Session, responder_id: int, counter: int) -> str | None:
    return session.exec(
        select(CodeUse.used_for).where(CodeUse.responder_id == responder_id, CodeUse.counter == counter)
    ).first()


def _record(session: Session, responder_id: int, counter: int, used_for: str, at: datetime) -> str:
    """Write the use and return what the code is now spent on: two incidents may race for one code."""
    try:
        with session.begin_nested():
            session.add(CodeUse(responder_id=responder_id, counter=counter, used_for=used_for, used_at=at))
    except IntegrityError:
        return _spent_on(session, responder_id, counter) or ""
    return used_for
