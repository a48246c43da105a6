"""What the facilitator does: run, pause, resume, shift, inject, end, and the board."""

from __future__ import annotations

import typer


def add_to(app: typer.Typer) -> None:
    """Register these commands."""
