"""Scenarios listed, shown and checked: neither Prefect nor the store is needed."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from flows.cli.scenario_page import capabilities, show_scenario
from flows.cli.shown import columns, say
from flows.exercise.scenario_checks import scenario_faults
from flows.settings import Settings
from notify.text import terminal
from playbooks.documents import Document
from playbooks.errors import Fault, FileFaults
from playbooks.exercises.library import SHIPPED_SCENARIOS, load_scenarios, scenario_file
from playbooks.exercises.reading import shaped
from playbooks.exercises.scenario import Scenario
from playbooks.folders import document_at, documents_in
from playbooks.library import Library, load_playbooks
from playbooks.wording import written

AsJson = Annotated[bool, typer.Option("--json", help="As JSON.")]
Folders = Annotated[
    list[Path] | None, typer.Argument(metavar="FOLDER", help="Folders to read beside what is shipped.")
]
Name = Annotated[str, typer.Argument(metavar="SCENARIO", help="An id, or a YAML file.")]


def add_to(app: typer.Typer) -> None:
    """Register these commands."""
    app.command("list")(list_)
    app.command()(show)
    app.command()(check)


def list_(folders: Folders = None, *, as_json: AsJson = False) -> None:
    """List the scenarios: what each is about, which playbook it plays, how long it lasts."""
    found = load_scenarios(folders or ())
    if as_json:
        say(json.dumps([_summary(one) for one in found.values()], indent=2))
        return
    columns(
        ("scenario", "version", "playbook", "lasts", "clients", "injects", "title"),
        [
            (
                *(one.id, one.version, one.playbook, written(one.lasts)),
                *(len(one.clients), len(one.injects), one.title),
            )
            for one in found.values()
        ],
        none="no scenario",
    )


def show(
    name: Name,
    *,
    facilitator: Annotated[
        bool, typer.Option("--facilitator", help="With all that participants must not know.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show a scenario as participants may see it before; with --facilitator as whoever leads it does."""
    found = scenario_file(name).scenario
    if as_json:
        said = found.model_dump(mode="json", exclude_none=True) if facilitator else _summary(found)
        say(json.dumps(said, indent=2))
        return
    show_scenario(found, facilitator=facilitator)


def check(
    names: Annotated[
        list[Path] | None, typer.Argument(metavar="FILE|FOLDER", help="Else what is shipped.")
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Check scenarios against the playbooks of this house; faults end with exit code 1."""
    library = load_playbooks(Settings.from_env().playbook_folders)
    ids, faults = _checked(names or [], library)
    if as_json:
        say(json.dumps({"scenarios": ids, "faults": [asdict(fault) for fault in faults]}, indent=2))
    else:
        for fault in faults:
            say(terminal(fault, 500))
        say(f"{_many(len(ids), 'scenario')} read: {_many(len(faults), 'fault')}")
    if faults:
        raise typer.Exit(1)


def _checked(names: list[Path], library: Library) -> tuple[list[str], list[Fault]]:
    """The ids of what could be read of these files and folders, else of what is shipped, and every fault."""
    files = [path for path in names if path.suffix in (".yaml", ".yml")]
    folders = [path for path in names if path not in files]
    ids: list[str] = []
    documents, faults = _documents(files, folders if names else [SHIPPED_SCENARIOS])
    for document in documents:
        try:
            found = shaped(document)
        except FileFaults as unread:
            faults += unread.faults
            continue
        ids.append(found.scenario.id)
        faults += scenario_faults(found, library)
    return ids, faults or _twins(folders)


def _documents(files: list[Path], folders: list[Path]) -> tuple[list[Document], list[Fault]]:
    found: list[Document] = []
    faults: list[Fault] = []
    for path in files:
        try:
            found.append(document_at(path))
        except FileFaults as unread:
            faults += unread.faults
    for folder in folders:
        documents, wrong = documents_in(folder)
        found += documents
        faults += wrong
    return found, faults


def _twins(folders: list[Path]) -> list[Fault]:
    """What shows only once all are loaded: two scenarios of one id in one folder."""
    try:
        load_scenarios(folders)
    except FileFaults as unread:
        return list(unread.faults)
    return []


def _summary(one: Scenario) -> dict[str, Any]:
    """What a participant may know beforehand."""
    return {
        "id": one.id,
        "version": one.version,
        "title": one.title,
        "playbook": one.playbook,
        "starts_at": one.begins_at.isoformat(),
        "lasts": written(one.lasts),
        "story": one.story,
        "capabilities": list(capabilities(one)),
    }


def _many(count: int, what: str) -> str:
    return f"{count or 'no'} {what}{'' if count == 1 else 's'}"
