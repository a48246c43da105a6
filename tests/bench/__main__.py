"""Every measurement of `make bench`: `python -m tests.bench [NAME …] [--quick]`.

A run writes docs/benchmarks.md with what it measured, and keeps the rest; a quick one is only shown.
"""

from __future__ import annotations

import argparse
import base64
import logging
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from rich.console import Console

from store.seal import VARIABLE
from tests.bench.access_watch import access
from tests.bench.evidence import evidence
from tests.bench.exercise import exercise
from tests.bench.flooding import flooding
from tests.bench.intake_beside import intake_beside
from tests.bench.intake_targets import is_possible
from tests.bench.law import law
from tests.bench.machine import describe, others
from tests.bench.million import million
from tests.bench.notices import notices
from tests.bench.questions import many_incidents, one_incident
from tests.bench.results import Section, document, show
from tests.bench.simulating import simulating
from tests.bench.storm import storm
from tests.bench.telling import telling
from tests.bench.waiting import waiting

PAGE = Path(__file__).parent.parent.parent / "docs" / "benchmarks.md"
MEASUREMENTS: Mapping[str, Callable[..., Section]] = {
    "intake": intake_beside,
    "storm": storm,
    "million": million,
    "telling": telling,
    "flooding": flooding,
    "one": one_incident,
    "waiting": waiting,
    "many": many_incidents,
    "law": law,
    "notices": notices,
    "evidence": evidence,
    "access": access,
    "exercise": exercise,
    "simulate": simulating,
}

NEEDS_SHARED = ("intake", "storm", "million")
"""Those that use the load generator beside the repository."""


def main() -> None:
    """Measure, show, and write the page."""
    given = _arguments()
    _use_own_settings()
    logging.getLogger("httpx").setLevel(logging.WARNING)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started is stopped
    console = Console()
    names = given.names or list(MEASUREMENTS)
    sections, machine = _measure(names, quick=given.quick, console=console)
    show(console, sections, machine)
    for section in sections:
        console.print(f"\n{section.title}\n{section.details}", markup=False, highlight=False, soft_wrap=True)
    if not given.quick:
        console.print(f"written: {PAGE.relative_to(Path.cwd())}", markup=False)


def _measure(names: Sequence[str], *, quick: bool, console: Console) -> tuple[list[Section], str]:
    """The sections asked for, and the machine with the load beside them."""
    busy, loads, sections = [], [os.getloadavg()[0]], []
    before = PAGE.read_text() if PAGE.is_file() and set(names) < set(MEASUREMENTS) else ""
    for name in names:
        if name in NEEDS_SHARED and not is_possible():
            console.print(
                f"{name} is not measured: SEVENTYTWO_SHARED names no folder with bench/reference.py"
            )
            continue
        busy.append(others())
        sections.append(
            MEASUREMENTS[name](quick=quick, say=lambda line: console.print(f"… {line}", highlight=False))
        )
        loads.append(os.getloadavg()[0])
        if not quick:  # after each, so that a run that is cut short leaves what it measured
            PAGE.write_text(document(sections, describe(busy, loads), before))
    return sections, describe(busy or [others()], loads)


def _arguments() -> argparse.Namespace:
    asked = argparse.ArgumentParser(prog="make bench", description=__doc__)
    asked.add_argument(
        "names", nargs="*", choices=[[], *MEASUREMENTS], metavar="NAME", help=", ".join(MEASUREMENTS)
    )
    asked.add_argument("--quick", action="store_true", help="small sizes, to try the bench itself")
    return asked.parse_args()


def _use_own_settings() -> None:
    """Measure installations with their own defaults, whatever this shell is set up for.

    They share one key, because this process looks into the stores of two at once.
    """
    for name in [name for name in os.environ if name.startswith(("SEVENTYTWO_", "PREFECT_"))]:
        if name != "SEVENTYTWO_SHARED":
            del os.environ[name]
    os.environ[VARIABLE] = base64.b64encode(os.urandom(32)).decode()


if __name__ == "__main__":
    main()
