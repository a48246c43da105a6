"""The database: `seventytwo db migrate`."""

from __future__ import annotations

from contextlib import closing

import typer

from flows.cli.asked import database_faults
from flows.cli.shown import say
from flows.settings import Settings
from store.database import Store
from store.seal import Keyring

app = typer.Typer(no_args_is_help=True, add_completion=False)


@app.callback()
def db() -> None:
    """Bring the database's schema up to date."""


@app.command()
def migrate() -> None:
    """Run every migration that the database has not seen."""
    settings = Settings.from_env()
    keyring = Keyring.from_env_or_file(settings.key_file)
    with database_faults(), closing(Store.open(settings.database_url, keyring)) as store:
        store.migrate()
    say("the schema is up to date")
