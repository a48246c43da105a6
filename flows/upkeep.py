"""`seventytwo up`: the four processes of an installation, kept up until somebody says stop."""

from __future__ import annotations

import logging
import signal

from rich.console import Console

from flows.installation import Installation, prepare, supervise
from flows.settings import Settings
from flows.supervisor import locked, require_port
from playbooks.errors import SetupFault


def run_up(prefect_port: int, desk_port: int, *, console: Console | None = None) -> None:
    """Keep server, worker, desk and watch up on loopback until SIGTERM or Ctrl-C.

    Raises SetupFault for a folder in use or unwritable, a port taken, or a key that is missing.
    """
    console = console or Console()
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(message)s")
    data = Settings.from_env().data
    if prefect_port == desk_port:
        raise SetupFault("two ports are needed", which=str(desk_port), mend="name another for the desk")
    with locked(data):
        installation = prepare(
            data, prefect_port=require_port(prefect_port), desk_port=require_port(desk_port)
        )
        console.print(f"starting in {data} …", markup=False, highlight=False)
        supervisor = supervise(installation)
        for name in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(name, lambda *_: supervisor.ask_stop())
        with supervisor:
            if not supervisor.is_stopping:
                _greet(console, installation)
            supervisor.watch()
            console.print("stopping …")
    console.print("stopped")


def _greet(console: Console, installation: Installation) -> None:
    lines = {
        "Prefect UI": installation.prefect_url,
        "auth string": installation.auth,
        "inbox": installation.inbox_url,
        "inbox (V1)": installation.older_inbox_url,
        "desk": installation.desk_url,
        "logs": str(installation.data / "log"),
    }
    for name, value in lines.items():
        console.print(f"{name:>12}  {value}", markup=False, highlight=False, soft_wrap=True)
    console.print(
        "Ctrl-C stops it; a second `seventytwo up` on the same folder goes on where this one ended."
    )
