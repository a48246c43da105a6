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
class Entry:
    """One rule that was read, and where it stands."""

    section: Section
    rule: Rule | Switched
    part: Document
    is_shipped: bool

    @property
    def key(self) -> Key:
        """By what a later folder replaces it."""
        return self.section, self.rule.id

    @property
    def where(self) -> str:
        """Its file and line."""
        return f"{self.part.file}:{self.part.line_of(('id',))}"


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
    return tuple(entry for entry in read.entries if not isinstance(entry.rule, Switched))


def _shipped() -> Document:
    return read_document(SHIPPED.read_bytes(), _SHIPPED_NAME)


@dataclass(slots=True)
class _Read:
    entries: list[Entry] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def layer(self, documents: list[Document], unread: list[Fault], *, is_shipped: bool = False) -> None:
        """Put one folder's rules before all that was read; they replace what has the same id."""
        self.faults += unread
        before = {entry.key for entry in self.entries if not isinstance(entry.rule, Switched)}
        found: list[Entry] = []
        for document in documents:
            found += self._rules(document, is_shipped=is_shipped)
        self.faults += _repeated(found)
        self.faults += _switched_in_vain(found, before)
        replaced = {entry.key for entry in found}
        self.entries = [*found, *(entry for entry in self.entries if entry.key not in replaced)]
        if len(self.entries) > _MOST_RULES:
            what = f"more than {_MOST_RULES} rules in all"
            self.faults.append(Fault(documents[0].file, 1, what, "join rules, or switch some off"))

    def _rules(self, document: Document, *, is_shipped: bool) -> Iterator[Entry]:
        for section, at, data in self._items(document):
            part = document.part((section, at))
            model = Switched if isinstance(data, dict) and "off" in data else MODELS[section]
            try:
                yield Entry(section, model.model_validate(data), part, is_shipped)
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


def _repeated(entries: Iterable[Entry]) -> Iterator[Fault]:
    first: dict[Key, Entry] = {}
    for entry in entries:
        before = first.setdefault(entry.key, entry)
        if before is not entry:
            what = f"`{entry.rule.id}` stands here a second time; the first is {before.where}"
            yield entry.part.fault(("id",), what, "give it another id, or remove it")


def _switched_in_vain(entries: Iterable[Entry], before: set[Key]) -> Iterator[Fault]:
    for entry in entries:
        if isinstance(entry.rule, Switched) and entry.key not in before:
            ids = sorted(id_ for section, id_ in before if section == entry.section)
            near = get_close_matches(entry.rule.id, ids, n=1)
            mend = f"did you mean `{near[0]}`?" if near else f"one of: {', '.join(ids)}"
            what = f"there is no rule `{entry.rule.id}` in {entry.section} to switch off"
            yield entry.part.fault(("id",), what, mend)
