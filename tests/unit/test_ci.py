"""What lands is what passes: one part that fails is enough, and nothing of the others is left running."""

from __future__ import annotations

import os
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import pytest

RUN = Path(__file__).parents[2] / ".ci" / "run"
PARTS = ("check", "demo", "e2e", "test")
MAKE = """#!/usr/bin/env bash
echo "begin $1" >> made
if [ "$1" = "$FAILS" ]; then exit 3; fi
if [ -n "$FAILS" ] && [ "$1" = "$LASTS" ]; then sleep 20; fi
echo "end $1" >> made
"""


def landed(folder: Path, fails: str, lasts: str = "") -> tuple[int, str]:
    """The exit code of the whole, and what was made, with one target that fails and one that takes long."""
    for name, text in {"make": MAKE, "chromium": "#!/usr/bin/env bash\n"}.items():
        file = folder / "bin" / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)
        file.chmod(0o700)
    (folder / ".ci").mkdir()
    (folder / ".ci" / "run").write_text(RUN.read_text())
    env = os.environ | {"PATH": f"{folder / 'bin'}:{os.environ['PATH']}", "FAILS": fails, "LASTS": lasts}
    deaf = ["bash", "-c", 'trap "" INT; exec bash "$0"', str(folder / ".ci" / "run")]  # as in the background
    code = subprocess.run(deaf, env=env, timeout=30, check=False).returncode
    return code, (folder / "made").read_text()


def running() -> str:
    """The command lines of every process that may be seen."""
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):  # it has ended meanwhile
            found.append(file.read_text(errors="replace"))
    return "\n".join(found)


def test_all_of_it_passes(tmp_path: Path) -> None:
    code, made = landed(tmp_path, "")
    assert code == 0
    ended = {line.removeprefix("end ") for line in made.splitlines() if line.startswith("end ")}
    assert ended == {"setup", *PARTS}


@pytest.mark.parametrize("part", ["setup", *PARTS])
def test_one_part_that_fails_is_enough(tmp_path: Path, part: str) -> None:
    assert landed(tmp_path, part)[0] == 3


@pytest.mark.parametrize(("fails", "lasts"), [("check", "test"), ("test", "check")])
def test_nothing_is_left_running(tmp_path: Path, fails: str, lasts: str) -> None:
    code, made = landed(tmp_path, fails, lasts)
    assert code == 3
    assert f"begin {lasts}" in made
    assert f"end {lasts}" not in made
    time.sleep(0.5)
    assert str(tmp_path) not in running()
