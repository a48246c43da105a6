"""What an open, waiting incident costs: processes, threads and memory of the installation, idle."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

import psutil

from tests.bench.installed import Installed, installed, processes_of
from tests.bench.results import Figure, Section, markdown
from tests.bench.walking import Walker

REST = 10.0  # seconds for the children to come to rest after their start
SAMPLES = 20
BETWEEN = 0.5  # seconds

HOW = """The installation as `seventytwo up` runs it (four children, each with all that it started).
Before each count every child is started anew, because pools of threads fill with the first work, whoever
brings it, and stay: so the counts differ in nothing but the number of incidents whose questions all wait
in Prefect. {rest:.0f} s after the last start, processes, threads and resident memory are sampled for
{window:.0f} s; told are the medians."""


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
        for at in (1, 2):
            say(f"waiting incidents: {at * batch}")
            refs = tuple(house.raise_alert(f"waiting {number}") for number in range(batch))
            Walker(house, refs).settle()
            counts.append(_count(house, at * batch))
    return _told(counts)


def _count(house: Installed, incidents: int) -> Count:
    for name in processes_of(house.supervisor):
        house.supervisor.restart(name)
    time.sleep(REST)
    children = processes_of(house.supervisor)
    everyone = [process for processes in children.values() for process in processes]
    before, began = sum(map(_processor, everyone)), time.monotonic()
    samples = [_sample(house) for _ in range(SAMPLES)]
    return Count(
        incidents,
        int(statistics.median(processes for processes, _ in samples)),
        {name: int(statistics.median(threads[name] for _, threads in samples)) for name in children},
        sum(one.memory_info().rss for one in everyone) / 2**20,
        (sum(map(_processor, everyone)) - before) / (time.monotonic() - began) * 100,
    )


def _sample(house: Installed) -> tuple[int, dict[str, int]]:
    """How many processes there are now, and how many threads each child has."""
    time.sleep(BETWEEN)
    children = processes_of(house.supervisor)
    threads = {name: sum(one.num_threads() for one in processes) for name, processes in children.items()}
    return sum(map(len, children.values())), threads


def _processor(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _told(counts: list[Count]) -> Section:
    first, last = counts[0], counts[-1]
    more = last.incidents - first.incidents
    processes = last.processes - first.processes
    threads = sum(last.threads.values()) - sum(first.threads.values())
    memory = (last.memory - first.memory) / more
    figures = (
        Figure(f"processes that {more} waiting incidents add", f"{processes}", "0", processes <= 0),
        Figure(f"threads that {more} waiting incidents add", f"{threads}", "0", threads <= 0),
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
    how = HOW.format(rest=REST, window=SAMPLES * BETWEEN)
    return Section("What a waiting incident costs", how, figures, markdown(head, rows))
