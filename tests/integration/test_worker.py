"""The warm worker runs, cancels, hands back and survives, on a real server."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.prefect_api import Accepted
from flows.prefect_views import REHEARSED
from tests.harness.prefect import Prefect, eventually, prefect_server

pytestmark = pytest.mark.prefect


@pytest.fixture(autouse=True)
def pool(prefect: Prefect, request: pytest.FixtureRequest) -> Iterator[str]:
    """A pool for this test alone, with the sample flows deployed to it."""
    name = request.node.name.replace("_", "-")[:60]
    prefect.deploy(name)
    yield name
    for run in prefect.api.suspended_runs():
        prefect.api.delete_run(run.id)


def ticks(marks: Path) -> int:
    return marks.read_text().count("tick") if marks.exists() else 0


def let_go(marks: Path) -> None:
    marks.with_suffix(".go").touch()


def test_a_run_is_asked_answered_and_ended(prefect: Prefect, pool: str) -> None:
    with prefect.warm(pool):
        run = prefect.ask("two-rounds", rounds=2)
        assert prefect.api.resume(run, {"decision": "yes"}) == Accepted()
        prefect.asked(run, "two-rounds-1")
        assert prefect.api.resume(run, {"decision": "no"}) == Accepted()
        prefect.reached(run, "COMPLETED")


def test_a_flow_that_fails_leaves_a_failed_run_and_a_worker_that_goes_on(prefect: Prefect, pool: str) -> None:
    with prefect.warm(pool):
        prefect.reached(prefect.start("broken", {}), "FAILED")
        prefect.ask("still-here")


def test_a_failed_run_put_back_by_force_keeps_its_answers(
    prefect: Prefect, pool: str, tmp_path: Path
) -> None:
    with prefect.warm(pool):
        run = prefect.start("fails-once", {"marks": str(tmp_path / "marks")})
        prefect.asked(run, "fails-once-0")
        prefect.api.resume(run, {"decision": "yes"})
        prefect.reached(run, "FAILED")
        assert prefect.api.reschedule(run, force=True) == Accepted()
        prefect.reached(run, "COMPLETED")


def test_a_running_run_is_cancelled_while_its_thread_ends_in_its_own_time(
    prefect: Prefect, pool: str, tmp_path: Path
) -> None:
    marks = tmp_path / "marks"
    with prefect.warm(pool):
        run = prefect.start("slow", {"marks": str(marks)})
        eventually(lambda: ticks(marks), "the flow runs")
        assert prefect.api.cancel(run) == Accepted()
        prefect.reached(run, "CANCELLED")
        let_go(marks)
        eventually(lambda: "done" in marks.read_text() or None, "the thread ends")
        prefect.ask("after-the-cancel")
        assert prefect.api.read_runs([run])[run].state_type == "CANCELLED"


def test_a_real_run_is_taken_before_those_of_an_exercise_that_came_earlier(
    prefect: Prefect, pool: str
) -> None:
    drills = [prefect.start("ask", {"question": f"d{at}", "rounds": 1}, REHEARSED) for at in range(3)]
    real = prefect.start("ask", {"question": "real", "rounds": 1})
    with prefect.warm(pool, SEVENTYTWO_THREADS="1"):
        first = prefect.asked(real, "real-0").state_at
        asked = [prefect.asked(run, f"d{at}-0").state_at for at, run in enumerate(drills)]
    assert first is not None
    assert all(at is not None and first < at for at in asked)


def test_no_more_runs_at_once_than_threads(prefect: Prefect, pool: str, tmp_path: Path) -> None:
    marks = [tmp_path / str(at) for at in range(4)]
    with prefect.warm(pool, SEVENTYTWO_THREADS="2"):
        runs = [prefect.start("slow", {"marks": str(mark)}) for mark in marks]
        eventually(lambda: sum(map(bool, map(ticks, marks))) == 2 or None, "two run")
        so_far = sum(map(ticks, marks))
        eventually(lambda: sum(map(ticks, marks)) > so_far + 20 or None, "the two go on")
        assert sum(map(bool, map(ticks, marks))) == 2
        for mark in marks:
            let_go(mark)
        for run in runs:
            prefect.reached(run, "COMPLETED")


def test_a_worker_told_to_stop_finishes_what_it_has_in_hand(
    prefect: Prefect, pool: str, tmp_path: Path
) -> None:
    marks = tmp_path / "marks"
    with prefect.warm(pool, SEVENTYTWO_GRACE_SECONDS="60") as worker:
        run = prefect.start("slow", {"marks": str(marks)})
        eventually(lambda: ticks(marks), "the flow runs")
        os.kill(worker.pid("worker") or 0, signal.SIGTERM)
        let_go(marks)
        prefect.reached(run, "COMPLETED")


def test_a_worker_told_to_stop_hands_back_what_outlasts_its_grace(
    prefect: Prefect, pool: str, tmp_path: Path
) -> None:
    marks = tmp_path / "marks"
    with prefect.warm(pool, SEVENTYTWO_GRACE_SECONDS="0.5"):
        run = prefect.start("slow", {"marks": str(marks)})
        eventually(lambda: ticks(marks), "the flow runs")
    assert prefect.api.read_runs([run])[run].state_name == "Rescheduled"
    let_go(marks)
    with prefect.warm(pool):
        prefect.reached(run, "COMPLETED")


def test_a_run_whose_worker_was_killed_goes_on_with_its_answer_when_put_back(
    prefect: Prefect, pool: str, tmp_path: Path
) -> None:
    marks = tmp_path / "marks"
    with prefect.warm(pool) as worker:
        run = prefect.start("ask-then-work", {"marks": str(marks)})
        prefect.asked(run, "ask-then-work-0")
        prefect.api.resume(run, {"decision": "yes"})
        eventually(lambda: ticks(marks), "the flow works after its answer")
        os.kill(worker.pid("worker") or 0, signal.SIGKILL)
    assert prefect.api.read_runs([run])[run].state_type == "RUNNING", "Prefect does not notice"
    let_go(marks)
    prefect.api.reschedule(run, force=True)
    with prefect.warm(pool):
        prefect.reached(run, "COMPLETED")


def test_the_worker_outlives_its_server(tmp_path: Path) -> None:
    with prefect_server(tmp_path) as prefect:
        prefect.deploy("outage")
        with prefect.warm("outage") as worker:
            before = worker.pid("worker")
            run = prefect.ask("before-the-outage")
            prefect.supervisor.restart("server")
            assert prefect.api.resume(run, {"decision": "yes"}) == Accepted()
            prefect.reached(run, "COMPLETED")
            assert worker.pid("worker") == before
