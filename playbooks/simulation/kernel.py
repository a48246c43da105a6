"""The world of one run: the incidents, and what becomes of them as work ends.

Instants are seconds after the first instant of the simulation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from heapq import heappop
from math import isnan, nan
from typing import Final, TypeAlias

from playbooks.simulation.compiled import APPROVING, DONE, OPEN, RELEASED, WITHDRAWN
from playbooks.simulation.crew import Crew, Task
from playbooks.simulation.lifetime import Lifetime, Seeded
from playbooks.simulation.script import Script, Work
from playbooks.simulation.staff import Rota

_BY_LAW: Final = -2
Watch: TypeAlias = Callable[[float, Lifetime, Work, int, int], None]
"""What looks on when a piece of work ends: when, of which incident, which piece, in which round, by whom."""


class World(Crew):
    """Everything that happens in one run; made once, and set back for each run."""

    def __init__(self, rotas: list[Rota], people: int, hand_over: float) -> None:
        super().__init__(rotas, people, hand_over)
        self.watch: Watch | None = None
        self.until = 0.0

    def run(
        self, begins: float, until: float, opening: Iterable[tuple[Script, int, Seeded]]
    ) -> list[Lifetime]:
        """Let one run happen; returns its incidents, in the order in which they were given.

        Each is given with its number within its story, and what seeds the numbers of its rounds.
        """
        self._set_back(begins)
        self.until = until
        lives = []
        for script, number, seeded in opening:
            life = Lifetime(script, number, begins, seeded)
            lives.append(life)
            self._push(life.start, self._open, life)
        heap = self._heap
        while heap:
            now, _, act, what = heappop(heap)
            if now > until:
                break
            self.now = now
            act(what)
        for life in lives:
            life.tasks.clear()  # they name their incident: without them, both are gone once they are read
        return lives

    def _open(self, life: Lifetime) -> None:
        for node in life.begin():
            self._put_first(life, node, -1)
        self._follow_law(life)

    def _put_first(self, life: Lifetime, node: int, cause: int) -> None:
        """Put the first stage of a round; what is merely offered is left, unless the story says otherwise."""
        if life.script.is_left[node]:
            return
        life.stage[node] = 0
        life.hands[node] = []
        life.live += 1
        life.closed = nan
        self._put(life, node, 0, cause)

    def _put(self, life: Lifetime, node: int, stage: int, cause: int) -> None:
        script, round_ = life.script, life.rounds[node]
        works = script.works[node][stage]
        life.left[node] = len(works)
        tasks: list[Task] = []
        life.tasks[node] = tasks
        numbers = life.numbers_of(round_)
        waits = round_ > 1 and stage == 0 and script.repeats[node]
        now, since, ready = self.now, self.now - life.start, life.ready
        for work in works:
            slot = work.slot + script.width[node] * (round_ - 1) if round_ <= script.rounds[node] else -1
            left = work.draw(numbers[work.number])
            task = Task(life, work, slot, left, now + work.seconds, cause)
            tasks.append(task)
            if slot >= 0:
                if stage or isnan(ready[slot]):
                    ready[slot], life.cause[slot] = since, cause
                else:
                    life.redone[slot] = since
                life.begun[slot] = nan
            if waits and work.seconds > left:
                self._push(now + work.seconds - left, self._offer, task)
            else:
                self._offer(task)

    def _end(self, task: Task) -> None:
        if task.is_over:
            return
        task.is_over = True
        life, work, person = task.life, task.work, task.person
        node = work.node
        if task.slot >= 0:
            life.ended[task.slot] = self.now - life.start
        if self.watch is not None:
            self.watch(self.now, life, work, task.round, person)
        if work.is_word and life.rests[node] != life.word_rests_on(node):
            self._ask_again(life, node)
        else:
            life.left[node] -= 1
            if not life.left[node]:
                self._next_stage(life, node, task.slot if task.slot >= 0 else task.cause)
        if person >= 0:
            self._free(person)

    def _ask_again(self, life: Lifetime, node: int) -> None:
        """A word counts only while what it was asked on is still so: else the step is asked anew."""
        for task in life.tasks[node]:
            self._take_back(task)
        life.states[node], life.stage[node], life.hands[node] = OPEN, 0, []
        self._put(life, node, 0, life.tasks[node][0].cause)

    def _next_stage(self, life: Lifetime, node: int, cause: int) -> None:
        """Go on to a step's next stage, or end it."""
        script, stage = life.script, life.stage[node]
        now = self.now - life.start
        if stage == 0:
            if script.names_clients[node] and not life.named:
                life.name_clients()
                self._judge_anew(life, cause)
            life.judge(node)
            if script.told_by[node]:
                life.fix(node)
        if stage + 1 < len(script.works[node]):
            life.stage[node] = stage + 1
            is_out = script.works[node][stage + 1][0].piece.part == "deliver"
            life.states[node] = RELEASED if is_out else APPROVING
            if is_out:
                life.sent[node] = now
            if stage == 0:
                life.rests[node] = life.word_rests_on(node)
            self._put(life, node, stage + 1, cause)
            if life.dirty:
                self._settle(life, cause)
            return
        self._done(life, node, cause)

    def _done(self, life: Lifetime, node: int, cause: int) -> None:
        """End a step: what it told is met, what it stated is known, and the plan goes on."""
        script, now = life.script, self.now - life.start
        life.live -= 1
        life.become(node, DONE)
        if script.told_by[node]:
            life.meet(node, now)
        if script.states_facts[node]:
            life.state_facts(node, now)
            self._judge_anew(life, cause)
        if script.repeats[node]:
            life.dirty |= 1 << node
        self._settle(life, cause)
        if script.moves_law[node]:
            self._follow_law(life, cause)
        if not life.live:
            life.closed = now

    def _judge_anew(self, life: Lifetime, cause: int) -> None:
        for node in life.doubted():
            self._put_first(life, node, cause)

    def _settle(self, life: Lifetime, cause: int) -> None:
        """Put what became open, and take back what nobody asks for any more."""
        opened = life.settle()
        for node in life.withdrawn:
            self._withdraw(life, node)
        life.withdrawn.clear()
        for node in opened:
            self._put_first(life, node, cause)

    def _withdraw(self, life: Lifetime, node: int) -> None:
        life.live -= not life.script.is_left[node]
        for task in life.tasks[node]:
            self._take_back(task)

    def _take_back(self, task: Task) -> None:
        if not task.is_over:
            task.is_over = True
            if task.person >= 0 and self._busy[task.person] is task:
                self._free(task.person)

    def _follow_law(self, life: Lifetime, cause: int = -1) -> None:
        """Put what the law wants told or asked beside the plan, or look again when its time comes."""
        for node, at in life.script.duties.beside:
            if life.states[node] == OPEN and life.plan_tells(at):  # nobody wrote it yet: the plan tells now
                life.become(node, WITHDRAWN)
                self._withdraw(life, node)
        for node, later in list(life.wanted_by_law(self.now - life.start)):
            if later is None:
                if life.states[node]:
                    life.again(node)
                else:
                    life.become(node, OPEN)
                self._put_first(life, node, cause)
                if life.dirty:
                    self._settle(life, cause)
            elif life.looks.get(node) != later:
                life.looks[node] = later
                self._push(life.start + later, self._look_again, life)

    def _look_again(self, life: Lifetime) -> None:
        self._follow_law(life, _BY_LAW)
