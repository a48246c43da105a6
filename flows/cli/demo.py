"""`seventytwo demo`: an exercise from the first alert to the report."""

from __future__ import annotations

import signal
from typing import Annotated, NoReturn

import typer

app = typer.Typer(add_completion=False)


@app.command()
def demo(
    *, keep: Annotated[bool, typer.Option("--keep", help="Leave the system up for a look.")] = False
) -> None:
    """Walk an exercise from the first alert to the report on a fresh data folder and free ports."""
    from flows.demo.walk import run_demo  # noqa: PLC0415 - the engine loads only when it is to run

    signal.signal(signal.SIGTERM, leave)
    signal.signal(signal.SIGHUP, leave)
    run_demo(keep=keep)


def leave(number: int, _: object) -> NoReturn:
    """Leave by way of every `finally`, so that neither a process nor the folder with its key stays."""
    raise SystemExit(128 + number)
