"""A real Prefect server on a temporary home, workers for it, and waiting for what they do."""

from __future__ import annotations

import os
import secrets
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from flows.deploying import PoolType, deploy_all
from flows.prefect_api import PrefectApi, RunView
from flows.prefect_server import api_url, client_env, server_child, worker_child, worker_is_online
from flows.supervisor import Child, Supervisor, free_port

ROOT = Path(__file__).parent.parent.parent
SAMPLES = Path(__file__).with_name("samples.yaml")
PATIENCE = 120.0  # seconds; the machine may be busy with other things

Found = TypeVar("Found")


def eventually(look: Callable[[], Found | None], what: str, patience: float = PATIENCE) -> Found:
    """The first thing that `look` finds; fails the test after `patience` seconds."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        if found := look():
            return found
        time.sleep(0.1)
    raise AssertionError(f"never: {what}")


@dataclass
class Prefect:
    """One running server, and what tests ask of it."""

    data: Path
    port: int
    auth: str
    supervisor: Supervisor
    api: PrefectApi = field(init=False)

    def __post_init__(self) -> None:
        self.api = PrefectApi(api_url(self.port), self.auth)

    def env(self, **more: str) -> dict[str, str]:
        """The environment of a client of this server that can import the sample flows."""
        return client_env(self.data, self.port, self.auth) | {"PYTHONPATH": str(ROOT)} | more

    def deploy(self, pool: str, pool_type: PoolType = "warm") -> None:
        """Deploy the sample flows to a pool of their own."""
        deploy_all(self.api, pool=pool, pool_type=pool_type, file=SAMPLES)

    @contextmanager
    def warm(self, pool: str, **env: str) -> Iterator[Supervisor]:
        """A warm worker of that pool."""
        child = worker_child(self.env(**env), pool=pool)
        with Supervisor([child], self.data / "log" / pool) as worker:
            yield worker

    @contextmanager
    def stock(self, pool: str, worker_type: str, **env: str) -> Iterator[Supervisor]:
        """The worker that `prefect worker start` starts, of any type."""
        argv = [sys.executable, "-m", "prefect", "worker", "start", "--pool", pool, "--type", worker_type]
        settings = self.env(PREFECT_WORKER_QUERY_SECONDS="1", **env)
        child = Child("worker", argv, settings, lambda: worker_is_online(self.api, pool))
        with Supervisor([child], self.data / "log" / pool) as worker:
            yield worker

    def ask(self, question: str, *, rounds: int = 1) -> str:
        """The id of a run that asks, once it waits for its first answer."""
        run = self.start("ask", {"question": question, "rounds": rounds})
        self.asked(run, f"{question}-0")
        return run

    def start(self, deployment: str, parameters: dict[str, object], *tags: str) -> str:
        """The id of a new run."""
        key = secrets.token_hex(8)
        return self.api.create_run(
            deployment, name=key, parameters=parameters, tags=tags, idempotency_key=key
        )

    def asked(self, run_id: str, key: str) -> RunView:
        """The run, once it waits with its form stored under that key."""
        return self.when(run_id, f"waits on {key}", lambda run: self._waits(run, key))

    def reached(self, run_id: str, state: str) -> RunView:
        """The run, once it is in a state of that type."""
        return self.when(run_id, f"is {state}", lambda run: run.state_type == state)

    def when(self, run_id: str, what: str, true: Callable[[RunView], bool]) -> RunView:
        """The run, once that is true of it."""

        def look() -> RunView | None:
            run = self.api.read_runs([run_id]).get(run_id)
            return run if run and true(run) else None

        return eventually(look, f"run {run_id} {what}")

    def _waits(self, run: RunView, key: str) -> bool:
        return run.is_suspended and run.pause_key == key and self.api.has_form(run)


@contextmanager
def prefect_server(data: Path) -> Iterator[Prefect]:
    """A server of its own, ended by its process id."""
    port, auth = free_port(), f"tests:{secrets.token_urlsafe(16)}"
    with Supervisor([server_child(data, port, auth)], data / "log") as supervisor:
        running = Prefect(data, port, auth, supervisor)
        yield running
        running.api.close()


def is_alive(pid: int) -> bool:
    """Whether a process of that id runs (and is no zombie)."""
    try:
        os.kill(pid, 0)
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except (ProcessLookupError, FileNotFoundError):  # it may end between the two looks
        return False
