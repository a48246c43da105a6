"""Reporting an incident that no tool saw: from the Prefect UI, or from the command line."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from prefect import flow
from prefect.runtime import flow_run as this_run
from sqlmodel import Session, col, select

from flows.clock import wall_now
from flows.house import House, house
from flows.identity import spend
from flows.opening import Opening, open_incident
from flows.prefect_views import read_instant
from flows.starting import start_unstarted
from flows.vouching import Vouched, Voucher, check_vouchers, refuse_exercise_only
from playbooks.errors import NotFound, Refused
from store.tables import Client, IntakeReply, Responder

Severity = Literal["low", "medium", "high", "critical"]


@dataclass(frozen=True, slots=True)
class Report:
    """What a person reports; `key` makes the same report twice one incident."""

    key: str
    voucher: Voucher
    playbook: str
    severity: Severity
    clients: tuple[str, ...] = ()


@flow(name="report", persist_result=True)
def report(
    responder: str, code: str, playbook: str, severity: Severity = "medium", clients: list[str] | None = None
) -> str:
    """Report an incident that no tool saw; what is known of it is asked by the first step's form.

    Name yourself and a one-time code; write no personal data here.
    """
    home, run_id = house(), str(this_run.id)
    created = read_instant(home.api.get(f"/flow_runs/{run_id}")["created"]) or wall_now()
    asked = Report(f"report:{run_id}", Voucher(responder, code), playbook, severity, tuple(clients or ()))
    ref = open_reported(home, asked, created)
    start_unstarted(home, ref)
    return ref


def open_reported(home: House, asked: Report, submitted_at: datetime) -> str:
    """Open an incident on a responder's word and code, once; returns its reference.

    Raises Refused for a wrong code, NotFound for an unknown playbook or client.
    """
    with home.store.reading() as session:
        if first := session.get(IntakeReply, asked.key):
            return str(first.reply["incident"])
    home.playbook(asked.playbook)
    (vouched,) = check_vouchers(home.store, [asked.voucher], submitted_at)
    wall = wall_now()
    with home.store.writing() as session:
        _check(session, asked, vouched)
        spend(session, session.get_one(Responder, vouched.responder_id), vouched.counter, asked.key, wall)
        incident = open_incident(session, home, _opening(asked, vouched), wall)
        session.add(IntakeReply(request=asked.key, reply={"incident": incident.ref}, at=wall))
        return incident.ref


def _check(session: Session, asked: Report, vouched: Vouched) -> None:
    responder = session.get_one(Responder, vouched.responder_id)
    refuse_exercise_only(responder)
    known = set(session.exec(select(Client.ref).where(col(Client.ref).in_(asked.clients))))
    if missing := [ref for ref in asked.clients if ref not in known]:
        raise NotFound("no such client", which=", ".join(missing), mend="import it first, or leave it out")
    if responder.clients and not set(asked.clients) <= set(responder.clients):
        raise Refused("a client outside those you may see", which=vouched.handle)


def _opening(asked: Report, vouched: Vouched) -> Opening:
    return Opening(
        author=vouched.handle,
        playbook=asked.playbook,
        title=f"Reported by {vouched.handle}",
        severity=asked.severity,
        clients=asked.clients,
    )
