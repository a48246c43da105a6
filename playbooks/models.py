"""A playbook as data: who does what, when, and what it needs. Frozen; nothing here knows Prefect."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import Field as Bound
from pydantic import model_validator

from playbooks.fact_types import Choice, Frozen
from playbooks.fields import PINNED, Condition, Field, Repeat
from playbooks.vocabulary import MAY_BE_PRIVILEGED
from playbooks.wording import (
    TLP,
    TRUNK,
    Argument,
    Day,
    FieldType,
    IfUnknown,
    Join,
    Line,
    Name,
    Period,
    PhaseId,
    Regime,
    Role,
    Slug,
    StepKind,
    Tlp,
    Words,
)

__all__ = [
    "TRUNK",
    "Choice",
    "Field",
    "FieldType",
    "IfUnknown",
    "Phase",
    "PhaseId",
    "Playbook",
    "Reference",
    "Repeat",
    "Role",
    "Step",
    "StepKind",
]


class Reference(Frozen):
    """A public framework that a playbook draws on."""

    name: Line
    locator: Line
    link: Annotated[str, Bound(pattern=r"^https://[!#-;=?-~]+$", max_length=300)] | None = None


class Step(Frozen):
    """One thing to do: by whom, until when, after what, with what to show for it."""

    id: Slug
    title: Line
    kind: StepKind
    role: Role
    per: Literal["incident", "case"] = "incident"
    target: Period
    after: Annotated[tuple[Slug, ...], Bound(max_length=100)] = ()
    join: Join = "all"
    when: Condition | None = None
    if_unknown: IfUnknown | None = None
    optional: bool = Bound(default=False, description="offered: nothing waits for it, closing neither")
    repeat: Repeat | None = None
    instructions: Words
    do_not: Annotated[tuple[Line, ...], Bound(max_length=30)] = ()
    fields: Annotated[tuple[Field, ...], Bound(max_length=40)] = ()
    asks_law: bool = Bound(
        default=False,
        description="its form asks what the law wants to know, and leaves out what nothing reads",
    )
    approvals: Annotated[tuple[Role, ...], Bound(max_length=5)] = ()
    counsel: bool = Bound(default=False, description="counsel reads the notice before it is released")
    privileged: bool = Bound(default=False, description="the notice is marked as privileged")
    evidence: Annotated[tuple[Line, ...], Bound(max_length=30)] = ()
    action: Name | None = None
    arguments: dict[Name, Argument] = Bound(default_factory=dict, max_length=20)
    recipient: Name | None = None
    addressee: Annotated[str, Bound(max_length=80)] = ""
    template: Slug | None = None
    tlp: Tlp | None = None

    @model_validator(mode="after")
    def _of_its_kind(self) -> Self:
        if (self.action is not None) != (self.kind == "automated") or (self.arguments and not self.action):
            raise ValueError("an automated step, and no other, names an `action`")
        notice = self.recipient is not None and self.template is not None
        if notice != (self.kind == "notice") or (self.recipient is None) != (self.template is None):
            raise ValueError("a notice, and no other step, names a `recipient` and a `template`")
        if self.addressee and not notice:
            raise ValueError("an `addressee` says which of its recipients a notice is for")
        if self.kind == "automated" and (self.fields or self.approvals):
            raise ValueError("an automated step asks nobody: it has no fields and no approvals")
        if self.asks_law and self.kind != "manual":
            raise ValueError("`asks_law` belongs to a manual step: it adds to the step's form")
        if self.if_unknown is not None and self.when is None:
            raise ValueError("`if_unknown` belongs to a `when`")
        if (self.optional or self.repeat is not None) and self.kind != "manual":
            raise ValueError("only a manual step is `optional` or repeats")
        if self.join == "any" and len(self.after) < 2:
            raise ValueError("`join: any` chooses between at least two steps in `after`")
        return self

    @model_validator(mode="after")
    def _read_by_counsel(self) -> Self:
        if (self.counsel or self.privileged) and self.kind != "notice":
            raise ValueError("`counsel` and `privileged` belong to a notice")
        if self.privileged and self.recipient not in MAY_BE_PRIVILEGED:
            raise ValueError("a notice to people or authorities is never privileged: leave `privileged` out")
        return self

    @classmethod
    def from_pinned(cls, text: str) -> Self:
        """Return a step an incident kept beside its plan, trusted as checked then."""
        return cls.model_validate_json(text, context=PINNED)

    @model_validator(mode="after")
    def _asks_once(self) -> Self:
        names = [field.name for field in self.fields]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"asks twice for {', '.join(twice)}")
        return self


class Phase(Frozen):
    """One stretch of the response."""

    id: PhaseId
    steps: Annotated[tuple[Step, ...], Bound(min_length=1, max_length=100)]


class Playbook(Frozen):
    """What must be done in one kind of incident; an incident pins the one it opened with."""

    schema_version: Literal[1] = 1
    id: Slug
    version: Annotated[str, Bound(pattern=r"^[0-9]{1,6}(\.[0-9]{1,6}){0,2}$")]
    title: Line
    neutral_title: Line
    kind: Slug
    summary: Words | None = None
    owner: Role | None = None
    tlp: Tlp = "amber"
    restricted: bool = Bound(default=False, description="insider-safe: only who works on it sees it")
    regimes: Annotated[tuple[Regime, ...], Bound(max_length=30)] = ()
    valid_from: Day | None = None
    valid_until: Day | None = None
    last_tested: Day | None = None
    revoked: Line | None = None
    sources: Annotated[tuple[Reference, ...], Bound(max_length=30)] = ()
    phases: Annotated[tuple[Phase, ...], Bound(min_length=1, max_length=7)]

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.valid_from and self.valid_until and self.valid_until < self.valid_from:
            raise ValueError("`valid_until` lies before `valid_from`")
        if looser := [s.id for s in self.steps if s.tlp and TLP.index(s.tlp) < TLP.index(self.tlp)]:
            raise ValueError(f"the marking of {looser[0]} is looser than the playbook's own")
        return self

    @property
    def ref(self) -> str:
        """Id and version, as one names exactly this playbook: `ransomware@1`."""
        return f"{self.id}@{self.version}"

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """Every step, in the order the playbook tells them."""
        return tuple(step for phase in self.phases for step in phase.steps)

    @cached_property
    def _by_id(self) -> Mapping[str, tuple[Step, PhaseId]]:
        return {step.id: (step, phase.id) for phase in self.phases for step in phase.steps}

    @cached_property
    def outline(self) -> tuple[tuple[PhaseId, tuple[tuple[str, tuple[str, ...], bool], ...]], ...]:
        """Phases in order, each with its steps' ids, what each waits for by name, and if it is optional."""
        return tuple(
            (phase.id, tuple((step.id, step.after, step.optional) for step in phase.steps))
            for phase in self.phases
        )

    @cached_property
    def _pinned(self) -> str:
        return self.model_dump_json(exclude_none=True)

    def step(self, step_id: str) -> Step:
        """Return a step by id; KeyError when this playbook has none of that name."""
        return self._by_id[step_id][0]

    def phase_of(self, step_id: str) -> PhaseId:
        """Return the phase a step stands in; KeyError when this playbook has none of that name."""
        return self._by_id[step_id][1]

    def if_unknown(self, step_id: str) -> IfUnknown:
        """Return what a step does while its condition is unknown: contain and notify open, the rest waits."""
        step, phase = self._by_id[step_id]
        return step.if_unknown or ("open" if phase in ("contain", "notify") else "wait")

    def pinned(self) -> str:
        """Return the plan as the JSON that an incident keeps."""
        return self._pinned

    def kept_small(self) -> Self:
        """Return this playbook for a small circle: what stands in for a restricted one."""
        return self.from_pinned(
            self.model_copy(update={"restricted": True}).model_dump_json(exclude_none=True)
        )

    @classmethod
    def from_pinned(cls, text: str) -> Self:
        """Return the plan an incident kept, trusted as checked then: a later dictionary moves nothing."""
        return cls.model_validate_json(text, context=PINNED)
