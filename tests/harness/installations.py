"""A whole installation of a test's own: its four processes, as `seventytwo up` starts them."""

from __future__ import annotations

import base64
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyotp

from flows.clock import wall_now
from flows.exercise.alone import own_env
from flows.house import House
from flows.installation import Installation, prepare, supervise
from flows.people import Newcomer, enrol
from flows.supervisor import Supervisor, free_port
from store.seal import VARIABLE
from tests.harness.databases import SECRET
from tests.harness.prefect import eventually, is_alive

COMMAND = "from flows.cli.main import app; app()"


@dataclass
class Installed:
    """Server, watch, desk and worker on a data folder of the test's own."""

    installation: Installation
    supervisor: Supervisor
    house: House

    def kill(self, name: str) -> None:
        """End a process without a word, and start it again as `seventytwo up` would."""
        pid = self.supervisor.pid(name)
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        eventually(lambda: not is_alive(pid) or None, f"{name} is dead")
        eventually(lambda: self._tended(name, pid), f"{name} lives again")

    def _tended(self, name: str, before: int) -> int | None:
        """The process id of its next life; its threads may outlive it for a moment, and it is there still."""
        self.supervisor.tend(time.monotonic())
        now = self.supervisor.pid(name)
        return now if now != before else None

    @contextmanager
    def command(self, *words: str) -> Iterator[subprocess.Popen[str]]:
        """`seventytwo` with these words, as typed beside it; it ends with the block at the latest."""
        with subprocess.Popen(
            [sys.executable, "-c", COMMAND, *words],
            env=self.installation.env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process:
            try:
                yield process
            finally:
                process.kill()

    def enrol(self, handle: str, role: str) -> pyotp.TOTP:
        """Enrol somebody, the first of this installation; returns their app."""
        with self.house.store.writing() as session:
            return pyotp.TOTP(enrol(session, Newcomer(handle, handle, (role,)), (), wall_now()).secret)


@contextmanager
def installed(folder: Path) -> Iterator[Installed]:
    """An installation that runs within the block; this process reads its store by the key of the tests."""
    env = own_env(os.environ) | {VARIABLE: base64.b64encode(SECRET).decode()}
    installation = prepare(folder, prefect_port=free_port(), desk_port=free_port(), env=env)
    house = installation.house()
    with supervise(installation) as supervisor:
        yield Installed(installation, supervisor, house)
    house.api.close()
    house.store.close()
