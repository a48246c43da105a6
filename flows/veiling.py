"""The forms of a restricted incident: numbered answers, whose questions stand on the incident's page alone.

Whoever can open Prefect reads every form. Facts of the dictionary are asked in every incident and tell
nothing; a playbook's own questions and options would tell what it is about. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from flows.forms import FormSpec
from playbooks.facts import Choice
from playbooks.models import Field

HELP = "asked under this number on the incident's page"


def numbered(fields: Sequence[Field]) -> tuple[Field, ...]:
    """The fields with numbers for their own questions: what is said of them elsewhere names only these."""
    numbers = {field.name: number for number, field in own_questions(fields)}
    return tuple(
        field.model_copy(update={"label": f"Answer {numbers[field.name]}", "help": HELP})
        if field.name in numbers
        else field
        for field in fields
    )


def own_questions(fields: Sequence[Field]) -> Iterator[tuple[int, Field]]:
    """The fields that are no facts of the dictionary, counted from one."""
    return enumerate((field for field in fields if field.fact is None), start=1)


def veiled_form(spec: FormSpec) -> FormSpec:
    """The form as Prefect shows it: numbers for names, and for the options of a choice."""
    hidden = {field.name: _hidden(number, field) for number, field in own_questions(spec.fields)}
    fields = tuple(hidden.get(field.name, field) for field in spec.fields)
    return replace(spec, fields=fields, initial=veil_values(spec.fields, spec.initial))


def veil_values(fields: Sequence[Field], values: Mapping[str, Any]) -> dict[str, Any]:
    """Values by the fields' own names and options, as a veiled form takes them."""
    told = dict(values)
    for number, field in own_questions(fields):
        if field.name in told:
            given = told.pop(field.name)
            told[_name(number)] = _in_place_of(given, {choice.value: n for n, choice in _options(field)})
    return told


def unveil_values(fields: Sequence[Field], values: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a veiled form by the fields' own names and options."""
    told = dict(values)
    for number, field in own_questions(fields):
        if _name(number) in told:
            given = told.pop(_name(number))
            told[field.name] = _in_place_of(given, {n: choice.value for n, choice in _options(field)})
    return told


def _hidden(number: int, field: Field) -> Field:
    options = tuple(Choice(value=value, label=value) for value, _ in _options(field))
    return field.model_copy(update={"id": _name(number), "choices": options})


def _options(field: Field) -> Iterator[tuple[str, Choice]]:
    return ((f"option_{number}", choice) for number, choice in enumerate(field.choices, start=1))


def _in_place_of(given: Any, names: Mapping[str, str]) -> Any:
    """The other name of an option; what is none, such as a list of clients, stays as it is."""
    return names.get(given, given) if isinstance(given, str) else given


def _name(number: int) -> str:
    return f"answer_{number}"
