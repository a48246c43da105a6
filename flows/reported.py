"""Opening an incident on a person's word and code, once; the flow `report` and the command line share it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import get_args

from sqlmodel import Session, select

from flows.clock import wall_now
from flows.forbidden import refuse_in_words
from flows.house import House
from flows.identity import spend
from flows.intake.claims import Severity
from flows.opening import Opening, open_incident
from flows.people import refuse_unknown_clients
from flows.vouching import Voucher, check_vouchers, refuse_exercise_only
from playbooks.errors import Mend, Refused
from store.scope import Scope
from store.tables import Client, IntakeReply, Responder

SEVERITIES: tuple[str, ...] = get_args(Severity)
_LONGEST_TITLE = 200


@dataclass(frozen=True, slots=True)
class Report:
    """What a person reports; `key` makes the same report twice one incident."""

    key: str
    voucher: Voucher
    playbook: str
    severity: str = "medium"
    clients: tuple[str, ...] = ()
    title: str = ""
    channel: str = ""


def open_reported(house: House, report: Report, submitted_at: datetime) -> str:
    """Open the incident and return its reference; its runs are started afterwards by who can.

    Raises Mend for a value that cannot be, Refused for the person, NotFound for a playbook or client.
    """
    with house.store.reading() as session:
        if first := session.get(IntakeReply, report.key):
            return str(first.reply["incident"])
    _refuse_faults(report)
    house.trust.for_person(report.playbook, submitted_at.date())
    (vouched,) = check_vouchers(house.store, (report.voucher,), submitted_at)
    wall = wall_now()
    with house.store.writing() as session:
        responder = session.get_one(Responder, vouched.responder_id)
        _refuse_unentitled(session, report, responder)
        spend(session, responder, vouched.counter, report.key, wall)
        incident = open_incident(session, house, _opening(session, report, responder), wall)
        session.add(IntakeReply(request=report.key, reply={"incident": incident.ref}, at=wall))
        return incident.ref


def _opening(session: Session, report: Report, responder: Responder) -> Opening:
    return Opening(
        author=responder.handle,
        playbook=report.playbook,
        title=report.title.strip() or f"Reported by {responder.handle}",
        severity=report.severity,
        clients=report.clients,
        channel=report.channel or _channel_of(session, report.clients),
    )


def _channel_of(session: Session, clients: tuple[str, ...]) -> str:
    """The channel of the one client concerned; with several the house channel is everybody's."""
    if len(clients) != 1:
        return ""
    return session.exec(select(Client.channel).where(Client.ref == clients[0])).first() or ""


def _refuse_unentitled(session: Session, report: Report, responder: Responder) -> None:
    refuse_exercise_only(responder)
    refuse_unknown_clients(session, report.clients)
    scope = Scope.of(responder)
    if scope.clients is not None and not report.clients:
        mend = "name a client of theirs"
        raise Refused("this responder sees some clients only", which=responder.handle, mend=mend)
    if hidden := [ref for ref in report.clients if not scope.permits(ref)]:
        raise Refused("outside the clients that this responder may see", which=", ".join(hidden))


def _refuse_faults(report: Report) -> None:
    if len(report.title) > _LONGEST_TITLE:
        raise Mend("the title is too long", mend=f"say what was seen in {_LONGEST_TITLE} characters")
    refuse_in_words(title=report.title)
    if report.severity not in SEVERITIES:
        raise Mend("no such severity", which=report.severity, mend=f"use {', '.join(SEVERITIES)}")
