"""One installation on one machine: its data folder prepared, its four processes composed."""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from flows.deploying import deploy_all
from flows.house import House
from flows.prefect_api import PrefectApi
from flows.prefect_server import api_url, client_env, server_child, worker_child
from flows.settings import Settings
from flows.supervisor import Child, Supervisor
from playbooks.errors import SetupFault
from store.database import Store
from store.seal import VARIABLE, Keyring

DESK = "from flows.desk.serving import serve; serve('127.0.0.1', {port})"
WATCH = "from flows.watch_loop import main; main()"


@dataclass(frozen=True, slots=True)
class Installation:
    """Where one installation keeps its data and listens; everything is on loopback."""

    data: Path
    prefect_port: int
    desk_port: int
    auth: str
    base: Mapping[str, str] = field(default_factory=lambda: dict(os.environ), repr=False)

    @property
    def prefect_url(self) -> str:
        """The address of the Prefect UI."""
        return api_url(self.prefect_port).removesuffix("/api")

    @property
    def inbox_url(self) -> str:
        """The list of suspended runs in the Prefect UI: what waits for somebody."""
        return f"{self.prefect_url}/v2/runs?tab=flow-runs&state=Suspended"

    @property
    def older_inbox_url(self) -> str:
        """The same in the older UI, which shows seven days only unless it is told otherwise."""
        return f"{self.prefect_url}/runs?state=Suspended&type=span&seconds=-31536000"

    @property
    def desk_url(self) -> str:
        """The address of the desk."""
        return f"http://127.0.0.1:{self.desk_port}"

    @property
    def env(self) -> dict[str, str]:
        """The environment of worker, desk, watch and command line."""
        ours = {
            "SEVENTYTWO_DATA": str(self.data),
            "SEVENTYTWO_DESK_URL": self.base.get("SEVENTYTWO_DESK_URL", self.desk_url),
            "PYTHONUNBUFFERED": "1",
        }
        return client_env(self.data, self.prefect_port, self.auth, self.base) | ours

    def house(self) -> House:
        """The installation's house, as this process sees it."""
        settings = Settings.from_env(self.env)
        keyring = Keyring.from_env_or_file(settings.key_file, self.env)
        return House(settings, Store.open(settings.database_url, keyring))


def prepare(
    data: Path, *, prefect_port: int, desk_port: int, env: Mapping[str, str] = os.environ
) -> Installation:
    """Make the data folder ready: key, auth string and schema; what is there already stays.

    Raises SetupFault for a folder that cannot be written or a schema of a later version. Whatever this
    process and its children write from now on is for their own user only.
    """
    os.umask(0o077)
    installation = Installation(data.absolute(), prefect_port, desk_port, _auth(data), dict(env))
    settings = Settings.from_env(installation.env)
    if not env.get(VARIABLE) and not settings.key_file.exists():
        Keyring.create(settings.key_file)
    store = Store.open(settings.database_url, Keyring.from_env_or_file(settings.key_file, env))
    try:
        store.migrate()
    finally:
        store.close()
    return installation


def supervise(installation: Installation) -> Supervisor:
    """The supervisor of server, watch, desk and worker, in the order in which they need each other."""
    env = installation.env
    server = server_child(installation.data, installation.prefect_port, installation.auth)
    children = [
        Child(server.name, server.argv, server.env, _and_deployed(server.ready, installation)),
        Child(
            "desk",
            _python(DESK.format(port=installation.desk_port)),
            env,
            lambda: _desk_answers(installation),
        ),
        Child("watch", _python(WATCH), env, lambda: True),
        worker_child(env),
    ]
    return Supervisor(children, installation.data / "log")


def _auth(data: Path) -> str:
    """The auth string of this folder's Prefect server, made at its first use."""
    file = data / "prefect-auth"
    try:
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not file.exists():
            with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
                out.write(f"seventytwo:{secrets.token_urlsafe(24)}\n")
        return file.read_text().strip()
    except OSError as fault:
        mend = "choose a folder of your own with SEVENTYTWO_DATA"
        raise SetupFault(
            f"the data folder cannot be used: {fault.strerror}", which=str(data), mend=mend
        ) from fault


def _python(code: str) -> tuple[str, ...]:
    return (sys.executable, "-c", code)


def _and_deployed(ready: Callable[[], bool], installation: Installation) -> Callable[[], bool]:
    """Ready once the server answers and has our deployments."""

    def is_ready() -> bool:
        if not ready():
            return False
        with PrefectApi(api_url(installation.prefect_port), installation.auth) as api:
            deploy_all(api)
        return True

    return is_ready


def _desk_answers(installation: Installation) -> bool:
    try:
        httpx.get(f"{installation.desk_url}/health", timeout=5, trust_env=False)
    except httpx.TransportError:
        return False
    return True
