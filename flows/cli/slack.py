"""What Slack shows and may do: `seventytwo slack freeze|thaw|frozen`."""

from __future__ import annotations

import typer

from flows.cli.slack_freeze import add_to

app = typer.Typer(no_args_is_help=True, add_completion=False)
add_to(app)


@app.callback()
def slack() -> None:
    """Freeze a channel that is not to be trusted, thaw it, list what is frozen."""
