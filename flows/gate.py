"""Whether an answer may count: who gave it, by which code, in which role, and is it still asked. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flows.identity import delay_after


@dataclass(frozen=True, slots=True)
class Claimant:
    """The responder that an answer names, as the store knows them."""

    handle: str
    roles: frozenset[str]
    clients: frozenset[str]
    disabled: bool
    short_code: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """The question as it stands when the answer arrives."""

    role: str
    assignee: str
    excluded: frozenset[str]
    """Whoever asked for it: a second person must decide."""
    clients: frozenset[str]
    is_exercise: bool
    kept_out: frozenset[str] = frozenset()
    """Whoever is kept out of the incident: they hear what a wrong role hears."""
    away: frozenset[str] = frozenset()
    """Whoever an exercise has sent away for a while."""
    elsewhere: frozenset[str] = frozenset()
    """Whoever is scripted for another exercise alone."""
    is_stopped: bool = False
    """Whether it belongs to an exercise that was stopped."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What the one-time code proved: its counter (None when it fits none), and whether it is spent."""

    counter: int | None
    spent: bool


def fault_of(
    asked: Asked,
    claimant: Claimant | None,
    proof: Proof,
    refused_at: Sequence[datetime],
    submitted_at: datetime,
) -> str | None:
    """Why the answer may not count, in words for its giver; None when it may.

    `refused_at` are the instants of this responder's earlier wrong codes on this incident, oldest first.
    """
    if wait := _slowed(refused_at, submitted_at):
        return f"too many wrong codes: wait {wait} s after the last one, then answer again"
    if claimant is None or claimant.disabled or proof.counter is None:
        return "the code does not fit this responder at that time: read a new one and answer again"
    if proof.spent:
        return "that code is already used: wait for the next one"
    if claimant.short_code and not asked.is_exercise:
        return "this responder is enrolled for exercises only"
    if claimant.handle in asked.elsewhere:
        return "this responder is enrolled for another exercise only"
    if asked.is_stopped:
        return "the exercise was stopped: nothing more is done in it until its facilitator resumes it"
    return _not_entitled(asked, claimant)


def is_identity_fault(claimant: Claimant | None, proof: Proof) -> bool:
    """Whether the refusal slows the responder down: the code was wrong, not merely spent."""
    return claimant is None or claimant.disabled or proof.counter is None


def _slowed(refused_at: Sequence[datetime], submitted_at: datetime) -> int:
    if not refused_at:
        return 0
    left = refused_at[-1] + delay_after(len(refused_at)) - submitted_at
    return max(0, -int(-left.total_seconds() // 1))


def _not_entitled(asked: Asked, claimant: Claimant) -> str | None:
    if claimant.handle in asked.kept_out:
        return _not_for(asked.role)
    if claimant.handle in asked.away:
        return "in this exercise you are away for a while: somebody else has to answer"
    if claimant.handle in asked.excluded:
        return "a second person must decide this: somebody else with the role has to answer"
    if asked.assignee and asked.assignee != claimant.handle:
        return f"this question is assigned to {asked.assignee}"
    if asked.role not in claimant.roles:
        return _not_for(asked.role)
    if claimant.clients and not asked.clients <= claimant.clients:
        return "this question is about clients whom you may not see"
    return None


def _not_for(role: str) -> str:
    return f"this question is for the role {role}: somebody else has to answer"
