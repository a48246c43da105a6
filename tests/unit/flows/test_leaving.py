"""A command that is told to end does so by way of its `finally`, wherever it is told."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAD = """
import os, signal, time
from flows.cli.leaving import leave_on_signals

class Deleted:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGTERM)

def told():
    os.kill(os.getpid(), signal.SIGHUP)

leave_on_signals()
try:
    {how}
    time.sleep(20)
    print("it went on")
finally:
    print("tidied up")
"""


@pytest.mark.parametrize(
    ("how", "code"),
    [
        pytest.param("told()", 129, id="at work"),
        pytest.param("Deleted()", 143, id="while an object is deleted"),
    ],
)
def test_it_leaves_by_way_of_its_finally(how: str, code: int) -> None:
    found = subprocess.run(
        [sys.executable, "-c", HEAD.format(how=how)], capture_output=True, text=True, timeout=60, check=False
    )
    assert (found.returncode, found.stdout) == (code, "tidied up\n")


def test_what_else_cannot_be_raised_is_told_as_ever() -> None:
    script = (
        "from flows.cli.leaving import leave_on_signals\n"
        "class Broken:\n"
        "    def __del__(self):\n"
        "        raise ValueError('a fault of its own')\n"
        "leave_on_signals()\n"
        "Broken()\n"
    )
    found = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False
    )
    assert found.returncode == 0
    assert "a fault of its own" in found.stderr
