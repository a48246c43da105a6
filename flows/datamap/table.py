"""A CSV file read as a document: its header names the keys, each row is an entry, within bounds. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterator, Sequence
from typing import Any, Final, TypeAlias

from playbooks.documents import LARGEST_FILE, Document, Path
from playbooks.errors import Fault, FileFaults

BETWEEN: Final = ";"
"""What stands between the values of a cell that holds several."""
_MOST_ROWS: Final = 5_000
_Row: TypeAlias = tuple[int, list[str]]


def read_table(
    text: bytes | str, file: str, *, under: str, columns: Sequence[str], lists: Collection[str]
) -> Document:
    """Read the text of a CSV file; FileFaults names each line that does not fit its header.

    An empty cell says nothing, and an empty row is passed over.
    """
    rows = list(_rows(_decoded(text, file), file))
    if not rows:
        raise FileFaults((Fault(file, 1, "the file is empty", f"begin with {','.join(columns)}"),))
    head = [name.strip() for name in rows[0][1]]
    faults = [*_head_faults(head, columns, file), *_long_rows(rows, head, file)]
    if faults:
        raise FileFaults(tuple(faults))
    lines: dict[Path, int] = {(): 1, (under,): 1}
    entries: list[dict[str, Any]] = []
    for line, cells in rows[1:]:
        here = (under, len(entries))
        lines |= {here: line} | {(*here, name): line for name in head}
        entries.append(_entry(dict(zip(head, cells, strict=False)), lists))
    return Document(file, {under: entries}, lines)


def _decoded(text: bytes | str, file: str) -> str:
    raw = text.encode() if isinstance(text, str) else text
    if len(raw) > LARGEST_FILE:
        raise FileFaults((Fault(file, 1, "the file is larger than 1 MB", "split it"),))
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as not_text:
        line = raw[: not_text.start].count(b"\n") + 1
        raise FileFaults((Fault(file, line, "the file is not UTF-8 text", "save it as UTF-8"),)) from not_text


def _rows(text: str, file: str) -> Iterator[_Row]:
    """Each row that says something, with the line it begins on."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    begins, count = 1, 0
    try:
        for cells in reader:
            count += 1
            if count > _MOST_ROWS:
                raise FileFaults((Fault(file, begins, f"more than {_MOST_ROWS:,} rows", "split the file"),))
            if any(cell.strip() for cell in cells):
                yield begins, cells
            begins = reader.line_num + 1
    except csv.Error as error:
        fault = Fault(file, begins, f"not CSV: {error}", "check quotes and commas")
        raise FileFaults((fault,)) from error


def _head_faults(head: Sequence[str], columns: Sequence[str], file: str) -> Iterator[Fault]:
    for at, name in enumerate(head):
        if name not in columns:
            mend = f"the columns are {', '.join(columns)}"
            yield Fault(file, 1, f"no such column: `{name[:40]}`", mend)
        elif name in head[:at]:
            yield Fault(file, 1, f"the column `{name}` stands here twice", "keep one of them")


def _long_rows(rows: Sequence[_Row], head: Sequence[str], file: str) -> Iterator[Fault]:
    for line, cells in rows[1:]:
        if len(cells) > len(head):
            what = f"{len(cells)} cells under {len(head)} columns"
            yield Fault(file, line, what, "put a cell that holds a comma between double quotes")


def _entry(cells: dict[str, str], lists: Collection[str]) -> dict[str, Any]:
    said = {name: cell.strip() for name, cell in cells.items() if cell.strip()}
    return {name: _several(cell) if name in lists else cell for name, cell in said.items()}


def _several(cell: str) -> list[str]:
    return [part.strip() for part in cell.split(BETWEEN) if part.strip()]
