"""Desk and database killed in the middle of a storm: what was answered is stored, and nothing twice."""

from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psutil
import psycopg
from sqlmodel import select

from flows.clock import wall_now
from flows.intake.authentication import SCHEMES
from store.database import Store
from store.tables import Alert, Incident, Quarantine
from tests.bench.intake_targets import free_port
from tests.harness.databases import SECRET as KEY
from tests.harness.databases import PostgresServer, fixed_keyring
from tests.harness.desks import SECRET, add_source, until

ROOT = Path(__file__).parents[2]
FINGERPRINTS, EACH, SENDERS = 12, 30, 6
KILL_AFTER = 60
"""Answers after which something dies; twice in a storm."""
AGAIN = 0.2
"""Seconds after which a sender tries again."""
HASTE = httpx.Timeout(30, read=0.001)
"""Of a sender who hangs up before the answer can be there, and comes again: each fifth."""
PASSING = {429, 503}
"""What a sender takes for `send it again`."""


@dataclass
class Desk:
    """A desk as a process of its own, which can be killed and started again on the same port."""

    folder: Path
    database_url: str
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        env = {
            **os.environ,
            "SEVENTYTWO_DATA": str(self.folder),
            "SEVENTYTWO_DATABASE_URL": self.database_url,
            "SEVENTYTWO_KEY": base64.b64encode(KEY).decode(),
            "PREFECT_API_URL": "http://127.0.0.1:9/api",
        }
        command = [sys.executable, "-m", "uvicorn", "--factory", "flows.desk.serving:desk"]
        more = ["--port", str(self.port), "--no-access-log", "--log-level", "critical"]
        self.process = subprocess.Popen([*command, *more], env=env, cwd=ROOT)
        until(self.answers, seconds=120)

    def answers(self) -> bool:
        try:
            return bool(httpx.get(f"{self.url}/desk.css", timeout=5).status_code)
        except httpx.TransportError:
            return False

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait(60)


@dataclass
class Storm:
    """Senders that send each alert again, unchanged, until it is answered 202."""

    url: str
    http: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=30))
    statuses: Counter[int] = field(default_factory=Counter)
    answered: dict[int, dict[str, Any]] = field(default_factory=dict)

    def send(self, number: int) -> None:
        body = json.dumps({"title": "storm", "fingerprint": str(number % FINGERPRINTS), "n": number}).encode()
        auth = "hmac" if number % 2 else "bearer"
        proof = SCHEMES[auth].prove(auth, SECRET, body, wall_now())
        self._until_taken(number, auth, body, {**proof, "Idempotency-Key": f"alert-{number}"})

    def _until_taken(self, number: int, auth: str, body: bytes, headers: Mapping[str, str]) -> None:
        for attempt in range(900):
            patience = HASTE if number % 5 == 0 and not attempt else None
            try:
                answer = self.http.post(
                    f"{self.url}/alerts/{auth}", content=body, headers=headers, timeout=patience or 30
                )
            except httpx.TransportError:
                threading.Event().wait(AGAIN)
                continue
            self.statuses[answer.status_code] += 1
            if answer.status_code == 202:
                (self.answered[number],) = answer.json()["results"]
                return
            assert answer.status_code in PASSING, answer.text
            threading.Event().wait(AGAIN)
        raise AssertionError(f"alert {number} was never taken")

    def rage(self, deaths: Iterator[None]) -> None:
        """Send everything; something dies each time that so many more were answered."""
        with self.http, ThreadPoolExecutor(SENDERS) as pool:
            sent = [pool.submit(self.send, number) for number in range(FINGERPRINTS * EACH)]
            for count, _ in enumerate(deaths, 1):
                until(lambda count=count: len(self.answered) >= KILL_AFTER * count)  # type: ignore[misc]
            for one in sent:
                one.result(180)


@contextmanager
def desk_process(folder: Path, url: str) -> Iterator[Desk]:
    store = Store.open(url, fixed_keyring())
    for auth in ("hmac", "bearer"):
        add_source(store, auth, auth=auth, per_minute=0)
    store.close()
    desk = Desk(folder, url)
    desk.start()
    try:
        yield desk
    finally:
        desk.kill()


def check(url: str, storm: Storm) -> None:
    """What was answered is stored, counted once, and nothing was opened twice."""
    assert len(storm.answered) == FINGERPRINTS * EACH
    store = Store.open(url, fixed_keyring())
    with store.reading() as session:
        alerts = session.exec(select(Alert)).all()
        refs = {incident.id: incident.ref for incident in session.exec(select(Incident))}
        assert not session.exec(select(Quarantine)).all()
    store.close()
    counted = {alert.fingerprint: alert.occurrences for alert in alerts}
    assert counted == Counter(one["fingerprint"] for one in storm.answered.values())
    assert Counter(one["result"] for one in storm.answered.values())["opened"] == FINGERPRINTS
    assert len(refs) == FINGERPRINTS
    held = {alert.fingerprint: refs[alert.incident_id] for alert in alerts if alert.incident_id}
    assert {one["fingerprint"]: one["incident"] for one in storm.answered.values()} == held


def test_a_desk_killed_in_a_storm_loses_nothing_and_opens_nothing_twice(
    database_url: str, tmp_path: Path
) -> None:
    with desk_process(tmp_path, database_url) as desk:
        storm = Storm(desk.url)

        def deaths() -> Iterator[None]:
            for _ in range(2):
                yield
                desk.kill()
                desk.start()

        storm.rage(deaths())
    check(database_url, storm)


def test_a_database_killed_in_a_storm_loses_nothing_and_opens_nothing_twice(tmp_path: Path) -> None:
    server = PostgresServer()
    try:
        with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
            connection.execute("ALTER SYSTEM SET synchronous_commit = on")  # as it is anywhere but in tests
            connection.execute("SELECT pg_reload_conf()")
        url = server.new()
        with desk_process(tmp_path, url) as desk:
            storm = Storm(desk.url)

            def deaths() -> Iterator[None]:
                for _ in range(2):
                    yield
                    kill_database(server)
                    server._server.ensure_postgres_running()

            storm.rage(deaths())
        check(url, storm)
        assert storm.statuses[503]
    finally:
        server.stop()


def kill_database(server: PostgresServer) -> None:
    """Kill the server and every process of it, so that nothing is written any more."""
    postmaster = psutil.Process(server._server.get_pid())
    family = [postmaster, *postmaster.children(recursive=True)]
    for one in family:
        if one.is_running():
            os.kill(one.pid, signal.SIGKILL)
    psutil.wait_procs(family, timeout=60)
    assert not any(one.is_running() and one.status() != psutil.STATUS_ZOMBIE for one in family)
