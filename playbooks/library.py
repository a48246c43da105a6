"""The playbooks of this house: those shipped in `playbooks/library/`, then the organisation's own folders.

Step groups stand in a folder's `groups/`. A later folder that gives a playbook's id decides which version is
the current one; every version can still be named, as `id@version`. An open incident keeps the plan it pinned.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from playbooks.documents import Document, model_faults, read_document
from playbooks.errors import Fault, FileFaults, NotFound
from playbooks.folders import documents_in
from playbooks.includes import Shelf
from playbooks.models import Playbook
from playbooks.outline import endless_waits, outline_faults
from playbooks.sub_playbooks import made_whole

SHIPPED_PLAYBOOKS: Final = Path(__file__).parent / "library"
GROUPS: Final = "groups"
"""The folder of step groups within a folder of playbooks."""
_LONGEST_NUMBER = 6
"""Digits of a part of a version."""


@dataclass(frozen=True)
class Library(Mapping[str, Playbook]):
    """Every playbook; as a mapping, by id the newest version of the last folder that has it."""

    _current: Mapping[str, tuple[Playbook, ...]]
    """By id, the versions of the last folder that has it, the newest last."""
    _all: Mapping[str, Playbook]
    """By `id@version`."""
    _documents: Mapping[str, Document] = field(default_factory=dict)
    """By `id@version`, the file with all that it takes in."""

    def __getitem__(self, playbook_id: str) -> Playbook:
        return self._current[playbook_id][-1]

    def __iter__(self) -> Iterator[str]:
        return iter(self._current)

    def __len__(self) -> int:
        return len(self._current)

    def named(self, name: str) -> Playbook:
        """Return the playbook of an id, or of `id@version`; raises NotFound with what there is."""
        if name in self._all:
            return self._all[name]
        if name in self._current:
            return self[name]
        known = ", ".join(self.versions(name.partition("@")[0]) or sorted(self._current))
        raise NotFound("no such playbook", which=name, mend=f"use one of: {known}")

    def every(self) -> tuple[Playbook, ...]:
        """Return every version of every playbook."""
        return tuple(self._all.values())

    def versioned(self, ref: str) -> Playbook | None:
        """Return the playbook of exactly that `id@version`; None where it is gone."""
        return self._all.get(ref)

    def document(self, ref: str) -> Document:
        """Return what the file of exactly that `id@version` says, whole; KeyError where it is gone."""
        return self._documents[ref]

    def in_force(self, playbook_id: str, today: date) -> Playbook:
        """Return the newest version that is valid on that day and not revoked, else the newest."""
        return self.preferred(playbook_id, today)[0]

    def preferred(self, playbook_id: str, today: date) -> tuple[Playbook, ...]:
        """Return the versions that stand side by side: first those valid on that day, each time newest first.

        Raises NotFound with what there is.
        """
        self.named(playbook_id)
        newest_first = reversed(self._current[playbook_id])
        return tuple(sorted(newest_first, key=lambda one: not _holds(one, today)))

    def versions(self, playbook_id: str) -> tuple[str, ...]:
        """Return every version of an id as `id@version`, the oldest first."""
        found = [one for one in self._all.values() if one.id == playbook_id]
        return tuple(one.ref for one in sorted(found, key=_age))


def load_playbooks(folders: Iterable[Path] = ()) -> Library:
    """Return every playbook; FileFaults lists all that is wrong in all files, and loads none."""
    faults: list[Fault] = []
    read = [_shipped_documents(), *(_documents(folder, faults) for folder in folders)]
    shelf = _shelf(read)
    current: dict[str, tuple[Playbook, ...]] = {}
    every: dict[str, Playbook] = {}
    whole: dict[str, Document] = {}
    for number, (_, documents) in enumerate(read):
        is_as_shipped = number == 0 and _holds_what_is_shipped(shelf)
        found = _shipped_playbooks() if is_as_shipped else _of_folder(documents, shelf, faults)
        every |= {playbook.ref: playbook for playbook, _ in found}
        whole |= {playbook.ref: document for playbook, document in found}
        for name in {playbook.id for playbook, _ in found}:
            current[name] = tuple(sorted((one for one, _ in found if one.id == name), key=_age))
    if faults:
        raise FileFaults(tuple(dict.fromkeys(faults)))
    return Library(dict(sorted(current.items())), every, whole)


def _of_folder(
    documents: list[Document], shelf: Shelf, faults: list[Fault]
) -> list[tuple[Playbook, Document]]:
    """The playbooks of one folder; what is wrong is noted, a version that stands there twice too."""
    found: dict[str, tuple[Playbook, Document]] = {}
    for document in documents:
        try:
            playbook, whole = _whole(document, shelf)
        except FileFaults as error:
            faults += error.faults
            continue
        if playbook.ref in found:
            what = f"playbook `{playbook.ref}` stands in {Path(found[playbook.ref][1].file).name} too"
            faults.append(Fault(document.file, 1, what, "keep one, or give it its own id or version"))
        found[playbook.ref] = (playbook, whole)
    return list(found.values())


def read_playbook(text: bytes | str, file: str, shelf: Shelf | None = None) -> Playbook:
    """Return the playbook a file's text says; FileFaults lists all that is wrong with it.

    Without a shelf it may take in what is shipped.
    """
    return read_whole(text, file, shelf)[0]


def read_whole(text: bytes | str, file: str, shelf: Shelf | None = None) -> tuple[Playbook, Document]:
    """Return the playbook as `read_playbook` does, and its file with all that it takes in."""
    return _whole(read_document(text, file), shipped_shelf() if shelf is None else shelf)


@cache
def shipped_shelf() -> Shelf:
    """Return the step groups and playbooks that are shipped, for others to take in; raises FileFaults."""
    return _shelf([_shipped_documents()])


@cache
def _shipped_documents() -> tuple[list[Document], list[Document]]:
    """What is shipped does not change while a process runs: it is read once."""
    faults: list[Fault] = []
    read = _documents(SHIPPED_PLAYBOOKS, faults)
    if faults:
        raise FileFaults(tuple(faults))
    return read


@cache
def _shipped_playbooks() -> list[tuple[Playbook, Document]]:
    faults: list[Fault] = []
    found = _of_folder(_shipped_documents()[1], shipped_shelf(), faults)
    if faults:
        raise FileFaults(tuple(dict.fromkeys(faults)))
    return found


def _holds_what_is_shipped(shelf: Shelf) -> bool:
    """Tell whether no folder has put another group or playbook in the place of one that is shipped."""
    pairs = (
        (shelf.groups, shipped_shelf().groups),
        (shelf.playbooks, shipped_shelf().playbooks),
    )
    return all(own.get(name) is document for own, shipped in pairs for name, document in shipped.items())


def _whole(document: Document, shelf: Shelf) -> tuple[Playbook, Document]:
    document = made_whole(document, shelf)
    faults = list(outline_faults(document))
    playbook = _shaped(document, faults)
    if playbook is not None and not faults:
        faults += endless_waits(playbook, document)
    if playbook is None or faults:
        raise FileFaults(tuple(sorted(faults, key=lambda fault: (fault.file != document.file, fault.line))))
    return playbook, document


def _shaped(document: Document, faults: list[Fault]) -> Playbook | None:
    try:
        return Playbook.model_validate(document.data)
    except ValidationError as error:
        faults += model_faults(error, document)
        return None


def _documents(folder: Path, faults: list[Fault]) -> tuple[list[Document], list[Document]]:
    """The groups and the playbooks of a folder; what cannot be read is noted."""
    found: list[Document] = []
    if (folder / GROUPS).is_dir():
        found, wrong = documents_in(folder / GROUPS)
        faults += wrong
    playbooks, wrong = documents_in(folder)
    faults += wrong
    return found, playbooks


def _shelf(folders: Iterable[tuple[list[Document], list[Document]]]) -> Shelf:
    """What may be taken in; a later folder replaces what it names anew."""
    groups: dict[str, Document] = {}
    playbooks: dict[str, Document] = {}
    for of_groups, of_playbooks in folders:
        groups |= {Path(document.file).stem: document for document in of_groups}
        by_age = sorted(of_playbooks, key=_lent_first)
        playbooks |= {name: document for document in by_age if (name := _id_of(document))}
    return Shelf(groups, playbooks)


def _lent_first(document: Document) -> tuple[bool, tuple[int, ...]]:
    """How a version stands among those of one playbook: the newest that is not revoked comes last."""
    data = document.data if isinstance(document.data, dict) else {}
    parts = str(data.get("version")).split(".")
    is_sound = all(part.isascii() and part.isdigit() and len(part) <= _LONGEST_NUMBER for part in parts)
    return data.get("revoked") is None, tuple(map(int, parts)) if is_sound else ()


def _id_of(document: Document) -> str:
    data = document.data
    return str(data["id"]) if isinstance(data, dict) and isinstance(data.get("id"), str) else ""


def _age(playbook: Playbook) -> tuple[int, ...]:
    return tuple(int(part) for part in playbook.version.split("."))


def _holds(playbook: Playbook, today: date) -> bool:
    begun = playbook.valid_from is None or playbook.valid_from <= today
    return begun and (playbook.valid_until is None or today <= playbook.valid_until) and not playbook.revoked
