"""The shapes of payloads: pydantic models that keep what they do not know, and faults that name the field."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from playbooks.errors import PayloadFault

ALERTS_PER_REQUEST = 500
"""Alerts that one request may carry: they are stored in one transaction."""

_FIELD_LIMIT = 80

S = TypeVar("S", bound="Shape")


class Shape(BaseModel):
    """A part of a payload whose other fields are the tool's business."""

    model_config = ConfigDict(extra="ignore", frozen=True)


def _not_absent(value: Any) -> Any:
    return "" if value is None else value


Words = Annotated[str, Field(max_length=10_000)]
"""Text that must be there."""

MaybeWords = Annotated[str, BeforeValidator(_not_absent), Field(max_length=10_000)]
"""Text that may be missing or null."""

Labels = dict[str, Any]
"""Names with values of the tool's choosing."""


def read_shape(shape: type[S], value: Any, at: Sequence[str | int] = ()) -> S:
    """`value` as that shape; raises PayloadFault naming the first field that is not, below `at`."""
    try:
        return shape.model_validate(value)
    except ValidationError as refused:
        first = refused.errors(include_url=False, include_input=False, include_context=False)[0]
        what = first["msg"][:1].lower() + first["msg"][1:]
        raise wrong_field((*at, *first["loc"]), what) from refused


def wrong_field(path: Sequence[str | int], what: str) -> PayloadFault:
    """The fault of one field, named by its path."""
    field = ".".join(str(part) for part in path) or "body"
    return PayloadFault(what, which=ascii(field)[1:-1][:_FIELD_LIMIT], mend="correct the field")


def must_be_object(value: Any, path: Sequence[str | int] = ()) -> dict[str, Any]:
    """`value`, known to be an object; raises PayloadFault otherwise."""
    if not isinstance(value, dict):
        raise wrong_field(path, "an object is wanted")
    return value


def must_be_list(value: Any, path: Sequence[str | int] = ()) -> list[Any]:
    """`value`, known to be a list of bearable length; raises PayloadFault otherwise."""
    if not isinstance(value, list):
        raise wrong_field(path, "a list is wanted")
    if len(value) > ALERTS_PER_REQUEST:
        raise wrong_field(path, f"at most {ALERTS_PER_REQUEST} alerts are wanted in one request")
    return value
