"""A scenario as frozen data: the story, what happens when, what is expected, and what is asked afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any, Final, Literal, Self, TypeAlias

from pydantic import Field as Bound
from pydantic import model_validator

from playbooks.fact_types import Frozen
from playbooks.instants import read_instant
from playbooks.wording import Line, Name, Period, Role, Slug, Words

InjectKind: TypeAlias = Literal[
    "alert",
    "client_message",
    "press_question",
    "regulator_call",
    "new_fact",
    "person_unavailable",
    "channel_lost",
]
TeamName: TypeAlias = Literal["good", "slow", "forgets-the-client"]
ASKING: Final = frozenset({"client_message", "press_question", "regulator_call"})
"""The kinds of inject that put a question to a role: what is done about it?"""
Values: TypeAlias = Annotated[Mapping[Name, Any], Bound(max_length=60)]
"""By name of fact or field."""


class Answer(Frozen):
    """What a scripted responder answers to one question, and how long they take over it."""

    after: Period = timedelta(minutes=10)
    decision: Name
    reason: Line | None = None
    fields: Values = Bound(default_factory=dict)


class Alert(Frozen):
    """What the exercise begins with, as a tool would report it."""

    title: Line
    text: Words | None = None
    clients: Annotated[tuple[Slug, ...], Bound(max_length=60)] = ()
    detected_before: Period = timedelta(minutes=15)
    """How long before the start the tool saw it."""


class Inject(Frozen):
    """Something that happens to those who play, `at` so long after the start."""

    id: Slug
    kind: InjectKind
    at: Period
    unless_done: Slug | None = Bound(
        default=None, description="a step: it comes only where that is not done yet"
    )
    title: Line
    text: Words
    to: Role | None = None
    client: Slug | None = None
    facts: Values = Bound(default_factory=dict)
    """What becomes known; of the incident, or of the client's case."""
    role: Role | None = Bound(default=None, description="whose people are away")
    lasts: Period | None = None
    handled_within: Period | None = None
    note: Words | None = Bound(default=None, description="for the facilitator alone")

    @model_validator(mode="after")
    def _of_its_kind(self) -> Self:
        if (self.to is not None) != (self.kind in ASKING):
            raise ValueError(
                "a message, a press question and a call, and no other inject, say in `to` whom they ask"
            )
        if bool(self.facts) != (self.kind == "new_fact"):
            raise ValueError("an inject of kind new_fact, and no other, states `facts`")
        if (self.role is not None) != (self.kind == "person_unavailable"):
            raise ValueError("an inject of kind person_unavailable, and no other, names a `role`")
        if self.lasts is not None and self.kind not in ("person_unavailable", "channel_lost"):
            raise ValueError("`lasts` belongs to a person unavailable or a channel lost")
        if self.handled_within is not None and self.kind not in ASKING:
            raise ValueError("`handled_within` belongs to an inject that asks somebody")
        return self


class Expected(Frozen):
    """A decision that a good team takes, by when, and what speaks for it."""

    id: Slug
    step: Slug = Bound(description="a step of the playbook, or command, approval, release, counsel or proof")
    decision: Name | None = None
    fields: Values = Bound(default_factory=dict)
    within: Period | None = Bound(default=None, description="after the start")
    speaks_for: Words
    speaks_against: Words | None = None


class Measure(Frozen):
    """How an objective is measured; exactly one of its parts is given."""

    expected: Slug | None = Bound(default=None, description="this expected decision was taken, as expected")
    told: Name | None = Bound(
        default=None, description="everybody of this kind who had to be told, was, in time"
    )
    window_used: Annotated[int, Bound(ge=1, le=100)] | None = Bound(
        default=None, description="no legal window was used by more than this share, in percent"
    )
    handled: Slug | None = Bound(default=None, description="this inject was handled in time")
    step: Slug | None = Bound(default=None, description="this step was done within `within` of the start")
    within: Period | None = None
    findings: Annotated[int, Bound(ge=0, le=100)] | None = Bound(
        default=None, description="content checks of released notices found at most so much"
    )

    @model_validator(mode="after")
    def _one(self) -> Self:
        given = [name for name in self.model_fields_set - {"within"} if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError("a measure is one of expected, told, window_used, handled, step, findings")
        if (self.within is not None) != (self.step is not None):
            raise ValueError("`within` belongs to a measure by `step`, which needs it")
        return self


class Objective(Frozen):
    """What the exercise is to show, and by what it is measured."""

    id: Slug
    title: Line
    capability: Line
    measures: Annotated[tuple[Measure, ...], Bound(min_length=1, max_length=12)]


class HotWashQuestion(Frozen):
    """A question for everybody who took part, right after the end."""

    id: Slug
    text: Line


class Obligations(Frozen):
    """Which duties the story raises: kinds of recipient that must be told, and none that must not."""

    told: Annotated[tuple[Name, ...], Bound(max_length=20)] = ()
    not_told: Annotated[tuple[Name, ...], Bound(max_length=20)] = ()


class Scenario(Frozen):
    """One tabletop exercise, from story to hot wash."""

    schema_version: Literal[1] = 1
    id: Slug
    version: Annotated[str, Bound(pattern=r"^[0-9]{1,6}(\.[0-9]{1,6}){0,2}$")]
    title: Line
    playbook: Slug
    story: Words
    facilitator: Words = Bound(description="notes that participants never see")
    starts_at: Annotated[str, Bound(max_length=40)] = Bound(
        description="an instant with its offset, or a local time and its zone: 2026-04-03T18:10 Europe/Berlin"
    )
    lasts: Period = timedelta(days=14)
    clients: Annotated[tuple[Mapping[str, Any], ...], Bound(max_length=60)] = Bound(
        description="made-up clients in the shape of the client file, for rehearsals in a store of their own"
    )
    alert: Alert
    injects: Annotated[tuple[Inject, ...], Bound(max_length=60)] = ()
    truth: Values = Bound(
        default_factory=dict, description="what is so in the story; scripted responders answer by it"
    )
    answers: Annotated[Mapping[Slug, Answer], Bound(max_length=120)] = Bound(default_factory=dict)
    """By step, by inject, or by kind of question for what is neither."""
    expected: Annotated[tuple[Expected, ...], Bound(min_length=1, max_length=40)]
    obligations: Obligations = Obligations()
    objectives: Annotated[tuple[Objective, ...], Bound(min_length=1, max_length=12)]
    hot_wash: Annotated[tuple[HotWashQuestion, ...], Bound(min_length=1, max_length=20)]

    @property
    def begins_at(self) -> datetime:
        """The start, UTC; InstantFault where the text means none. A live exercise may begin at another."""
        local, _, zone_name = self.starts_at.strip().partition(" ")
        return read_instant(local, zone_name.strip() or None)[0]

    def inject(self, inject_id: str) -> Inject:
        """Return an inject by id; KeyError where there is none."""
        return {one.id: one for one in self.injects}[inject_id]


class Team(Frozen):
    """How scripted responders play: `pace` stretches the time they take; some things they never do."""

    name: TeamName
    title: Line
    pace: Annotated[float, Bound(gt=0, le=50)] = 1.0
    forgets: Annotated[tuple[Name, ...], Bound(max_length=10)] = Bound(
        default=(), description="kinds of recipient that nobody of the team thinks of telling"
    )
