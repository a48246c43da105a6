"""Incidents walked from alert to closure through the real engine, on both stores and both kinds of worker."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlmodel import func, select

from flows.starting import start_unstarted
from store.database import Store
from store.tables import Incident
from tests.harness.desks import SECRET
from tests.harness.houses import world_on
from tests.harness.nursery import Nursery
from tests.harness.prefect import Prefect
from tests.harness.world import World

pytestmark = pytest.mark.prefect

ALERT = {"title": "A letter went astray", "severity": "high", "fingerprint": "letter-1"}


@pytest.mark.soak
def test_a_misdirected_message_is_walked_to_closure(world: World) -> None:
    world.raise_alert("misdirected-message", severity="high")
    world.walk()
    assert_closed_well(world)


@pytest.mark.soak
@pytest.mark.parametrize("backend", ["postgresql"])
def test_an_exfiltration_is_walked_to_closure_on_postgresql(any_world: World) -> None:
    any_world.raise_alert("data-exfiltration")
    any_world.walk()
    assert_closed_well(any_world)


def assert_closed_well(world: World) -> None:
    assert world.state == "closed"
    assert {duty.state for duty in world.duties()} <= {"met", "not_owed"}
    assert any(duty.state == "met" for duty in world.duties())
    opened = Counter((entry.payload or {})["question"] for entry in world.history("question_opened"))
    assert set(opened.values()) == {1}
    assert world.reconcile(hours=1) == 0, "a closed incident needs no mending"


@pytest.mark.soak
def test_the_stock_process_worker_runs_the_same_deployments_unchanged(
    sqlite_store: Store, tmp_path: Path, prefect: Prefect, young: Nursery
) -> None:
    with (
        world_on(sqlite_store, tmp_path, prefect, young, "process") as world,
        prefect.stock(world.pool, "process", **world.own_env),
    ):
        world.raise_alert()
        question, run, _ = world.asked("keep-message")
        assert "the code does not fit" in world.wrong_code("keep-message").fault
        assert world.answer("keep-message").state == "answered"
        assert world.again(question).run_id == run.id
        world.ended(run.id)


def test_twenty_alerts_of_one_thing_at_once_open_one_incident_with_one_run_for_each_question(
    world: World,
) -> None:
    with world.desk() as desk, ThreadPoolExecutor(20) as pool:
        asked = [{**ALERT, "labels": {"sensor": number % 4}} for number in range(20)]
        answers = list(
            pool.map(lambda body: desk.raise_alert("misdirected-message-drill", body, secret=SECRET), asked)
        )
    start_unstarted(world.house)  # as the watch does for what it begins
    results = [answer.json()["results"][0] for answer in answers]
    assert {answer.status_code for answer in answers} == {202}
    assert {result["result"] for result in results} <= {"opened", "joined", "suppressed"}
    assert len({result["incident"] for result in results}) == 1
    world.ref = results[0]["incident"]
    with world.store.reading() as session:
        assert session.exec(select(func.count()).select_from(Incident)).one() == 1
    world.asked("command")
    world.asked("keep-message")
    runs = world.prefect.api.suspended_runs(tags=[world.ref])
    assert Counter(run.parameters["question"] for run in runs).most_common(1)[0][1] == 1
    assert len(world.messages("incident_opened")) == 1
