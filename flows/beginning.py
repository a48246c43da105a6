"""Beginning what intake recorded: whatever the store holds unbegun, by whoever comes by first.

Intake answers once an alert and its incident are stored; plan, questions, clocks and messages follow here, in
a deciding transaction of their own. `Incident.pending` says what is left to do, so that no crash loses it.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from datetime import datetime

from sqlmodel import col, func, select

from flows.advancing import advance
from flows.asserting import add_cases, follow_records
from flows.candidates import open_candidate
from flows.deciding import Decision, deciding, note
from flows.house import House
from flows.intake.readings import refs_in
from flows.merging.told import merged_here
from flows.opening import begin
from flows.questions import announce
from playbooks.errors import Unreachable
from store.tables import Alert, Incident, Source

log = logging.getLogger("seventytwo.beginning")

BATCH = 50
_AGAIN_AFTER = 10.0  # seconds
_STORM = 200
"""New alerts a second, from which on it is a storm."""
_GLANCE = 0.1  # seconds
_REST = 1.0  # seconds from one beginning to the next in a storm


class Beginner:
    """Begins what is recorded; one that cannot be begun is tried again later and holds up no other.

    `monotonic` counts seconds.
    """

    def __init__(self, house: House, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._house, self._monotonic = house, monotonic
        self._failed: dict[str, float] = {}
        self._newest: int | None = None
        self._looked_at, self._is_storm = monotonic(), False
        self._rests_until = 0.0
        self._last = 0
        """The incident that had the latest turn: those behind it come next, so that none waits for ever."""

    def begin_all(self, recorded_before: datetime | None = None) -> int:
        """Begin or advance every incident that waits for it, or those that wait long; returns how many."""
        return sum(self._begin(number, ref) for number, ref in self._waiting(recorded_before))

    def begin_in_turn(self) -> int:
        """The same, but in a storm one a second: what tools wait for is taken first."""
        done = 0
        if self._rests():
            return done
        for number, ref in self._waiting():
            done += self._begin(number, ref)
            self._rests_until = self._monotonic() + _REST
            if self._streams():
                break
        return done

    def _begin(self, number: int, ref: str) -> bool:
        self._last = number
        try:
            is_done = begin_one(self._house, ref)
        except Unreachable:
            raise
        except Exception:  # the others must begin all the same: the fault is recorded, and tried again
            self._failed[ref] = self._monotonic()
            log.exception("%s could not be begun", ref)
            return False
        self._failed.pop(ref, None)
        return is_done

    def _waiting(self, recorded_before: datetime | None = None) -> Sequence[tuple[int, str]]:
        """The next that wait, but for those that failed a moment ago: they are in nobody's way."""
        waiting = _WAITING.order_by(col(Incident.id) <= self._last, col(Incident.id))
        if recorded_before is not None:
            waiting = waiting.where(col(Incident.recorded_at) < recorded_before)
        now = self._monotonic()
        resting = [ref for ref, at in self._failed.items() if now - at < _AGAIN_AFTER]
        with self._house.store.reading() as session:
            found = session.exec(waiting.where(col(Incident.ref).not_in(resting)))
            return [(number or 0, ref) for number, ref in found]

    def _rests(self) -> bool:
        """Whether the next must wait: somebody's incident was begun a moment ago, and it is a storm."""
        return self._monotonic() < self._rests_until and self._streams()

    def _streams(self) -> bool:
        """Whether new alerts stream in, as their numbers tell since the last look."""
        passed = self._monotonic() - self._looked_at
        if passed > _GLANCE:
            with self._house.store.reading() as session:
                newest = session.exec(_NEWEST).one() or 0
            self._is_storm = self._newest is not None and (newest - self._newest) / passed > _STORM
            self._newest, self._looked_at = newest, self._monotonic()
        return self._is_storm


def begin_all(house: House, recorded_before: datetime | None = None) -> int:
    """Begin or advance every incident that intake recorded, by default whenever; returns how many."""
    return Beginner(house).begin_all(recorded_before)


def begin_one(house: House, ref: str) -> bool:
    """Do what intake left to be done for one incident; False where somebody else has done it."""
    with deciding(house, ref) as decision:
        return _do(decision)


def _do(decision: Decision) -> bool:
    """Do what is pending within the deciding transaction; False where nothing is."""
    incident = decision.incident
    pending, incident.pending = incident.pending, ""
    decision.session.add(incident)
    match pending, incident.state:
        case "begin", "candidate":
            _note_joined(decision)
            open_candidate(decision, *named_by_alerts(decision))
        case "begin", "open":
            _note_joined(decision)
            begin(decision, *named_by_alerts(decision))
        case "advance", "open" | "candidate":
            _advance(decision)
        case _:
            return False
    return True


def named_by_alerts(decision: Decision) -> tuple[tuple[str, ...], str]:
    """The clients whom the incident's alerts name, also those merged into it, and the source that says so."""
    merged = merged_here(decision.session, decision.incident)
    rows = decision.session.exec(
        select(Source.name, Alert.clients)
        .join(Source, col(Source.id) == col(Alert.source_id))
        .where(col(Alert.incident_id).in_([decision.incident_id, *(one.id for one in merged)]))
        .distinct()
        .order_by(Source.name, Alert.clients)
    ).all()
    clients = dict.fromkeys(ref for _, refs in rows for ref in refs_in(refs))
    return tuple(clients), f"source:{rows[0][0]}" if rows else "system"


def _note_joined(decision: Decision) -> None:
    """Tell of the alerts that joined before the incident was begun."""
    of_it = Alert.incident_id == decision.incident_id
    count = decision.session.exec(select(func.count()).select_from(Alert).where(of_it)).one()
    if count > 1:
        said = {"alerts": count - 1, "why": "they came before it was begun"}
        note(decision, "alerts_joined", "system", said)


def _advance(decision: Decision) -> None:
    clients, author = named_by_alerts(decision)
    add_cases(decision, clients, author)
    follow_records(decision)
    announce(decision, advance(decision))


_WAITING = select(col(Incident.id), col(Incident.ref)).where(col(Incident.pending) != "").limit(BATCH)
_NEWEST = select(func.max(Alert.id))
