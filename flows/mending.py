"""What is wrong with a question's run, and what mends it: a pure decision over what both sides say."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from flows.prefect_views import RunView

Mend = Literal["nothing", "reschedule", "renew"]

GRACE = timedelta(seconds=30)
"""How long a run may be between two states before somebody looks: a worker may just be taking it up."""

SLOW_START = timedelta(minutes=2)
"""How long a run may take to begin: a worker that starts a process for each has many to start at once."""

FORM_GRACE = timedelta(seconds=15)
"""How long a run may be suspended before its form is stored: normally milliseconds."""


@dataclass(frozen=True, slots=True)
class Carried:
    """An open question as the store knows it, with the run that should carry it; instants are wall time."""

    question: str
    generation: int
    run_id: str
    started_at: datetime
    lease_until: datetime | None
    was_rescued: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """What to do, and why, in words for the team."""

    mend: Mend
    why: str = ""


FINE = Verdict("nothing")


def diagnose(carried: Carried, run: RunView | None, *, has_form: bool, now: datetime) -> Verdict:
    """What the state of a run asks for; a missing run (None) was deleted.

    A lost lease, or a first failure, keeps the run, whose stored answer survives; a run that is over, or that
    can no longer be answered, gives way to its next generation.
    """
    if run is None:
        return Verdict("renew", "its run was deleted")
    since = now - (run.state_at or carried.started_at)
    match run.state_type:
        case "CANCELLED":
            return Verdict("renew", "its run was cancelled")
        case "FAILED" | "CRASHED" if not carried.was_rescued:
            return Verdict("reschedule", f"its run {run.state_type.lower()}")
        case "FAILED" | "CRASHED" if since > _pause(carried.generation):
            return Verdict("renew", f"its run {run.state_type.lower()}")
        case "COMPLETED" if since > GRACE:
            return Verdict("renew", "its run ended without an answer")
        case "PAUSED" if not has_form and since > FORM_GRACE:
            return Verdict("renew", "its form was lost")
        case "RUNNING" if _lost(carried, now) and since > _patience(carried):
            return Verdict("reschedule", "its worker was lost")
        case "PENDING" if since > SLOW_START:
            return Verdict("reschedule", "its worker was lost before it began")
        case "CANCELLING" if since > GRACE:
            return Verdict("renew", "its run was cancelled, and no worker answered")
        case _:
            return FINE


def _pause(generation: int) -> timedelta:
    """How long a question whose run failed again and again rests before it is asked anew: 10 s to 10 min."""
    return timedelta(seconds=min(600, 10 * 2 ** min(generation, 10)))


def _patience(carried: Carried) -> timedelta:
    """A run that never held a lease may still be importing what it needs."""
    return SLOW_START if carried.lease_until is None else GRACE


def _lost(carried: Carried, now: datetime) -> bool:
    return carried.lease_until is None or carried.lease_until < now
