"""A playbook's file made whole, first half: step groups filled in, every part with the line it stands on.

Nothing is evaluated: a parameter is text put into text, once. What comes out is an ordinary playbook, and is
checked as one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic import Field as Bound

from playbooks.conditions import condition_faults
from playbooks.documents import Document, Path, model_faults
from playbooks.errors import Fault, FileFaults
from playbooks.fact_types import Frozen
from playbooks.fields import Condition
from playbooks.groups import Group, filled, read_group, unknown_parameters
from playbooks.wording import IfUnknown, Name, Slug, Words

MOST_STEPS = 200
"""What a playbook may hold once everything is taken in."""
Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True)
class Shelf:
    """What a playbook may take in: groups by name, and other playbooks' files by id."""

    groups: Mapping[str, Document] = field(default_factory=dict)
    playbooks: Mapping[str, Document] = field(default_factory=dict)


class Include(Frozen):
    """A group taken into a phase: its parameters, what is left out, and what is changed."""

    include: Slug
    with_: dict[Name, Words] = Bound(default_factory=dict, alias="with", max_length=20)
    without: Annotated[tuple[Slug, ...], Bound(max_length=30)] = ()
    when: Condition | None = None
    if_unknown: IfUnknown | None = None
    change: dict[Slug, dict[str, Any]] = Bound(default_factory=dict, max_length=30)
    add: dict[Slug, dict[str, list[Any]]] = Bound(default_factory=dict, max_length=30)


@dataclass(frozen=True, slots=True)
class Taken:
    """A step and where it stands; `told` says where keys stand that are said elsewhere."""

    step: Any
    document: Document
    path: Path
    told: Mapping[str, Path] = field(default_factory=dict)


def parts(data: Any, key: str) -> list[Any]:
    """Return the list under a key, or none where there is no such list."""
    found = data.get(key) if isinstance(data, dict) else None
    return found if isinstance(found, list) else []


def joined_when(*conditions: Any) -> str | None:
    """Return the condition that all of these hold; None where there is none."""
    given = [condition for condition in conditions if isinstance(condition, str) and condition]
    if wrong := next((one for one in given if len(given) > 1 and condition_faults(one)), None):
        return wrong  # alone, so that its fault is told and no stray parenthesis reaches another's
    return " and ".join(f"({one})" for one in given) if len(given) > 1 else next(iter(given), None)


def parsed(model: type[Model], document: Document, path: Path, faults: list[Fault]) -> Model | None:
    """Return a part of the document as that model; what does not fit is added to `faults`."""
    value: Any = document.data
    for key in path:
        value = value[key]
    here = Document(document.file, value, {}, {(): (document, path)})
    try:
        return model.model_validate(value)
    except ValidationError as error:
        faults += model_faults(error, here)
        return None


def with_steps(document: Document, phases: Mapping[int, list[Taken]]) -> Document:
    """Return the document with the steps of these phases (by number) replaced."""
    listed = list(document.data["phases"])
    taken = dict(document.taken)
    for at, found in phases.items():
        listed[at] = {**listed[at], "steps": [one.step for one in found]}
        for number, one in enumerate(found):
            here = ("phases", at, "steps", number)
            taken[here] = (one.document, one.path)
            taken |= {(*here, key): (document, path) for key, path in one.told.items()}
    return Document(document.file, {**document.data, "phases": listed}, document.lines, taken)


def includes_filled(document: Document, shelf: Shelf) -> Document:
    """Return the playbook's document with the groups' steps in place of the includes; raises FileFaults."""
    filling = _Filling(document, shelf)
    phases: dict[int, list[Taken]] = {}
    for at, phase in enumerate(parts(document.data, "phases")):
        steps = parts(phase, "steps")
        if any(_is_include(step) for step in steps):
            phases[at] = [one for number in range(len(steps)) for one in filling.steps(at, number)]
    if filling.faults:
        raise FileFaults(tuple(filling.faults))
    return refuse_too_many(with_steps(document, phases) if phases else document)


def refuse_too_many(whole: Document) -> Document:
    """Return the document; raises FileFaults where more steps were taken in than anybody could walk."""
    if sum(len(parts(phase, "steps")) for phase in parts(whole.data, "phases")) > MOST_STEPS:
        raise FileFaults((whole.fault(("phases",), f"more than {MOST_STEPS} steps", "split the playbook"),))
    return whole


def _is_include(step: Any) -> bool:
    return isinstance(step, dict) and "include" in step


