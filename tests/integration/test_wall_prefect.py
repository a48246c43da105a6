"""The wall among the artifacts of a run, on a real Prefect server."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.harness.world import World

pytestmark = pytest.mark.prefect


def walls_on(world: World, run_id: str) -> list[dict[str, Any]]:
    """The walls on a run; the result of a run that ended is an artifact of Prefect's own."""
    body = {"artifacts": {"flow_run_id": {"any_": [run_id]}, "type": {"any_": ["table"]}}}
    found: list[dict[str, Any]] = world.prefect.api.post("/artifacts/filter", body)
    return found


def test_each_form_hangs_the_wall_on_its_run_and_an_answer_alone_hangs_none(world: World) -> None:
    world.raise_alert()
    question, run, _ = world.asked("confirm-misdirection")
    (hung,) = walls_on(world, run.id)
    assert (hung["key"], hung["type"]) == (f"clocks-{world.ref.lower()}", "table")
    rows = json.loads(hung["data"])
    assert [row for row in rows if row["rule"] == "EU-GDPR-33-1" and "Z" in row["due"]]
    assert f"/i/{world.ref}" in hung["description"]
    assert "Example" not in json.dumps(hung), "references only"
    world.wrong_code("confirm-misdirection")
    world.asked(question.ref)
    assert len(walls_on(world, run.id)) == 2, "the form came back once, and with it the wall"
    answered = world.answer("confirm-misdirection")
    assert answered.state == "answered", answered.fault
    assert len(walls_on(world, run.id)) == 2


def test_a_scope_hangs_as_text_among_the_artifacts_of_its_run(world: World) -> None:
    world.raise_alert()
    _, run, _ = world.asked("confirm-misdirection")
    world.prefect.api.hang_markdown(run.id, f"scope-{world.ref.lower()}", "| Case |\n|---|\n| A |", "about")
    body = {"artifacts": {"flow_run_id": {"any_": [run.id]}, "type": {"any_": ["markdown"]}}}
    (hung,) = world.prefect.api.post("/artifacts/filter", body)
    assert (hung["key"], hung["data"]) == (f"scope-{world.ref.lower()}", "| Case |\n|---|\n| A |")
