"""Laws of the plan: the order in which steps end does not matter, and asking twice changes nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import product
from typing import Any, TypeAlias

from hypothesis import given
from hypothesis import strategies as st

from playbooks.facts import UNKNOWN, FactValue, FactView
from playbooks.models import TRUNK, Phase, Playbook, Step
from playbooks.order import prerequisites
from playbooks.plan import (
    Open,
    Reopen,
    StepKey,
    StepState,
    apply_moves,
    decide_moves,
    open_work,
)

CONDITIONS = [
    None,
    "personal_data",
    "not encrypted",
    'risk != "unlikely"',
    "any(case.personal_data)",
    "contained",
]
FACTS = {
    "personal_data": st.sampled_from([True, False, UNKNOWN]),
    "encrypted": st.sampled_from([True, False, UNKNOWN]),
    "contained": st.sampled_from([True, False, UNKNOWN]),
    "risk": st.sampled_from(["unlikely", "high", UNKNOWN]),
}
facts = st.fixed_dictionaries({}, optional=FACTS)
views = st.builds(FactView, facts, st.dictionaries(st.sampled_from(["a", "b", "c"]), facts, max_size=3))


@st.composite
def playbooks(draw: Any) -> Playbook:
    """Draw a playbook of any shape: phases left out, steps per case, chains, conditions."""
    names = draw(st.lists(st.sampled_from((*TRUNK, "notify")), min_size=1, unique=True))
    phases: list[Phase] = []
    earlier: list[tuple[str, str]] = []
    for name in sorted(names, key=lambda name: TRUNK.index(name) if name in TRUNK else 1.5):
        steps = []
        allowed = [
            step_id
            for step_id, phase in earlier
            if (name == "notify" and phase in ("detect", "triage")) or (name != "notify" != phase)
        ]
        for number in range(draw(st.integers(1, 3))):
            step_id = f"{name}-{number}"
            steps.append(draw(_steps(step_id, allowed)))
            if not steps[-1].optional:  # nothing may wait for those
                allowed.append(step_id)
                earlier.append((step_id, name))
        phases.append(Phase(id=name, steps=tuple(steps)))
    return Playbook(id="p", version="1", title="t", neutral_title="t", kind="k", phases=tuple(phases))


@st.composite
def _steps(draw: Any, step_id: str, allowed: list[str]) -> Step:
    when = draw(st.sampled_from(CONDITIONS))
    after = draw(st.lists(st.sampled_from(allowed), unique=True, max_size=2)) if allowed else []
    asked = {
        "id": step_id,
        "title": "T",
        "kind": "manual",
        "role": "it",
        "target": "1h",
        "instructions": "Do it.",
        "per": draw(st.sampled_from(["incident", "incident", "case"])),
        "after": after,
        "join": draw(st.sampled_from(["all", "any"])) if len(after) > 1 else "all",
        "optional": draw(st.sampled_from([False, False, False, True])),
        "repeat": draw(st.sampled_from([None, None, {"until": "contained", "at_most": 3}])),
        "when": when,
        "if_unknown": draw(st.sampled_from([None, "open", "wait"])) if when else None,
    }
    return Step.model_validate(asked)


Midway: TypeAlias = tuple[Playbook, dict[StepKey, StepState], FactView]


def first_of(_count: int) -> int:
    return 0


@dataclass
class Walk:
    """An incident in which steps end one by one, each perhaps stating a fact."""

    plan: Playbook
    view: FactView
    states: dict[StepKey, StepState] = field(default_factory=dict)

    def settle(self) -> None:
        self.states = apply_moves(self.states, decide_moves(self.plan, self.states, self.view))

    def open(self) -> list[StepKey]:
        return sorted(
            (key for key, state in self.states.items() if state == "open"),
            key=lambda key: (key.step_id, key.case or "", key.round),
        )

    def end_all(self, pick: Any, stated: dict[str, dict[str, FactValue]] | None = None) -> None:
        self.settle()
        while still := self.open():
            key = still[pick(len(still))]
            self.states[key] = "done"
            self.view = FactView(
                {**self.view.incident, **(stated or {}).get(key.step_id, {})}, self.view.cases
            )
            self.settle()


@given(playbooks(), views, st.data())
def test_the_same_steps_are_done_whatever_order_they_end_in(
    plan: Playbook, view: FactView, data: Any
) -> None:
    first, other = Walk(plan, view), Walk(plan, view)
    first.end_all(first_of)
    other.end_all(lambda count: data.draw(st.integers(0, count - 1)))
    assert first.states == other.states
    assert open_work(plan, first.states, view) == open_work(plan, other.states, view)


@given(playbooks(), views, st.data())
def test_what_is_left_to_do_depends_on_the_facts_and_not_on_when_they_were_stated(
    plan: Playbook, view: FactView, data: Any
) -> None:
    """A step may be done before a fact that rules it out, or skipped after it: it has ended both ways."""
    ids = [step.id for step in plan.steps]
    answers = st.fixed_dictionaries({}, optional={name: FACTS[name] for name in FACTS})
    only_first = dict.fromkeys(FACTS)  # each fact is stated by one step: two would contradict each other
    stated: dict[str, dict[str, FactValue]] = {}
    for name, value in data.draw(answers).items():
        assert only_first.pop(name) is None
        stated.setdefault(data.draw(st.sampled_from(ids)), {})[name] = value
    first, other = Walk(plan, view), Walk(plan, view)
    first.end_all(first_of, stated)
    other.end_all(lambda count: data.draw(st.integers(0, count - 1)), stated)
    if first.view == other.view:  # the stating steps themselves may be ruled out on one way
        assert {(work.key.step_id, work.key.case) for work in open_work(plan, first.states, first.view)} == {
            (work.key.step_id, work.key.case) for work in open_work(plan, other.states, other.view)
        }


@st.composite
def midways(draw: Any) -> Midway:
    """Draw an incident somewhere on its way, its facts changed since its steps were last looked at."""
    walk = Walk(draw(playbooks()), draw(views))
    for _ in range(draw(st.integers(0, 6))):
        walk.settle()
        if still := walk.open():
            walk.states[draw(st.sampled_from(still))] = draw(st.sampled_from(["done", "approving"]))
        if draw(st.booleans()):
            walk.view = draw(views)
    return walk.plan, walk.states, walk.view


@given(midways())
def test_asking_again_after_the_moves_asks_for_nothing(
    at: Midway,
) -> None:
    plan, states, view = at
    settled = apply_moves(states, decide_moves(plan, states, view))
    assert decide_moves(plan, settled, view) == ()


@given(midways(), st.data())
def test_moves_cut_short_are_taken_up_again(at: Midway, data: Any) -> None:
    plan, states, view = at
    moves = decide_moves(plan, states, view)
    cut = data.draw(st.integers(0, len(moves)))
    half = apply_moves(states, moves[:cut])
    assert decide_moves(plan, half, view) == moves[cut:]


@given(midways(), st.randoms(use_true_random=False))
def test_a_replay_decides_the_same_however_the_store_lists_its_rows(at: Midway, random: Any) -> None:
    plan, states, view = at
    rows, cases = list(states.items()), list(view.cases.items())
    random.shuffle(rows)
    random.shuffle(cases)
    again = Playbook.from_pinned(plan.pinned())
    shuffled = FactView(view.incident, dict(cases))
    assert decide_moves(again, dict(rows), shuffled) == decide_moves(plan, states, view)


@given(midways())
def test_no_move_touches_what_is_done_and_none_opens_before_its_time(
    at: Midway,
) -> None:
    plan, states, view = at
    moves = decide_moves(plan, states, view)
    settled = apply_moves(states, moves)
    waits = prerequisites(plan)
    latest = {(key.step_id, key.case): settled[key] for key in sorted(settled, key=lambda key: key.round)}
    assert len({move.key for move in moves}) == len(moves)
    assert not any(states.get(move.key) == "done" for move in moves)
    for move in moves:
        if not isinstance(move, Open | Reopen):
            continue
        states_before = [
            latest.get((other, case), "done")
            for other, case in product(waits[move.key.step_id], (None, *view.cases))
            if case is None or move.key.case in (None, case)
        ]
        have_ended = [state in ("done", "skipped", "withdrawn") for state in states_before]
        step = plan.step(move.key.step_id)
        any_is_enough = step.join == "any" and "done" in states_before
        goes_on = step.repeat is not None and isinstance(move, Reopen)
        assert all(have_ended) or any_is_enough or goes_on


@given(midways())
def test_an_incident_is_complete_when_nothing_is_left_open_or_waiting(
    at: Midway,
) -> None:
    plan, states, view = at
    settled = apply_moves(states, decide_moves(plan, states, view))
    left = open_work(plan, states, view)
    optional = {step.id for step in plan.steps if step.optional}
    live = {key for key, state in settled.items() if state in ("open", "approving")}
    assert {key for key in live if key.step_id not in optional} <= {work.key for work in left}
    assert optional.isdisjoint(work.key.step_id for work in left)
    assert all(work.why and not work.why.endswith(("stated ", "for ")) for work in left)
