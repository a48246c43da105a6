"""Everything about one story that its lifetimes share: pieces of work, slots, clocks, and how each begins."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from math import inf
from random import Random
from typing import TypeAlias

from playbooks.facts import DICTIONARY
from playbooks.models import Step
from playbooks.simulation.compiled import Compiled
from playbooks.simulation.counted import Counting
from playbooks.simulation.durations import NONE, Draw, drawn_by
from playbooks.simulation.duties import Duties, duties_of
from playbooks.simulation.model import ClockSpec, Paces, Slot, Story, Truth
from playbooks.simulation.parts import RECORDS, Piece, stages_of
from playbooks.simulation.resting import Resting

First: TypeAlias = tuple[list[int], list[int], list[int], list[list[int]], list[int]]
"""States, marks, keys, how many of each group have ended, and what is open."""


@dataclass(frozen=True, slots=True)
class Work:
    """A piece of work of one node, ready to be drawn: `role` is -1 where nobody works on it."""

    node: int
    piece: Piece
    role: int
    seconds: float
    """Its target."""
    draw: Draw
    number: int
    """Its place among the numbers that a lifetime draws."""
    slot: int
    """The slot of its first round."""
    is_word: bool
    """Whether it is somebody else's word on what was done."""
    clock: float
    """How long the shortest duty runs, in seconds, that its step meets; infinite where it meets none."""
    has_hand: bool
    """Whether who does it has had a hand in it, and gives no later word: counsel only reads."""


@dataclass(slots=True)
class Script:
    """One story, ready to be lived."""

    story: Story
    duties: Duties
    plan: Compiled
    counting: Counting
    resting: Resting
    works: list[tuple[tuple[Work, ...], ...]]
    """Of each node, stage by stage."""
    slots: list[Slot]
    width: list[int]
    """How many slots a round of each node has."""
    rounds: list[int]
    """How many of its rounds are written down."""
    drawn: int
    epoch: float
    """Seconds from 1970 to the first instant of the simulation."""
    after: Draw
    reaction: Draw | None
    wanted: int
    """How many numbers a round draws: of work, of reactions and of the opening, the last two where read."""
    known_instants: dict[str, float]
    """What has happened at the opening, by fact, in seconds after it."""
    present: int
    """How many cases the alert names."""
    first: First | None = None
    """How a lifetime stands once its first steps are open; kept by the first."""
    names_clients: list[bool] = field(default_factory=list)
    instants: list[tuple[str, ...]] = field(default_factory=list)
    """The facts of type instant that a node's answer states."""
    starts_clocks: list[bool] = field(default_factory=list)
    """Whether one of them starts a clock."""
    own_instants: list[dict[str, float]] = field(default_factory=list)
    """Those of them that differ by case, in seconds, by case/fact."""
    told_by: list[tuple[int, ...]] = field(default_factory=list)
    """Whom each node tells: numbers of `duties.told`."""
    moves_law: list[bool] = field(default_factory=list)
    """Whether a node's end can change what the law wants."""
    is_left: list[bool] = field(default_factory=list)
    """Whether a node is offered and nobody takes the offer."""
    unmet: list[int] = field(default_factory=list)
    """How many duties each of `duties.told` has."""
    told_for: dict[int, int] = field(default_factory=dict)
    """By which of them each duty is met."""
    repeats: list[bool] = field(default_factory=list)
    states_facts: list[bool] = field(default_factory=list)

    def numbers(self, random: Random) -> list[float]:
        """What one lifetime draws for one round."""
        draw = random.random
        return [draw() for _ in range(self.wanted)]


def script_of(story: Story, opens_at: datetime, paces: Paces, roles: dict[str, int]) -> Script:
    """Make a story ready; roles that nobody has named yet get the next numbers."""
    duties = duties_of(story, opens_at)
    plan = duties.plan
    layout = _laid_out(duties, paces, roles)
    whole = plan.view(range(len(plan.nodes)), named=True)
    entities = {case: whole.known("entity_class", case) for case in (None, *plan.cases)}
    script = Script(
        story=story,
        duties=duties,
        plan=plan,
        counting=Counting(duties.duties, story.law, entities),
        resting=Resting(duties),
        works=layout.works,
        slots=layout.slots,
        width=layout.width,
        rounds=layout.rounds,
        drawn=layout.drawn,
        epoch=opens_at.timestamp(),
        after=drawn_by(story.after),
        reaction=None if paces.reaction == NONE else drawn_by(paces.reaction),
        wanted=max(1, layout.drawn)
        if (paces.reaction, story.after) == (NONE, NONE)
        else 2 * layout.drawn + 1,
        known_instants=_known_instants(story.truth),
        present=len(plan.present(named=False)),
    )
    _look_up(script)
    return script


@dataclass(slots=True)
class _Layout:
    """The pieces of work of all nodes, and the slots of their rounds, one after the other."""

    rounds: list[int]
    works: list[tuple[tuple[Work, ...], ...]] = field(default_factory=list)
    slots: list[Slot] = field(default_factory=list)
    width: list[int] = field(default_factory=list)
    drawn: int = 0


