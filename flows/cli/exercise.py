"""Tabletop exercises: `seventytwo exercise …`, each group of commands in a module of its own."""

from __future__ import annotations

import typer

from flows.cli import (
    exercise_conducting,
    exercise_playing,
    exercise_replay,
    exercise_reports,
    exercise_scenarios,
)

app = typer.Typer(no_args_is_help=True, add_completion=False)


@app.callback()
def exercise() -> None:
    """Rehearse with the real engine on a clock of its own: nothing leaves the house."""


for group in (exercise_scenarios, exercise_conducting, exercise_playing, exercise_reports, exercise_replay):
    group.add_to(app)
