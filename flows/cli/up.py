"""`seventytwo up`: the four processes on this machine."""

from __future__ import annotations

import typer

app = typer.Typer(add_completion=False)


@app.command()
def up() -> None:
    """Start server, worker, desk and watch on loopback, and keep them up until Ctrl-C."""
    from flows.supervisor import run_up  # noqa: PLC0415 - the engine loads only when it is to run

    run_up()
