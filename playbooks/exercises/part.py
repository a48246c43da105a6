"""What scripted responders answer, from a scenario and the team that plays it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from playbooks.exercises.filling import filled
from playbooks.exercises.scenario import Answer, Scenario, Team
from playbooks.exercises.teams import GOOD, Teams, shipped_teams
from playbooks.models import Field
from playbooks.timebase import aware

_OWN_WORDS: Final = frozenset({"step", "draft"})
"""The kinds of question that a step's own answer is for."""
_OWNER: Final = "action_owner"
"""A field that names a person: a scenario says a role, and whoever plays it is meant."""
_DUE: Final = "action_due"
_MONTH: Final = timedelta(days=30)
_LATE: Final = "late_reasons"
MERGE: Final = "merge"
"""The command by which a later incident of an exercise is joined to the first."""
_BY_TYPE: Final[Mapping[str, Any]] = {"yes_no": "yes", "range": "120", "integer": "5", "text": "some words"}
_BY_NAME: Final[Mapping[str, Any]] = {
    "information_missing": "no",
    "evidence_number": "",
    "way": "",
    "privileged": "no",
    "admits_more": "no",
    "names_third": "no",
}


@dataclass(frozen=True, slots=True)
class Asking:
    """An open question, as far as whoever plays it must know it."""

    step: str
    """The step's id; empty where the question belongs to none."""
    kind: str
    recipient: str = ""
    """Whom a notice is for."""
    decisions: tuple[str, ...] = ()
    needs_reason: frozenset[str] = frozenset()
    fields: tuple[Field, ...] = ()
    clients: tuple[str, ...] = ()
    """The clients of the incident."""
    is_late: bool = False
    """Whether a clock that the notice answers has passed."""
    known: Mapping[str, Any] = field(default_factory=dict)
    """What is read elsewhere and typed here: the hash of a text, the incident to merge into."""
    people: Mapping[str, str] = field(default_factory=dict)
    """Who plays each role."""
    older: str = ""
    """For whoever leads: the open incident of the same exercise that this one belongs to."""

    @property
    def about(self) -> str:
        """The kind by which it is answered: a later incident is merged by who leads it, the first closed."""
        return MERGE if self.older else self.kind


@dataclass(frozen=True, slots=True)
class Said:
    """An answer, before its giver is named and its code written."""

    decision: str
    reason: str = ""
    fields: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Part:
    """What one team knows and how it plays: answers by step or kind, and what is so in the story."""

    answers: Mapping[str, Answer]
    truth: Mapping[str, Any]
    team: Team
    shared: Teams
    start: datetime
    """Incident time at which the exercise began."""
    played_by: Mapping[str, str] = field(default_factory=dict)
    """The client on record that plays each client of the scenario; who is not named plays itself."""

    def leaves(self, asking: Asking) -> bool:
        """Whether nobody of the team ever answers: it forgets whom the notice is for."""
        return asking.kind == "draft" and asking.recipient in self.team.forgets

    def takes(self, asking: Asking) -> timedelta:
        """How long the answer takes, in incident time, from when the question is put."""
        return self._answer(asking).after * self.team.pace

    def said(self, asking: Asking, at: datetime) -> Said:
        """The answer, given at `at`, an instant of incident time."""
        own = self._answer(asking)
        decision = own.decision if own.decision in asking.decisions else next(iter(asking.decisions))
        is_reasoned = decision in asking.needs_reason or asking.is_late
        reason = own.reason or (self.shared.reason if is_reasoned else "")
        return Said(decision, reason, self._fields(own, asking, at))

    def _answer(self, asking: Asking) -> Answer:
        own = self.answers.get(asking.step) if asking.kind in _OWN_WORDS else None
        return own or self.answers.get(asking.about) or self.shared.answers[asking.about]

    def _fields(self, own: Answer, asking: Asking, at: datetime) -> dict[str, Any]:
        of_kind = self.answers.get(asking.about)
        told = {**self.shared.answers[asking.about].fields, **(of_kind.fields if of_kind else {})}
        told |= {**self.truth, **own.fields}
        if asking.is_late and not told.get(_LATE):
            told[_LATE] = self.shared.late_reasons
        told |= asking.known
        told[_OWNER] = asking.people.get(str(told.get(_OWNER, "commander")), told.get(_OWNER, ""))
        asked = [one for one in asking.fields if one.name in told or one.required]
        named = {one.name: told[one.name] for one in asked if one.name in told}
        said = {name: _typed(value) for name, value in filled(named, at, self.start).items()}
        for one in asked:
            if one.spec.type == "clients" and isinstance(refs := said.get(one.name), list):
                said[one.name] = [self.played_by.get(ref, ref) for ref in refs]
        return {one.name: said.get(one.name, self._plain(own, asking, one, at)) for one in asked}

    def _plain(self, own: Answer, asking: Asking, one: Field, at: datetime) -> Any:
        """What nobody said: words are the answer's own reason, where it has one; a mend takes its month."""
        if one.name == _DUE:
            return written(at + _MONTH)
        is_text = one.spec.type == "text" and not one.fact
        return own.reason if is_text and own.reason else plain_answer(one, at, asking.clients)


def part_of(scenario: Scenario, start: datetime, team: str, played_by: Mapping[str, str]) -> Part:
    """The part of a team in a scenario that began at `start`; raises NotFound for an unknown team."""
    shared = shipped_teams()
    return Part(scenario.answers, scenario.truth, shared.named(team), shared, start, played_by)


def script_of(answers: Mapping[str, Answer], start: datetime) -> Part:
    """The part of a good team that follows these answers."""
    shared = shipped_teams()
    return Part(answers, {}, shared.named(GOOD), shared, start)


def written(at: datetime) -> str:
    """An instant as a responder writes it, in UTC to the second."""
    return f"{aware(at):%Y-%m-%dT%H:%M:%SZ}"


def plain_answer(one: Field, now: datetime, clients: Sequence[str]) -> Any:
    """Something plain of a field's type, where nobody says better."""
    if one.name in _BY_NAME:
        return _BY_NAME[one.name]
    match one.spec.type:
        case "choice":
            return one.spec.values[0]
        case "choices":
            return [one.spec.values[0]]
        case "instant":
            return written(now)
        case "clients":
            return list(clients)
        case plain:
            return _BY_TYPE[plain]


def _typed(value: Any) -> Any:
    """A value as a form takes it: words, and lists of words."""
    match value:
        case bool():
            return "yes" if value else "no"
        case int() | float():
            return str(value)
        case list() | tuple():
            return [_typed(one) for one in value]
        case _:
            return value
