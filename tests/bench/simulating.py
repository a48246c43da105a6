"""The simulation: lifetimes a second on one core, ten thousand runs, and the same model by simpy."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from playbooks.contracts import ContractTermView
from playbooks.library import load_playbooks
from playbooks.places import place
from playbooks.roster.models import DutyRoster, Shift
from playbooks.rulebook import load_rules
from playbooks.simulation.durations import Lognormal
from playbooks.simulation.model import Law, Simulation, Staff, Story
from playbooks.simulation.runs import Columns, Stage, simulate
from tests.bench.results import Figure, Section, markdown
from tests.harness.beside_simpy import Beside
from tests.harness.simulated import truth_of
from tests.harness.simulating import HOUR, MONDAY, simulation_of, step, story_of
from tests.harness.sweeps import GRAVE

PLAYBOOK = "caller-impersonation"
RATE, RUNS, SECONDS = 2_000, 10_000, 5.0
EU = frozenset({"EU"})
PEOPLE = {
    "it": ("it-1", "it-2", "it-3"),
    "forensics": ("forensics-1", "forensics-2", "it-1"),
    "commander": ("commander-1", "commander-2"),
    "privacy": ("privacy-1", "privacy-2"),
    "client_lead": ("lead-1", "privacy-1"),
    "counsel": ("counsel-1",),
    "approver": ("approver-1", "approver-2"),
}
HOURS = {
    "it": (("00:00", "08:00", 0), ("08:00", "16:00", 1), ("16:00", "24:00", 2)),
    "forensics": (("08:00", "18:00", 0), ("10:00", "22:00", 1)),
    "privacy": (("08:00", "18:00", 0), ("12:00", "22:00", 1)),
    "client_lead": (("08:00", "20:00", 0), ("20:00", "08:00", 1)),
}
"""By role the shifts of a day, in Warsaw, and who has them; the others are on call at any hour."""
STEPS = (
    step("confirm", "it", 0.5),
    step("cut-off", "it", 1, after=["confirm"], approvals=["approver"]),
    step("keep", "forensics", 2, after=["confirm"]),
    step("scope", "forensics", 24, after=["cut-off", "keep"]),
    step("weigh", "privacy", 24, after=["confirm"], approvals=["approver"]),
    step("tell", "privacy", 12, after=["weigh"]),
    step("restore", "it", 24, after=["scope"]),
    step("learn", "it", 120, after=["restore", "tell"]),
)

HOW = """Lifetimes of the playbook `{playbook}` ({steps} steps; {works} pieces of work with second words and
notices), with grave facts, two cases, all {rules} texts of law ({clocks} clocks run), twelve
responders, rosters in shifts and hand-overs, from opening to closing, every column written. The first
500 lifetimes of a process, in which what the engine's functions say is still being remembered, are in
the ten thousand runs and not in the rate. Rates are in processor time of one process; the ten thousand
runs are in wall time, from the start of the call until the result, with all that is made ready, by one
process and by two. simpy runs a model of eight steps, four incidents at once and three roles, which
both can run and end at the same instants (a test says so); its rate is put beside ours by rounds that
alternate."""


def simulating(*, quick: bool, say: Callable[[str], None]) -> Section:
    """Measure what simulating costs."""
    rounds, lifetimes = (3, 300) if quick else (9, 1_000)
    given = whole()
    stage = Stage(given)
    say("simulate: lifetimes on one core")
    rates = _rates(stage, rounds, lifetimes)
    runs = RUNS // 10 if quick else RUNS
    say(f"simulate: {runs:,} runs")
    alone = [simulate(replace(given, runs=runs), 1).seconds for _ in range(1 if quick else 3)]
    both = [simulate(replace(given, runs=runs), 2).seconds for _ in range(1 if quick else 3)]
    say("simulate: beside simpy")
    ours, theirs = _beside_simpy(rounds, 20 if quick else 100)
    rate, seconds = statistics.median(rates), min(statistics.median(alone), statistics.median(both))
    ratio = statistics.median(one / other for one, other in zip(ours, theirs, strict=True))
    figures = [
        Figure(
            "simulated lifetimes a second on one core: median",
            f"{rate:,.0f}",
            f"≥ {RATE:,}",
            rate >= RATE,
        ),
        Figure(f"{runs:,} simulated runs", f"{seconds:.1f} s", f"≤ {SECONDS:g} s", seconds <= SECONDS),
        Figure("the same model by simpy: how many times as long", f"{ratio:.1f}"),
    ]
    script = stage.scripts[0]
    how = HOW.format(
        playbook=PLAYBOOK,
        steps=len(script.plan.plan.steps),
        works=script.drawn,
        rules=len(script.story.law.rules),
        clocks=len(script.duties.duties),
    )
    table = markdown(
        ("measured", "rounds"),
        [
            ("lifetimes a second", ", ".join(f"{one:,.0f}" for one in rates)),
            (f"{runs:,} runs, one process: s", ", ".join(f"{one:.1f}" for one in alone)),
            (f"{runs:,} runs, two processes: s", ", ".join(f"{one:.1f}" for one in both)),
            ("ours: incidents a second", ", ".join(f"{one:,.0f}" for one in ours)),
            ("simpy: incidents a second", ", ".join(f"{one:,.0f}" for one in theirs)),
        ],
    )
    return Section("Simulation", how, figures, table)


def whole() -> Simulation:
    """What is measured: a shipped playbook with law, rosters and hand-overs."""
    cases = ("A", "B")
    law = Law(
        tuple(load_rules().values()),
        {"A": ContractTermView("A", 24)},
        dict.fromkeys((None, *cases), place("EU")),
        EU,
    )
    story = Story(PLAYBOOK, load_playbooks()[PLAYBOOK], truth_of(GRAVE), law)
    shifts = [
        Shift.model_validate({"role": role, "from": begins, "until": ends, "people": [PEOPLE[role][who]]})
        for role, hours in HOURS.items()
        for begins, ends, who in hours
    ]
    staff = Staff(PEOPLE, DutyRoster(zone="Europe/Warsaw", shifts=tuple(shifts)))
    return Simulation((story,), staff, MONDAY, runs=RUNS, within=timedelta(days=7))


def _rates(stage: Stage, rounds: int, lifetimes: int) -> list[float]:
    for number in range(500):
        stage.run(number)
    found = []
    for round_ in range(rounds):
        columns, began = Columns(), time.process_time()
        for number in range(round_ * lifetimes, (round_ + 1) * lifetimes):
            for life in stage.run(number):
                columns.take(life, stage.world.until)
        found.append(lifetimes / (time.process_time() - began))
    return found


def _beside_simpy(rounds: int, runs: int) -> tuple[list[float], list[float]]:
    """Incidents a second by us and by simpy, round by round."""
    story = story_of(*STEPS, count=4, after=Lognormal(2 * HOUR, 12 * HOUR))
    people = {"it": ("a", "b"), "forensics": ("c",), "privacy": ("d",), "approver": ("e", "f", "g")}
    given = simulation_of(story, people=people)
    given = replace(given, paces=replace(given.paces, by_name={}), horizon=timedelta(days=366))
    stage = Stage(given)
    beside = Beside(given, stage)
    ours, theirs = [], []
    for round_ in range(rounds + 1):
        numbers = range(round_ * runs, (round_ + 1) * runs)
        for run, rates in ((stage.run, ours), (beside.run, theirs)):
            began = time.process_time()
            for number in numbers:
                run(number)
            rates.append(4 * runs / (time.process_time() - began))
    return ours[1:], theirs[1:]  # the first round also fills what is remembered
