"""`seventytwo deploy`: the deployments, brought to the Prefect server."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from flows.cli.shown import say
from flows.deploying import deploy_all
from flows.prefect_api import PrefectApi
from flows.settings import Settings

app = typer.Typer(add_completion=False)


@app.command()
def deploy(
    *,
    pool: Annotated[str | None, typer.Option(help="Another work pool than prefect.yaml's.")] = None,
    pool_type: Annotated[
        Literal["warm", "process"], typer.Option(help="Our warm worker, or Prefect's own.")
    ] = "warm",
) -> None:
    """Create or update every deployment of prefect.yaml, with its work pool."""
    settings = Settings.from_env()
    with PrefectApi(settings.prefect_url, settings.prefect_auth) as api:
        for name in deploy_all(api, pool=pool, pool_type=pool_type):
            say(name)
