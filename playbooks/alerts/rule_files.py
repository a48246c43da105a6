"""The files of alert rules: those shipped, then the organisation's folders; every fault with its line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final, TypeAlias, get_args

from pydantic import ValidationError

from playbooks.alerts.rule_models import MODELS, Rule, Section, Switched
from playbooks.documents import Document, model_faults, read_document
from playbooks.errors import Fault, FileFaults
from playbooks.folders import documents_in

SHIPPED: Final = Path(__file__).parent / "rules.yaml"
_SHIPPED_NAME: Final = "playbooks/alerts/rules.yaml"
_SECTIONS: Final[tuple[Section, ...]] = get_args(Section)
_MOST_RULES: Final = 500

Key: TypeAlias = tuple[Section, str]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a rule stands that a file gives or takes out."""

    section: Section
    id: str
    part: Document

    @property
    def key(self) -> Key:
        """By what a later folder replaces it."""
        return self.section, self.id

    @property
    def where(self) -> str:
        """Its file and line."""
        return f"{self.part.file}:{self.part.line_of(('id',))}"


@dataclass(frozen=True, slots=True)
class Entry(Place):
    """One rule that was read, and where it stands."""

    rule: Rule
    is_shipped: bool


def read_entries(folders: Sequence[Path]) -> tuple[Entry, ...]:
    """Every rule in force, those of the last folder first and the shipped ones last.

    FileFaults lists all that is wrong in all files.
    """
    read = _Read()
    read.layer([_shipped()], [], is_shipped=True)
    for folder in folders:
        read.layer(*documents_in(folder))
    if read.faults:
        raise FileFaults(tuple(read.faults))
    return tuple(read.entries)


def _shipped() -> Document:
    return read_document(SHIPPED.read_bytes(), _SHIPPED_NAME)


@dataclass(slots=True)
class _Read:
    entries: list[Entry] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def layer(self, documents: list[Document], unread: list[Fault], *, is_shipped: bool = False) -> None:
        """Put one folder's rules before all that was read; they replace what has the same id."""
        self.faults += unread
        found: list[Place] = []
        for document in documents:
            found += self._places(document, is_shipped=is_shipped)
        self.faults += _repeated(found)
        self.faults += _off_in_vain(found, {entry.key for entry in self.entries})
        given = [place for place in found if isinstance(place, Entry)]
        said = {place.key for place in found}
        self.entries = [*given, *(entry for entry in self.entries if entry.key not in said)]
        if len(self.entries) > _MOST_RULES and given:
            what = f"more than {_MOST_RULES} rules in all"
            self.faults.append(given[-1].part.fault(("id",), what, "join rules, or switch some off"))

    def _places(self, document: Document, *, is_shipped: bool) -> Iterator[Place]:
        for section, at, data in self._items(document):
            part = document.part((section, at))
            try:
                if isinstance(data, dict) and "off" in data:
                    yield Place(section, Switched.model_validate(data).id, part)
                else:
                    rule = MODELS[section].model_validate(data)
                    yield Entry(section, rule.id, part, rule, is_shipped)
            except ValidationError as error:
                self.faults += model_faults(error, part)

    def _items(self, document: Document) -> Iterator[tuple[Section, int, Any]]:
        """Every part of the file's lists; what is no list of rules is a fault."""
        top = document.data
        if not isinstance(top, dict):
            wanted = f"write lists named {', '.join(_SECTIONS)}"
            self.faults.append(document.fault((), "a file of alert rules holds lists of rules", wanted))
            return
        for unknown in top.keys() - set(_SECTIONS):
            what = f"`{unknown[:60]}` is no list of alert rules"
            self.faults.append(document.fault((unknown,), what, f"one of: {', '.join(_SECTIONS)}"))
        for section in _SECTIONS:
            items = top.get(section, [])
            if isinstance(items, list):
                yield from ((section, at, data) for at, data in enumerate(items))
            else:
                what = f"`{section}` is no list"
                self.faults.append(document.fault((section,), what, "begin each rule with `- id:`"))


def _repeated(places: Iterable[Place]) -> Iterator[Fault]:
    first: dict[Key, Place] = {}
    for place in places:
        before = first.setdefault(place.key, place)
        if before is not place:
            what = f"`{place.id}` stands here a second time; the first is {before.where}"
            yield place.part.fault(("id",), what, "give it another id, or remove it")


def _off_in_vain(places: Iterable[Place], before: set[Key]) -> Iterator[Fault]:
    for place in places:
        if not isinstance(place, Entry) and place.key not in before:
            ids = sorted(id_ for section, id_ in before if section == place.section)
            near = get_close_matches(place.id, ids, n=1)
            mend = f"did you mean `{near[0]}`?" if near else f"one of: {', '.join(ids)}"
            what = f"there is no rule `{place.id}` in {place.section} to switch off"
            yield place.part.fault(("id",), what, mend)
