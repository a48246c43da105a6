"""What a step may ask of a form, and the conditions on which it hangs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, ValidationInfo, field_validator, model_validator
from pydantic import Field as Bound

from playbooks.conditions import condition_faults, joined
from playbooks.documents import as_validation_error
from playbooks.errors import FactFault
from playbooks.fact_types import Frozen, choices_from_mapping
from playbooks.facts import DICTIONARY, Choice, FactSpec, FactType, fact_spec
from playbooks.wording import FieldName, FieldType, Line, Words

PINNED = "pinned"
"""The context in which a plan is read that an incident kept: a later dictionary moves nothing."""


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
        if name is not None and info.context != PINNED:
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


def _sound(text: str | None, info: ValidationInfo) -> str | None:
    faults = condition_faults(text) if text is not None and info.context != PINNED else ()
    if faults:
        raise as_validation_error(joined(faults))
    return text


Condition = Annotated[str, AfterValidator(_sound)]
"""An expression of the condition language, checked against the dictionary of facts."""


class Repeat(Frozen):
    """Until when a step that was done is asked again, and how often at most; its target is the rhythm."""

    until: Condition
    at_most: Annotated[int, Bound(ge=2, le=500)]
