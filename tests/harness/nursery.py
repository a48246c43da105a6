"""A process that has imported everything and forks workers from itself: each starts in milliseconds.

A worker forked here is a process of its own, with its own store and house; it can be killed like any other.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

OURS = ("seventytwo", "flows", "store", "notify", "playbooks", "prefect.flow_runs")
"""The loggers whose errors are ours: a test in which one of them speaks up fails."""


@dataclass
class Nursery:
    """The way to the forking process."""

    process: subprocess.Popen[str]

    def worker(self, pool: str, env: Mapping[str, str], folder: Path) -> int:
        """The process id of a new warm worker of that pool; what it says goes into `worker.log`."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        order = {"pool": pool, "env": dict(env), "folder": str(folder)}
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())


@contextmanager
def nursery(env: Mapping[str, str]) -> Iterator[Nursery]:
    """A nursery whose workers serve the Prefect server that `env` names."""
    argv = [sys.executable, "-c", "from tests.harness.nursery import main; main()"]
    with subprocess.Popen(
        argv, env=dict(env), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield Nursery(process)
        assert process.stdin is not None
        process.stdin.close()


def main() -> None:
    """Fork a worker for every line of standard input, until there is no more."""
    import flows.notices  # noqa: PLC0415 - imported once, for every worker
    import flows.respond  # noqa: PLC0415 - as above
    import flows.steps  # noqa: PLC0415 - as above
    import flows.worker  # noqa: F401, PLC0415 - as above

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the dead are gone at once
    for line in sys.stdin:
        order = json.loads(line)
        if (pid := os.fork()) == 0:
            _live(order["pool"], order["env"], Path(order["folder"]))
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()


def _live(pool: str, env: Mapping[str, str], folder: Path) -> None:
    """Be a worker; never returns."""
    from flows.supervisor import _die_with  # noqa: PLC0415 - the child's own first step
    from flows.worker import main as work  # noqa: PLC0415 - imported by the parent

    try:
        if die := _die_with(os.getppid()):
            die()
        os.setsid()
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.environ.update(env)
        out = os.open(folder / "worker.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        for stream in (0, 1, 2):
            os.dup2(os.open(os.devnull, os.O_RDONLY) if stream == 0 else out, stream)
        heed(folder / "errors.log")
        sys.argv = ["worker", "--pool", pool, "--name", "warm"]
        work()
    except BaseException:  # noqa: BLE001 - a fork must never go back into its parent's work
        traceback.print_exc()
    os._exit(1)


def heed(file: Path) -> logging.Handler:
    """Write the errors of our loggers into a file."""
    handler = logging.FileHandler(file, delay=True)
    handler.setLevel(logging.ERROR)
    for name in OURS:
        logging.getLogger(name).addHandler(handler)
    return handler


def unheed(handler: logging.Handler) -> None:
    """Write no more of them."""
    for name in OURS:
        logging.getLogger(name).removeHandler(handler)
    handler.close()
