"""Reading a file that must hold still: a plain file only, and unchanged from its first byte to its last."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playbooks.errors import Mend
from store.sealed_stream import Read

_KINDS = (
    (stat.S_ISLNK, "a symbolic link", "give the file that it leads to"),
    (stat.S_ISDIR, "a folder", "pack it into one file, or give its files one by one"),
)
_HARMLESS = ("O_NOFOLLOW", "O_NONBLOCK", "O_BINARY")  # where a system has them: a pipe would wait for ever


@contextmanager
def opened(path: Path) -> Iterator[Read]:
    """The `read` of a plain file; it raises Mend where the file is none, or has changed once it ends."""
    try:
        _refuse_kind(path, path.lstat())
        flags = os.O_RDONLY
        for name in _HARMLESS:
            flags |= getattr(os, name, 0)
        with open(os.open(path, flags), "rb") as file:  # noqa: PTH123 - the flags are the point
            before = os.fstat(file.fileno())
            _refuse_kind(path, before)
            yield _Still(path, file.read, before).read
    except FileNotFoundError:
        raise Mend("no such file", which=str(path), mend="check the path") from None
    except OSError as error:
        raise Mend("the file cannot be read", which=str(path), mend=error.strerror or "check it") from error


class _Still:
    """Reads on, and at the end of the file looks whether it is still the one that was begun."""

    def __init__(self, path: Path, read: Read, before: os.stat_result) -> None:
        self._path, self._read, self._before, self._size = path, read, before, 0

    def read(self, size: int) -> bytes:
        try:
            piece = self._read(size)
            self._size += len(piece)
            if len(piece) < size and self._changed():
                mend = "copy it or stop what writes to it, then give it again; nothing was recorded"
                raise Mend("the file changed while it was read", which=str(self._path), mend=mend)
        except OSError as error:
            why = error.strerror or type(error).__name__
            raise Mend("the file cannot be read to its end", which=str(self._path), mend=why) from error
        return piece

    def _changed(self) -> bool:
        try:
            after = self._path.lstat()
        except FileNotFoundError:
            return True
        return self._size != self._before.st_size or _identity(after) != _identity(self._before)


def _identity(found: os.stat_result) -> tuple[int, ...]:
    """What changes with every write, and what another file under the same name would not have."""
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def _refuse_kind(path: Path, found: os.stat_result) -> None:
    if stat.S_ISREG(found.st_mode):
        return
    for is_it, what, mend in _KINDS:
        if is_it(found.st_mode):
            raise Mend(f"this is {what}, not a file", which=str(path), mend=mend)
    raise Mend("this is a device, pipe or socket, not a file", which=str(path), mend="copy it into a file")
