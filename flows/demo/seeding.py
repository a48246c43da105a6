"""What the demo starts from: an exercise, two clients, four scripted responders, one source."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from flows.clients.file import read_client_file
from flows.clients.importing import import_clients
from flows.exercise.stepping import begin_exercise
from flows.house import House
from flows.people import Newcomer, enrol
from flows.sources import NewSource, add_source

HERE = Path(__file__).parent
SCRIPT = HERE / "script.yaml"
SOURCE = "guardduty-demo"
CODE_PERIOD = 1  # seconds; such codes count in exercises only

CAST = (
    Newcomer("commander-1", "Scripted commander", ("commander",), code_period=CODE_PERIOD),
    Newcomer("it-1", "Scripted engineer", ("it", "forensics"), code_period=CODE_PERIOD),
    Newcomer("privacy-1", "Scripted privacy officer", ("privacy", "client_lead"), code_period=CODE_PERIOD),
    Newcomer("counsel-1", "Scripted counsel", ("counsel",), code_period=CODE_PERIOD),
    Newcomer("approver-1", "Scripted approver", ("approver",), code_period=CODE_PERIOD),
)


@dataclass(frozen=True, slots=True)
class Stage:
    """The exercise that was set up, and the secret by which its source signs."""

    exercise_id: int
    source_secret: str


def set_stage(house: House, now: datetime) -> Stage:
    """Import the clients, enrol the responders and let the source in; its alerts open exercises only."""
    file = HERE / "clients.yaml"
    with house.store.writing() as session:
        exercise = begin_exercise(session, "demo", now, now)
        import_clients(session, read_client_file(file.read_text(), file.name), "demo", now)
        for newcomer in CAST:
            enrol(session, newcomer, [known.handle for known in CAST[:2]], now)
        source = NewSource(
            SOURCE, "guardduty", "hmac", "data-exfiltration", client="client-7", exercise_id=exercise.id
        )
        secret = add_source(session, source, house.playbooks, "demo", now)
        assert exercise.id is not None
        return Stage(exercise.id, secret)