def _laid_out(duties: Duties, paces: Paces, roles: dict[str, int]) -> _Layout:
    plan = duties.plan
    layout, clocks = _Layout(_rounds(duties)), _clocks_by_node(duties)
    for number, node in enumerate(plan.nodes):
        case = plan.truth.cases[node.case] if node.case else RECORDS
        stages = stages_of(node.step, case)
        pieces = [piece for stage in stages for piece in stage]
        first, places = len(layout.slots), count()
        by_law = number >= plan.asked_beside
        for round_ in range(1, layout.rounds[number] + 1):
            layout.slots += [_slot(node.step, node.case, round_, piece, by_law=by_law) for piece in pieces]
        works = []
        for stage in stages:
            at = [(piece, next(places)) for piece in stage]
            works.append(
                tuple(
                    _work(
                        number,
                        piece,
                        node.step,
                        (paces, roles),
                        (layout.drawn + place, first + place),
                        clocks.get(number, inf),
                    )
                    for piece, place in at
                )
            )
        layout.works.append(tuple(works))
        layout.drawn += len(pieces)
        layout.width.append(len(pieces))
    return layout


def clocks_of(script: Script) -> tuple[ClockSpec, ...]:
    """The clocks of a story, each with the slots whose end can meet it."""
    met: dict[int, tuple[int, ...]] = {}
    for told in script.duties.told:
        last = tuple(slot for node in told.nodes for slot in _last_slots(script, node))
        met.update(dict.fromkeys((number for stage in told.stages for number in stage), last))
    return tuple(
        ClockSpec(
            one.spec.case, one.spec.rule, one.spec.title, one.spec.recipient, one.spec.addressee,
            one.spec.stage, one.spec.kind, one.spec.policy, met.get(number, ()),
        )
        for number, one in enumerate(script.duties.duties)
    )  # fmt: skip


def _last_slots(script: Script, node: int) -> Iterator[int]:
    """The slot with which each round of a node ends."""
    last = script.works[node][-1][-1].slot
    return (last + script.width[node] * round_ for round_ in range(script.rounds[node]))


def _look_up(script: Script) -> None:
    plan = script.plan
    starting = {name for limbs in script.duties.limbs for name, _ in limbs}
    for at, told in enumerate(script.duties.told):
        of = [number for stage in told.stages for number in stage]
        script.unmet.append(len(of))
        script.told_for.update(dict.fromkeys(of, at))
    for number, node in enumerate(plan.nodes):
        script.names_clients.append(any(one.spec.type == "clients" for one in node.step.fields))
        stated = tuple(name for name in node.facts if DICTIONARY[name].type == "instant")
        script.instants.append(stated)
        script.starts_clocks.append(not starting.isdisjoint(stated))
        script.own_instants.append(_of_cases(script.story.truth, stated, node.case))
        script.told_by.append(tuple(at for at, told in enumerate(script.duties.told) if number in told.nodes))
        moves = bool(script.told_by[number] or node.facts) or number in script.duties.triage
        script.moves_law.append(moves and bool(script.duties.duties or script.duties.answering >= 0))
        script.repeats.append(node.step.repeat is not None)
        script.states_facts.append(bool(node.facts))
        script.is_left.append(node.step.optional and not script.story.offers_taken)


def _known_instants(truth: Truth) -> dict[str, float]:
    """What has happened at the opening, in seconds after it: of the incident, and of cases that differ."""
    of_all = {
        name: truth.instants[name].total_seconds() for name in truth.known_instants & truth.instants.keys()
    }
    return of_all | _of_cases(truth, truth.known_instants, None)


def _of_cases(truth: Truth, names: Iterable[str], only: str | None) -> dict[str, float]:
    """What is so of each case, or of one, where it differs from the incident, by case/fact."""
    return {
        f"{case}/{name}": one.instants[name].total_seconds()
        for case, one in truth.cases.items()
        for name in names
        if only in (None, case) and name in one.instants
    }


def _rounds(duties: Duties) -> list[int]:
    found = [1] * len(duties.plan.nodes)
    for told in duties.told:
        for node in told.nodes:
            found[node] = max(found[node], len(told.stages))
    return found


def _slot(step: Step, case: str | None, round_: int, piece: Piece, *, by_law: bool) -> Slot:
    return Slot(
        step.id, step.title, case, round_, piece.part, piece.place, piece.role, piece.target,
        step.recipient or "", by_law,
    )  # fmt: skip


def _clocks_by_node(duties: Duties) -> dict[int, float]:
    """How long the shortest duty runs that each node meets: those that bind, else targets of ours."""
    found = dict[int, float]()
    for told in duties.told:
        met = [duties.duties[number] for stage in told.stages for number in stage]
        binding = [one for one in met if not one.spec.policy] or met
        shortest = min((one.seconds for one in binding if one.seconds is not None), default=inf)
        for node in told.nodes:
            found[node] = min(shortest, found.get(node, inf))
    return found


def _work(
    node: int,
    piece: Piece,
    step: Step,
    laid: tuple[Paces, dict[str, int]],
    places: tuple[int, int],
    clock: float,
) -> Work:
    (paces, roles), (number, slot) = laid, places
    role = roles.setdefault(piece.role, len(roles)) if piece.is_staffed else -1
    draw = piece.draw(step, paces)
    is_word = piece.part in ("approve", "counsel", "release")
    has_hand = piece.part != "counsel"
    seconds = piece.target.total_seconds()
    return Work(node, piece, role, seconds, draw, number, slot, is_word, clock, has_hand)
