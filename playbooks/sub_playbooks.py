"""A playbook's file made whole, second half: the steps of other playbooks taken in under a prefix.

What the taking playbook does already, by the same step of the same group, is not done twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Annotated, Any, Literal, Self, TypeAlias

from pydantic import Field as Bound
from pydantic import model_validator

from playbooks.documents import Document, Path
from playbooks.errors import Fault, FileFaults
from playbooks.fact_types import Frozen
from playbooks.fields import Condition
from playbooks.includes import (
    Shelf,
    Taken,
    includes_filled,
    joined_when,
    parsed,
    parts,
    refuse_too_many,
    with_steps,
)
from playbooks.wording import TRUNK, IfUnknown, Slug

DEEPEST = 2
"""How many levels of playbooks may be taken in."""
MOST = 10
"""How many other playbooks one may take in."""
LentPhase: TypeAlias = Literal["contain", "investigate", "recover"]


class SubPlaybook(Frozen):
    """Another playbook whose steps of some phases are taken in, under a prefix and perhaps a condition."""

    playbook: Slug
    prefix: Slug
    phases: Annotated[tuple[LentPhase, ...], Bound(min_length=1)] = ("contain", "investigate", "recover")
    when: Condition | None = None
    if_unknown: IfUnknown | None = None
    without: Annotated[tuple[Slug, ...], Bound(max_length=60)] = ()

    @model_validator(mode="after")
    def _of_a_condition(self) -> Self:
        if self.if_unknown is not None and self.when is None:
            raise ValueError("`if_unknown` belongs to a `when`")
        return self


@dataclass(frozen=True, slots=True)
class _Lent:
    """The steps of a playbook that another takes in, by phase, and what each is called there."""

    document: Document
    steps: Mapping[str, tuple[tuple[Path, dict[str, Any]], ...]]
    names: Mapping[str, str]


def made_whole(document: Document, shelf: Shelf, above: tuple[str, ...] = ()) -> Document:
    """Return the document with all includes filled and all sub-playbooks taken in; raises FileFaults."""
    whole = includes_filled(document, shelf)
    if not isinstance(whole.data, dict) or "sub_playbooks" not in whole.data:
        return whole
    bare = Document(whole.file, _without(whole.data, "sub_playbooks"), whole.lines, whole.taken)
    faults = list(_misnamed(whole))
    if not faults and not _can_be_joined(whole):
        return bare  # its own faults come first: whoever checks its shape names them
    for number in range(len(parts(whole.data, "sub_playbooks")) if not faults else 0):
        path: Path = ("sub_playbooks", number)
        sub = parsed(SubPlaybook, whole, path, faults)
        if sub is not None and (other := _other(whole, shelf, sub, path, above, faults)) is not None:
            faults += _unknown_steps(whole, other, sub, path)
            bare = _taken_in(bare, other, sub, path)
    if faults:
        raise FileFaults(tuple(faults))
    return bare


def _misnamed(whole: Document) -> Iterator[Fault]:
    """A fault where the key does not list a few playbooks."""
    said, path = whole.data["sub_playbooks"], ("sub_playbooks",)
    if not isinstance(said, list):
        yield whole.fault(path, "`sub_playbooks` is a list", "begin each with a dash: - playbook: an-id")
    elif len(said) > MOST:
        yield whole.fault(path, f"more than {MOST} playbooks are taken in", "take the steps in directly")


def _can_be_joined(document: Document) -> bool:
    """Whether the phases and steps have the shape that joining them needs."""
    phases = document.data.get("phases") if isinstance(document.data, dict) else None
    return isinstance(phases, list) and all(
        isinstance(phase, dict)
        and isinstance(phase.get("id"), str)
        and isinstance(phase.get("steps"), list)
        and all(_is_step(step) for step in phase["steps"])
        for phase in phases
    )


def _is_step(step: Any) -> bool:
    is_named = isinstance(step, dict) and isinstance(step.get("id"), str)
    return is_named and all(isinstance(name, str) for name in parts(step, "after"))


def _unknown_steps(whole: Document, other: Document, sub: SubPlaybook, path: Path) -> Iterator[Fault]:
    """A fault for each step to be left out that the other playbook does not have."""
    known = {step["id"] for _, step in _steps(other)}
    for name in sub.without:
        if name not in known:
            near = get_close_matches(name, known, n=1)
            mend = f"did you mean `{near[0]}`?" if near else "name one of its steps"
            yield whole.fault((*path, "without"), f"`{sub.playbook}` has no step `{name}`", mend)


def _other(
    whole: Document, shelf: Shelf, sub: SubPlaybook, path: Path, above: tuple[str, ...], faults: list[Fault]
) -> Document | None:
    """Return the other playbook, whole; None where there is a fault."""
    chain = (*above, str(whole.data.get("id")))
    here = (*path, "playbook")
    if sub.playbook not in shelf.playbooks:
        near = get_close_matches(sub.playbook, shelf.playbooks, n=1)
        mend = f"did you mean `{near[0]}`?" if near else "name a playbook that is there"
        faults.append(whole.fault(here, f"no playbook is called `{sub.playbook}`", mend))
    elif sub.playbook in chain:
        shown = " -> ".join((*chain, sub.playbook))
        faults.append(whole.fault(here, f"playbooks take each other in: {shown}", "take one of them out"))
    elif len(chain) > DEEPEST:
        shown = " -> ".join((*chain, sub.playbook))
        faults.append(whole.fault(here, f"more than {DEEPEST} levels: {shown}", "take its steps in directly"))
    else:
        try:
            other = made_whole(shelf.playbooks[sub.playbook], shelf, chain)
        except FileFaults as error:
            faults += error.faults
            return None
        if _can_be_joined(other):
            return other
        faults.append(whole.fault(here, f"`{sub.playbook}` has faults of its own", "correct that file first"))
    return None


def _taken_in(whole: Document, other: Document, sub: SubPlaybook, path: Path) -> Document:
    """Return the document with the other's steps behind its own, phase by phase."""
    lent = _lent(whole, other, sub)
    whole = _with_phases(whole, [phase for phase in sub.phases if lent.steps.get(phase)])
    grown: dict[int, list[Taken]] = {}
    for at, phase in enumerate(parts(whole.data, "phases")):
        found = lent.steps.get(str(phase.get("id")), ()) if isinstance(phase, dict) else ()
        if found:
            own = [_own(whole, at, number) for number in range(len(parts(phase, "steps")))]
            grown[at] = [*own, *(_renamed(lent, where, step, sub, path) for where, step in found)]
    return refuse_too_many(with_steps(whole, grown))


