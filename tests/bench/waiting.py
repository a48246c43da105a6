"""What an open, waiting incident costs: processes, threads and memory of the installation, idle."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import psutil

from tests.bench.installed import Installed, installed, processes_of
from tests.bench.results import Figure, Section, markdown
from tests.bench.walking import Walker

QUIET = 20.0  # seconds for threads that linger after work to end, and to see what idling costs

HOW = """The installation as `seventytwo up` runs it (four children, each with all that it started).
{batch} incidents are opened twice over, and {rest:.0f} s after all their questions have come to wait,
processes, threads and resident memory are counted. Pools of threads grow with the first work and stay,
whoever brings it: so incidents are opened once before the first count, and what counts is the difference
between {batch} more and {batch} more again."""


@dataclass(frozen=True, slots=True)
class Count:
    """The installation at rest."""

    incidents: int
    processes: int
    threads: dict[str, int]
    memory: float
    idle: float


def waiting(*, quick: bool, say: Callable[[str], None]) -> Section:
    """Count before and after incidents come to wait."""
    batch = 3 if quick else 12
    with installed("warm") as house:
        counts = [_count(house, 0)]
        for at in (1, 2, 3):
            say(f"waiting incidents: {at * batch}")
            refs = tuple(house.raise_alert(f"waiting {number}") for number in range(batch))
            Walker(house, refs).settle()
            counts.append(_count(house, at * batch))
    return _told(batch, counts)


def _count(house: Installed, incidents: int) -> Count:
    time.sleep(QUIET / 2)
    children = processes_of(house.supervisor)
    everyone = [process for processes in children.values() for process in processes]
    before = sum(map(_processor, everyone))
    began = time.monotonic()
    time.sleep(QUIET / 2)
    return Count(
        incidents,
        len(everyone),
        {name: sum(one.num_threads() for one in processes) for name, processes in children.items()},
        sum(one.memory_info().rss for one in everyone) / 2**20,
        (sum(map(_processor, everyone)) - before) / (time.monotonic() - began) * 100,
    )


def _processor(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _told(batch: int, counts: list[Count]) -> Section:
    first, last = counts[1], counts[-1]
    more = last.incidents - first.incidents
    processes = last.processes - first.processes
    threads = sum(last.threads.values()) - sum(first.threads.values())
    memory = (last.memory - first.memory) / more
    figures = (
        Figure(f"processes that {more} more waiting incidents add", f"{processes}", "0", processes <= 0),
        Figure(f"threads that {more} more waiting incidents add", f"{threads}", "0", threads <= 0),
        Figure("resident memory that a waiting incident adds", f"{memory:.1f} MiB"),
        Figure("processor time of the idle installation, of one core", f"{last.idle:.0f} %"),
    )
    names = list(first.threads)
    rows = [
        (
            f"{one.incidents}",
            f"{one.processes}",
            *(f"{one.threads[name]}" for name in names),
            f"{one.memory:.0f}",
            f"{one.idle:.0f}",
        )
        for one in counts
    ]
    head = (
        "open, waiting incidents",
        "processes",
        *(f"threads: {name}" for name in names),
        "RSS MiB",
        "idle CPU %",
    )
    how = HOW.format(batch=batch, rest=QUIET / 2)
    return Section("What a waiting incident costs", how, figures, markdown(head, rows))
