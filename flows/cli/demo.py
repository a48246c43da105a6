"""`seventytwo demo`: an exercise from the first alert to the report."""

from __future__ import annotations

from typing import Annotated

import typer

from flows.cli.leaving import leave_on_signals

app = typer.Typer(add_completion=False)


@app.command()
def demo(
    *, keep: Annotated[bool, typer.Option("--keep", help="Leave the system up for a look.")] = False
) -> None:
    """Walk an exercise from the first alert to the report on a fresh data folder and free ports."""
    from flows.demo.walk import run_demo  # noqa: PLC0415 - the engine loads only when it is to run

    leave_on_signals()
    run_demo(keep=keep)
