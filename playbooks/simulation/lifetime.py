"""What one incident's answers make known, and whom the law still wants told.

Instants are seconds after the incident's opening.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import inf, isnan, nan

from playbooks.simulation.compiled import DONE, WAITING
from playbooks.simulation.course import LIVE, Course, Seeded
from playbooks.simulation.duties import NO, OWED
from playbooks.simulation.resting import FALLS
from playbooks.simulation.telling import Told

__all__ = ["LIVE", "Lifetime", "Seeded"]


class Lifetime(Course):
    """One incident with its facts and duties."""

    __slots__ = ()

    def state_facts(self, node: int, now: float) -> None:
        """Take a node's answer for known: from now on, and its instants as they are or as of now."""
        script, case = self.script, self.script.plan.nodes[node].case
        self.known |= self.asking if node == script.duties.answering else 1 << node
        truth = script.story.truth
        if not script.instants[node]:
            return
        instants = self.instants | script.own_instants[node]
        for name in script.instants[node]:
            if name in truth.instants:
                instants[name] = truth.instants[name].total_seconds()
            elif name in truth.as_answered:
                instants.setdefault(name if case is None else f"{case}/{name}", now)
        if instants != self.instants:
            self.instants = instants
            if script.starts_clocks[node]:
                self._look_at_clocks_anew()
        self._meet_by_facts()

    def word_rests_on(self, node: int) -> object:
        """What a second word on a step or a notice rests on, as it is now."""
        resting = self.script.resting
        if self.script.plan.nodes[node].step.kind == "notice":
            return resting.in_notice(node, self.known, named=self.named)
        running = sum(map(isnan, self.met))
        return resting.of_all(self.known, named=self.named), running

    def judge(self, node: int) -> None:
        """Keep what a judgement rests on that was just given."""
        resting = self.script.resting
        if node in resting.judging:
            self.rests[-1 - node] = resting.of_judgement(node, self.known, named=self.named)

    def doubted(self) -> list[int]:
        """Open again the judgements that rest on what is known no more; returns their nodes."""
        resting, found = self.script.resting, []
        for node in resting.judging:
            if self.states[node] != DONE:
                continue
            now = resting.of_judgement(node, self.known, named=self.named)
            if self.rests.setdefault(-1 - node, now) != now:
                self.again(node)
                if resting.doubt(node) == FALLS:
                    self.known &= ~(1 << node)
                    self.mark(node, self.marks[node] & 3)
                found.append(node)
        return found

    def fix(self, node: int) -> None:
        """Keep the duties that a notice drafted now is to meet."""
        for at in self.script.told_by[node]:
            self.fixed[at] = self.first_stage(at)

    def meet(self, node: int, now: float) -> None:
        """Meet the duties for which a node's notice was drafted, or its assessment made."""
        for at in self.script.told_by[node]:
            for number in self.fixed.pop(at, ()):
                self.unmet[at] -= isnan(self.met[number])
                rule = self.script.duties.duties[number].rule
                self.met[number] = self.sent.get(node, now) if rule.counts == "sent" else now
                if number in self.script.duties.parents:
                    self._look_at_clocks_anew()

    def _meet_by_facts(self) -> None:
        """Meet the duties that a stated instant meets."""
        for number, one in enumerate(self.script.duties.duties):
            if one.rule.met_by is None or not isnan(self.met[number]):
                continue
            at = self.instant(one.rule.met_by, one.spec.case)
            began = self.anchor(number)
            if at is not None and (began is None or at >= began):
                self.met[number] = at
                self._look_at_clocks_anew()
                self.unmet[self.script.told_for[number]] -= 1

    def _look_at_clocks_anew(self) -> None:
        """Forget when clocks began: something happened that starts clocks."""
        self.anchors.clear()
        self.seen.clear()

    def instant(self, name: str, case: str | None) -> float | None:
        """When something happened, as far as is known."""
        if case is not None and (own := self.instants.get(f"{case}/{name}")) is not None:
            return own
        return self.instants.get(name)

    def events(self, number: int) -> dict[str, float]:
        """What has happened of that which starts a duty, by name."""
        duties = self.script.duties
        case, found = duties.duties[number].spec.case, {}
        for name, parents in duties.limbs[number]:
            if parents:
                at = next((self.met[one] for one in parents if not isnan(self.met[one])), None)
            else:
                at = self.instant(name, case)
            if at is not None:
                found[name] = at
        return found

    def anchor(self, number: int) -> float | None:
        """Since when a duty's clock runs; None while it does not."""
        if number not in self.anchors:
            events = self.events(number)
            self.anchors[number] = max(events.values()) if self._is_whole(number, events) else None
        return self.anchors[number]

    def _is_whole(self, number: int, events: dict[str, float]) -> bool:
        one = self.script.duties.duties[number]
        if not events or len(one.limbs) == 1:
            return bool(events)
        known = [any(name in events for name in limb) for limb in one.limbs]
        return any(known) if one.either else all(known)

    def deadline(self, number: int, events: dict[str, float] | None = None) -> float | None:
        """When a duty is due; None while that cannot be said."""
        happened = self.events(number) if events is None else events
        if not self._is_whole(number, happened):
            return None
        absolute = {name: self.opened + at for name, at in happened.items()}
        at = self.script.counting.due(number, absolute)
        if isnan(at):
            return None
        limit = self.script.duties.limited_by.get(number)
        other = self.deadline(limit) if limit is not None else None
        return min(at - self.opened, other) if other is not None else at - self.opened

    def first_stage(self, at: int) -> list[int]:
        """Of the duties to one recipient those to be met now: begun, running, and of the earliest stage."""
        told = self.script.duties.told[at]
        standing = self.script.duties.standing(told.case, self.known, named=self.named)
        for stage in told.stages:
            found = [
                number
                for number in stage
                if isnan(self.met[number])
                and standing.states.get(number, NO) != NO
                and self.anchor(number) is not None
            ]
            if found:
                return found
        return []

    def is_triaged(self) -> bool:
        """Whether every step of triage has ended."""
        marks = self.marks
        return all(marks[node] & 3 for node in self.script.duties.triage)

    def wanted_by_law(self, now: float) -> Iterator[tuple[int, float | None]]:
        """The nodes that the law wants opened: now (None), or perhaps at an instant, to look again then."""
        duties = self.script.duties
        triaged = self.is_triaged()
        if triaged and duties.answering >= 0 and self.states[duties.answering] not in LIVE:
            met = sum(1 << number for number in duties.parents if not isnan(self.met[number]))
            self.asking = duties.standing(None, self.known, named=self.named, met=met).unasked
            if self.asking:
                yield duties.answering, None
        states, marks = self.states, self.marks
        for at, told in enumerate(duties.told):
            node = told.node
            if not self.unmet[at] or states[node] in LIVE:
                continue
            if told.by_plan and not marks[node] & 4:
                if told.beside is None or not self._may_tell_beside(at, told, now, triaged=triaged):
                    continue
                node = told.node_beside
            waiting = self.first_stage(at)
            if waiting:
                soonest = self._may_begin(told.case, waiting, now, triaged=triaged)
                if soonest is None or soonest > now:
                    yield node, soonest

    def _may_tell_beside(self, at: int, told: Told, now: float, *, triaged: bool) -> bool:
        """Whether to look if the law tells beside the plan: it does not do so yet, nor does the plan."""
        node, states = told.node_beside, self.states
        if states[node] in LIVE:
            return False
        stands = self.script.duties.beside_plan(at, self.known, named=self.named)
        if stands is None and states[told.node] == WAITING:
            return False  # the plan tells
        seen = stands, triaged
        if self.seen.get(node) == seen and now < self.looks.get(node, inf):
            return False  # all is as it was when it was looked at last
        self.seen[node] = seen
        return True

    def plan_tells(self, at: int) -> bool:
        """Whether the plan tells somebody by its own step, or will, as far as is known."""
        state = self.states[self.script.duties.told[at].node]
        if state == WAITING:
            return self.script.duties.beside_plan(at, self.known, named=self.named) is None
        return state in LIVE or state == DONE

    def _may_begin(self, case: str | None, waiting: list[int], now: float, *, triaged: bool) -> float | None:
        """None where somebody is asked now; else when to look again, the same instant for not at all."""
        standing = self.script.duties.standing(case, self.known, named=self.named)
        later = now
        for number in waiting:
            if standing.states[number] != OWED and not (triaged and self.script.plan.cases):
                continue
            if number not in standing.awaited:
                return None
            began, due = self.anchor(number), self.deadline(number)
            if began is None or due is None:
                continue
            half = began + (due - began) / 2
            if now >= half:
                return None
            later = half if later == now else min(later, half)
        return later

    def deadlines(self, ends: float) -> list[float]:
        """When each duty was due at last; NaN where its clock never began.

        Infinite where its clock still ran, and nobody had met it, when the simulation ended at `ends`.
        """
        found = zip(map(self.deadline, range(len(self.met))), self.met, strict=True)
        return [nan if due is None else inf if due > ends and isnan(met) else due for due, met in found]
