"""What intake is measured on: the bare reference endpoint, and a desk of ours with its watch beside it.

Both keep what they are given in a database of their own: a SQLite file, or one of the same PostgreSQL.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil

from tests.bench.desk_process import SOURCE
from tests.harness.databases import PostgresServer

NOWHERE = "http://127.0.0.1:9/api"
"""A Prefect server that is away."""

_LOOKS, _LOOK = 3, 6.0  # seconds: the sheets are written every five
_QUIET = 0.1
"""Processors that a house in use takes while nothing comes."""

Databases = Callable[[str], str]
"""The address of a fresh database of that name."""


@dataclass(frozen=True, slots=True)
class Target:
    """A server that takes alerts, with every process that works for it; `database` only where it is ours."""

    base: str
    path: str
    processes: Mapping[str, psutil.Process]
    secret: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    database: str = ""

    def processor(self) -> float:
        """Seconds of processor time that its processes have used."""
        taken = (process.cpu_times() for process in self.processes.values())
        return sum(one.user + one.system for one in taken)

    def settle(self) -> None:
        """Wait until its processes have done what a round left them to do, lest the next one bears it."""
        for _ in range(_LOOKS):
            before = self.processor()
            time.sleep(_LOOK)
            if self.processor() - before < _QUIET * _LOOK:
                return

    @contextmanager
    def at_rest(self) -> Iterator[None]:
        """Let its processes take no processor time from another target within the block."""
        for process in self.processes.values():
            process.suspend()
        try:
            yield
        finally:
            for process in self.processes.values():
                process.resume()


def shared() -> Path:
    """The folder of shared data; ends the run, said aloud, where there is none."""
    if not is_possible():
        sys.exit("bench: SEVENTYTWO_SHARED names no folder with bench/reference.py, intake is not measured")
    return Path(os.environ["SEVENTYTWO_SHARED"])


def is_possible() -> bool:
    """Whether the reference endpoint is there."""
    return Path(os.environ.get("SEVENTYTWO_SHARED", ""), "bench", "reference.py").is_file()


@contextmanager
def databases(kind: str, work: Path) -> Iterator[Databases]:
    """Where databases come from: `sqlite` files in a folder, or a `pg` server within the block."""
    if kind == "sqlite":
        yield lambda name: f"sqlite:///{work / name}.db"
        return
    server = PostgresServer()
    try:
        yield lambda _: server.new(migrated=False)
    finally:
        server.stop()


@contextmanager
def reference(new: Databases) -> Iterator[Target]:
    """The bare endpoint, one upsert for each alert, acknowledged after its commit."""
    port, url = free_port(), new("reference")
    where = {"MODE": "sqlite", "DB": url.removeprefix("sqlite:///")}
    if not url.startswith("sqlite"):
        where = {"MODE": "pg", "PG": url}
    env = {**where, "PYTHONPATH": str(shared() / "bench")}
    command = [sys.executable, "-m", "uvicorn", "reference:app", "--port", str(port), "--no-access-log"]
    base = f"http://127.0.0.1:{port}"
    with _serving([*command, "--log-level", "warning"], f"{base}/count", env) as process:
        yield Target(base, "/alerts", {"reference": process})


@contextmanager
def desk(new: Databases, work: Path, auth: str = "hmac", name: str = "desk") -> Iterator[Target]:
    """A desk of ours over a fresh store, and the watch that begins what it opens; Prefect is away."""
    port, folder, url = free_port(), work / name, new(name)
    folder.mkdir()
    base = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "tests.bench.desk_process", str(folder), str(port), auth, url]
    env = {"SEVENTYTWO_DATA": str(folder), "SEVENTYTWO_DATABASE_URL": url, "PREFECT_API_URL": NOWHERE}
    with _serving(command, f"{base}/health", env) as served, _watching(folder, env) as watch:
        secret = (folder / "secret").read_text()
        key = {} if auth == "hmac" else {"Authorization": f"Bearer {secret}"}
        processes = {"desk": served, "watch": watch}
        yield Target(base, f"/alerts/{SOURCE}", processes, "" if key else secret, key, url)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def _watching(folder: Path, env: Mapping[str, str]) -> Iterator[psutil.Process]:
    """The real watch as a process of its own within the block; its log lies in the folder."""
    command = [sys.executable, "-m", "flows.watch_loop"]
    with (folder / "watch.log").open("wb") as log:
        process = subprocess.Popen(command, env={**os.environ, **env}, stdout=log, stderr=log)
        with _ended_after(process):
            yield psutil.Process(process.pid)


@contextmanager
def _serving(command: list[str], url: str, env: Mapping[str, str]) -> Iterator[psutil.Process]:
    """A server that answers at `url` within the block."""
    process = subprocess.Popen(command, env={**os.environ, **env})
    with _ended_after(process):
        for _ in range(600):
            try:
                httpx.get(url, timeout=5)
                break
            except httpx.TransportError:
                if process.poll() is not None:
                    sys.exit(f"bench: {command} ended with {process.returncode}")
                time.sleep(0.1)
        yield psutil.Process(process.pid)


@contextmanager
def _ended_after(process: subprocess.Popen[bytes]) -> Iterator[None]:
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(30)
