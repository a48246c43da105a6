"""The files of a log as bytes: plain, gzipped or UTF-16, and known again by how they begin."""

from __future__ import annotations

import gzip
import hashlib
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from flows.access_watch.marks import FileMark
from flows.forensics.log_lines import LONGEST_LINE

HEAD = 1 << 18
"""Bytes by which a file is known again: far more than any head of columns, which many files share."""
CHUNK = 24_000_000
"""Bytes that are read in one go."""

_GZIP = b"\x1f\x8b"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_UTF8_MARK = b"\xef\xbb\xbf"
_PASSED_OVER = 1_000_000


class Bytes(Protocol):
    """What can be read from."""

    def read(self, size: int, /) -> bytes:
        """At most so many bytes; none at the end."""
        ...


class _Recoded:
    """A file in UTF-16 as UTF-8."""

    def __init__(self, raw: Bytes) -> None:
        self._text = io.TextIOWrapper(raw, encoding="utf-16", errors="replace", newline="\n")  # type: ignore[type-var] # a binary file

    def read(self, size: int, /) -> bytes:
        return self._text.read(size).encode()


@dataclass(frozen=True, slots=True)
class Opened:
    """A file, opened at its beginning."""

    stream: Bytes
    is_plain: bool
    """Whether its bytes are those on the disk, so that it can be sought in."""
    is_packed: bool
    """Whether it was packed, which is done to what is not written to any more."""


@contextmanager
def opened(path: Path) -> Iterator[Opened]:
    """A file's content in UTF-8 or what passes for it; raises OSError, EOFError or zlib.error."""
    with path.open("rb") as raw:
        is_gzip = raw.read(len(_GZIP)) == _GZIP
        raw.seek(0)
        stream = gzip.GzipFile(fileobj=raw) if is_gzip else raw
        begins = stream.read(2)
        stream.seek(0)
        if begins in _UTF16:
            yield Opened(_Recoded(stream), is_plain=False, is_packed=is_gzip)
        else:
            yield Opened(stream, is_plain=not is_gzip, is_packed=is_gzip)


def beginning(path: Path) -> bytes:
    """The first bytes of a file, fewer where it is shorter."""
    with opened(path) as file:
        return _whole(file.stream, HEAD)


def passed_over(file: Opened, count: int) -> bool:
    """Go on behind the first bytes; False where the file is shorter than that."""
    if file.is_plain and isinstance(file.stream, io.BufferedReader):
        return file.stream.seek(0, io.SEEK_END) >= count and file.stream.seek(count) == count
    while count > 0 and (read := file.stream.read(min(count, _PASSED_OVER))):
        count -= len(read)
    return count <= 0


def known_by(head: bytes, inode: int, marks: Sequence[FileMark]) -> FileMark | None:
    """The mark of the file that begins so: the one of which most is known.

    A file that is now shorter than what was hashed of it is known by its place on the disk and by the longest
    beginning that can be compared.
    """
    whole = [one for one in marks if one.heads and _begins(head, one.heads[-1])]
    if whole:
        return max(whole, key=lambda one: (one.heads[-1][0], one.offset))
    for mark in marks:
        shorter = [one for one in mark.heads if one[0] <= len(head)]
        if mark.inode == inode and shorter and 4 * shorter[-1][0] > len(head) and _begins(head, shorter[-1]):
            return mark
    return None


def heads_of(head: bytes) -> tuple[tuple[int, str], ...]:
    """By what a beginning is known again: digests of 64, 256, ... of its bytes, and of all of them."""
    counts = [count for n in range(6, 18, 2) if (count := 1 << n) < len(head)]
    return tuple((count, _digest(head[:count])) for count in [*counts, len(head)] if count)


def _begins(head: bytes, known: tuple[int, str]) -> bool:
    return known[0] <= len(head) and _digest(head[: known[0]]) == known[1]


def _digest(head: bytes) -> str:
    return hashlib.sha256(head).hexdigest()[:32]


def without_mark(head: bytes) -> int:
    """Where the text begins: behind a byte order mark."""
    return len(_UTF8_MARK) if head.startswith(_UTF8_MARK) else 0


@dataclass(frozen=True, slots=True)
class Piece:
    """Lines of a file that follow one another, and how many of its bytes they stand for."""

    data: bytes
    length: int
    is_whole: bool = True
    """Whether the last line ends; only a file's last piece may not."""


def pieces(stream: Bytes) -> Iterator[Piece]:
    """What a file holds from here, in whole lines; of a line longer than a chunk only the beginning."""
    rest = b""
    while read := stream.read(CHUNK):
        read = rest + read
        end = read.rfind(b"\n") + 1
        rest = read[end:]
        if end:
            yield Piece(read[:end], end)
        if len(rest) >= CHUNK:
            passed, rest = _rest_of_line(stream)
            yield Piece(read[end : end + LONGEST_LINE] + b"\n", len(read) - end + passed)
    if rest:
        yield Piece(rest, len(rest), is_whole=False)


def _rest_of_line(stream: Bytes) -> tuple[int, bytes]:
    """How many bytes of a line that is too long follow, and what was read behind it."""
    passed = 0
    while read := stream.read(CHUNK):
        end = read.find(b"\n") + 1
        if end:
            return passed + end, read[end:]
        passed += len(read)
    return passed, b""


def _whole(stream: Bytes, count: int) -> bytes:
    """So many bytes, however few a stream gives at a time."""
    read = b""
    while len(read) < count and (more := stream.read(count - len(read))):
        read += more
    return read
