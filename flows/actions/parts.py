"""The two parts of an automated step: preparing outside the transaction, acting inside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flows.deciding import Decision
from flows.house import House
from playbooks.wording import Argument

Arguments = Mapping[str, Argument]
Outcome = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Action:
    """What an automated step does.

    `prepare` may read files and databases for a while, writes nothing, and may run more than once.
    `act` gets what it found within the deciding transaction, where nobody waits for anything.
    """

    prepare: Callable[[House, int, Arguments], Any]
    act: Callable[[Decision, Arguments, Any], Outcome]


def at_once(act: Callable[[Decision, Arguments], Outcome]) -> Action:
    """An action that needs nothing prepared."""
    return Action(lambda _house, _incident_id, _arguments: None, lambda on, given, _: act(on, given))
