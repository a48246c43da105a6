"""The embedded Prefect server and its worker, as children of the supervisor: light and on loopback."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flows.prefect_api import PrefectApi
from flows.supervisor import Child
from playbooks.errors import SeventytwoError

SERVER = (sys.executable, "-c", "from flows.prefect_server import main; main()")
LIGHT = {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
    "PREFECT_SERVER_REGISTER_BLOCKS_ON_START": "false",
    # Nothing of ours reads Prefect's events or automations; storing them costs a third of a question's time.
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_ENABLED": "false",
    "PREFECT_SERVER_SERVICES_TRIGGERS_ENABLED": "false",
    # No suspension of ours has a timeout, so none may expire.
    "PREFECT_SERVER_SERVICES_PAUSE_EXPIRATIONS_ENABLED": "false",
}
QUIET_CLIENT = {
    "DO_NOT_TRACK": "1",
    "PREFECT_LOGGING_TO_API_ENABLED": "false",  # the timeline is the record, and logs may hold personal data
    "PREFECT_CLIENT_SERVER_VERSION_CHECK_ENABLED": "false",
    "PREFECT_TELEMETRY_ENABLE_RESOURCE_METRICS": "false",
}


def api_url(port: int) -> str:
    """The address of the embedded server's API."""
    return f"http://127.0.0.1:{port}/api"


def server_env(data: Path, port: int, auth: str, base: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The environment of an embedded server that keeps everything in the data folder, without our secrets."""
    home = data / "prefect"
    return (
        {name: value for name, value in _without_prefect(base).items() if not name.startswith("SEVENTYTWO_")}
        | LIGHT
        | {
            "PREFECT_HOME": str(home),
            "PREFECT_PROFILES_PATH": str(home / "profiles.toml"),
            "PREFECT_API_DATABASE_CONNECTION_URL": f"sqlite+aiosqlite:///{home / 'prefect.db'}",
            "PREFECT_API_URL": api_url(port),
            "PREFECT_UI_API_URL": api_url(port),
            "PREFECT_SERVER_API_AUTH_STRING": auth,
            "PREFECT_API_AUTH_STRING": auth,
        }
    )


def client_env(data: Path, port: int, auth: str, base: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The environment of a process that speaks to the embedded server: worker, desk, watch."""
    home = data / "prefect"
    return (
        _without_prefect(base)
        | QUIET_CLIENT
        | {
            "PREFECT_HOME": str(home),
            "PREFECT_PROFILES_PATH": str(home / "profiles.toml"),
            "PREFECT_API_URL": api_url(port),
            "PREFECT_API_AUTH_STRING": auth,
        }
    )


def server_child(data: Path, port: int, auth: str) -> Child:
    """The embedded server; ready when it reaches its database."""
    (data / "prefect").mkdir(parents=True, exist_ok=True)
    argv = (*SERVER, "server", "start", "--host", "127.0.0.1", "--port", str(port))
    return Child("server", argv, server_env(data, port, auth), lambda: _is_ready(port))


def _is_ready(port: int) -> bool:
    with PrefectApi(api_url(port)) as passer_by:
        return passer_by.reachable()


def worker_child(env: Mapping[str, str], *, pool: str = "seventytwo") -> Child:
    """The warm worker of an environment from `client_env`; ready when its server has seen it."""
    from flows.worker import WARM_WORKER  # noqa: PLC0415 - spares the desk the weight of Prefect's workers

    def is_seen() -> bool:
        with PrefectApi(env["PREFECT_API_URL"], env["PREFECT_API_AUTH_STRING"]) as api:
            return worker_is_online(api, pool)

    argv = (*WARM_WORKER, "--pool", pool, "--name", "warm")
    return Child("worker", argv, env, is_seen)


def worker_is_online(api: PrefectApi, pool: str) -> bool:
    """Whether a worker of the pool has been heard of lately."""
    try:
        workers = api.post(f"/work_pools/{pool}/workers/filter", {"limit": 50})
    except SeventytwoError:
        return False
    return any(worker["status"] == "ONLINE" for worker in workers)


def main() -> None:
    """Run Prefect's command line with SQLite transactions that take their write lock at once."""
    from prefect.cli import app  # noqa: PLC0415 - only this process carries the server

    _lock_at_begin()
    app()


def _lock_at_begin() -> None:
    """Make the server's transactions BEGIN IMMEDIATE.

    They are deferred in Prefect, so that two that read and then write fail each other at once, whatever the
    busy timeout, and every client repeats its request seconds later. On PostgreSQL this changes nothing.
    """
    from prefect.server.database.configurations import AioSqliteConfiguration  # noqa: PLC0415 - as above
    from sqlalchemy.ext.asyncio import AsyncSession  # noqa: PLC0415 - as above

    begin = AioSqliteConfiguration.begin_transaction

    def at_once(
        self: AioSqliteConfiguration,
        session: AsyncSession,
        with_for_update: bool = False,  # noqa: ARG001 - the signature is Prefect's
    ) -> Any:
        return begin(self, session, with_for_update=True)

    AioSqliteConfiguration.begin_transaction = at_once  # type: ignore[method-assign]


def _without_prefect(base: Mapping[str, str]) -> dict[str, str]:
    """The environment without a stray PREFECT_ setting that would send us to another server."""
    return {name: value for name, value in base.items() if not name.startswith("PREFECT_")}
