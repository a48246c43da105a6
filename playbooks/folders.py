"""A folder of YAML files read as documents: with `library.py`, the only place here that touches the disk."""

from __future__ import annotations

from pathlib import Path

from playbooks.documents import LARGEST_FILE, Document, read_document
from playbooks.errors import Fault, FileFaults


def documents_in(folder: Path, mentioning: str = "") -> tuple[list[Document], list[Fault]]:
    """Every YAML file of the folder in the order of names, and all faults of those that cannot be read.

    With `mentioning` only the files in which that text stands are read as YAML, for whoever is in a hurry.
    """
    documents: list[Document] = []
    faults: list[Fault] = []
    if not folder.is_dir():
        return [], [Fault(str(folder), 1, "no such folder", "create it, or take it out of the settings")]
    for path in sorted(path for path in folder.iterdir() if path.suffix in (".yaml", ".yml")):
        try:
            text = _bytes(path)
            if mentioning.encode() in text:
                documents.append(read_document(text, str(path)))
        except FileFaults as error:
            faults += error.faults
    return documents, faults


def document_at(path: Path) -> Document:
    """Return one YAML file read as a document; FileFaults lists all that is wrong with it."""
    return read_document(_bytes(path), str(path))


def _bytes(path: Path) -> bytes:
    """The file's bytes, one more than allowed at most: a device or a giant is refused, not read."""
    try:
        if not path.exists():
            raise FileFaults((Fault(str(path), 1, "there is no such file", "check its name and its folder"),))
        if not path.is_file():
            raise FileFaults((Fault(str(path), 1, "not a plain file", "name a plain file"),))
        with path.open("rb") as file:
            return file.read(LARGEST_FILE + 1)
    except OSError as error:
        what = f"cannot be read: {error.strerror}"
        raise FileFaults((Fault(str(path), 1, what, "check its permissions"),)) from error
