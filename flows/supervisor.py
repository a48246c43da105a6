"""Starts, watches, restarts and stops the processes of one installation, under a lock on its data folder."""

from __future__ import annotations

import ctypes
import fcntl
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from playbooks.errors import SetupFault, SeventytwoError

logger = logging.getLogger(__name__)

READY_SECONDS = 120.0
STOP_SECONDS = 20.0
STEADY_SECONDS = 60.0  # a child that lived so long starts its backoff anew
LOG_BYTES = 10_000_000
PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True)
class Child:
    """A process to keep alive: its whole environment, and how to tell that it is ready."""

    name: str
    argv: Sequence[str]
    env: Mapping[str, str]
    ready: Callable[[], bool]


@dataclass(slots=True)
class _Life:
    """One child's present process and what became of those before; instants are monotonic seconds."""

    child: Child
    process: subprocess.Popen[bytes] | None = None
    born_at: float = 0
    falls: int = 0
    again_at: float = field(default=0)


def backoff(falls: int) -> float:
    """Seconds to wait before the next start of a child that fell so many times in a row: 1, 2, 4 … 60."""
    return min(60.0, 2.0 ** max(0, falls - 1))


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold a data folder for this process alone; raises SetupFault where it is used or unwritable."""
    mend = "stop that one, or choose another folder"
    taken = SetupFault("the data folder is in use by another process", which=str(folder), mend=mend)
    with held(folder / "lock", taken):
        yield


@contextmanager
def held(file: Path, taken: SeventytwoError) -> Iterator[None]:
    """Hold a file for this process alone, until it ends however it does; raises `taken` where another does.

    Raises SetupFault where its folder cannot be written.
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = file.open("a")
    except OSError as fault:
        what = "the data folder cannot be written"
        raise SetupFault(what, which=str(file.parent), mend=fault.strerror or "") from fault
    with handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise taken from None
        yield


def free_port() -> int:
    """A port of the loopback interface that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def require_port(port: int) -> int:
    """The port itself; raises SetupFault where something listens on it."""
    if not 0 < port < 65_536:
        raise SetupFault("not a port", which=str(port), mend="name one from 1 to 65535")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as taken:
            raise SetupFault(
                "the port is taken", which=f"127.0.0.1:{port}", mend="stop what uses it, or name another"
            ) from taken
    return port


class Supervisor:
    """Keeps children alive, in the order given; each waits for the one before to be ready.

    `start` and `watch` belong to one thread that lives as long as the children: on Linux a child dies with
    the thread that started it, so that a killed supervisor leaves nothing behind.
    """

    def __init__(self, children: Sequence[Child], logs: Path, *, stop_seconds: float = STOP_SECONDS) -> None:
        self._lives = [_Life(child) for child in children]
        self._logs = logs
        self._stop_seconds = stop_seconds
        self._stopping = threading.Event()

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start every child, until asked to stop; raises SetupFault where one ends or is not ready."""
        self._logs.mkdir(parents=True, exist_ok=True)
        for life in self._lives:
            if self.is_stopping:
                return
            self._spawn(life)
            self._await_ready(life)

    def watch(self) -> None:
        """Restart children that die, until `ask_stop` is called from a signal handler or a thread."""
        while not self._stopping.wait(0.5):
            self.tend(time.monotonic())

    def tend(self, now: float) -> None:
        """Start again what has died and whose backoff is over; `now` in monotonic seconds."""
        for life in self._lives:
            if life.process is not None and life.process.poll() is not None:
                life.falls = 1 if now - life.born_at > STEADY_SECONDS else life.falls + 1
                life.again_at = now + backoff(life.falls)
                logger.warning(
                    "%s ended with %s; it is started again in %.0f s",
                    life.child.name,
                    life.process.returncode,
                    backoff(life.falls),
                )
                life.process = None
            if life.process is None and now >= life.again_at:
                self._spawn(life)

    def restart(self, name: str) -> None:
        """End one child and start it again, ready before this returns."""
        life = self._life(name)
        self._end(life)
        self._spawn(life)
        self._await_ready(life)

    @property
    def is_stopping(self) -> bool:
        """Whether somebody has asked for the end."""
        return self._stopping.is_set()

    def ask_stop(self) -> None:
        """Let `start` and `watch` return."""
        self._stopping.set()

    def stop(self) -> None:
        """End every child, the last first: SIGTERM, then SIGKILL for what has not ended in time."""
        self._stopping.set()
        for life in reversed(self._lives):
            self._end(life)

    def pid(self, name: str) -> int | None:
        """The process id of a child now; None between two lives."""
        process = self._life(name).process
        return process.pid if process else None

    def log(self, name: str) -> Path:
        """The file that takes what a child prints."""
        return self._logs / f"{name}.log"

    def _life(self, name: str) -> _Life:
        return next(life for life in self._lives if life.child.name == name)

    def _end(self, life: _Life) -> None:
        if life.process is None:
            return
        life.process.terminate()
        try:
            life.process.wait(self._stop_seconds)
        except subprocess.TimeoutExpired:
            logger.warning("%s does not stop and is killed", life.child.name)
            life.process.kill()
            life.process.wait()
        life.process = None

    def _spawn(self, life: _Life) -> None:
        log = self.log(life.child.name)
        if log.exists() and log.stat().st_size > LOG_BYTES:
            log.replace(log.with_suffix(".log.1"))
        with log.open("ab") as out:
            life.process = subprocess.Popen(  # noqa: S603 - the commands are ours
                list(life.child.argv),
                env=dict(life.child.env),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C reaches the supervisor only, which stops them in order
                preexec_fn=_die_with(os.getpid()),  # noqa: PLW1509 - one call of prctl, no lock is taken
            )
        life.born_at = time.monotonic()

    def _await_ready(self, life: _Life) -> None:
        assert life.process is not None
        deadline = time.monotonic() + READY_SECONDS
        while not self.is_stopping and not life.child.ready():
            ended = life.process.poll() is not None
            if ended or time.monotonic() > deadline:
                what = "ended while starting" if ended else "is not ready in time"
                raise SetupFault(f"{life.child.name} {what}", which=self._last_line(life.child.name))
            self._stopping.wait(0.1)

    def _last_line(self, name: str) -> str:
        lines = self.log(name).read_text(errors="replace").split("\n")
        said = next((line.strip() for line in reversed(lines) if line.strip()), "")
        return f"{self.log(name)}: {said[:200]}"


def _die_with(parent: int) -> Callable[[], None] | None:
    """What a child does first, so that the kernel kills it when its parent dies (Linux only)."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl

    def ask() -> None:
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it died before we could ask
            os._exit(1)

    return ask
