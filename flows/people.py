"""Who may answer: enrolled by those already here, shown once their secret, disabled but never deleted."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import get_args

from sqlmodel import Session, col, select

from flows.identity import CODE_PERIOD, new_secret, otpauth_uri, played_in
from flows.refreshing import ask_anew
from flows.vouching import note_house
from playbooks.errors import Mend, NotFound, Refused
from playbooks.models import Role
from store.tables import Client, Responder

FACILITATOR = "facilitator"
"""Who conducts exercises: no step of any playbook is theirs."""
ROLES: tuple[str, ...] = (*get_args(Role), FACILITATOR)
APPROVER = "approver"

_HANDLE = re.compile(r"[a-z][a-z0-9-]{0,30}[a-z0-9]", re.ASCII)
_SLACK_ID = re.compile(r"(?:[UW][A-Z0-9]{2,31})?", re.ASCII)
_LONGEST_NAME = 100
# names that our own entries in a timeline bear as their author
_RESERVED = frozenset(
    {"house", "system", "seventytwo", "unknown", "prefect", "reconcile", "watch", "exercise"}
)


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A person to enrol; no clients named means all, a period under 30 s counts in exercises only."""

    handle: str
    name: str
    roles: tuple[str, ...]
    clients: tuple[str, ...] = ()
    slack_id: str = ""
    code_period: int = CODE_PERIOD


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What the newcomer gets to see once: the secret, and the address that holds it for the app."""

    handle: str
    secret: str
    uri: str


def sponsors_needed(roles: Sequence[str], enrolled: int) -> int:
    """How many must vouch for a newcomer after `enrolled` others: none, one, or two for an approver."""
    if enrolled == 0:
        return 0
    return 2 if APPROVER in roles and enrolled > 1 else 1


def ever_enrolled(session: Session) -> int:
    """How many people the store knows, the disabled among them; nobody scripted of an exercise counts."""
    return sum(not played_in(handle) for handle in session.exec(select(Responder.handle)))


def enrol(session: Session, newcomer: Newcomer, sponsors: Sequence[str], at: datetime) -> Enrolment:
    """Add a responder in the name of its sponsors, whose codes the caller has checked.

    Raises Mend for a value that cannot be, NotFound for an unknown client, Refused for too few sponsors.
    """
    refuse_faults(newcomer)
    payload = {
        "handle": newcomer.handle,
        "roles": list(newcomer.roles),
        "clients": list(newcomer.clients),
        "sponsors": list(sponsors),
    }
    # first, because it locks: of two who enrol at once the second sees the first
    note_house(session, "responder_enrolled", sponsors[0] if sponsors else newcomer.handle, payload, at)
    missing = sponsors_needed(newcomer.roles, ever_enrolled(session)) - len(set(sponsors))
    if missing > 0:
        raise Refused(
            f"{missing} more to vouch for this newcomer",
            which=newcomer.handle,
            mend="--as and --code; to make an approver --second and --second-code as well",
        )
    refuse_unknown_clients(session, newcomer.clients)
    if _find(session, newcomer.handle) is not None:
        raise Refused("this handle is taken for ever", which=newcomer.handle, mend="choose another")
    refuse_shared_slack_id(session, newcomer.slack_id)
    secret = new_secret()
    ask_anew(session, newcomer.roles, _holders(session))
    session.add(_row(newcomer, secret, at))
    session.flush()
    return Enrolment(newcomer.handle, secret, otpauth_uri(newcomer.handle, secret, newcomer.code_period))


def disable(session: Session, handle: str, by: str, at: datetime) -> Responder:
    """End what a responder may do; the row and answers stay, and so does the last one for all clients."""
    responder = _find(session, handle)
    if responder is None:
        raise NotFound("no such responder", which=handle, mend="see `seventytwo responder list`")
    if responder.disabled_at is not None:
        raise Refused("this responder is disabled already", which=handle)
    if not responder.clients and _active_for_all_clients(session) == 1:
        raise Refused("the last responder for all clients stays", which=handle, mend="enrol another first")
    responder.disabled_at = at
    session.add(responder)
    note_house(session, "responder_disabled", by, {"handle": handle}, at)
    return responder


def give_slack_id(session: Session, handle: str, slack_id: str, by: str, at: datetime) -> None:
    """Let presses of that Slack member be this responder's; an empty one takes theirs away."""
    responder = _find(session, handle)
    if responder is None or responder.disabled_at is not None:
        raise NotFound("no such active responder", which=handle, mend="see `seventytwo responder list`")
    if not _SLACK_ID.fullmatch(slack_id):
        raise Mend("not a Slack member id", which=slack_id, mend="copy it from the profile: U...")
    if slack_id != responder.slack_id:
        note_house(session, "slack_id_given", by, {"handle": handle, "slack": slack_id}, at)
        refuse_shared_slack_id(session, slack_id)
        responder.slack_id = slack_id
        session.add(responder)


