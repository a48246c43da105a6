"""One person plays a role of an exercise in the Prefect UI; scripted responders play all others."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import expect
from sqlmodel import select

from flows.clock import wall_now
from flows.exercise.alone import import_scenario_clients
from flows.exercise.beginning import Wish, begin
from flows.exercise.conductor import conduct
from flows.exercise.recording import find_exercise, incidents_of
from playbooks.escalation import LADDER
from store.tables import Answer, Exercise, Question
from tests.browser.installed import Installed
from tests.browser.prefect_ui import PATIENCE, PrefectUi, Value
from tests.harness.conducted import end_exercise
from tests.harness.desks import until
from tests.harness.rehearsals import scenario

pytestmark = [
    pytest.mark.browser,
    # the supervisor of an installation asks its server on a connection that nobody closes
    pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning"),
]

KEEP, CONFIRM = "keep the message", "Confirm what was sent"
KEPT: Mapping[str, Value] = {
    "Is a verified copy in restricted storage?": "yes",
    "What does the delivery trace show?": "delivered",
}


@dataclass
class Playing:
    """An exercise that is conducted, and what its conductor said."""

    exercise: Exercise
    ref: str
    heard: list[str] = field(default_factory=list)

    def has_heard(self, words: str) -> bool:
        """Whether a move of that kind was made."""
        return any(words in line for line in self.heard)


@contextmanager
def playing(installed: Installed, role: str) -> Iterator[Playing]:
    """An exercise in which a person plays one role, conducted until the block ends."""
    house, told = installed.house, scenario()
    ours = told.model_copy(update={"clients": told.clients[:1]})  # its other client is on record here
    import_scenario_clients(house, ours, wall_now())
    scripted = tuple(one for one in LADDER if one != role)
    exercise = begin(house, told, Wish("commander-1", scripted=scripted), wall_now())
    with house.store.reading() as session:
        ref = incidents_of(session, exercise)[0].ref
    game = Playing(exercise, ref)
    conductor = threading.Thread(
        target=conduct, args=(house, exercise.name, lambda move: game.heard.append(move) if move else None)
    )
    conductor.start()
    try:
        yield game
    finally:
        end_exercise(house, exercise.name, "commander-1", "enough")
        conductor.join(PATIENCE / 1000)
    assert not conductor.is_alive()


@pytest.mark.parametrize("edition", [pytest.param("v1", marks=pytest.mark.soak), "v2"])
def test_a_person_plays_one_role_and_the_scripts_wait_for_them(
    ui: PrefectUi, installed: Installed, edition: str, saw: Callable[[str], None]
) -> None:
    with playing(installed, "it") as game:
        ui.log_in()
        ui.find_run(f"EXERCISE · {game.ref}", game.ref)
        ui.find_run(KEEP, game.ref)
        saw(f"inbox-{edition}")
        ui.open_run(KEEP)
        ui.open_form()
        expect(ui.form.get_by_text("EXERCISE, not a real incident").first).to_be_visible()
        assert not game.heard, "the clock stands while a person is asked"
        ui.fill({"Who answers": "it-1", "Decision": "done", **KEPT})
        ui.fill({"One-time code": installed.code("it-1")})
        saw(f"filled-{edition}")
        ui.submit_in_the_end()
        until(lambda: game.has_heard(CONFIRM))
    assert who_answered(installed, game.exercise.name)["it-1"] == {"done"}


def who_answered(installed: Installed, name: str) -> dict[str, set[str]]:
    """The decisions that counted in an exercise, by who took them."""
    found: dict[str, set[str]] = {}
    with installed.house.store.reading() as session:
        exercise = find_exercise(session, name)
        refs = [one.id for one in incidents_of(session, exercise)]
        rows = session.exec(select(Answer, Question).where(Answer.question_id == Question.id)).all()
        for answer, question in rows:
            if question.incident_id in refs and answer.verdict == "accepted":
                found.setdefault(answer.handle, set()).add(answer.decision)
    return found
