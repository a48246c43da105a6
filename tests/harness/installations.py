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

from flows.exercise.alone import own_env
from flows.house import House
from flows.installation import Installation, prepare, supervise
from flows.supervisor import Supervisor, free_port
from store.seal import VARIABLE
from tests.harness.databases import SECRET
from tests.harness.prefect import eventually, is_alive

CONDUCT = """
import sys
from flows.exercise.conductor import conduct
from flows.house import house
conduct(house(), sys.argv[1], lambda moved: moved and print(moved, flush=True))
"""


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
    def conductor(self, exercise: str) -> Iterator[subprocess.Popen[str]]:
        """A process that conducts an exercise and prints every move; it ends with the block at the latest."""
        with subprocess.Popen(
            [sys.executable, "-c", CONDUCT, exercise],
            env=self.installation.env,
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            try:
                yield process
            finally:
                process.kill()


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
