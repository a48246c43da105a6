"""A walk whose exercise has a scenario, ended as a facilitator ends it, for scores and reports."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from flows.clock import wall_now
from playbooks.exercises.scenario import Scenario
from store.database import Store
from store.tables import Exercise, Inject
from tests.harness.walks import OURS, START, Walk, begin_walk

NAME = "EX-2026-0001"
SCENARIO: dict[str, Any] = {
    "id": "copied-on-a-monday",
    "version": "1",
    "title": "A job copies what it should not",
    "playbook": "data-exfiltration",
    "story": "A nightly job of Example Services copies records of Example Retail to an unknown place.",
    "facilitator": "Nobody must hear of the second job: MAGENTA-NOTE.",
    "starts_at": "2026-03-02T12:00Z",
    "clients": [{"ref": OURS}],
    "alert": {"title": "Outbound volume", "clients": [OURS]},
    "injects": [
        {
            "id": "press-asks",
            "kind": "press_question",
            "at": "1h",
            "title": "A newspaper asks",
            "text": "Is it true?",
            "to": "counsel",
            "handled_within": "2h",
            "note": "They know no number: MAGENTA-NOTE.",
        }
    ],
    "expected": [
        {"id": "close", "step": "command", "decision": "close", "speaks_for": "All is told."},
        {"id": "triage", "step": "triage", "speaks_for": "It is grave.", "within": "1h"},
    ],
    "obligations": {"told": ["client_controller"]},
    "objectives": [
        {
            "id": "tell",
            "title": "Tell the client in time",
            "capability": "Public information and warning",
            "measures": [{"told": "client_controller"}, {"window_used": 75}],
        }
    ],
    "hot_wash": [{"id": "kept", "text": "What would you keep?"}],
}


def begin_exercise_walk(store: Store, folder: Path, **changes: Any) -> Walk:
    """Begin a walk whose exercise is named, pinned and has one inject that came and was never answered."""
    walk = begin_walk(store, folder, title="Outbound volume", alert="Outbound volume")
    scenario = Scenario.model_validate({**SCENARIO, **changes})
    with store.writing() as session:
        exercise = session.get_one(Exercise, walk.exercise_id)
        exercise.name, exercise.scenario = NAME, scenario.id
        exercise.pinned = scenario.model_dump_json()
        exercise.playbook, exercise.playbook_version = scenario.playbook, "1.0"
        exercise.facilitator, exercise.began_at = "commander-1", START
        session.add(exercise)
        inject = scenario.injects[0]
        session.add(
            Inject(
                exercise_id=walk.exercise_id,
                key=inject.id,
                kind=inject.kind,
                state="delivered",
                due_at=START + inject.at,
                delivered_at=START + inject.at,
                body=inject.model_dump(mode="json"),
            )
        )
    return walk


def end(walk: Walk, state: str = "ended") -> None:
    """End the exercise at this instant, with its clock standing; `stopped`: after an alarm."""
    with walk.house.store.writing() as session:
        exercise = session.get_one(Exercise, walk.exercise_id)
        exercise.stopped_at = wall_now() if state == "stopped" else None
        exercise.state, exercise.ended_at, exercise.why = (
            "ended",
            wall_now() + timedelta(minutes=1),
            "played out",
        )
        session.add(exercise)
