"""When a duty is due in one lifetime: a fixed span where it is one, else counted by `due` and remembered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from math import nan

from playbooks.clocks import due
from playbooks.facts import UNKNOWN, Facts, FactValue
from playbooks.simulation.model import Law
from playbooks.simulation.telling import Duty

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Counting:
    """The deadlines of one story's duties; instants are seconds since 1970, UTC."""

    def __init__(self, duties: Sequence[Duty], law: Law, entities: Mapping[str | None, FactValue]) -> None:
        self._duties, self._law = duties, law
        self._facts: list[Facts] = []
        for one in duties:
            entity = entities.get(one.spec.case, UNKNOWN)
            self._facts.append({} if entity is UNKNOWN else {"entity_class": entity})
        self._remembered: dict[tuple[object, ...], float] = {}
        self._same: dict[tuple[object, ...], int] = {}
        self._first = [self._same.setdefault(self._kind(at), at) for at in range(len(duties))]

    def due(self, number: int, events: Mapping[str, float]) -> float:
        """When a duty is due by the instants that start it; NaN while that cannot be said.

        `events` holds what has happened of its limbs, by name.
        """
        one = self._duties[number]
        if one.seconds is not None:
            begun = [next((events[name] for name in limb if name in events), None) for limb in one.limbs]
            last = [at for at in begun if at is not None]
            return max(last) + one.seconds if len(last) == len(begun) else nan
        key = (self._first[number], *events.items())
        found = self._remembered.get(key)
        if found is None:
            found = self._remembered[key] = self._counted(number, events)
        return found

    def _counted(self, number: int, events: Mapping[str, float]) -> float:
        one = self._duties[number]
        instants = {name: _EPOCH + timedelta(seconds=at) for name, at in events.items()}
        counted = due(
            one.rule, instants, place=one.place, facts=self._facts[number], calendars=self._law.calendars
        )
        return nan if counted.due_at is None else (counted.due_at - _EPOCH).total_seconds()

    def _kind(self, number: int) -> tuple[object, ...]:
        """What tells one counting from another."""
        one = self._duties[number]
        contract = (
            (one.rule.counting, one.rule.period, one.rule.window) if one.rule.source == "contract" else ()
        )
        return one.rule.key, contract, one.place, self._facts[number].get("entity_class", UNKNOWN)
