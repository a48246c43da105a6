"""A scenario tried by scripted teams alone."""

from __future__ import annotations

import typer


def add_to(app: typer.Typer) -> None:
    """Register these commands."""
