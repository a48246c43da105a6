"""The rules of what becomes of an alert: `seventytwo alert rules [check FOLDER]`. The store is not needed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from flows.cli.alert_rule_words import HEADS, what_it_does
from flows.cli.shown import columns, say
from flows.settings import Settings
from notify.text import terminal
from playbooks.alerts.rule_files import Entry
from playbooks.alerts.rules import AlertRules, load_alert_rules
from playbooks.errors import Fault, FileFaults
from playbooks.library import load_playbooks

app = typer.Typer(add_completion=False)

AsJson = Annotated[bool, typer.Option("--json", help="As JSON.")]


@app.callback(invoke_without_command=True)
def rules(context: typer.Context, *, as_json: AsJson = False) -> None:
    """List the rules in force in the order in which they are read; `check` reports what is wrong."""
    if context.invoked_subcommand is not None:
        return
    found = _sound(())
    if as_json:
        say(json.dumps([_told(entry) for entry in found.entries], indent=2, ensure_ascii=False))
        return
    has_own = any(not entry.is_shipped for entry in found.entries)
    for section, head in HEADS.items():
        heads = ("rule", head, *(("origin",) if has_own else ()), "why")
        rows = [_row(entry, has_own=has_own) for entry in found.entries if entry.section == section]
        say(f"{section}:")
        columns(heads, rows, none="no rule")
        say()


@app.command()
def check(
    folders: Annotated[
        list[Path] | None,
        typer.Argument(metavar="FOLDER", help="Folders to read beside the configured ones."),
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Check every rule, and that its playbook exists; faults end with exit code 1."""
    faults: tuple[Fault, ...] = ()
    count = 0
    try:
        count = len(_sound(folders or ()).entries)
    except FileFaults as wrong:
        faults = wrong.faults
    if as_json:
        say(json.dumps({"rules": count, "faults": [asdict(fault) for fault in faults]}, indent=2))
    else:
        for fault in faults:
            say(terminal(fault, 500))
        say("no rule is in force until this is mended" if faults else f"{count} rules: no fault")
    if faults:
        raise typer.Exit(1)


def _sound(folders: Sequence[Path]) -> AlertRules:
    """The rules of the configured folders and these; FileFaults for any fault, an unknown playbook too."""
    settings = Settings.from_env()
    found = load_alert_rules((*settings.alert_rule_folders, *folders))
    if faults := found.playbook_faults(load_playbooks(settings.playbook_folders)):
        raise FileFaults(faults)
    return found


def _row(entry: Entry, *, has_own: bool) -> tuple[str, ...]:
    origin = ("shipped" if entry.is_shipped else "own",) if has_own else ()
    return entry.rule.id, what_it_does(entry.rule), *origin, entry.rule.why


def _told(entry: Entry) -> dict[str, Any]:
    whole = entry.rule.model_dump(mode="json", by_alias=True, exclude_none=True)
    return {"section": entry.section, "where": entry.where, "is_shipped": entry.is_shipped, **whole}
