"""The playbooks: `seventytwo playbook list|show|check|graph|coverage` and what others add to them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from flows.cli import playbook_check, playbook_exchange, playbook_versions
from flows.cli.asked import has_store, opened
from flows.cli.coverage_page import show_coverage
from flows.cli.new_files import put_new
from flows.cli.playbook_page import show_page
from flows.cli.shown import columns, say
from flows.clock import wall_now
from flows.coverage_input import read_coverage
from flows.exercise.tested import last_test, last_tests, tested_words
from flows.roster.needs import gap_words
from flows.settings import Settings
from flows.trusting import Trust
from notify.plan_mermaid import plan_mermaid
from notify.plan_svg import plan_svg
from notify.text import terminal
from playbooks.coverage_parts import LastTest
from playbooks.errors import Mend, SeventytwoError
from playbooks.library import load_playbooks
from playbooks.models import Playbook

app = typer.Typer(no_args_is_help=True, add_completion=False)

Folders = Annotated[list[Path] | None, typer.Argument(help="Folders to read beside the configured ones.")]
Name = Annotated[str, typer.Argument(metavar="PLAYBOOK", help="ID or ID@version.")]
AsJson = Annotated[bool, typer.Option("--json", help="As JSON.")]


@app.callback()
def playbook() -> None:
    """List, show, check, draw and score playbooks; neither Prefect nor the store is needed but to score.

    Where there is a store, it says when each was last exercised.
    """


playbook_check.register(app)
playbook_versions.register(app)
playbook_exchange.register(app)


@app.command("list")
def list_(folders: Folders = None, *, as_json: AsJson = False) -> None:
    """List every playbook, in the version that an incident opened now would get."""
    trust, today = _trust(folders), wall_now().date()
    found = [trust.library.in_force(name, today) for name in trust.library]
    tested = _tested()
    if as_json:
        _say_json([_summary(trust, one, tested) for one in found])
        return
    columns(
        ("playbook", "version", "owner", "valid until", "tested", "signed by", "steps", "title"),
        [
            (
                *(one.id, one.version, one.owner, one.valid_until),
                *(tested_words(one, last_test(one, tested)), trust.signer(one), len(one.steps), one.title),
            )
            for one in found
        ],
        none="no playbook",
    )


@app.command()
def show(name: Name, *, as_json: AsJson = False) -> None:
    """Show one playbook whole, as it is carried out: groups and other playbooks taken in."""
    trust = _trust(None)
    found, tested = trust.library.named(name), _tested()
    if as_json:
        _say_json(_summary(trust, found, tested) | {"plan": json.loads(found.pinned())})
        return
    show_page(found, trust.signer(found), tested_words(found, last_test(found, tested)))


@app.command()
def graph(
    name: Name,
    *,
    svg: Annotated[bool, typer.Option("--svg", help="As a picture (what it is without a word).")] = False,
    mermaid: Annotated[bool, typer.Option("--mermaid", help="As Mermaid text.")] = False,
    to: Annotated[Path | None, typer.Option(help="The file to write, new; else it is shown.")] = None,
) -> None:
    """Draw the plan of a playbook: phases, roles, time targets, conditions, approvals, notices."""
    if svg and mermaid:
        raise Mend("a picture or text, not both", mend="say --svg or --mermaid")
    found = _trust(None).library.named(name)
    text = plan_mermaid(found) if mermaid else str(plan_svg(found))
    if to is None:
        say(text.rstrip("\n"))
        return
    put_new(to, text)
    say(f"{terminal(to)}: {found.ref}, {len(found.steps)} steps")


@app.command()
def coverage(
    *,
    client: Annotated[str, typer.Option(help="Only this client, by its reference.")] = "",
    kind: Annotated[str, typer.Option(help="Only this kind of incident.")] = "",
    as_json: AsJson = False,
) -> None:
    """Score each kind of incident for each client and regime, and list what an incident would trip over."""
    with opened() as house, house.store.reading() as session:
        at = wall_now()
        show_coverage(read_coverage(house, session, at.date(), client=client, kind=kind), as_json)
        for line in () if as_json else gap_words(house, session, at):
            say(f"- {line}")


def _trust(folders: list[Path] | None) -> Trust:
    settings = Settings.from_env()
    return Trust(settings, load_playbooks((*settings.playbook_folders, *(folders or ()))))


def _tested() -> Mapping[str, LastTest]:
    """By playbook its last exercise; nothing where there is no store that could say so."""
    if not has_store(Settings.from_env()):
        return {}
    try:
        with opened() as house, house.store.reading() as session:
            return last_tests(session)
    except SeventytwoError:
        return {}


def _summary(trust: Trust, one: Playbook, tested: Mapping[str, LastTest]) -> dict[str, Any]:
    told = one.model_dump(mode="json", exclude={"phases", "last_tested"}, exclude_none=True)
    if test := last_test(one, tested):
        told |= {"last_tested": test.day.isoformat(), "last_tested_version": test.version}
    return told | {"steps": len(one.steps), "signed_by": trust.signer(one)}


def _say_json(value: Any) -> None:
    say(json.dumps(value, indent=2))
