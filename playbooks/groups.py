"""Step groups: steps written once, with parameters, that playbooks include."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import Field as Bound

from playbooks.documents import Document, Path, validated
from playbooks.errors import Fault
from playbooks.fact_types import Frozen
from playbooks.wording import Line, Name, PhaseId, Slug, Words

_LONGEST_TEXT = 20_000
_PARAMETER = re.compile(r"\$\{([^{}]{0,80})\}")


class Parameter(Frozen):
    """What a playbook says when it includes a group; without a default it must."""

    help: Line
    default: Words | None = None


class Group(Frozen):
    """A group of steps as its file says it; the steps are checked where they are included."""

    group: Slug
    title: Line
    phases: Annotated[tuple[PhaseId, ...], Bound(min_length=1, max_length=7)]
    parameters: dict[Name, Parameter] = Bound(default_factory=dict, max_length=20)
    steps: Annotated[tuple[dict[str, Any], ...], Bound(min_length=1, max_length=30)]


def read_group(document: Document) -> Group:
    """Return the group that a document holds; FileFaults lists all that does not fit."""
    return validated(Group, document)


def filled(value: Any, given: Mapping[str, str]) -> Any:
    """Return a part of a group with its parameters in place; what is put in is not read again.

    A text that grew beyond all use is put in no further, so that its length is refused where it is checked.
    """
    if isinstance(value, str):
        return _filled_text(value, given)
    if isinstance(value, list):
        return [filled(part, given) for part in value]
    if isinstance(value, dict):
        return {key: filled(part, given) for key, part in value.items()}
    return value


def _filled_text(text: str, given: Mapping[str, str]) -> str:
    room = _LONGEST_TEXT

    def put(found: re.Match[str]) -> str:
        nonlocal room
        said = given.get(found[1], found[0])
        room -= len(said)
        return said.strip() if room > 0 else found[0]

    return _PARAMETER.sub(put, text)


def unknown_parameters(group: Group, document: Document) -> Iterator[Fault]:
    """Return a fault for each `${name}` of a group that it does not declare."""
    for path, text in _texts(document.data.get("steps"), ("steps",)):
        for found in _PARAMETER.finditer(text):
            if found[1] not in group.parameters:
                what = f"`{found[0][:60]}` is no parameter of this group"
                yield document.fault(path, what, "declare it under `parameters`, or check its spelling")


def _texts(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, list):
        for at, part in enumerate(value):
            yield from _texts(part, (*path, at))
    elif isinstance(value, dict):
        for key, part in value.items():
            yield from _texts(part, (*path, key))
