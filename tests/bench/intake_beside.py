"""Intake beside the bare reference endpoint, in rounds that alternate, by tests/bench/intake.py."""

from __future__ import annotations

import asyncio
import os
import statistics
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from tests.bench import intake
from tests.bench.results import Figure, Section

HOW = f"""{intake.CLIENTS} clients post the same alerts to both; one alert in {intake.ONE_IN} has a new
fingerprint and opens an incident here, while the reference (`reference.py`, mode `sqlite`: one upsert
each, synchronous NORMAL) only stores it. Rounds alternate; the ratio is that of the rates within a
round. Prefect is not running. The target is judged by the signed source (`hmac`). The reference and the
load generator lie beside the repository, in the folder that SEVENTYTWO_SHARED names."""


def is_possible() -> bool:
    """Whether the reference endpoint is there."""
    return Path(os.environ.get("SEVENTYTWO_SHARED", ""), "bench", "reference.py").is_file()


def intake_beside(*, quick: bool, say: Callable[[str], None]) -> Section:
    """Run the rounds of tests/bench/intake.py, and judge them."""
    rounds, count = (2, 400) if quick else (5, 3000)
    taken: dict[str, list[dict[str, float]]] = {}
    folder = intake.shared()
    loadgen = intake.load_generator(folder)
    intake.signing(loadgen)
    with ExitStack() as stack:
        work = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="seventytwo-bench-")))
        targets = {
            "reference, sqlite": stack.enter_context(intake.reference(folder, work, "sqlite")),
            "desk, bearer": stack.enter_context(intake.desk(work, "bearer")),
            "desk, hmac": stack.enter_context(intake.desk(work, "hmac")),
        }
        for turn in range(rounds + 1):
            say(f"intake: round {turn} of {rounds}")
            for name in list(targets)[:: 1 if turn % 2 else -1]:
                size = count if turn else count // 4  # the first, short round warms up
                got = asyncio.run(intake.measure(loadgen, targets[name], size, intake.ONE_IN))
                if turn:
                    taken.setdefault(name, []).append(got)
    return _judged({name: taken[name] for name in targets})


def _judged(taken: dict[str, list[dict[str, float]]]) -> Section:
    base = [one["rate"] for one in taken["reference, sqlite"]]
    rates = {name: [one["rate"] for one in rounds] for name, rounds in taken.items()}
    ratio = {
        name: statistics.median(one / beside for one, beside in zip(rates[name], base, strict=True))
        for name in ("desk, bearer", "desk, hmac")
    }
    signed = ratio["desk, hmac"]
    figures = (
        Figure(
            "intake, signed, one alert in 50 opens an incident",
            f"{statistics.median(rates['desk, hmac']):.0f}/s",
        ),
        Figure(
            "rate beside the bare endpoint: median ratio, signed", f"{signed:.2f}", "≥ 0.5", signed >= 0.5
        ),
        Figure("rate beside the bare endpoint: median ratio, bearer", f"{ratio['desk, bearer']:.2f}"),
    )
    return Section("Intake", HOW, figures, intake.table(taken))
