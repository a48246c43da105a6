"""`seventytwo playbook check`: every fault and warning of every playbook, with file, line and mend."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from flows.checking import Checked, check_all
from flows.cli.asked import has_store, opened
from flows.cli.shown import say
from flows.clock import wall_now
from flows.coverage_input import staff
from flows.people import ROLES
from flows.settings import Settings
from flows.trusting import Trust
from notify.text import terminal
from playbooks.errors import Fault, FileFaults, SetupFault
from playbooks.library import load_playbooks
from playbooks.soundness import Holders

Folders = Annotated[list[Path] | None, typer.Argument(help="Folders to read beside the configured ones.")]


def register(app: typer.Typer) -> None:
    """Add this command to those of `seventytwo playbook`."""
    app.command("check")(check)


def check(
    folders: Folders = None, *, as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False
) -> None:
    """Check every playbook; faults end with exit code 1, warnings are for its owner to settle."""
    settings = Settings.from_env()
    try:
        trust = Trust(settings, load_playbooks((*settings.playbook_folders, *(folders or ()))))
    except FileFaults as unread:
        if not as_json:
            raise
        say(json.dumps({"faults": [asdict(fault) for fault in unread.faults], "playbooks": []}, indent=2))
        raise typer.Exit(1) from unread
    holders, why_not = _holders(settings)
    found = list(check_all(trust, wall_now().date(), holders))
    if as_json:
        told = {"faults": [], "roles": why_not or "checked", "playbooks": [_told(one) for one in found]}
        say(json.dumps(told, indent=2))
    else:
        _say(found, why_not)
    if any(one.faults for one in found):
        raise typer.Exit(1)


def _holders(settings: Settings) -> tuple[Holders | None, str]:
    """Who holds each role, from the store; where nobody can say, why."""
    if not has_store(settings):
        return None, "there is no store here"
    try:
        with opened() as house, house.store.reading() as session:
            people = staff(session)
    except SetupFault as fault:
        return None, str(fault)
    if not people:
        return None, "nobody is enrolled yet"
    return {role: frozenset(one.handle for one in people if role in one.roles) for role in ROLES}, ""


def _told(one: Checked) -> Mapping[str, Any]:
    return {
        "playbook": one.playbook.ref,
        "faults": [asdict(fault) for fault in one.faults],
        "warnings": [asdict(fault) for fault in one.warnings],
        "ways": one.ways,
        "by_structure": one.by_structure,
    }


def _say(found: list[Checked], why_not: str) -> None:
    """Each fault once, though many playbooks take the same group in."""
    faults = list(dict.fromkeys(fault for one in found for fault in one.faults))
    warnings = list(dict.fromkeys(fault for one in found for fault in one.warnings))
    _say_faults("Faults", faults)
    _say_faults("Warnings, for the playbook's owner to settle", warnings)
    for one in found:
        if one.by_structure:
            named = ", ".join(one.by_structure)
            say(f"{one.playbook.ref}: too many ways to walk for {named}: looked at by structure")
    if why_not:
        say(f"Roles were not checked: {terminal(why_not)}")
    ways = sum(one.ways for one in found)
    say(f"{len(found)} playbooks: {_many(len(faults), 'fault')}, {_many(len(warnings), 'warning')}")
    say(f"{ways:,} ways through them were walked; the rules of law: seventytwo law check")


def _say_faults(head: str, faults: list[Fault]) -> None:
    if faults:
        say(f"{head}:")
        for fault in faults:
            say(f"  {terminal(fault, 500)}")


def _many(count: int, what: str) -> str:
    return f"{count or 'no'} {what}{'' if count == 1 else 's'}"