def _lent(whole: Document, other: Document, sub: SubPlaybook) -> _Lent:
    """What is taken in: not what is left out, nor what the taking playbook does by the same group."""
    own = {step.get("id"): _origin(whole, where) for where, step in _steps(whole)}
    steps: dict[str, list[tuple[Path, dict[str, Any]]]] = {}
    names: dict[str, str] = {}
    for where, step in _steps(other):
        name, phase = str(step.get("id")), other.data["phases"][where[1]].get("id")
        is_same = name in own and own[name] == _origin(other, where) and own[name] is not None
        if is_same:
            names[name] = name
        elif phase in sub.phases and name not in sub.without:
            names[name] = f"{sub.prefix}-{name}"
            steps.setdefault(phase, []).append((where, step))
    return _Lent(other, {phase: tuple(found) for phase, found in steps.items()}, names)


def _renamed(lent: _Lent, where: Path, step: dict[str, Any], sub: SubPlaybook, path: Path) -> Taken:
    """A step under its new name, with what it names renamed too, and the condition of the taking."""
    new = {**step, "id": lent.names[str(step.get("id"))]}
    told: dict[str, Path] = {}
    if after := parts(step, "after"):
        kept = [lent.names[name] for name in after if name in lent.names]
        new = {**new, "after": kept} if kept else _without(new, "after", "join")
        if len(kept) < 2:
            new = _without(new, "join")
    arguments = step.get("arguments")
    if isinstance(arguments, dict) and isinstance(name := arguments.get("step"), str):
        new["arguments"] = {**arguments, "step": lent.names.get(name, name)}
    if sub.when is not None:
        new["when"], told["when"] = joined_when(sub.when, step.get("when")), (*path, "when")
        if sub.if_unknown is not None:
            new["if_unknown"], told["if_unknown"] = sub.if_unknown, (*path, "if_unknown")
    return Taken(new, lent.document, where, told)


def _steps(document: Document) -> Iterator[tuple[Path, dict[str, Any]]]:
    for at, phase in enumerate(parts(document.data, "phases")):
        for number, step in enumerate(parts(phase, "steps")):
            if isinstance(step, dict):
                yield ("phases", at, "steps", number), step


def _origin(document: Document, path: Path) -> str | None:
    """The group's file that a step was taken from; None where the playbook says it itself."""
    stands, there = document.origin(path)
    return stands.file if there[:1] == ("steps",) else None


def _own(whole: Document, at: int, number: int) -> Taken:
    path: Path = ("phases", at, "steps", number)
    return Taken(whole.data["phases"][at]["steps"][number], whole, path)


def _with_phases(whole: Document, wanted: list[LentPhase]) -> Document:
    """The document with these phases in it, in the order of the trunk; own ones stay where they are."""
    phases: list[tuple[Any, Path | None]] = [
        (phase, ("phases", at)) for at, phase in enumerate(parts(whole.data, "phases"))
    ]
    there = {phase.get("id") for phase, _ in phases if isinstance(phase, dict)}
    for name in (name for name in wanted if name not in there):
        behind = TRUNK[TRUNK.index(name) + 1 :]
        at = next((n for n, (phase, _) in enumerate(phases) if phase.get("id") in behind), len(phases))
        phases.insert(at, ({"id": name, "steps": []}, None))
    taken: dict[Path, tuple[Document, Path]] = {
        ("phases", at): (whole, where) for at, (_, where) in enumerate(phases) if where is not None
    }
    data = {**whole.data, "phases": [phase for phase, _ in phases]}
    return Document(whole.file, data, whole.lines, {**_beside(whole), **taken})


def _beside(whole: Document) -> dict[Path, tuple[Document, Path]]:
    return {path: where for path, where in whole.taken.items() if path[:1] != ("phases",)}


def _without(data: dict[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in data.items() if key not in keys}
