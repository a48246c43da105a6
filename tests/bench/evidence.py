"""Evidence: the memory and the time that the intake of a large file takes, beside plain hashing of it."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from store.database import Store
from store.seal import Keyring
from tests.bench.results import Figure, Section, markdown
from tests.harness.cast import Cast
from tests.harness.evidence import room_on

SEVENTYTWO = Path(sys.executable).parent / "seventytwo"
HASHING = "import hashlib, sys; print(hashlib.file_digest(open(sys.argv[1], 'rb'), 'sha256').hexdigest())"
LAUNCHER = """
import os, resource, subprocess, sys
code = subprocess.call(sys.argv[1:])
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(used.ru_utime + used.ru_stime, used.ru_maxrss, file=sys.stderr)
sys.exit(code)
"""
MEGABYTE = 1_000_000

HOW = """A file of {size} MB of random bytes is secured by `seventytwo evidence add` as a process of its own:
code checked, hashed, sealed into the vault in a folder, forced to the disk, recorded in SQLite. Beside it, in
turn, `hashlib.file_digest` hashes the same file in a bare Python. Each round is another incident with a vault
of its own; the file lies in the system's cache. Peak memory is the largest resident set of the process. The
same command with a file of 1 MB stands beside it: what differs is what the size of a file costs."""


@dataclass(frozen=True, slots=True)
class Ran:
    """One process: seconds by the wall, seconds of processor time, peak resident memory in MiB."""

    wall: float
    processor: float
    memory: float


def evidence(*, quick: bool, say: Callable[[str], None]) -> Section:
    """Measure intake of a file of 1 GB, or of a smaller one."""
    size, rounds = (64, 1) if quick else (1_000, 3)
    ran: dict[str, list[Ran]] = {"hashing": [], "small": [], "large": []}
    with TemporaryDirectory(prefix="seventytwo-bench-") as folder:
        small, large = _file(Path(folder) / "small", 1), _file(Path(folder) / "large", size)
        for number in range(rounds):
            say(f"evidence: {size} MB, round {number + 1} of {rounds}")
            ran["hashing"].append(measured([sys.executable, "-c", HASHING, str(large)], {}))
            for name, file in (("small", small), ("large", large)):
                with TemporaryDirectory(prefix="seventytwo-bench-") as home:
                    ran[name].append(_intake(Path(home), file))
    memory = max(one.memory for one in ran["large"])
    growth = memory - max(one.memory for one in ran["small"])
    ratio = statistics.median(
        one.wall / bare.wall for one, bare in zip(ran["large"], ran["hashing"], strict=True)
    )
    figures = [
        Figure(
            f"intake of {size:,} MB of evidence: peak memory", f"{memory:.0f} MiB", "≤ 256 MiB", memory <= 256
        ),
        Figure("the same beyond what a file of 1 MB takes", f"{growth:.0f} MiB"),
        Figure("the same: time beside plain hashing, median ratio", f"{ratio:.1f}"),
    ]
    return Section("Evidence", HOW.format(size=f"{size:,}"), figures, _table(ran, size))


def _file(path: Path, megabytes: int) -> Path:
    with path.open("wb") as file:
        for _ in range(megabytes):
            file.write(os.urandom(MEGABYTE))
    return path


def _intake(home: Path, file: Path) -> Ran:
    """Secure the file in a fresh house by the command itself."""
    env = {"SEVENTYTWO_DATA": str(home), "SEVENTYTWO_DATABASE_URL": f"sqlite:///{home / 'store.db'}"}
    store = Store.open(env["SEVENTYTWO_DATABASE_URL"], Keyring.from_env_or_file(home / "key"))
    store.migrate()
    room, cast = room_on(store, home), Cast()
    with store.writing() as session:
        cast.enrol(session, "bench-1", "forensics")
    by = ("--as", "bench-1", "--code", cast.code("bench-1"))
    store.close()
    return measured([str(SEVENTYTWO), "evidence", "add", room.ref, str(file), *by], env)


def measured(command: list[str], env: Mapping[str, str]) -> Ran:
    """Run a command from a process that is small itself: a child's peak counts what it was forked from."""
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", LAUNCHER, *command], env={**os.environ, **env}, capture_output=True, check=True
    )
    wall = time.perf_counter() - began
    processor, memory = done.stderr.split()[-2:]
    return Ran(wall, float(processor), float(memory) / 1024)


def _table(ran: Mapping[str, list[Ran]], size: int) -> str:
    names = {
        "hashing": f"plain hashing, {size:,} MB",
        "small": "`seventytwo evidence add`, 1 MB",
        "large": f"`seventytwo evidence add`, {size:,} MB",
    }
    rows = [
        (
            names[name],
            str(len(rounds)),
            f"{statistics.median(one.wall for one in rounds):.2f}",
            f"{statistics.median(one.processor for one in rounds):.2f}",
            f"{max(one.memory for one in rounds):.0f}",
        )
        for name, rounds in ran.items()
    ]
    return markdown(("", "rounds", "seconds, median", "processor seconds", "peak memory MiB"), rows)
