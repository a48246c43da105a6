"""A simulation run and understood: what it found, why, and what would help."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from flows.simulation.preparing import Prepared
from playbooks.simulation.advice import MOST_RUNS, Advice, advise, ways_to
from playbooks.simulation.critical import Critical
from playbooks.simulation.model import Result
from playbooks.simulation.processes import each
from playbooks.simulation.results import Found, by_weekday, found_in
from playbooks.simulation.runs import simulate
from playbooks.simulation.statistics import Share

Days = Sequence[tuple[str, Share]]


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that is told, drawn and written of one simulation."""

    prepared: Prepared
    result: Result
    found: Found
    ways: tuple[Critical, ...]
    weekdays: tuple[Days, ...]
    """For each of the ways: how often it is missed by the day of the opening."""
    advice: Advice | None


def report_on(
    prepared: Prepared, processes: int = 1, *, with_advice: bool = True, advice_runs: int = MOST_RUNS
) -> Report:
    """Run a simulation, say why its worst clocks are missed, and try what could help."""
    result = simulate(prepared.simulation, processes)
    found = found_in(result)
    ways = ways_to(prepared.simulation, result, found)
    stories = {one.story: one for one in result.stories}
    weekdays = tuple(
        by_weekday(stories[way.clock.story], way.clock, prepared.zone_name, result.runs) for way in ways
    )
    advice = None
    if with_advice and ways:
        run_each = partial(each, simulate, processes=processes)
        advice = advise(prepared.simulation, ways, run_each, most_runs=advice_runs)
    return Report(prepared, result, found, ways, weekdays, advice)
