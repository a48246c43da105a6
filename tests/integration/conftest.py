"""Fixtures of the tests that run against real servers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.clock import wall_now
from notify.slack import SlackSender
from store.database import Store
from tests.fakes.slack import FakeSlack
from tests.harness.access_watch import Watched, watched_on
from tests.harness.databases import SqliteFiles
from tests.harness.desks import DeskUnderTest, desk_on, house_on
from tests.harness.houses import world_on
from tests.harness.nursery import Nursery, nursery
from tests.harness.outbox import Clock
from tests.harness.prefect import Prefect, prefect_server
from tests.harness.terminal import Terminal
from tests.harness.world import World


@pytest.fixture(scope="session")
def prefect(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prefect]:
    """One Prefect server for all tests; each deploys to a pool of its own name."""
    with prefect_server(tmp_path_factory.mktemp("prefect")) as running:
        yield running


@pytest.fixture(scope="session")
def young(prefect: Prefect) -> Iterator[Nursery]:
    """Where the workers of all tests are forked."""
    with nursery(prefect.env()) as running:
        yield running


@pytest.fixture
def idle_world(sqlite_store: Store, tmp_path: Path, prefect: Prefect, young: Nursery) -> Iterator[World]:
    """A house of the test's own, in which no worker runs yet."""
    with world_on(sqlite_store, tmp_path, prefect, young) as world:
        yield world


@pytest.fixture
def any_world(store: Store, tmp_path: Path, prefect: Prefect, young: Nursery) -> Iterator[World]:
    """A house with a warm worker, on SQLite and on PostgreSQL."""
    with world_on(store, tmp_path, prefect, young) as world:
        world.start_worker()
        yield world


@pytest.fixture
def world(idle_world: World) -> World:
    """A house of the test's own, with a warm worker."""
    idle_world.start_worker()
    return idle_world


@pytest.fixture
def watched(sqlite_store: Store, tmp_path: Path) -> Watched:
    """A house with one access log, watched, on SQLite."""
    return watched_on(sqlite_store, tmp_path)


@pytest.fixture
def anywhere(store: Store, tmp_path: Path) -> Watched:
    """A house with one access log, watched, on SQLite and on PostgreSQL."""
    return watched_on(store, tmp_path)


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    """A stand-in for Slack, which takes messages and keeps its rules."""
    with FakeSlack() as fake:
        yield fake


@pytest.fixture
def sender(slack: FakeSlack) -> Iterator[SlackSender]:
    """What sends to it."""
    made = SlackSender(slack.token, slack.url)
    yield made
    made.close()


@pytest.fixture
def clock() -> Clock:
    """Wall time that stands until it is moved."""
    return Clock()


@pytest.fixture
def shell(sqlite_files: SqliteFiles, tmp_path: Path) -> Iterator[tuple[Terminal, DeskUnderTest]]:
    """A console, and the desk of the same house, whose clock is the machine's."""
    sqlite_files.new(tmp_path)
    terminal = Terminal(tmp_path)
    terminal.enrol("commander-1", "--role", "commander", "--no-qr")
    store = terminal.store()
    with desk_on(house_on(store, tmp_path)) as desk:
        desk.begins, desk.wall = False, wall_now()
        terminal.env["SEVENTYTWO_DESK_URL"] = desk.url
        yield terminal, desk
    store.close()
