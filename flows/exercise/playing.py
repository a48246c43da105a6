"""Playing an exercise: gather how things stand, let a pure function say what is next, and do that.

How a question is put and an answer taken is the engine's: `direct.py` without Prefect, `through_prefect.py`
with it. Everything is read from the store each time, so that whoever comes by can go on.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from flows.exercise.casting import Cast
from flows.exercise.stepping import exercise_now, jump
from flows.exercise.waiting import (
    Put,
    asking_of,
    away_now,
    due_of,
    ends_at_of,
    put_of,
    state_of,
    why_stopped,
)
from flows.house import House
from playbooks.errors import Refused, TellHuman
from playbooks.exercises.moves import (
    Answering,
    Awaited,
    Ending,
    Standing,
    Stepping,
    Table,
    first_answer,
    next_move,
)
from playbooks.exercises.part import Part, Said
from store.tables import Question

GLANCE = 0.1  # seconds
PATIENCE = 120.0  # seconds of wall time without any progress
MOST_ATTEMPTS = 6
"""Answers to one question, refused each time, after which a script has nothing better to say."""

Hear = Callable[[str], object]
"""Hears every move in words, and is called often in between with none."""


class Engine(Protocol):
    """The way by which questions are put and answers taken."""

    def is_at_rest(self) -> bool:
        """Whether all that follows from what was done has happened, so that the clock may be moved."""

    def give(self, question: Question, handle: str, said: Said) -> bool:
        """Give an answer and wait until it was judged; False where the question is not there any more."""


@dataclass
class Player:
    """Scripted responders playing one exercise."""

    house: House
    exercise_id: int
    part: Part
    cast: Cast
    engine: Engine
    is_stepped: bool = True
    """Whether the clock stands until it is stepped; else it runs by itself."""
    has_people: bool = False
    """Whether people play too, who are waited for as long as it takes."""
    away: Mapping[str, datetime] = field(default_factory=dict)
    """Who is away as of the last look, each with its return in incident time."""
    left: set[str] = field(default_factory=set)
    """The questions that scripts leave to people: their answer was refused each time."""

    @property
    def waits_until_said(self) -> bool:
        """Whether nothing moves until everybody was told: where people listen, and the clock can wait."""
        return self.is_stepped and self.has_people

    @property
    def now(self) -> datetime:
        """The exercise's time."""
        return exercise_now(self.house, self.exercise_id)

    def play(self, hear: Hear = lambda _: None) -> None:
        """Play until every incident of the exercise is closed, or its time is over.

        Raises TellHuman where nothing moves any more and nothing is waited for, and where it was stopped.
        """
        since = time.monotonic()
        while (state := state_of(self.house, self.exercise_id)) != "over":
            if state == "stopped":
                mend = "look why, then resume it, and go on with `exercise run --continue`; or end it"
                why = why_stopped(self.house, self.exercise_id)
                raise TellHuman("the exercise was stopped", which=why, mend=mend)
            moved = self.move() if state == "running" else ""
            if moved is None:
                return
            hear(moved)
            if moved or state == "paused" or self.has_people or not self.is_stepped:
                since = time.monotonic()
            if moved:
                continue
            if time.monotonic() - since > PATIENCE:
                raise TellHuman("the exercise does not go on", which=self._waits(), mend=self._mend())
            time.sleep(GLANCE)

    def move(self) -> str | None:
        """Make the next move and say which; empty where nothing is to be done now, None at the end."""
        if not self.engine.is_at_rest():
            return ""
        put = put_of(self.house, self.exercise_id)
        self.away = away_now(self.house, self.exercise_id)
        match next_move(self.table(put)):
            case Answering(ref, at):
                return self._answer(next(one for one in put if one.question.ref == ref), at)
            case Stepping(to, why):
                return f"the clock steps to {to:%d %b %H:%M} UTC, where {why}" if self._step(to) else ""
            case Standing():
                return ""
            case Ending():
                return None

    def table(self, put: list[Put]) -> Table:
        """How things stand for those who play."""
        awaited = [one for question in put if (one := self._awaited(question)) is not None]
        named = {one.question for one in awaited}
        beside = [one for one in put if one.question.ref not in named and one.question.kind != "command"]
        asked = [one for one in beside if not self.part.leaves(one.asking)]
        return Table(
            now=self.now,
            awaited=awaited,
            due=due_of(self.house, self.exercise_id),
            open_beside=len(beside),
            ends_at=ends_at_of(self.house, self.exercise_id),
            may_step=self.is_stepped and not asked,
            has_people=self.has_people,
        )

    def next_answer(self) -> Awaited | None:
        """The scripted answer that comes next, as things stand now."""
        put = put_of(self.house, self.exercise_id)
        self.away = away_now(self.house, self.exercise_id)
        return first_answer(self.table(put))

    def holder(self, question: Question) -> str | None:
        """The scripted responder who may answer a question, if there is one; who is away, last."""
        if question.assignee:
            return question.assignee if question.assignee in self.cast.secrets else None
        here = self.cast.holder(question.role, {*question.excluded, *self.away})
        return here or self.cast.holder(question.role, question.excluded)

    def _awaited(self, put: Put) -> Awaited | None:
        question = put.question
        holder = self.holder(question)
        if holder is None or question.ref in self.left or self.part.leaves(put.asking):
            return None
        ready_at = question.opened_at + self.part.takes(put.asking)
        ready_at = max(ready_at, self.away.get(holder, ready_at))
        return Awaited(question.ref, ready_at, is_last=put.asking.about == "command")

    def _answer(self, put: Put, at: datetime) -> str:
        question = put.question
        if question.attempt > MOST_ATTEMPTS:
            return self._leave(question)
        if self.is_stepped and not self._step(at):
            return ""
        handle = self.holder(question)
        assert handle is not None
        said = self.part.said(asking_of(self.house, question, at, self.cast.people()), at)
        if not self.engine.give(question, handle, said):
            return ""
        return f"{at:%d %b %H:%M} {question.role} answers: {question.title}"

    def _leave(self, question: Question) -> str:
        """Leave a question to people; raises TellHuman where nobody but scripts plays."""
        what = "the script's answer is refused each time"
        which = f"{question.title}: {question.fault}" if question.fault else question.title
        if not self.has_people:
            raise TellHuman(what, which=which, mend="mend the script")
        self.left.add(question.ref)
        return f"{what} ({which}); somebody of {question.role} must answer it, or the commander name another"

    def _step(self, to: datetime) -> bool:
        """Step the clock, unless somebody has moved it further or made it stand: then one looks again."""
        try:
            jump(self.house, self.exercise_id, to)
        except Refused:
            return False
        return True

    def _waits(self) -> str:
        put = put_of(self.house, self.exercise_id)
        found = [one for one in put if self.holder(one.question) is None] or put
        return "; ".join(one.question.title for one in found)[:300] or "nothing is asked"

    def _mend(self) -> str:
        if all(self.holder(one.question) for one in put_of(self.house, self.exercise_id)):
            return "look at the logs, then `exercise run --continue`"
        return (
            "no script may answer that: let somebody of the role, then `exercise run --continue`; or end it"
        )
