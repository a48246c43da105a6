"""From a form's submission to the next open question: one incident, and twelve beside the stock worker."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from dataclasses import dataclass

from tests.bench.installed import Installed, Worker, installed, processor_of
from tests.bench.results import Figure, Section, markdown
from tests.bench.walking import Walker

STEPS = (
    ("preserve-logs", "step"),
    ("tell-client", "draft"),
    ("tell-client", "release"),
    ("close-route", "step"),
    ("assess-risk", "step"),
)
"""Questions of `data-exfiltration` whose answer opens exactly one other in the same incident."""

ONE = """One incident at a time is walked through `data-exfiltration` as `seventytwo up` runs it (Prefect
server, desk, watch, warm worker; SQLite). Measured is every answer that opens a question: from the
instant at which the server stored the answer to the instant at which it stored the whole form of the
first question opened by it. Answers that open several questions at once count as well; "all of them" is
until the last of those forms."""

TWELVE = """Two installations stand side by side, one with the warm worker (three threads) and one with
`prefect worker start --type process` (its own settings, but looking for work every second), each with a
Prefect server, desk and watch of its own and the same deployments. {count} incidents in each are brought
to the same question. In each round all {count} answers are submitted at once, first in the one, then in
the other, in turns; measured is from the first submission to the last of the {count} next questions
waiting with its form. The ratio is that of the two times within a round; the target speaks of its
median."""


@dataclass(frozen=True, slots=True)
class Round:
    """One question answered in every incident at once, in seconds until all have the next."""

    step: str
    took: dict[Worker, float]
    processor: dict[Worker, dict[str, float]]

    @property
    def ratio(self) -> float:
        """How much longer the stock worker took."""
        return self.took["stock"] / self.took["warm"]


def one_incident(*, quick: bool, say: Callable[[str], None]) -> Section:
    """Walk incidents, one after the other."""
    walks, answers = (1, 5) if quick else (3, 20)
    firsts: list[float] = []
    lasts: list[float] = []
    with installed("warm") as house:
        for at in range(walks):
            say(f"one incident: walk {at + 1} of {walks}")
            taken = _walk(house, answers)
            firsts += [first for first, _ in taken]
            lasts += [last for _, last in taken]
    middle = statistics.median(firsts)
    figures = (
        Figure("form to next open question, one incident: median", f"{middle:.2f} s", "≤ 2 s", middle <= 2),
        Figure("form to next open question, one incident: slowest", f"{max(firsts):.2f} s"),
        Figure("form to all of the questions that it opens: median", f"{statistics.median(lasts):.2f} s"),
    )
    told = ", ".join(f"{first:.2f}" for first in firsts)
    details = f"{len(firsts)} answers in {walks} walks, seconds in the order given: {told}."
    return Section("From a form to the next question, one incident", ONE, figures, details)


def _walk(house: Installed, answers: int) -> list[tuple[float, float]]:
    """Seconds to the first and to the last question opened, for every answer that opens one."""
    walker = Walker(house, (house.raise_alert("one incident"),))
    walker.settle()
    taken = []
    for _ in range(answers):
        planned = walker.planned()[0]
        if planned.is_last:
            break
        began = walker.submit([planned])
        if opened := walker.settle():
            waits = [(one.at - began).total_seconds() for one in opened]
            taken.append((min(waits), max(waits)))
    return taken


def many_incidents(*, quick: bool, say: Callable[[str], None]) -> Section:
    """Let incidents advance together, with the warm worker and with the stock one in turns."""
    count, steps = (4, STEPS[:1]) if quick else (12, STEPS)
    rounds: list[Round] = []
    with installed("warm") as warm, installed("stock") as stock:
        walkers: dict[Worker, Walker] = {}
        for worker, house in (("warm", warm), ("stock", stock)):
            say(f"{count} incidents: opening them with the {worker} worker")
            walkers[worker] = _gathered(house, count)
        for at, (step, kind) in enumerate(steps):
            say(f"{count} incidents: round {at + 1} of {len(steps)}, {step} ({kind})")
            order = list(walkers)[:: 1 if at % 2 else -1]
            taken = {worker: _advance(walkers[worker], step, kind) for worker in order}
            rounds.append(
                Round(
                    f"{step} ({kind})",
                    {worker: taken[worker][0] for worker in walkers},
                    {worker: taken[worker][1] for worker in walkers},
                )
            )
            if at == 0 and len(steps) > 1:
                say(f"{count} incidents: triage, not measured")
                for walker in walkers.values():
                    walker.submit(walker.plan("triage", "step"))
                    walker.settle()
    return _compared(count, rounds)


def _gathered(house: Installed, count: int) -> Walker:
    """As many incidents, each up to where one answer opens the triage."""
    walker = Walker(house, tuple(house.raise_alert(f"incident {at}") for at in range(count)))
    walker.settle()
    walker.submit(walker.plan("confirm-alert", "step"))
    walker.settle()
    return walker


def _advance(walker: Walker, step: str, kind: str) -> tuple[float, dict[str, float]]:
    """Seconds until all incidents have their next question, and the processor time that the children took."""
    planned = walker.plan(step, kind)
    assert len(planned) == len(walker.incidents), f"{len(planned)} wait on {step}"
    before = processor_of(walker.house.supervisor)
    began = walker.submit(planned)
    opened = walker.settle()
    assert {one.incident for one in opened} == set(walker.incidents)
    used = {name: now - before[name] for name, now in processor_of(walker.house.supervisor).items()}
    return max((one.at - began).total_seconds() for one in opened), used


def _compared(count: int, rounds: list[Round]) -> Section:
    middle = {worker: statistics.median(one.took[worker] for one in rounds) for worker in rounds[0].took}
    ratio = statistics.median(one.ratio for one in rounds)
    figures = (
        Figure(f"{count} incidents advance at once, warm worker: median", f"{middle['warm']:.1f} s"),
        Figure(
            f"{count} incidents advance at once, stock process worker: median", f"{middle['stock']:.1f} s"
        ),
        Figure("stock / warm, same round: median", f"{ratio:.1f}", "≥ 6", ratio >= 6),
    )
    rows = [
        (
            one.step,
            f"{one.took['warm']:.1f}",
            f"{one.took['stock']:.1f}",
            f"{one.ratio:.1f}",
            *(f"{one.processor['warm'][name]:.1f}" for name in ("server", "worker")),
            *(f"{one.processor['stock'][name]:.1f}" for name in ("server", "worker")),
        )
        for one in rounds
    ]
    head = ("question answered", "warm s", "stock s", "ratio", "warm: server CPU s", "warm: worker CPU s",
            "stock: server CPU s", "stock: worker CPU s")  # fmt: skip
    title = f"{count} incidents at once, beside the stock worker"
    return Section(title, TWELVE.format(count=count), figures, markdown(head, rows))
