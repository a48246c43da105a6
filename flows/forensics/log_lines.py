"""The lines of a log file, plain or gzipped, in batches: mended where possible, else counted."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeAlias

from playbooks.forensics.reading import Reading

BATCH = 2_000
LARGEST_BATCH = 8_000_000
"""Characters of one batch, roughly."""
LONGEST_LINE = 1_000_000
"""Characters; a longer line is passed over and counted as broken."""
MOST_PASSED_OVER = 10_000
"""Of such lengths; a line that is longer still ends the reading of its file."""

Batch: TypeAlias = tuple[int, list[str]]
"""The number of the first line, and lines that follow one another."""

_GZIP = b"\x1f\x8b"
_UTF8_MARK = b"\xef\xbb\xbf"
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


def batches(path: Path, reading: Reading) -> Iterator[Batch]:
    """The lines of a file; what breaks off in the middle is told among what is missing."""
    try:
        with path.open("rb") as raw:
            head = raw.read(len(_GZIP))
            raw.seek(0)
            file = io.BufferedReader(gzip.GzipFile(fileobj=raw)) if head == _GZIP else raw
            with _as_text(file, reading) as text:
                yield from _batches(text, path.name, reading)
    except (OSError, EOFError, zlib.error) as error:
        why = getattr(error, "strerror", None) or "it breaks off or is damaged"
        reading.missing.append(f"{path.name} could not be read to its end: {why}")


def _as_text(file: io.BufferedReader[Any], reading: Reading) -> io.TextIOWrapper:
    """The file as text, in UTF-8 unless its first bytes say UTF-16; bytes of neither are kept for mending."""
    head = file.peek(3)[:3]
    encoding, errors = "utf-8", "surrogateescape"
    if head.startswith(_UTF16_MARKS):
        encoding, errors = "utf-16", "replace"
        reading.mended["files in UTF-16 were read as such"] += 1
    elif head.startswith(_UTF8_MARK):
        encoding = "utf-8-sig"
        reading.mended["byte order marks were passed over"] += 1
    return io.TextIOWrapper(file, encoding=encoding, errors=errors, newline="\n")


def _batches(text: io.TextIOWrapper, name: str, reading: Reading) -> Iterator[Batch]:
    first, lines, number, size = 1, list[str](), 0, 0
    while line := text.readline(LONGEST_LINE):
        number += 1
        is_whole = len(line) < LONGEST_LINE or line.endswith("\n")
        if is_whole:
            lines.append(line)
            size += len(line)
        if not is_whole or len(lines) == BATCH or size > LARGEST_BATCH:
            yield first, mended(lines, reading)
            first, lines, size = number + 1, [], 0
        if not is_whole:
            _pass_over(text)
            reading.rows += 1
            reading.fault(name, number, f"longer than {LONGEST_LINE:,} characters")
    yield first, mended(lines, reading)


def _pass_over(text: io.TextIOWrapper) -> None:
    """Go on to the next line; raises EOFError where it does not come."""
    for _ in range(MOST_PASSED_OVER):
        rest = text.readline(LONGEST_LINE)
        if not rest or rest.endswith("\n"):
            return
    raise EOFError


def mended(lines: list[str], reading: Reading) -> list[str]:
    """Lines without NUL, and what is not UTF-8 read as Windows-1252; every mended line is counted."""
    whole = "".join(lines)
    if "\0" in whole:
        reading.mended["lines with NUL bytes were read without them"] += sum("\0" in line for line in lines)
        lines = [line.replace("\0", "") for line in lines]
    if whole.isascii() or _is_whole(whole):
        return lines
    return [line if line.isascii() or _is_whole(line) else _recoded(line, reading) for line in lines]


def _is_whole(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _recoded(line: str, reading: Reading) -> str:
    reading.mended["lines that are not UTF-8 were read as Windows-1252"] += 1
    return line.encode("utf-8", "surrogateescape").decode("cp1252", "replace")
