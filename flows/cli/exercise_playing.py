"""A scenario tried by scripted teams alone, in a store that is thrown away."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from flows.cli.shown import say
from notify.text import terminal

ALL = "all"


def add_to(app: typer.Typer) -> None:
    """Register these commands."""
    app.command("try")(try_)


def try_(
    scenario: Annotated[str, typer.Argument(metavar="SCENARIO", help="A scenario's id, or its file.")],
    *,
    team: Annotated[
        str, typer.Option("--team", help="good, slow, forgets-the-client, or all of them.")
    ] = "good",
    out: Annotated[
        Path | None, typer.Option("--out", help="A folder for the report; one within it for each of several.")
    ] = None,
) -> None:
    """Let a scripted team play a scenario at once, without Prefect and beside every store; show its score."""
    from flows.cli.exercise_reports import show_score  # noqa: PLC0415 - the engine loads only to play
    from flows.exercise.alone import own_house, tried  # noqa: PLC0415 - see above
    from flows.exercise.scenario_checks import ready_scenario  # noqa: PLC0415 - see above
    from flows.review.writing import made_folder  # noqa: PLC0415 - see above
    from playbooks.exercises.teams import shipped_teams  # noqa: PLC0415 - see above

    if out is not None:
        made_folder(out)
    teams = [one.name for one in shipped_teams().teams] if team == ALL else [shipped_teams().named(team).name]
    for name in teams:
        folder = out / name if out and len(teams) > 1 else out
        with own_house(os.environ) as house:
            found = tried(house, ready_scenario(scenario, house.playbooks), name, folder)
        say(f"{terminal(name)}: {found.how}")
        show_score(found.name, found.score)
        for path in found.report:
            say(str(path))
        say()
