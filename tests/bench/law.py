"""The law: duties and clocks of a case, of 500 clients, of open clocks, and the calculator's cold start."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from playbooks.contracts import ContractTermView
from playbooks.duties import ObligationView
from playbooks.facts import FactValue, FactView, Range
from playbooks.law import Rule
from playbooks.obligations import applied, decide_obligations
from playbooks.places import place
from playbooks.rulebook import load_rules
from tests.bench.results import Figure, Section, markdown

AWARE = datetime(2026, 11, 20, 9, 23, tzinfo=UTC)
REGIMES = frozenset({"EU", "UK", "US-CA", "US-NY", "BR", "IN", "PH", "VN", "SG", "AU", "JP", "KR"})
CALCULATOR = Path(sys.executable).parent / "seventytwo"
STARTS: Mapping[str, tuple[str, ...]] = {
    "an hour rule": ("EU-NIS2-23-4a", "--event", "aware=2026-11-20T10:23+01:00"),
    "a rule with contested readings": ("EU-GDPR-33-1", "--event", "aware=2026-11-20T10:23+01:00"),
    "a rule of working days": ("BR-ANPD15-6", "--event", "2026-11-18"),
}

HOW = """All {rules} versions of rules are put to every subject, with the facts of an incident in twelve
jurisdictions and a contract for each client, by `decide_obligations`; nothing is stored. One case has
{one} duties, all clients {many}. Decisions are told in processor time, starts in wall time. Each round
decides anew, with no duty known before, but for the open clocks: there the rows of {clocks} clocks
exist, the rules are read again with one period changed, and every incident is decided on again. The
calculator is started as a process of its own, each round beside `python -c pass`, so that the ratio says
what of its time is ours."""

Timed = list[float]


def law(*, quick: bool, say: Callable[[str], None]) -> Section:
    """Measure what the clocks of the law cost."""
    rules = tuple(load_rules().values())
    rounds = 5 if quick else 25
    say("law: one case")
    one, duties = _decided(rules, 1, rounds * 4)
    clients = 50 if quick else 500
    say(f"law: {clients} clients")
    many, fanned = _decided(rules, clients, rounds // 5)
    say("law: open clocks after a change of the rulebook")
    wanted = 1_000 if quick else 10_000
    again, open_clocks = _recomputed(rules, wanted)
    say("law: the calculator's cold start")
    bare, starts = _cold_starts(rounds)
    slowest = max(statistics.median(times) for times in starts.values())
    figures = [
        _within("duties and clocks of one case: median", statistics.median(one), 0.005),
        _within(f"duties and clocks of {clients} clients in 12 regimes: median", statistics.median(many), 1),
        _within(f"{wanted:,} open clocks after a change of the rulebook", again * wanted / open_clocks, 10),
        _within("`seventytwo clock`, cold start, slowest kind of rule: median", slowest, 0.5),
        Figure("the same beside a bare start of Python: ratio", f"{slowest / statistics.median(bare):.0f}"),
    ]
    how = HOW.format(rules=len(rules), one=duties, many=f"{fanned:,}", clocks=f"{open_clocks:,}")
    return Section("The law", how, figures, _table(one, many, bare, starts))


def _decided(rules: tuple[Rule, ...], clients: int, rounds: int) -> tuple[Timed, int]:
    """Seconds of each round of deciding on one incident, and how many duties it makes."""
    view, terms = _incident(clients)
    places = dict.fromkeys([None, *view.cases], place("EU"))
    times, count = [], 0
    for _ in range(rounds + 1):
        began = time.process_time()
        changes = decide_obligations(rules, terms, view, list(view.cases), (), AWARE, places=places)
        times.append(time.process_time() - began)
        count = len(changes)
    return times[1:], count  # the first also compiles the conditions


def _incident(clients: int) -> tuple[FactView, dict[str, ContractTermView]]:
    """An incident of so many clients, every one with its own numbers of people, and their contracts."""
    shared: dict[str, FactValue] = {
        "aware_at": AWARE,
        "discovered_at": AWARE - timedelta(hours=2),
        "personal_data": True,
        "our_status": frozenset({"nis2_entity", "in_body_corporate"}),
        "significant_incident": True,
        "annexure_incident": True,
    }
    cases: dict[str, dict[str, FactValue]] = {
        f"client-{number:03}": {
            "our_role": "processor" if number % 3 else "controller",
            "jurisdictions": REGIMES,
            "people_affected": Range(low=number, high=number * 10),
            "client_status": frozenset({"hipaa_covered_entity"} if number % 2 else {"none"}),
        }
        for number in range(1, clients + 1)
    }
    return FactView(shared, cases), {case: ContractTermView(case, 24) for case in cases}


def _recomputed(rules: tuple[Rule, ...], wanted: int) -> tuple[float, int]:
    """Seconds to read a changed rulebook and decide again on every open clock, and how many there are."""
    view, terms = _incident(4)
    cases = list(view.cases)
    rows = applied((), decide_obligations(rules, terms, view, cases, (), AWARE))
    running = sum(row.runs and row.due_at is not None for row in rows)
    incidents = -(-wanted // running)
    began = time.process_time()
    changed = tuple(_longer(load_rules()))
    moved = sum(len(_again(changed, terms, view, rows)) for _ in range(incidents))
    took = time.process_time() - began
    assert moved >= incidents, "no clock has moved"
    return took, running * incidents


def _again(
    rules: tuple[Rule, ...],
    terms: Mapping[str, ContractTermView],
    view: FactView,
    rows: tuple[ObligationView, ...],
) -> tuple[object, ...]:
    return decide_obligations(rules, terms, view, list(view.cases), rows, AWARE)


def _longer(rules: Mapping[str, Rule]) -> Iterator[Rule]:
    """The rules, every period of the EU an hour longer."""
    for rule in rules.values():
        if rule.jurisdiction == "EU" and rule.period is not None and rule.period.unit == "hours":
            period = rule.period.model_copy(update={"value": rule.period.value + 1})
            yield rule.model_copy(update={"period": period})
        else:
            yield rule


def _cold_starts(rounds: int) -> tuple[Timed, dict[str, Timed]]:
    """Seconds of a bare start of Python, and of the calculator for each kind of rule, round by round."""
    bare: Timed = []
    starts: dict[str, Timed] = {name: [] for name in STARTS}
    for _ in range(rounds):
        bare.append(_ran(sys.executable, "-c", "pass"))
        for name, words in STARTS.items():
            starts[name].append(_ran(str(CALCULATOR), "clock", *words, "--json"))
    return bare, starts


def _ran(*command: str) -> float:
    began = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - began


def _within(what: str, seconds: float, limit: float) -> Figure:
    return Figure(what, _shown(seconds), f"≤ {_shown(limit)}", seconds <= limit)


def _shown(seconds: float) -> str:
    return f"{seconds * 1000:.3g} ms" if seconds < 1 else f"{seconds:.2g} s"


def _table(one: Timed, many: Timed, bare: Timed, starts: Mapping[str, Timed]) -> str:
    kinds = {"one case": one, "all clients": many, "`python -c pass`": bare}
    kinds |= {f"`seventytwo clock`, {name}": times for name, times in starts.items()}
    rows = [
        (name, str(len(times)), *(_shown(pick(times)) for pick in (min, statistics.median, max)))
        for name, times in kinds.items()
    ]
    return markdown(("", "rounds", "fastest", "median", "slowest"), rows)
