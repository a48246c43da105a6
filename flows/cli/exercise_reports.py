"""The score, the after-action report and the hot wash."""

from __future__ import annotations

import typer


def add_to(app: typer.Typer) -> None:
    """Register these commands."""
