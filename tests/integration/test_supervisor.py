"""The supervisor keeps its children alive, and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from flows.supervisor import Child, Supervisor, backoff, free_port, locked, require_port
from playbooks.errors import SetupFault
from tests.harness.prefect import ROOT, eventually, is_alive

SLEEPER = "import time; print('up', flush=True); time.sleep(600)"
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN);" + SLEEPER


def child(tmp_path: Path, code: str = SLEEPER) -> Child:
    log = tmp_path / "sleeper.log"
    return Child(
        "sleeper", [sys.executable, "-c", code], os.environ, lambda: log.exists() and "up" in log.read_text()
    )


def test_a_child_that_dies_is_started_again(tmp_path: Path) -> None:
    with Supervisor([child(tmp_path)], tmp_path) as supervisor:
        first = supervisor.pid("sleeper")
        assert first is not None
        os.kill(first, signal.SIGKILL)
        eventually(lambda: not is_alive(first) or None, "the first child is gone")
        supervisor.tend(now := time.monotonic())
        assert supervisor.pid("sleeper") is None, "its backoff is kept"
        supervisor.tend(now + 1)
        second = supervisor.pid("sleeper")
        assert second is not None
        assert second != first
    assert not is_alive(second)


def test_the_backoff_doubles_up_to_a_minute() -> None:
    assert [backoff(falls) for falls in (1, 2, 3, 7, 40)] == [1, 2, 4, 60, 60]


def test_a_child_that_ends_while_starting_is_a_fault_that_quotes_its_last_line(tmp_path: Path) -> None:
    dying = child(tmp_path, "print('no key found')")
    with pytest.raises(SetupFault, match=r"sleeper ended while starting.*no key found"):
        Supervisor([dying], tmp_path).start()


def test_a_child_that_ignores_sigterm_is_killed(tmp_path: Path) -> None:
    with Supervisor([child(tmp_path, STUBBORN)], tmp_path, stop_seconds=0.5) as supervisor:
        pid = supervisor.pid("sleeper")
        assert pid is not None
    assert not is_alive(pid)


def test_the_children_die_with_a_supervisor_that_is_killed(tmp_path: Path) -> None:
    script = (
        "import os, sys, time\nfrom pathlib import Path\nfrom flows.supervisor import *\n"
        f"logs = Path({str(tmp_path)!r})\n"
        f"argv = [sys.executable, '-c', {SLEEPER!r}]\n"
        "s = Supervisor([Child('sleeper', argv, os.environ, lambda: True)], logs)\n"
        "s.start(); print(s.pid('sleeper'), flush=True); s.watch()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        pid = int(process.stdout.readline())
        assert is_alive(pid)
        process.kill()
        eventually(lambda: not is_alive(pid) or None, "the child is gone")


def test_a_data_folder_serves_one_process_at_a_time(tmp_path: Path) -> None:
    with locked(tmp_path / "data"), pytest.raises(SetupFault, match="in use"), locked(tmp_path / "data"):
        pass
    with locked(tmp_path / "data"):
        pass


def test_a_data_folder_that_cannot_be_made_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SetupFault, match="cannot be written"), locked(tmp_path / "file" / "data"):
        pass


def test_a_taken_port_is_a_fault() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(SetupFault, match="port is taken"):
            require_port(taken.getsockname()[1])
    assert require_port(port := free_port()) == port
