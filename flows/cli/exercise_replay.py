"""A closed incident as a scenario, its names masked."""

from __future__ import annotations

import typer


def add_to(app: typer.Typer) -> None:
    """Register these commands."""
