"""The playbooks and the law: `seventytwo playbook check|list`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flows.cli.shown import columns, say
from flows.settings import Settings
from playbooks.errors import Fault, FileFaults
from playbooks.library import load_playbooks
from playbooks.rulebook import load_rules

app = typer.Typer(no_args_is_help=True, add_completion=False)

Folders = Annotated[list[Path] | None, typer.Argument(help="Folders to read beside the configured ones.")]


@app.callback()
def playbook() -> None:
    """Check and list playbooks and rules of law."""


@app.command()
def check(folders: Folders = None) -> None:
    """Check every playbook and rule; each fault is listed with its file, line and mend."""
    settings, faults = Settings.from_env(), list[Fault]()
    try:
        playbooks = load_playbooks((*settings.playbook_folders, *(folders or ())))
    except FileFaults as error:
        faults += error.faults
    try:
        rules = load_rules(settings.law_folders)
    except FileFaults as error:
        faults += error.faults
    if faults:
        raise FileFaults(tuple(faults))
    say(f"{len(playbooks)} playbooks and {len(rules)} rules of law: no fault")


@app.command("list")
def list_(folders: Folders = None) -> None:
    """List every playbook."""
    found = load_playbooks((*Settings.from_env().playbook_folders, *(folders or ())))
    columns(
        ("playbook", "version", "title", "kind", "steps"),
        [(one.id, one.version, one.title, one.kind, len(one.steps)) for one in found.values()],
        none="no playbook",
    )
