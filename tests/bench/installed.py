"""A whole installation for measuring: its processes, twelve responders who hold every role, one source."""

from __future__ import annotations

import secrets
import sys
import tempfile
import threading
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import httpx
import psutil
import pyotp

from flows.clients.file import read_client_file
from flows.clients.importing import import_clients
from flows.clock import wall_now
from flows.demo import seeding
from flows.deploying import deploy_all
from flows.exercise.casting import Cast
from flows.house import House
from flows.identity import CODE_PERIOD
from flows.installation import Installation, prepare, supervise
from flows.people import ROLES, Newcomer, enrol
from flows.prefect_server import worker_is_online
from flows.sources import NewSource, add_source
from flows.supervisor import Child, Supervisor, free_port

SOURCE = "bench"
# Twelve, among them those whom the demo's script names.
PEOPLE = (*(one.handle for one in seeding.CAST), *(f"responder-{at}" for at in range(1, 9)))
STOCK_POOL = "stock"

Worker = Literal["warm", "stock"]


class Responders(Cast):
    """Responders with real codes, whoever of them has an unused one: this period's, or the next one's."""

    def __init__(self, known: Mapping[str, tuple[str, tuple[str, ...]]]) -> None:
        super().__init__(known)
        self._spent: set[tuple[str, int]] = set()
        self._reserved: dict[int, str] = {}
        self._guard = threading.Lock()

    def holder(self, role: str, excluded: Collection[str]) -> str:
        """Somebody with the role and an unused code, waiting for one where all are used."""
        while True:
            with self._guard:
                for counter in self._counters():
                    for handle, (_, roles) in self.secrets.items():
                        free = (handle, counter) not in self._spent
                        if free and role in roles and handle not in excluded:
                            self._spent.add((handle, counter))
                            self._reserved[threading.get_ident()] = self._code(handle, counter)
                            return handle
            time.sleep(0.5)

    def code(self, handle: str) -> str:  # noqa: ARG002 - the signature is the cast's
        """The code that this thread's `holder` set aside."""
        return self._reserved.pop(threading.get_ident())

    def _code(self, handle: str, counter: int) -> str:
        return pyotp.HOTP(self.secrets[handle][0]).at(counter)

    @staticmethod
    def _counters() -> tuple[int, int]:
        now = int(wall_now().timestamp()) // CODE_PERIOD
        return now, now + 1


@dataclass(frozen=True)
class Installed:
    """A running installation with people in it."""

    installation: Installation
    house: House
    supervisor: Supervisor
    responders: Responders
    secret: str

    def raise_alert(self, title: str) -> str:
        """Post an alert of its own fingerprint; the reference of the incident that it opens."""
        answer = httpx.post(
            f"{self.installation.desk_url}/alerts/{SOURCE}",
            json={"title": title, "fingerprint": secrets.token_hex(8), "severity": "high"},
            headers={"Authorization": f"Bearer {self.secret}"},
            timeout=60,
            trust_env=False,
        )
        answer.raise_for_status()
        return str(answer.json()["results"][0]["incident"])


@contextmanager
def installed(worker: Worker, **env: str) -> Iterator[Installed]:
    """The four processes as `seventytwo up` starts them, or with Prefect's own process worker."""
    with tempfile.TemporaryDirectory(prefix="seventytwo-bench-", ignore_cleanup_errors=True) as folder:
        installation = prepare(Path(folder), prefect_port=free_port(), desk_port=free_port())
        house = installation.house()
        responders, secret = settle(house)
        with Supervisor(_children(installation, house, worker, env), installation.data / "log") as supervisor:
            yield Installed(installation, house, supervisor, responders, secret)
        house.api.close()
        house.store.close()


def children_of(installation: Installation) -> dict[str, Child]:
    """What `seventytwo up` would keep alive, by name."""
    return {life.child.name: life.child for life in supervise(installation)._lives}


def processes_of(supervisor: Supervisor) -> dict[str, list[psutil.Process]]:
    """The processes of each child: itself and all that it started."""
    names = [life.child.name for life in supervisor._lives]
    parents = {name: psutil.Process(pid) for name in names if (pid := supervisor.pid(name))}
    return {name: [one, *one.children(recursive=True)] for name, one in parents.items()}


def processor_of(supervisor: Supervisor) -> dict[str, float]:
    """Seconds of processor time of each child so far, with what it started and what of that has ended."""
    firsts = {name: processes[0].cpu_times() for name, processes in processes_of(supervisor).items()}
    return {
        name: times.user + times.system + times.children_user + times.children_system
        for name, times in firsts.items()
    }


def settle(house: House) -> tuple[Responders, str]:
    """Import the demo's clients, enrol the responders, let the source in; what they prove themselves by."""
    now = wall_now()
    file = seeding.HERE / "clients.yaml"
    known: dict[str, tuple[str, tuple[str, ...]]] = {}
    with house.store.writing() as session:
        import_clients(session, read_client_file(file.read_text(), file.name), "bench", now)
        for handle in PEOPLE:
            enrolled = enrol(session, Newcomer(handle, handle, ROLES), PEOPLE[:2], now)
            known[handle] = (enrolled.secret, ROLES)
        source = NewSource(SOURCE, "generic", "bearer", "data-exfiltration", client="client-7")
        secret = add_source(session, source, house.playbooks, "bench", now)
    return Responders(known), secret


def _children(
    installation: Installation, house: House, worker: Worker, env: Mapping[str, str]
) -> list[Child]:
    parts = children_of(installation)
    if worker == "stock":
        parts["server"] = _deployed_to_stock(parts["server"], house)
        parts["worker"] = _stock_worker(parts["worker"], house)
    return [replace(child, env={**child.env, **env}) for child in parts.values()]


def _deployed_to_stock(server: Child, house: House) -> Child:
    """The same server; once it is ready, the same deployments stand in a pool of type process."""

    def ready() -> bool:
        return server.ready() and bool(deploy_all(house.api, pool=STOCK_POOL, pool_type="process"))

    return replace(server, ready=ready)


def _stock_worker(warm: Child, house: House) -> Child:
    """What `prefect worker start --type process` runs, looking for work every second instead of every ten."""
    argv = (sys.executable, "-m", "prefect", "worker", "start", "--pool", STOCK_POOL, "--type", "process")
    env = {**warm.env, "PREFECT_WORKER_QUERY_SECONDS": "1"}
    return Child("worker", argv, env, lambda: worker_is_online(house.api, STOCK_POOL))
