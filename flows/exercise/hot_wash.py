"""The hot wash: what those who played say right after the end, question by question."""

from __future__ import annotations

from typing import Final

from flows.circle import may_know
from flows.deciding import deciding, note
from flows.exercise.recording import find_exercise, incidents_of, scenario_of
from flows.forbidden import refuse_in_words
from flows.house import House
from flows.identity import spend
from flows.vouching import Vouched
from playbooks.errors import Mend, NotFound, Refused
from playbooks.exercises.scenario import HotWashQuestion
from store.scope import Scope
from store.tables import HotWash, Responder

LONGEST: Final = 2_000
"""Characters of one answer."""


def hot_wash_questions(house: House, name: str) -> tuple[HotWashQuestion, ...]:
    """What is asked after an exercise; raises NotFound, Refused while it is still played."""
    with house.store.reading() as session:
        exercise = find_exercise(session, name)
        if exercise.ended_at is None:
            raise Refused("this exercise still runs", which=exercise.name, mend="end it first")
        return scenario_of(exercise).hot_wash


def answer_hot_wash(
    house: House, name: str, question: str, said: str, vouched: Vouched, used_for: str
) -> None:
    """Write down what somebody says to one question, with their code; raises Mend, NotFound or Refused."""
    if not said.strip() or len(said) > LONGEST:
        raise Mend("an answer has words", which=question, mend=f"say it in at most {LONGEST} characters")
    if question not in {one.id for one in hot_wash_questions(house, name)}:
        raise NotFound(
            "no such question", which=question[:60], mend=f"see `seventytwo exercise hotwash {name[:20]}`"
        )
    refuse_in_words(said=said)
    with house.store.reading() as session:
        exercise = find_exercise(session, name)
        incidents = incidents_of(session, exercise)
    if not incidents or exercise.id is None:
        raise Refused("nothing was played", which=exercise.name)
    with deciding(house, incidents[0].ref) as decision:
        responder = decision.session.get_one(Responder, vouched.responder_id)
        is_seen = Scope.of(responder).sees(decision.session, decision.incident)
        if not is_seen or not may_know(decision.session, decision.incident, responder):
            raise NotFound("no such exercise", which=exercise.name, mend="see `seventytwo exercise board`")
        spend(decision.session, responder, vouched.counter, used_for, decision.wall)
        decision.session.add(
            HotWash(
                exercise_id=exercise.id,
                question=question,
                handle=responder.handle,
                said=said.strip(),
                at=decision.wall,
            )
        )
        note(decision, "hot_wash", responder.handle, {"question": question})