class _Filling:
    """The includes of one document being filled, and what is wrong with them."""

    def __init__(self, document: Document, shelf: Shelf) -> None:
        self.document, self.shelf = document, shelf
        self.faults: list[Fault] = []
        self._groups: dict[str, Group | None] = {}
        self._room = MOST_STEPS * 2

    def steps(self, at: int, number: int) -> Iterator[Taken]:
        """Yield what one item of a phase stands for: itself, or the steps of the group it includes."""
        path: Path = ("phases", at, "steps", number)
        phase = self.document.data["phases"][at]
        step = phase["steps"][number]
        if not _is_include(step):
            yield Taken(step, self.document, path)
        elif include := parsed(Include, self.document, path, self.faults):
            group = self._group(path, include)
            if group is not None and self._fits(phase, path, include, group):
                yield from self._of_group(path, include, group)

    def _of_group(self, path: Path, include: Include, group: Group) -> Iterator[Taken]:
        document = self.shelf.groups[include.include]
        given = {name: one.default or "" for name, one in group.parameters.items()} | include.with_
        for number, raw in enumerate(group.steps):
            if raw.get("id") in include.without:
                continue
            self._room -= 1
            if self._room >= 0:  # else there are too many already, which is refused
                step, told = _changed(filled(raw, given), include)
                where = {key: (*path, *said) for key, said in told.items()}
                yield Taken(step, document, ("steps", number), where)

    def _group(self, path: Path, include: Include) -> Group | None:
        name = include.include
        if name not in self.shelf.groups:
            near = get_close_matches(name, self.shelf.groups, n=1)
            known = ", ".join(sorted(self.shelf.groups)) or "there is none here"
            mend = f"did you mean `{near[0]}`?" if near else f"one of: {known}"
            self._fault((*path, "include"), f"no step group is called `{name}`", mend)
            return None
        if name not in self._groups:
            self._groups[name] = self._read(self.shelf.groups[name])
        return self._groups[name]

    def _read(self, document: Document) -> Group | None:
        try:
            group = read_group(document)
        except FileFaults as error:
            self.faults += error.faults
            return None
        faults = tuple(unknown_parameters(group, document))
        self.faults += faults
        return None if faults else group

    def _fits(self, phase: dict[str, Any], path: Path, include: Include, group: Group) -> bool:
        """Tell whether an include and its group agree; each thing that does not is noted."""
        before = len(self.faults)
        if phase.get("id") not in group.phases:
            what = f"group `{group.group}` does not belong into {phase.get('id')}"
            self._fault(path, what, f"put it into {', '.join(group.phases)}")
        self._names_steps(path, include, group)
        for name in include.with_:
            if name not in group.parameters:
                known = ", ".join(group.parameters) or "it takes none"
                what = f"`{name}` is no parameter of group `{group.group}`"
                self._fault((*path, "with", name), what, f"one of: {known}")
        for name, parameter in group.parameters.items():
            if parameter.default is None and name not in include.with_:
                what = f"group `{group.group}` wants `{name}`: {parameter.help}"
                self._fault((*path, "include"), what, "say it under `with`")
        return len(self.faults) == before

    def _names_steps(self, path: Path, include: Include, group: Group) -> None:
        ids = {str(step.get("id")) for step in group.steps}
        named = [("without", name) for name in include.without]
        named += [("change", name) for name in include.change]
        named += [("add", name) for name in include.add]
        for key, name in named:
            if name not in ids:
                what = f"group `{group.group}` has no step `{name}`"
                self._fault((*path, key), what, f"one of: {', '.join(sorted(ids))}")

    def _fault(self, path: Path, what: str, mend: str) -> None:
        self.faults.append(self.document.fault(path, what, mend))


def _changed(step: dict[str, Any], include: Include) -> tuple[dict[str, Any], dict[str, Path]]:
    """Return a step as the include changes it, and where within the include each changed key stands."""
    name, told = str(step.get("id")), dict[str, Path]()
    for key, value in include.change.get(name, {}).items():
        step, told[key] = {**step, key: value}, ("change", name, key)
    for key, more in include.add.get(name, {}).items():
        step, told[key] = {**step, key: [*parts(step, key), *more]}, ("add", name, key)
    if include.when is not None:
        step, told["when"] = {**step, "when": joined_when(include.when, step.get("when"))}, ("when",)
    if include.if_unknown is not None:
        step, told["if_unknown"] = {**step, "if_unknown": include.if_unknown}, ("if_unknown",)
    return step, told
