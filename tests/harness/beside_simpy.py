"""The same incidents by simpy: plain steps, second words, shared people; in another library's few lines."""

from __future__ import annotations

from dataclasses import dataclass
from math import nan
from typing import Any, Final

import simpy

from playbooks.order import prerequisites
from playbooks.simulation.model import Simulation
from playbooks.simulation.runs import Stage
from playbooks.simulation.script import Script, Work

_HOPS: Final = 12
"""Turns of simpy's loop after which everything that follows from an end was asked for."""


@dataclass
class Life:
    """One incident: what it draws, when its work ended, and the event of each step's end."""

    script: Script
    numbers: list[float]
    ended: list[float]
    done: dict[str, Any]
    began: float = 0.0


class Beside:
    """A run of a simulation in which every role has people of its own, who are there at any hour."""

    def __init__(self, given: Simulation, stage: Stage) -> None:
        self.given, self.stage = given, stage

    def run(self, number: int) -> list[list[float]]:
        """When each piece of work ended, incident by incident, in the order of the slots."""
        self.world: Any = simpy.Environment()
        self.people = {
            role: simpy.PriorityResource(self.world, len(who))
            for role, who in self.given.staff.people.items()
        }
        lives = []
        for script, _, seeded in self.stage.opening(number):
            done = {node.step.id: self.world.event() for node in script.plan.nodes}
            life = Life(script, script.numbers(seeded(0)), [nan] * len(script.slots), done)
            lives.append(life)
            self.world.process(self._incident(life))
        self.world.run()
        return [life.ended for life in lives]

    def _incident(self, life: Life) -> Any:
        yield self.world.timeout(life.script.after(life.numbers[-1]))
        life.began = self.world.now
        for node, stages in zip(life.script.plan.nodes, life.script.works, strict=True):
            self.world.process(self._step(life, node.step.id, stages))

    def _step(self, life: Life, step_id: str, stages: tuple[tuple[Work, ...], ...]) -> Any:
        waits_for = prerequisites(life.script.plan.plan)[step_id]
        yield self.world.all_of([life.done[name] for name in waits_for])
        for stage in stages:
            ends = [self.world.event() for _ in stage]
            for work, end in zip(stage, ends, strict=True):
                self.world.process(self._work(life, work, end))
            yield self.world.all_of(ends)
        life.done[step_id].succeed()

    def _work(self, life: Life, work: Work, end: Any) -> Any:
        """Whoever ends something is free again once what follows from it was asked for, as with us."""
        with self.people[work.piece.role].request(priority=self.world.now + work.seconds) as free:
            yield free
            yield self.world.timeout(work.draw(life.numbers[work.number]))
            life.ended[work.slot] = self.world.now - life.began
            end.succeed()
            for _ in range(_HOPS):
                yield self.world.timeout(0)
