"""`seventytwo up`: the four processes on this machine."""

from __future__ import annotations

from typing import Annotated

import typer

app = typer.Typer(add_completion=False)


@app.command()
def up(
    *,
    prefect_port: Annotated[int, typer.Option(help="Port of the Prefect server on loopback.")] = 4200,
    desk_port: Annotated[int, typer.Option(help="Port of the desk on loopback.")] = 7272,
) -> None:
    """Start server, worker, desk and watch on loopback, and keep them up until Ctrl-C."""
    from flows.cli.asked import database_faults  # noqa: PLC0415 - as below
    from flows.upkeep import run_up  # noqa: PLC0415 - the engine loads only when it is to run

    with database_faults():
        run_up(prefect_port, desk_port)
