"""What must be right between the rules of a book: references, dependencies, and which version holds when."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from graphlib import CycleError, TopologicalSorter
from itertools import combinations

from playbooks.documents import Document
from playbooks.errors import Fault
from playbooks.law import SUBMITTED
from playbooks.rulebook_checks import Entry, Said, starts_of


def book_faults(
    entries: Sequence[Entry], unsound: Sequence[Document], named: Collection[str]
) -> Iterator[Fault]:
    """What is wrong between rules; `named` are the ids that any file gives, also to the `unsound` ones."""
    clocked = {entry.rule.id: entry.rule.has_clock for entry in entries}
    for part in (*(entry.part for entry in entries), *unsound):
        yield from _lost(part.data, part, clocked, named)
    yield from _circles(entries)
    yield from _overlaps(entries)


def _lost(told: Said, part: Document, clocked: Mapping[str, bool], named: Collection[str]) -> Iterator[Fault]:
    """References to rules that no file gives, or that are never met because they have no clock."""
    wanted = [("starts", found[1]) for limb in starts_of(told) for found in SUBMITTED.finditer(limb)]
    follow_up = told.get("follow_up")
    wanted += [("follow_up", follow_up)] if isinstance(follow_up, str) else []
    for key, name in wanted:
        if name not in named:
            what = f"`{key}` names a rule that does not exist: `{name}`"
            yield part.fault((key,), what, "check its spelling, or add the rule")
        elif key == "starts" and not clocked.get(name, True):
            what = f"`{name}` has no clock, so that it is never met and this never starts"
            yield part.fault((key,), what, "start from a rule of kind notify or assess")


def _circles(entries: Sequence[Entry]) -> Iterator[Fault]:
    """The first circle of rules that wait for each other."""
    first = {entry.rule.id: entry for entry in reversed(entries)}
    graph: defaultdict[str, set[str]] = defaultdict(set)
    for entry in entries:
        graph[entry.rule.id] |= set(entry.rule.depends_on)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        circle: list[str] = error.args[1]
        what = f"rules wait for each other: {' → '.join(reversed(circle))}"
        yield first[circle[0]].part.fault(("starts",), what, "let one of them start from a fact")


def _overlaps(entries: Sequence[Entry]) -> Iterator[Fault]:
    """Versions of one rule of which two would be law on the same day."""
    of_id: defaultdict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        if entry.rule.in_force_from is not None:
            of_id[entry.rule.id].append(entry)
    for versions in of_id.values():
        versions.sort(key=lambda entry: (entry.rule.in_force_from or date.min, entry.rule.version))
        for older, younger in combinations(versions, 2):
            ends, begins = older.rule.in_force_until, younger.rule.in_force_from
            if ends is None or (begins is not None and begins < ends):
                what = f"{younger.rule.key} begins while {older.rule.key} still holds"
                mend = (
                    f"give {older.rule.version} `in_force_until: {begins}`, in a copy if it is a shipped one"
                )
                yield younger.part.fault(("in_force_from",), what, mend)
