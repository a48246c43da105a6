"""What the plan asks for next: a pure function of the playbook, the states of its steps and the facts.

A step waits for what it names in `after`, else for the trunk phase before its own; steps of notify wait for
triage. With `join: any` one of those that is done is enough; nothing waits for an optional step; a step that
repeats is asked again, as a new round, until its condition is true. One pass settles everything: moves are
decided in the order of the graph, each on the outcome of those before it, so that the same steps come to
stand open whatever order the others ended in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, assert_never

from playbooks.conditions import Truth, compile_condition
from playbooks.facts import UNKNOWN, FactView
from playbooks.models import Playbook, Repeat, Step
from playbooks.order import prerequisites, running_order

StepState: TypeAlias = Literal["waiting", "open", "approving", "released", "done", "skipped", "withdrawn"]
"""How far a step has come; `released` is a notice on its way, which stays until its receipt is recorded."""
LIVE: Final = frozenset({"waiting", "open", "approving", "released"})


@dataclass(frozen=True, slots=True)
class StepKey:
    """One instance of a step: of the incident or of one case, in its first round or a later one."""

    step_id: str
    case: str | None = None
    round: int = 1


@dataclass(frozen=True, slots=True)
class Open:
    """Put the question: everything it waited for is there."""

    key: StepKey


@dataclass(frozen=True, slots=True)
class Skip:
    """Pass it by: its time has come and its condition is false."""

    key: StepKey
    why: str


@dataclass(frozen=True, slots=True)
class Withdraw:
    """Take the open question back: the facts no longer ask for it."""

    key: StepKey
    why: str


@dataclass(frozen=True, slots=True)
class Reopen:
    """Put a question again, as a new round: the facts ask for it now, or it repeats."""

    key: StepKey
    why: str


Move: TypeAlias = Open | Skip | Withdraw | Reopen
States: TypeAlias = Mapping[StepKey, StepState]


@dataclass(frozen=True, slots=True)
class OpenWork:
    """One step that stands between an incident and its closing, and what it waits for."""

    key: StepKey
    title: str
    why: str


def decide_moves(plan: Playbook, states: States, view: FactView) -> tuple[Move, ...]:
    """Return every move the facts ask for, in the order they are to be made; none when all is settled.

    `states` holds what the store knows; a step it does not hold is waiting. `view.cases` holds every case
    that is still part of the incident.
    """
    standing = _Standing(plan, states, view)
    moves: list[Move] = list(_of_cases_gone(standing))
    for step in running_order(plan):
        for case in _subjects(step, view):
            move = _move(standing, step, case)
            if move is not None:
                standing.make(move)
                moves.append(move)
    return tuple(moves)


def decide_move(
    plan: Playbook, states: States, view: FactView, step_id: str, case: str | None
) -> Move | None:
    """Return what one step does next where all others stay as they are: what `decide_moves` asks of each."""
    return _move(_Standing(plan, states, view), plan.step(step_id), case)


def apply_moves(states: States, moves: tuple[Move, ...]) -> dict[StepKey, StepState]:
    """Return the states after these moves."""
    return {**states, **{move.key: _state_after(move) for move in moves}}


def open_work(plan: Playbook, states: States, view: FactView) -> tuple[OpenWork, ...]:
    """Return what is still to do and what it waits for; steps added by hand count while they are open."""
    settled = apply_moves(states, decide_moves(plan, states, view))
    standing = _Standing(plan, settled, view)
    planned = [(step, case) for step in plan.steps for case in _subjects(step, view)]
    of_plan = [
        OpenWork(key, step.title, _what_it_waits_for(standing, step, case))
        for step, case in planned
        if settled.get(key := standing.current(step.id, case), "waiting") in LIVE and not step.optional
    ]
    ids = {step.id for step in plan.steps}
    by_hand = [
        OpenWork(key, key.step_id, "added by hand, not answered yet")
        for key in sorted(settled, key=lambda key: (key.step_id, key.case or "", key.round))
        if key.step_id not in ids and settled[key] in LIVE
    ]
    return (*of_plan, *by_hand)


class _Standing:
    """Where every step stands while moves are being decided."""

    def __init__(self, plan: Playbook, states: States, view: FactView) -> None:
        self.plan, self.view = plan, view
        self.states: dict[StepKey, StepState] = dict(states)
        self.waits_for = prerequisites(plan)
        self._round: dict[tuple[str, str | None], int] = {}
        for key in states:
            subject = (key.step_id, key.case)
            self._round[subject] = max(key.round, self._round.get(subject, 1))
        self._ended: dict[str, bool] = {}

    def current(self, step_id: str, case: str | None) -> StepKey:
        """Return the latest round of a step."""
        return StepKey(step_id, case, self._round.get((step_id, case), 1))

    def state(self, step_id: str, case: str | None) -> StepState:
        return self.states.get(self.current(step_id, case), "waiting")

    def make(self, move: Move) -> None:
        self.states[move.key] = _state_after(move)
        self._round[move.key.step_id, move.key.case] = move.key.round

    def holding_back(self, step: Step, case: str | None) -> tuple[str, ...]:
        """Return the ids of the steps that this one still waits for."""
        named = self.waits_for[step.id]
        held = tuple(other for other in named if not self._let_go(other, case))
        if held and step.join == "any" and any(self._is_done(other, case) for other in named):
            return ()
        return held

    def was_done(self, key: StepKey) -> bool:
        """Tell whether an earlier round of this very step was done."""
        return any(
            self.states.get(StepKey(key.step_id, key.case, number)) == "done"
            for number in range(1, key.round)
        )

    def _is_done(self, step_id: str, case: str | None) -> bool:
        if not self._let_go(step_id, case):
            return False
        step = self.plan.step(step_id)
        subjects = (case,) if step.per == "case" and case is not None else _subjects(step, self.view)
        return any(self.state(step_id, subject) == "done" for subject in subjects)

    def _let_go(self, step_id: str, case: str | None) -> bool:
        step = self.plan.step(step_id)
        if step.per == "case" and case is not None:
            return self._has_ended(step_id, case)
        if step_id not in self._ended:
            subjects = _subjects(step, self.view)
            ended = all(self._has_ended(step_id, subject) for subject in subjects)
            # A step per case without a case has nothing to end: it lets go once its own turn has come.
            self._ended[step_id] = ended and (bool(subjects) or not self.holding_back(step, None))
        return self._ended[step_id]

    def _has_ended(self, step_id: str, case: str | None) -> bool:
        return self.state(step_id, case) in ("done", "skipped", "withdrawn")


def _subjects(step: Step, view: FactView) -> tuple[str | None, ...]:
    return (None,) if step.per == "incident" else tuple(sorted(view.cases))


def _of_cases_gone(standing: _Standing) -> Iterator[Withdraw]:
    for key in sorted(standing.states, key=lambda key: (key.step_id, key.case or "", key.round)):
        live = standing.states[key] in LIVE - {"released"}
        if live and key.case is not None and key.case not in standing.view.cases:
            yield Withdraw(key, "the case is no longer part of the incident")


def _move(standing: _Standing, step: Step, case: str | None) -> Move | None:
    """Return what one step does next; None while it stays as it is."""
    key, state, truth = (
        standing.current(step.id, case),
        standing.state(step.id, case),
        _asked_for(standing, step, case),
    )
    wanted = truth is True or (truth is UNKNOWN and standing.plan.if_unknown(step.id) == "open")
    if step.repeat is not None and (state == "done" or standing.was_done(key)):
        return _move_of_round(standing, step, step.repeat, key, wanted=wanted)
    match state:
        case "done" | "released":
            return None
        case "open" | "approving":
            return Withdraw(key, f"no longer true: {step.when}") if truth is False else None
        case "waiting" | "skipped" | "withdrawn" if standing.holding_back(step, case):
            return None
        case "waiting" if truth is False:
            return Skip(key, f"not true: {step.when}")
        case "waiting":
            return Open(key) if wanted else None
        case "skipped" | "withdrawn":
            again = StepKey(step.id, case, key.round + 1)
            return Reopen(again, _why_again(step, truth)) if wanted else None
        case _:
            assert_never(state)


def _move_of_round(
    standing: _Standing, step: Step, repeat: Repeat, key: StepKey, *, wanted: bool
) -> Move | None:
    """Return what a step does next that was done before and repeats."""
    is_over = compile_condition(repeat.until).evaluate(standing.view, key.case) is True
    state, truth = standing.states.get(key, "waiting"), _asked_for(standing, step, key.case)
    if state in ("open", "approving"):
        if is_over:
            return Withdraw(key, f"true now: {repeat.until}")
        return Withdraw(key, f"no longer true: {step.when}") if truth is False else None
    if is_over or not wanted or key.round >= repeat.at_most:
        return None
    again = StepKey(key.step_id, key.case, key.round + 1)
    return Reopen(again, f"asked again until {repeat.until}")


def _asked_for(standing: _Standing, step: Step, case: str | None) -> Truth:
    return True if step.when is None else compile_condition(step.when).evaluate(standing.view, case)


def _why_again(step: Step, truth: Truth) -> str:
    if step.when is None:
        return "the case is part of the incident again"
    return f"true now: {step.when}" if truth is True else f"no longer ruled out: {step.when}"


def _state_after(move: Move) -> StepState:
    match move:
        case Open() | Reopen():
            return "open"
        case Skip():
            return "skipped"
        case Withdraw():
            return "withdrawn"
        case _:
            assert_never(move)


def _what_it_waits_for(standing: _Standing, step: Step, case: str | None) -> str:
    match standing.state(step.id, case):
        case "open":
            return "not answered yet"
        case "approving":
            return "not approved yet"
        case "released":
            return "its receipt is not recorded yet"
        case _:
            if held := standing.holding_back(step, case):
                return f"waits for {', '.join(held)}"
            unknown = compile_condition(step.when).unknown_facts(standing.view, case) if step.when else ()
            return f"nobody has stated {', '.join(unknown)}"
