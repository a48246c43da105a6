"""A playbook walked through the real engine by plain answers, as the sweep through the store walks it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from tests.harness.plain_answers import stamp
from tests.harness.world import World

CLIENTS = ["client-7", "own-staff"]
"""One for whom we process, and our own people."""
ROUNDS = 200
TITLE = "A tool's own words on what it saw"


def walk_through_engine(world: World, playbook: str, facts: Mapping[str, Any]) -> None:
    """Raise an alert for the playbook, and answer every form until the incident is closed."""
    world.serve(playbook)
    world.raise_alert(playbook, title=TITLE)
    began = stamp(world.now - timedelta(hours=10))
    world.facts = {**facts, "clients": CLIENTS, "occurred_at": began, "first_access_at": began}
    world.walk(rounds=ROUNDS)


def assert_engine_ended_well(world: World) -> None:
    """Closed, nothing owed, the chain whole, nothing left to mend."""
    assert world.state == "closed"
    assert {duty.state for duty in world.duties()} <= {"met", "not_owed"}
    assert world.history("incident_closed")
    assert world.reconcile(hours=1) == 0, "a closed incident needs no mending"


def seen_outside(world: World) -> str:
    """What Prefect keeps of an incident's runs and what the channel reads, as one text."""
    runs = world.prefect.api.post("/flow_runs/filter", {"flow_runs": {"tags": {"all_": [world.ref]}}})
    hung = world.prefect.api.post("/artifacts/filter", {})
    of_runs = {run["id"] for run in runs}
    told = [str(artifact) for artifact in hung if artifact["flow_run_id"] in of_runs]
    assert runs
    assert told
    world.all_said()
    said = [str(post) for post in world.slack.messages()]
    return "\n".join([*(f"{run['name']} {run['parameters']} {run['tags']}" for run in runs), *told, *said])
