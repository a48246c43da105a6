"""Houses for tests: a store furnished with clients, responders and sources, deployed to a pool of its own."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import yaml

from flows.clients.file import read_client_file
from flows.clients.importing import import_clients
from flows.clock import wall_now
from flows.demo.seeding import HERE as DEMO
from flows.deploying import PREFECT_YAML, PoolType, deploy_all
from flows.exercise.stepping import begin_exercise
from flows.house import House
from flows.settings import Settings
from notify.slack import SlackSender
from store.database import Store
from store.tables import Source, SourceKey
from tests.fakes.slack import FakeSlack
from tests.harness.cast import Cast
from tests.harness.desks import SECRET
from tests.harness.nursery import Nursery, heed, unheed
from tests.harness.outbox import running
from tests.harness.prefect import Prefect
from tests.harness.world import SCRIPTS, World

CHANNEL = "#ir"


@contextmanager
def world_on(
    store: Store, folder: Path, prefect: Prefect, young: Nursery, pool_type: PoolType = "warm"
) -> Iterator[World]:
    """A house over an open store, its deployments in a pool of their own; no worker runs yet."""
    pool = f"world-{secrets.token_hex(6)}"
    deploy_all(prefect.api, pool=pool, pool_type=pool_type, file=_unscheduled(folder))
    with FakeSlack() as slack, ExitStack() as stack:
        env = prefect.env(
            SEVENTYTWO_DATA=str(folder), SEVENTYTWO_CHANNEL=CHANNEL,
            SEVENTYTWO_SLACK_TOKEN=slack.token, SEVENTYTWO_SLACK_URL=slack.url,
        )  # fmt: skip
        house = House(Settings.from_env(env), store)
        cast = Cast()
        world = World(prefect, young, house, slack, folder, pool, _furnish(house, cast), cast)
        heeding = heed(folder / "errors.log")
        stack.callback(unheed, heeding)
        sender = SlackSender(slack.token, slack.url)
        stack.callback(sender.close)
        stack.enter_context(running(store, sender))
        stack.callback(_clear, world)
        yield world
    house.api.close()
    _fail_on_errors(world)


def _furnish(house: House, cast: Cast) -> int:
    """Clients, responders, an exercise, and a source for each playbook, real and drill; the exercise's id."""
    wall = wall_now()
    with house.store.writing() as session:
        exercise = begin_exercise(session, "drill", wall, wall)
        file = DEMO / "clients.yaml"
        import_clients(session, read_client_file(file.read_text(), file.name), "tests", wall)
        cast.enrol_all(session)
        for playbook in SCRIPTS:
            for kind, exercise_id in (("real", None), ("drill", exercise.id)):
                source = Source(
                    name=f"{playbook}-{kind}",
                    kind="generic",
                    auth="hmac",
                    playbook=playbook,
                    exercise_id=exercise_id,
                    added_at=wall,
                )
                session.add(source)
                session.flush()
                assert source.id is not None
                session.add(SourceKey(source_id=source.id, secret=SECRET, added_at=wall))
        assert exercise.id is not None
        return exercise.id


def _unscheduled(folder: Path) -> Path:
    """The deployments of the product without their schedules: here the tests say when the watch looks."""
    declared = yaml.safe_load(PREFECT_YAML.read_text())
    for entry in declared["deployments"]:
        entry.pop("schedules", None)
    file = folder / "prefect.yaml"
    file.write_text(yaml.safe_dump(declared))
    return file


def _clear(world: World) -> None:
    """End the worker and whatever of this house still waits in Prefect."""
    if world.worker_pid is not None:
        world.kill_worker()
    for run in world.prefect.api.suspended_runs(tags=["seventytwo"]):
        world.prefect.api.delete_run(run.id)


def _fail_on_errors(world: World) -> None:
    """Fail for an error of ours in any process of the house, and for a run that failed."""
    assert not world.errors, world.errors
    failed = world.prefect.api.post(
        "/flow_runs/filter",
        {
            "work_pools": {"name": {"any_": [world.pool]}},
            "flow_runs": {"state": {"type": {"any_": ["FAILED", "CRASHED"]}}},
        },
    )
    assert not failed, [(run["name"], run["state"]["message"]) for run in failed]
