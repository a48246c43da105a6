"""Lifetimes written down by hand: what a simulation gives back, with numbers that a test can count."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import nan

from playbooks.simulation.model import ClockSpec, Lifetimes, Result, Slot

HOUR = 3600.0


@dataclass(frozen=True)
class Done:
    """One piece of work of one lifetime, in hours after the opening."""

    ready: float = nan
    begun: float = nan
    ended: float = nan
    cause: int = -1


def slot(step: str, role: str = "it", part: str = "do", *, case: str | None = None, place: int = 1) -> Slot:
    return Slot(step, f"The step {step}", case, 1, part, place, role, timedelta(hours=4))  # type: ignore[arg-type]


def clock(
    rule: str,
    *met_by: int,
    case: str | None = "a",
    policy: bool = False,
    recipient: str = "client_controller",
) -> ClockSpec:
    return ClockSpec(case, rule, f"The rule {rule}", recipient, "", "initial", "notify", policy, met_by)


def lifetimes(
    slots: Sequence[Slot],
    clocks: Sequence[ClockSpec],
    rows: Sequence[tuple[Sequence[Done], Sequence[tuple[float, float]]]],
    *,
    opened_at: Sequence[float] | None = None,
    closed: float = 200.0,
    story: str = "story",
) -> Lifetimes:
    """Each row: what became of every slot, and for every clock when it was due and met, in hours."""
    done = [one for works, _ in rows for one in works]
    pairs = [pair for _, found in rows for pair in found]
    return Lifetimes(
        story=story,
        slots=tuple(slots),
        clocks=tuple(clocks),
        opened_at=array("d", opened_at or [0.0] * len(rows)),
        closed=array("d", [closed * HOUR] * len(rows)),
        ready=array("d", [one.ready * HOUR for one in done]),
        begun=array("d", [one.begun * HOUR for one in done]),
        ended=array("d", [one.ended * HOUR for one in done]),
        cause=array("i", [one.cause for one in done]),
        due=array("d", [due * HOUR for due, _ in pairs]),
        met=array("d", [met * HOUR for _, met in pairs]),
        hand_overs=array("i", [0] * len(rows)),
    )


def result(*stories: Lifetimes, runs: int | None = None) -> Result:
    """A result of these stories, with one responder who was never at work."""
    count = runs or len(stories[0])
    return Result(stories, ("it-1",), array("d", [0.0] * count), count, 1)
