"""Reporting an incident that no tool saw, from the Prefect UI; the command line asks the same."""

from __future__ import annotations

from typing import Literal

from prefect import flow
from prefect.runtime import flow_run as this_run

from flows.clock import wall_now
from flows.house import House, house
from flows.prefect_views import read_instant
from flows.reported import Report, open_reported
from flows.starting import start_unstarted
from flows.vouching import Voucher
from playbooks.errors import Refused

Severity = Literal["low", "medium", "high", "critical"]


@flow(name="report", persist_result=True)
def report(
    responder: str, code: str, playbook: str, severity: Severity = "medium", clients: list[str] | None = None
) -> str:
    """Report an incident that no tool saw; what is known of it is asked by the first step's form.

    Name yourself and a one-time code; write no personal data here.
    """
    home, run_id = house(), str(this_run.id)
    refuse_telling(home, playbook)
    created = read_instant(home.api.get(f"/flow_runs/{run_id}")["created"]) or wall_now()
    asked = Report(f"report:{run_id}", Voucher(responder, code), playbook, severity, tuple(clients or ()))
    ref = open_reported(home, asked, created)
    start_unstarted(home, ref)
    return ref


def refuse_telling(home: House, playbook: str) -> None:
    """Raise Refused for a restricted playbook: Prefect shows everybody what a run was asked for."""
    if home.playbook(playbook).restricted:
        mend = "report it on the command line: seventytwo incident open"
        raise Refused("this cannot be reported here, where everybody reads it", mend=mend)
