"""Time and people in one run: who is on duty and free, what waits for them, and when it is done.

Instants are seconds after the first instant of the simulation. A *task* is a piece of work that was put; it
waits until somebody on duty for its role is free who may do it: by its target, as people are asked, and of
several with the same target the one first whose clock ends soonest, as the wall of clocks shows it.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable
from heapq import heappush
from math import inf, isnan, nan
from typing import Any, Final, TypeAlias

from playbooks.simulation.lifetime import Lifetime
from playbooks.simulation.script import Work
from playbooks.simulation.staff import Rota

NOBODY: Final = -1


class Task:
    """A piece of work that was put."""

    __slots__ = (
        "cause", "due", "hands", "is_over", "left", "life", "person", "round", "since", "slot", "work",
    )  # fmt: skip

    def __init__(self, life: Lifetime, work: Work, slot: int, left: float, due: float, cause: int) -> None:
        self.life, self.work, self.slot, self.left, self.due = life, work, slot, left, due
        self.cause = cause  # what made it ready: a slot
        self.person, self.since, self.is_over = NOBODY, nan, False
        self.round, self.hands = life.rounds[work.node], life.hands[work.node]


Waiting: TypeAlias = tuple[float, float, int, Task]
"""A task that waits: by its target, of one target by the clock that it can stop, else by when it was put."""


class Crew:
    """The people of a run and what waits for them; what becomes of incidents, a world adds."""

    def __init__(self, rotas: list[Rota], people: int, hand_over: float) -> None:
        self._rotas, self._people, self._hand_over = rotas, people, hand_over
        self._roles = [
            tuple(role for role, rota in enumerate(rotas) if rota.may_hold(person))
            for person in range(people)
        ]
        self._set_back(0.0)

    def _set_back(self, begins: float) -> None:
        """Begin anew: nobody is busy, nothing waits."""
        self._heap: list[tuple[float, int, Callable[[Any], None], Any]] = []
        self._count, self._waiting, self.now = 0, 0, begins
        self._busy: list[Task | None] = [None] * self._people
        self.worked = [0.0] * self._people
        self._queues: list[list[Waiting]] = [[] for _ in self._rotas]
        self._stretches = [rota.stretch(begins) for rota in self._rotas]
        self._woken = [-1] * len(self._rotas)

    def _push(self, at: float, act: Callable[[Any], None], what: Any) -> None:
        self._count += 1
        heappush(self._heap, (at, self._count, act, what))

    def _end(self, task: Task) -> None:
        """What follows from the end of a task."""
        raise NotImplementedError

    def _offer(self, task: Task) -> None:
        """Give a task to whoever is free for it, else let it wait."""
        if task.is_over:
            return
        role = task.work.role
        if role < 0:
            self._begin_alone(task)
            return
        busy, hands = self._busy, task.hands if task.work.is_word else ()
        for person in self._on_duty(role):
            if busy[person] is None and person not in hands:
                self._begin(task, person)
                return
        self._count += 1
        self._waiting += 1
        insort(self._queues[role], (task.due, task.work.clock, self._count, task))
        self._wake_at_change(role)

    def _begin_alone(self, task: Task) -> None:
        if task.slot >= 0:
            task.life.begun[task.slot] = self.now - task.life.start
        self._push(self.now + task.left, self._end, task)

    def _on_duty(self, role: int) -> tuple[int, ...]:
        rota, stretch, now = self._rotas[role], self._stretches[role], self.now
        untils = rota.untils
        if untils[stretch] <= now:
            stretch += 1  # most often the next one, else it is looked for
            if stretch >= len(untils) or untils[stretch] <= now:
                stretch = rota.stretch(now)
            self._stretches[role] = stretch
        return rota.people[stretch]

    def _begin(self, task: Task, person: int) -> None:
        """Let somebody take a task up: a first time, after somebody else, or after their own night."""
        life, now = task.life, self.now
        if isnan(task.since):
            if task.slot >= 0 and isnan(life.begun[task.slot]):
                life.begun[task.slot] = now - life.start
            if life.script.reaction is not None:
                task.left += life.reaction(task.round, task.work.number)
        elif task.person != person:
            task.left += self._hand_over
            life.hand_overs += 1
        task.person, task.since = person, now
        if task.work.has_hand:
            task.hands.append(person)
        self._busy[person] = task
        role = task.work.role
        rota = self._rotas[role]
        until = rota.end_of_duty(self._stretches[role], person)
        if now + task.left <= until:
            self._push(now + task.left, self._end, task)
        else:
            self._push(until, self._lay_down, task)

    def _lay_down(self, task: Task) -> None:
        """Somebody's duty ends before their task does: it waits for whoever is there next."""
        if task.is_over:
            return
        person = task.person
        task.left -= self.now - task.since
        if person in task.hands:
            task.hands.remove(person)  # what they laid down they may take up again
        self._free(person)
        self._offer(task)

    def _free(self, person: int) -> None:
        """Somebody is free again: the most urgent task that waits for them is theirs."""
        task: Task | None = self._busy[person]
        if task is None:
            return
        self._busy[person] = None
        self.worked[person] += self.now - task.since
        if self._waiting:
            self._serve(person)

    def _serve(self, person: int) -> None:
        best: Waiting | None = None
        place = role_of = 0
        for role in self._roles[person]:
            queue = self._queues[role]
            if not queue or person not in self._on_duty(role):
                continue
            at = 0
            while at < len(queue):
                waiting = queue[at]
                task = waiting[-1]
                if task.is_over:
                    del queue[at]
                    self._waiting -= 1
                    continue
                if not (task.work.is_word and person in task.hands):
                    if best is None or waiting < best:
                        best, place, role_of = waiting, at, role
                    break
                at += 1
        if best is not None:
            del self._queues[role_of][place]
            self._waiting -= 1
            self._begin(best[-1], person)

    def _wake_at_change(self, role: int) -> None:
        """Look at a role's queue again when others come on duty."""
        stretch = self._stretches[role]
        until = self._rotas[role].untils[stretch]
        if until != inf and self._woken[role] != stretch:
            self._woken[role] = stretch
            self._push(until, self._wake, role)

    def _wake(self, role: int) -> None:
        for person in self._on_duty(role):
            if self._busy[person] is None:
                self._serve(person)
        queue = self._queues[role]
        while queue and queue[0][-1].is_over:
            del queue[0]
            self._waiting -= 1
        if queue:
            self._wake_at_change(role)
