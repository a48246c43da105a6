"""A desk on a real port, over a store of the tests' own, with a clock that they set."""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pyotp
import uvicorn
from sqlmodel import col, select

from flows.beginning import begin_all
from flows.desk.app import create_desk
from flows.house import House
from flows.identity import new_secret
from flows.intake.authentication import sign
from flows.intake.deliveries import OpenIncident
from flows.settings import Settings
from store.database import Store
from store.tables import Case, Client, Incident, Responder, Source, SourceKey
from tests.harness.stocks import with_shipped_law

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SECRET = "a-secret-of-the-tests"
PLAYBOOK = "data-exfiltration"
PLAIN = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Trusts nobody: these desks speak without TLS, and to read whom a machine trusts takes its time."""


@dataclass
class DeskUnderTest:
    """What a test does at a desk."""

    house: House
    url: str
    wall: datetime = NOON
    begins: bool = True
    """Whether what alerts open is begun at once, as the watch would."""

    @property
    def store(self) -> Store:
        """The store behind the desk."""
        return self.house.store

    def later(self, **span: float) -> None:
        """Let time pass."""
        self.wall += timedelta(**span)

    def post(self, source: str, body: Any, **headers: str) -> httpx.Response:
        """Post an alert with these headers and no others."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        answer = httpx.post(
            f"{self.url}/alerts/{source}", content=data, headers=headers, timeout=60, verify=PLAIN
        )
        if self.begins:
            begin_all(self.house)
        return answer

    def raise_alert(self, source: str, body: Any, *, secret: str = SECRET) -> httpx.Response:
        """Post an alert signed now."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.post(source, data, **signed(data, self.wall, secret))

    def reader(self) -> httpx.Client:
        """A browser's stand-in at the desk, with cookies of its own."""
        return httpx.Client(base_url=self.url, timeout=60, verify=PLAIN)


def signed(body: bytes, wall: datetime, secret: str = SECRET) -> dict[str, str]:
    """The headers of a request signed at `wall`."""
    stamp = str(int(wall.timestamp()))
    return {"X-Seventytwo-Timestamp": stamp, "X-Seventytwo-Signature": sign(secret, stamp, body)}


def house_on(store: Store, folder: Path, **env: str) -> House:
    """A house over an open store."""
    return with_shipped_law(House(Settings.from_env({"SEVENTYTWO_DATA": str(folder), **env}), store))


@contextmanager
def desk_on(
    house: House,
    open_incident: OpenIncident | None = None,
) -> Iterator[DeskUnderTest]:
    """A desk that answers over HTTP within the block."""
    listener = socket.create_server(("127.0.0.1", 0))
    desk = DeskUnderTest(house, f"http://127.0.0.1:{listener.getsockname()[1]}")
    app = create_desk(
        house,
        open_incident=open_incident,
        wall_now=lambda: desk.wall,
    )
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="on"))
    with _running(lambda: asyncio.run(server.serve([listener]))):
        until(lambda: server.started)
        try:
            yield desk
        finally:
            server.should_exit = True


def until(holds: Callable[[], object], *, seconds: float = 60) -> None:
    """Wait for what must come true."""
    quiet = threading.Event()
    for _ in range(int(seconds * 50)):
        if holds():
            return
        quiet.wait(0.02)
    raise AssertionError("what was waited for did not come")


def add_source(store: Store, name: str, kind: str = "generic", auth: str = "hmac", **more: Any) -> None:
    """Let a tool in, with the secret of the tests."""
    given = {"playbook": PLAYBOOK, **more}
    with store.writing() as session:
        source = Source(name=name, kind=kind, auth=auth, added_at=NOON, **given)
        session.add(source)
        session.flush()
        assert source.id is not None
        session.add(SourceKey(source_id=source.id, secret=SECRET, added_at=NOON))


def add_client(store: Store, ref: str, name: str, *hints: str) -> int:
    """A client whose data we hold, with what tools call it; its row's id."""
    with store.writing() as session:
        client = Client(ref=ref, name=name, hints=list(hints) or None, imported_at=NOON)
        session.add(client)
        session.flush()
        assert client.id is not None
        return client.id


def clients_of_incident(store: Store, ref: str) -> list[str]:
    """The clients that an incident has cases of."""
    with store.reading() as session:
        found = session.exec(
            select(Client.ref)
            .join(Case, col(Case.client_id) == col(Client.id))
            .join(Incident, col(Incident.id) == col(Case.incident_id))
            .where(Incident.ref == ref)
        )
        return sorted(found)


def add_responder(store: Store, handle: str, *clients: str, period: int = 30) -> Callable[[datetime], str]:
    """A responder; what is returned tells their code at an instant."""
    secret = new_secret()
    with store.writing() as session:
        session.add(
            Responder(
                handle=handle,
                name=handle,
                roles=["commander"],
                clients=list(clients),
                secret=secret,
                code_period=period,
                enrolled_at=NOON,
            )
        )
    return lambda at: pyotp.TOTP(secret, interval=period).at(at)


@contextmanager
def _running(work: Callable[[], None]) -> Iterator[None]:
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        yield
    finally:
        thread.join(60)
        assert not thread.is_alive()