def responders(session: Session) -> list[Responder]:
    """Every responder by handle, the disabled among them."""
    return list(session.exec(select(Responder).order_by(col(Responder.handle))))


def _holders(session: Session) -> dict[str, set[str]]:
    """The people who hold each role and are active."""
    rows = session.exec(select(Responder).where(col(Responder.disabled_at).is_(None)))
    active = [row for row in rows if not played_in(row.handle)]
    return {role: {row.handle for row in active if role in row.roles} for role in ROLES}


def _row(newcomer: Newcomer, secret: str, at: datetime) -> Responder:
    return Responder(
        handle=newcomer.handle,
        name=newcomer.name.strip(),
        roles=list(newcomer.roles),
        clients=list(newcomer.clients),
        secret=secret,
        code_period=newcomer.code_period,
        slack_id=newcomer.slack_id,
        enrolled_at=at,
    )


def refuse_faults(newcomer: Newcomer) -> None:
    """Raise Mend for what a newcomer cannot be."""
    is_ours = newcomer.handle in _RESERVED or played_in(newcomer.handle)
    if not _HANDLE.fullmatch(newcomer.handle) or is_ours:
        mend = "2 to 32 of a-z, 0-9 and -, first a letter, and no name of ours"
        raise Mend("not a handle", which=newcomer.handle, mend=mend)
    if not newcomer.name.isprintable() or not 0 < len(newcomer.name.strip()) <= _LONGEST_NAME:
        raise Mend("not a name", which=newcomer.name, mend=f"1 to {_LONGEST_NAME} visible characters")
    if unknown := set(newcomer.roles) - set(ROLES):
        raise Mend("no such role", which=", ".join(sorted(unknown)), mend=f"use {', '.join(ROLES)}")
    if not newcomer.roles or len(set(newcomer.roles)) < len(newcomer.roles):
        raise Mend("a responder has one role or more, each once", which=newcomer.handle)
    if not _SLACK_ID.fullmatch(newcomer.slack_id):
        raise Mend("not a Slack member id", which=newcomer.slack_id, mend="copy it from the profile: U...")
    if not 1 <= newcomer.code_period <= 60:
        raise Mend("a code lives 1 to 60 s", which=str(newcomer.code_period))


def refuse_unknown_clients(session: Session, refs: Sequence[str]) -> None:
    """Raise NotFound for references that no client has."""
    known = session.exec(select(Client.ref).where(col(Client.ref).in_(refs))).all() if refs else ()
    if unknown := sorted(set(refs) - set(known)):
        raise NotFound("no such client", which=", ".join(unknown), mend="see `seventytwo client list`")


def refuse_shared_slack_id(session: Session, slack_id: str) -> None:
    """Raise Refused for a Slack member id that an active responder has: a press would be nobody's."""
    held = select(Responder.handle).where(
        Responder.slack_id == slack_id, col(Responder.disabled_at).is_(None)
    )
    if slack_id and (other := session.exec(held).first()):
        raise Refused("that Slack member id is a responder's already", which=other)


def _find(session: Session, handle: str) -> Responder | None:
    return session.exec(select(Responder).where(Responder.handle == handle)).first()


def _active_for_all_clients(session: Session) -> int:
    """How many may still change the house: without one of them nobody could ever be enrolled again."""
    active = session.exec(select(Responder).where(col(Responder.disabled_at).is_(None)))
    return sum(not row.clients and not played_in(row.handle) for row in active)
