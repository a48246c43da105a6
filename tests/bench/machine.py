"""The machine that the figures belong to, and how busy it was with other things."""

from __future__ import annotations

import os
import platform
import statistics
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

import psutil

from flows.clock import wall_now

PACKAGES = ("prefect", "sqlmodel", "sqlalchemy", "fastapi", "uvicorn", "httpx", "slack-sdk")
GLANCE = 3.0  # seconds


def others() -> float:
    """The share of all cores, in percent, that is in use while the bench itself does nothing."""
    return float(psutil.cpu_percent(interval=GLANCE))


def describe(busy: Sequence[float], loads: Sequence[float]) -> str:
    """Cores, memory, versions, and the load beside the run, as a Markdown list."""
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    shares = f"{min(busy):.0f} to {max(busy):.0f} % (median {statistics.median(busy):.0f} %)"
    memory = psutil.virtual_memory().total / 2**30
    return "\n".join(
        (
            f"- {_processor()}, {os.cpu_count()} cores, {memory:.0f} GiB of memory, {platform.system()}",
            f"- Python {platform.python_version()}, SQLite {_sqlite()}; {packages}",
            f"- {wall_now():%d %B %Y}; before each measurement other work took {shares} of the cores",
            f"- load average (1 minute, our own work included) {min(loads):.1f} to {max(loads):.1f}",
        )
    )


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.is_file() else []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.machine())


def _sqlite() -> str:
    import sqlite3  # noqa: PLC0415 - wanted for its version only

    return sqlite3.sqlite_version
