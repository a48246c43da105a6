"""The world of one run: time, the people on duty, and the incidents that want them.

Instants are seconds after the first instant of the simulation. A *task* is a piece of work that was put; it
waits until somebody on duty for its role is free who may do it, the most urgent first.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Iterable
from heapq import heappop, heappush
from math import inf, isnan, nan
from typing import Any, Final, TypeAlias

from playbooks.simulation.compiled import APPROVING, DONE, OPEN, RELEASED
from playbooks.simulation.lifetime import Lifetime, Seeded
from playbooks.simulation.script import Script, Work
from playbooks.simulation.staff import Rota

NOBODY: Final = -1
_BY_LAW: Final = -2
Watch: TypeAlias = Callable[[float, Lifetime, Work, int, int], None]
"""What looks on when a piece of work ends: when, of which incident, which piece, in which round, by whom."""


class Task:
    """A piece of work that was put."""

    __slots__ = ("due", "hands", "is_over", "left", "life", "person", "round", "since", "slot", "work")

    def __init__(self, life: Lifetime, work: Work, slot: int, left: float, due: float) -> None:
        self.life, self.work, self.slot, self.left, self.due = life, work, slot, left, due
        self.person, self.since, self.is_over = NOBODY, nan, False
        self.round, self.hands = life.rounds[work.node], life.hands[work.node]


class World:
    """Everything that happens in one run; made once, and set back for each run."""

    def __init__(self, scripts: list[Script], rotas: list[Rota], people: int, hand_over: float) -> None:
        self._scripts, self._rotas, self._people, self._hand_over = scripts, rotas, people, hand_over
        self._roles = [
            tuple(role for role, rota in enumerate(rotas) if rota.may_hold(person))
            for person in range(people)
        ]
        self.watch: Watch | None = None

    def run(
        self, begins: float, until: float, opening: Iterable[tuple[Script, int, Seeded]]
    ) -> list[Lifetime]:
        """Let one run happen; returns its incidents, in the order in which they were given.

        Each is given with its number within its story, and what seeds the numbers of its rounds.
        """
        self._heap: list[tuple[float, int, Callable[[Any], None], Any]] = []
        self._count, self._waiting, self.now = 0, 0, begins
        self._busy: list[Task | None] = [None] * self._people
        self.worked = [0.0] * self._people
        self._queues: list[list[tuple[float, int, Task]]] = [[] for _ in self._rotas]
        self._stretches = [rota.stretch(begins) for rota in self._rotas]
        self._woken = [-1] * len(self._rotas)
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

    def _push(self, at: float, act: Callable[[Any], None], what: Any) -> None:
        self._count += 1
        heappush(self._heap, (at, self._count, act, what))

    # What happens to incidents

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
        self._put(life, node, 0, cause)

    def _put(self, life: Lifetime, node: int, stage: int, cause: int) -> None:
        script, round_ = life.script, life.rounds[node]
        works = script.works[node][stage]
        life.left[node] = len(works)
        tasks: list[Task] = []
        life.tasks[node] = tasks
        numbers = life.numbers_of(round_)
        waits = round_ > 1 and stage == 0 and script.repeats[node]
        for work in works:
            slot = work.slot + script.width[node] * (round_ - 1) if round_ <= script.rounds[node] else -1
            left = work.draw(numbers[work.number])
            task = Task(life, work, slot, left, self.now + work.seconds)
            tasks.append(task)
            if slot >= 0 and (stage or isnan(life.ready[slot])):  # asked anew, it was ready all the time
                life.ready[slot], life.cause[slot] = self.now - life.start, cause
                life.begun[slot] = nan
            if waits and work.seconds > left:
                self._push(self.now + work.seconds - left, self._offer, task)
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
                self._next_stage(life, node, task.slot)
        if person >= 0:
            self._free(person)

    def _ask_again(self, life: Lifetime, node: int) -> None:
        """A word counts only while what it was asked on is still so: else the step is asked anew."""
        for task in life.tasks[node]:
            self._take_back(task)
        life.states[node], life.stage[node], life.hands[node] = OPEN, 0, []
        self._put(life, node, 0, -1)

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
            life.live -= not life.script.is_left[node]
            for task in life.tasks[node]:
                self._take_back(task)
        life.withdrawn.clear()
        for node in opened:
            self._put_first(life, node, cause)

    def _take_back(self, task: Task) -> None:
        if not task.is_over:
            task.is_over = True
            if task.person >= 0 and self._busy[task.person] is task:
                self._free(task.person)

    def _follow_law(self, life: Lifetime, cause: int = -1) -> None:
        """Put what the law wants told or asked beside the plan, or look again when its time comes."""
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

    # What happens to people

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
        insort(self._queues[role], (task.due, self._count, task))
        self._wake_at_change(role)

    def _begin_alone(self, task: Task) -> None:
        if task.slot >= 0:
            task.life.begun[task.slot] = self.now - task.life.start
        self._push(self.now + task.left, self._end, task)

    def _on_duty(self, role: int) -> tuple[int, ...]:
        rota, stretch = self._rotas[role], self._stretches[role]
        if rota.untils[stretch] <= self.now:
            stretch = self._stretches[role] = rota.stretch(self.now)
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
        if task.hands is not None and task.work.piece.part != "counsel":
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
        best: tuple[float, int, Task] | None = None
        place = role_of = 0
        for role in self._roles[person]:
            queue = self._queues[role]
            if not queue or person not in self._on_duty(role):
                continue
            at = 0
            while at < len(queue):
                waiting = queue[at]
                task = waiting[2]
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
            self._begin(best[2], person)

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
        while queue and queue[0][2].is_over:
            del queue[0]
            self._waiting -= 1
        if queue:
            self._wake_at_change(role)
