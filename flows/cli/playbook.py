"""The playbooks: `seventytwo playbook check|list`; the law has commands of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flows.cli.shown import columns, say
from flows.settings import Settings
from playbooks.library import load_playbooks

app = typer.Typer(no_args_is_help=True, add_completion=False)

Folders = Annotated[list[Path] | None, typer.Argument(help="Folders to read beside the configured ones.")]


@app.callback()
def playbook() -> None:
    """Check and list playbooks."""


@app.command()
def check(folders: Folders = None) -> None:
    """Check every playbook; each fault is listed with its file, line and mend."""
    found = load_playbooks((*Settings.from_env().playbook_folders, *(folders or ())))
    say(f"{len(found)} playbooks: no fault; the rules of law: seventytwo law check")


@app.command("list")
def list_(folders: Folders = None) -> None:
    """List every playbook."""
    found = load_playbooks((*Settings.from_env().playbook_folders, *(folders or ())))
    columns(
        ("playbook", "version", "title", "kind", "steps"),
        [(one.id, one.version, one.title, one.kind, len(one.steps)) for one in found.values()],
        none="no playbook",
    )
