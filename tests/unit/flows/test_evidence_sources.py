"""Only a plain file that holds still is evidence."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from flows.evidence.sources import opened
from playbooks.errors import Mend

CONTENT = b"0123456789" * 10


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "list.csv"
    path.write_bytes(CONTENT)
    return path


def read(path: Path, between: Callable[[], object] = lambda: None) -> bytes:
    """Read a file in two pieces, and do something between them."""
    with opened(path) as piece:
        first = piece(50)
        between()
        return first + piece(1_000)


def test_a_file_that_holds_still_is_read_whole(path: Path) -> None:
    assert read(path) == CONTENT


def test_an_empty_file_is_a_file(path: Path) -> None:
    path.write_bytes(b"")
    assert read(path) == b""


def appended(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"more")


def overwritten_with_its_time_put_back(path: Path) -> None:
    before = path.stat()
    path.write_bytes(CONTENT[::-1])
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def cut(path: Path) -> None:
    os.truncate(path, 20)


def replaced(path: Path) -> None:
    other = path.with_name("other")
    other.write_bytes(CONTENT)
    other.replace(path)


@pytest.mark.parametrize("change", [appended, overwritten_with_its_time_put_back, cut, replaced, Path.unlink])
def test_a_file_that_changes_while_it_is_read_is_refused(path: Path, change: Callable[[Path], None]) -> None:
    with pytest.raises(Mend, match="changed while it was read"):
        read(path, lambda: change(path))


def a_link(path: Path) -> None:
    path.symlink_to(path.with_name("target"))
    path.with_name("target").write_bytes(CONTENT)


def a_dangling_link(path: Path) -> None:
    path.symlink_to("nowhere")


def a_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as bound:
        here = Path.cwd()
        os.chdir(path.parent)  # the name of a socket must be short
        try:
            bound.bind(path.name)
        finally:
            os.chdir(here)


@pytest.mark.parametrize(
    ("make", "what"),
    [
        (a_link, "a symbolic link"),
        (a_dangling_link, "a symbolic link"),
        (Path.mkdir, "a folder"),
        (os.mkfifo, "a device, pipe or socket"),
        (a_socket, "a device, pipe or socket"),
        (lambda _: None, "no such file"),
    ],
)
def test_what_is_no_plain_file_is_refused_and_nothing_waits(
    tmp_path: Path, make: Callable[[Path], None], what: str
) -> None:
    path = tmp_path / "thing"
    make(path)
    with pytest.raises(Mend, match=what):
        read(path)


def test_a_device_is_refused() -> None:
    with pytest.raises(Mend, match="a device"):
        read(Path("/dev/zero"))


@pytest.mark.skipif(not Path("/proc/self/comm").exists(), reason="there is no such file system here")
def test_a_file_that_gives_more_than_its_size_is_refused() -> None:
    with pytest.raises(Mend, match="copy it"):
        read(Path("/proc/self/comm"))


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="there is no such file system here")
def test_a_file_that_cannot_be_read_says_so() -> None:
    with pytest.raises(Mend, match="cannot be read"):
        read(Path("/proc/self/mem"))
