"""The engine of rehearsals without Prefect: the same decisions over the same store, at once.

It does what worker and watch do: begins what is recorded, runs the actions, fires what is due, takes answers.
"""

from __future__ import annotations

from dataclasses import dataclass

from flows.actions import prepare
from flows.answering import Claim, settle_action, take_answer
from flows.beginning import begin_all
from flows.exercise.casting import Cast
from flows.exercise.injecting import fire_injects
from flows.exercise.waiting import live_incidents
from flows.forms import Given
from flows.gathering import find_question, open_questions
from flows.house import House
from flows.watching import fire_due
from playbooks.exercises.part import Said
from store.tables import Incident, Question


@dataclass
class Direct:
    """Takes answers as a worker does that never waits."""

    house: House
    exercise_id: int
    cast: Cast

    def is_at_rest(self) -> bool:
        """Let happen whatever follows from what was done; afterwards nothing is left."""
        while self._went_on():
            pass
        return True

    def _went_on(self) -> bool:
        """Whether anything followed just now."""
        house = self.house
        return bool(fire_injects(house) or begin_all(house) or self._acted() or fire_due(house))

    def give(self, question: Question, handle: str, said: Said) -> bool:
        """Take an answer with a code that is fresh and right."""
        code, at = self.cast.code_ahead(handle)
        return self.take(question, Given(handle, code, said.decision, said.reason, said.fields, at))

    def take(self, question: Question, given: Given) -> bool:
        """Take an answer as it is."""
        take_answer(self.house, self.claim(question), given)
        return True

    def act(self, question: Question) -> None:
        """Run the action of an automated step."""
        settle_action(self.house, self.claim(question), prepare)

    def claim(self, question: Question) -> Claim:
        """What an answer to this very question must name."""
        with self.house.store.reading() as session:
            ref = session.get_one(Incident, question.incident_id).ref
        return Claim(ref, question.ref, question.generation, question.attempt)

    def fault(self, question: Question) -> str:
        """What was wrong with the latest answer; empty where it counted."""
        with self.house.store.reading() as session:
            found = find_question(session, question.ref)
            return found.fault if found is not None else ""

    def _acted(self) -> int:
        with self.house.store.reading() as session:
            actions = [
                question
                for incident in live_incidents(session, self.exercise_id)
                for question in open_questions(session, incident.id or 0)
                if question.kind == "action"
            ]
        for question in actions:
            self.act(question)
        return len(actions)
