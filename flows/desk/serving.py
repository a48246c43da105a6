"""The desk as a process of its own."""

from __future__ import annotations

import gc
import threading

import uvicorn
from starlette.types import ASGIApp

from flows.desk.app import create_desk
from flows.guarding import guard
from flows.house import house


def desk() -> ASGIApp:
    """This process's desk; `uvicorn --factory flows.desk.serving:desk` serves it."""
    return create_desk(house())


def spare_the_collector() -> None:
    """Take what a started process holds for good out of the collector's rounds, and make them rarer."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def serve(host: str, port: int) -> None:
    """Serve the desk until told to end, with an eye on the watch."""
    ours = house()
    threading.Thread(target=guard, args=(ours, threading.Event()), name="guard", daemon=True).start()
    spare_the_collector()
    uvicorn.run(
        desk,
        factory=True,
        host=host,
        port=port,
        access_log=False,
        log_level="warning",
        server_header=False,
        # Without a proxy before it, whoever reaches the desk could name another address on each try.
        proxy_headers=any(
            url.startswith("https:") for url in (ours.settings.desk_url, ours.settings.public_url)
        ),
        timeout_graceful_shutdown=5,
    )
