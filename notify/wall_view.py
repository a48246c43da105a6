"""A clock as every surface shows it: the incident's page, forms, the artifact, the sheet, the terminal.

References only: no client's name, no title of an incident. All instants are incident time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from notify.moments import elsewhere, in_utc

RUNNING = ("presumed", "owed")
POLICY = "policy, not law"
DELAYED = "delayed"
"""How a clock stands that a law lets wait."""


@dataclass(frozen=True, slots=True)
class ClockRow:
    """A duty of ours and how its clock stands, or, with `started_by`, a clock of the client's own.

    `zone` is the client's; `place` is whose calendar counted. `used` is what we have used of the client's
    clock. `why` may hold what people wrote: it is for the incident's page and the terminal only.
    """

    incident: str
    case_ref: str
    rule: str
    title: str
    citation: str
    recipient: str
    stage: str
    state: str
    standing: str
    anchor_at: datetime | None
    due_at: datetime | None
    legal_due_at: datetime | None
    met_at: datetime | None
    delayed_until: datetime | None
    left: str
    policy: bool
    stub: bool
    evidence: str
    place: str
    zone: str
    explanation: str
    no_number: str
    why: str
    started_by: str
    used: timedelta | None
    tzdata: str
    holidays: str

    @property
    def is_shadow(self) -> bool:
        """Whether it is the client's clock, not ours."""
        return bool(self.started_by)

    @property
    def is_running(self) -> bool:
        """Whether somebody must still be told."""
        return self.state in RUNNING

    @property
    def is_settled(self) -> bool:
        """Whether nothing is left to do or to prove about it."""
        return self.state not in (*RUNNING, "met")

    @property
    def name(self) -> str:
        """The rule, and the case it is put to."""
        return f"{self.rule}, case {self.case_ref}" if self.case_ref else self.rule

    @property
    def headline(self) -> str:
        """How it stands, in the words that are read first."""
        if not self.is_running:
            return self.standing.replace("_", " ")
        if self.standing == "overdue":
            return f"OVERDUE {self.left.removeprefix('over ')}"
        waits = "may wait by law, " if self.standing == DELAYED else ""
        return f"{waits}{self.left}" or "no deadline yet"

    def times(self, *zone_names: str) -> tuple[str, ...]:
        """When it is due: in UTC, by the client's clock, and by the clocks of these zones."""
        if self.due_at is None:
            return ()
        return (in_utc(self.due_at), *elsewhere(self.due_at, self.zone, *zone_names))

    @property
    def remarks(self) -> tuple[str, ...]:
        """What a reader must know beside the number."""
        found = []
        if self.policy:
            found.append(POLICY)
        if self.legal_due_at is not None and self.legal_due_at != self.due_at:
            found.append(f"the law's own count ends {in_utc(self.legal_due_at)}")
        if self.delayed_until is not None:
            found.append(f"lawfully delayed until {in_utc(self.delayed_until)}")
        if self.stub:
            found.append("this rule is a stub: confirm the law before you rely on it")
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Wall:
    """The clocks of one incident, as they stand at `now`; `entry` is the last of its timeline then."""

    incident: str
    is_exercise: bool
    state: str
    now: datetime
    entry: int
    rows: tuple[ClockRow, ...]
    frozen: str = ""
    """What is said while a channel is not to be trusted."""

    @property
    def owed(self) -> tuple[ClockRow, ...]:
        """Our duties that the facts say we have, due by an instant, the most urgent first."""
        return tuple(row for row in self.running if row.state == "owed")

    @property
    def presumed(self) -> tuple[ClockRow, ...]:
        """Our duties that the facts do not rule out yet: overdue first, those of mere stubs last."""
        found = [row for row in self.running if row.state == "presumed"]
        return tuple(sorted(found, key=lambda row: (row.standing != "overdue", row.stub)))

    @property
    def running(self) -> tuple[ClockRow, ...]:
        """Our duties that are due by an instant."""
        return tuple(row for row in self._ours if row.is_running and row.due_at)

    @property
    def unnumbered(self) -> tuple[ClockRow, ...]:
        """Our duties that have no instant yet, or none in law."""
        return tuple(row for row in self._ours if row.is_running and not row.due_at)

    @property
    def done(self) -> tuple[ClockRow, ...]:
        """Our duties under which nobody must be told any more."""
        return tuple(row for row in self._ours if not row.is_running)

    @property
    def shadows(self) -> tuple[ClockRow, ...]:
        """The clients' own clocks that run."""
        return tuple(row for row in self.rows if row.is_shadow and row.due_at)

    @property
    def waiting_shadows(self) -> tuple[tuple[str, tuple[ClockRow, ...]], ...]:
        """The clients' own clocks that have not started, by what they wait for."""
        waiting = [row for row in self.rows if row.is_shadow and not row.due_at]
        reasons = dict.fromkeys(row.no_number for row in waiting)
        return tuple((why, tuple(row for row in waiting if row.no_number == why)) for why in reasons)

    @property
    def _ours(self) -> tuple[ClockRow, ...]:
        return tuple(row for row in self.rows if not row.is_shadow)
