"""A playbook as data: who does what, when, and what it needs. Frozen; nothing here knows Prefect."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Any, Literal, Self

from pydantic import Field as Bound
from pydantic import ValidationInfo, field_validator, model_validator

from playbooks.conditions import condition_faults, joined
from playbooks.documents import as_validation_error
from playbooks.errors import FactFault
from playbooks.fact_types import Frozen, choices_from_mapping
from playbooks.facts import DICTIONARY, Choice, FactSpec, FactType, fact_spec
from playbooks.wording import (
    TRUNK,
    Argument,
    FieldName,
    FieldType,
    IfUnknown,
    Line,
    Name,
    Period,
    PhaseId,
    Role,
    Slug,
    StepKind,
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
    "Role",
    "Step",
    "StepKind",
]

_PINNED = "pinned"


class Field(Frozen):
    """One question of a step's form: a fact of the dictionary, or a detail of this step alone."""

    fact: str | None = None
    id: FieldName | None = None
    label: Annotated[Line | Literal[""], Bound(max_length=200)] = ""
    help: Annotated[Words | Literal[""], Bound(max_length=600)] = ""
    required: bool = False
    type: FieldType | None = None
    choices: Annotated[tuple[Choice, ...], Bound(max_length=100)] = ()

    @model_validator(mode="before")
    @classmethod
    def _worded_by_the_dictionary(cls, given: Any) -> Any:
        spec = DICTIONARY.get(given.get("fact") or "") if isinstance(given, Mapping) else None
        return given if spec is None else {"label": spec.label, "help": spec.help, **given}

    @field_validator("choices", mode="before")
    @classmethod
    def _from_mapping(cls, given: Any) -> Any:
        return choices_from_mapping(given)

    @field_validator("fact")
    @classmethod
    def _known_fact(cls, name: str | None, info: ValidationInfo) -> str | None:
        if name is not None and info.context != _PINNED:
            try:
                fact_spec(name)
            except FactFault as fault:
                raise as_validation_error(fault) from fault
        return name

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.fact is None) == (self.id is None):
            raise ValueError("a field names either a `fact` or an `id`, not both")
        if self.fact is not None and (self.type is not None or self.choices):
            raise ValueError("a fact brings its own type and choices")
        if self.id is not None and (self.type is None or not self.label):
            raise ValueError("a field of its own needs `type` and `label`")
        if (self.type == "choice") != bool(self.choices):
            raise ValueError("`choices` belong to type choice, and it needs them")
        return self

    @property
    def name(self) -> str:
        """The fact's name, or the field's own id: unique in its step."""
        return self.fact or self.id or ""

    @property
    def spec(self) -> FactSpec:
        """What may be answered, in the dictionary's shape, for facts and own fields alike."""
        if self.fact is not None:
            return fact_spec(self.fact)
        kind: FactType = "yes_no" if self.type == "yes_no_unknown" else (self.type or "text")
        return FactSpec(
            name=self.name,
            type=kind,
            label=self.label,
            help=self.help,
            choices=self.choices,
            may_lie_ahead=True,
        )


class Step(Frozen):
    """One thing to do: by whom, until when, after what, with what to show for it."""

    id: Slug
    title: Line
    kind: StepKind
    role: Role
    per: Literal["incident", "case"] = "incident"
    target: Period
    after: Annotated[tuple[Slug, ...], Bound(max_length=100)] = ()
    when: str | None = None
    if_unknown: IfUnknown | None = None
    instructions: Words
    do_not: Annotated[tuple[Line, ...], Bound(max_length=30)] = ()
    fields: Annotated[tuple[Field, ...], Bound(max_length=40)] = ()
    asks_law: bool = Bound(
        default=False,
        description="its form asks what the law wants to know, and leaves out what nothing reads",
    )
    approvals: Annotated[tuple[Role, ...], Bound(max_length=5)] = ()
    evidence: Annotated[tuple[Line, ...], Bound(max_length=30)] = ()
    action: Name | None = None
    arguments: dict[Name, Argument] = Bound(default_factory=dict, max_length=20)
    recipient: Name | None = None
    addressee: Annotated[str, Bound(max_length=80)] = ""
    template: Slug | None = None

    @field_validator("when")
    @classmethod
    def _sound_condition(cls, text: str | None, info: ValidationInfo) -> str | None:
        faults = condition_faults(text) if text is not None and info.context != _PINNED else ()
        if faults:
            raise as_validation_error(joined(faults))
        return text

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
        return self

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
    version: Annotated[str, Bound(pattern=r"^\d+(\.\d+){0,2}$")]
    title: Line
    neutral_title: Line
    kind: Slug
    phases: Annotated[tuple[Phase, ...], Bound(min_length=1, max_length=7)]

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """Every step, in the order the playbook tells them."""
        return tuple(step for phase in self.phases for step in phase.steps)

    @cached_property
    def _by_id(self) -> Mapping[str, tuple[Step, PhaseId]]:
        return {step.id: (step, phase.id) for phase in self.phases for step in phase.steps}

    @cached_property
    def outline(self) -> tuple[tuple[PhaseId, tuple[tuple[str, tuple[str, ...]], ...]], ...]:
        """Phases in order, each with its steps' ids and what each names in `after`."""
        return tuple(
            (phase.id, tuple((step.id, step.after) for step in phase.steps)) for phase in self.phases
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

    @classmethod
    def from_pinned(cls, text: str) -> Self:
        """Return the plan an incident kept, trusted as checked then: a later dictionary moves nothing."""
        return cls.model_validate_json(text, context=_PINNED)
