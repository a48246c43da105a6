"""A whole installation that is thrown away: the demo's, and that of an exercise run beside every store."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from flows.installation import Installation, prepare, supervise
from flows.supervisor import free_port


@contextmanager
def own_installation(
    env: Mapping[str, str], name: str, say: Callable[[str], object] = lambda _: None
) -> Iterator[Installation]:
    """Server, watch, desk and worker on a fresh data folder and free ports, all gone after the block.

    `env` names no real store, key, channel or token; raises SetupFault where a process does not start.
    """
    data = Path(tempfile.mkdtemp(prefix=f"seventytwo-{name}-"))
    try:
        installation = prepare(data, prefect_port=free_port(), desk_port=free_port(), env=env)
        say(f"starting Prefect server, watch, desk and worker in {data} …")
        with supervise(installation):
            yield installation
    finally:
        shutil.rmtree(data, ignore_errors=True)
