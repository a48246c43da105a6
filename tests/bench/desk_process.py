"""A desk for measuring, as a process of its own: a fresh store, the demo's clients, one source, no Prefect.

Run as `python -m tests.bench.desk_process FOLDER PORT AUTH DATABASE_URL`; the secret is in FOLDER/secret.
"""

from __future__ import annotations

import sys
from pathlib import Path

import uvicorn

from flows.clients.file import read_client_file
from flows.clients.importing import import_clients
from flows.clock import wall_now
from flows.demo import seeding
from flows.desk.app import create_desk
from flows.desk.serving import spare_the_collector
from flows.house import House
from flows.settings import Settings
from flows.sources import NewSource, add_source
from store.database import Store
from store.seal import Keyring

SOURCE = "bench"


def main(folder: Path, port: int, auth: str, url: str) -> None:
    """Serve until told to end."""
    settings = Settings.from_env({"SEVENTYTWO_DATA": str(folder), "SEVENTYTWO_DATABASE_URL": url})
    store = Store.open(settings.database_url, Keyring.from_env_or_file(settings.key_file))
    store.migrate()
    house = House(settings, store)
    (folder / "secret").write_text(_let_in(house, auth))
    desk = create_desk(house)
    spare_the_collector()
    uvicorn.run(
        desk,
        host="127.0.0.1",
        port=port,
        access_log=False,
        log_level="warning",
        server_header=False,
        proxy_headers=False,
    )


def _let_in(house: House, auth: str) -> str:
    """Import the clients and add the source, of no client, no playbook and any rate; its secret."""
    with house.store.writing() as session:
        clients = seeding.HERE / "clients.yaml"
        import_clients(session, read_client_file(clients.read_text(), clients.name), "bench", wall_now())
        source = NewSource(SOURCE, "generic", auth, per_minute=0)
        return add_source(session, source, house.playbooks, "bench", wall_now())


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4])
