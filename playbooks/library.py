"""The playbooks of this house: those shipped in `playbooks/library/`, then the organisation's own folders.

A later folder replaces a playbook by giving the same id; an incident that is open keeps the plan it pinned.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from playbooks.documents import LARGEST_FILE, Document, model_faults, read_document
from playbooks.errors import Fault, FileFaults
from playbooks.models import Playbook
from playbooks.outline import endless_waits, outline_faults

SHIPPED_PLAYBOOKS: Final = Path(__file__).parent / "library"


def load_playbooks(folders: Iterable[Path] = ()) -> dict[str, Playbook]:
    """Return every playbook by id; FileFaults lists all that is wrong in all files, and loads none."""
    playbooks: dict[str, Playbook] = {}
    faults: list[Fault] = []
    for folder in (SHIPPED_PLAYBOOKS, *folders):
        places: dict[str, Path] = {}
        for path in _files(folder, faults):
            try:
                playbook = read_playbook(_bytes(path), str(path))
            except FileFaults as error:
                faults += error.faults
                continue
            if playbook.id in places:
                what = f"playbook `{playbook.id}` stands in {places[playbook.id].name} too"
                faults.append(Fault(str(path), 1, what, "keep one, or give it its own id"))
            places[playbook.id] = path
            playbooks[playbook.id] = playbook
    if faults:
        raise FileFaults(tuple(faults))
    return playbooks


def read_playbook(text: bytes | str, file: str) -> Playbook:
    """Return the playbook a file's text says; FileFaults lists all that is wrong with it. Pure."""
    document = read_document(text, file)
    faults = list(outline_faults(document))
    playbook = _shaped(document, faults)
    if playbook is not None and not faults:
        faults += endless_waits(playbook, document)
    if playbook is None or faults:
        raise FileFaults(tuple(sorted(faults, key=lambda fault: fault.line)))
    return playbook


def _shaped(document: Document, faults: list[Fault]) -> Playbook | None:
    try:
        return Playbook.model_validate(document.data)
    except ValidationError as error:
        faults += model_faults(error, document)
        return None


def _files(folder: Path, faults: list[Fault]) -> Iterator[Path]:
    if not folder.is_dir():
        faults.append(Fault(str(folder), 1, "no such folder", "create it, or take it out of the settings"))
        return
    yield from sorted(path for path in folder.iterdir() if path.suffix in (".yaml", ".yml"))


def _bytes(path: Path) -> bytes:
    """Return a file's bytes, one more than allowed at most: a device or a giant is refused, not read."""
    try:
        if not path.is_file():
            raise FileFaults((Fault(str(path), 1, "not a plain file", "move it out of the folder"),))
        with path.open("rb") as file:
            return file.read(LARGEST_FILE + 1)
    except OSError as error:
        what = f"cannot be read: {error.strerror}"
        raise FileFaults((Fault(str(path), 1, what, "check its permissions"),)) from error
