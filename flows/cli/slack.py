"""What Slack shows and may do: `seventytwo slack check|freeze|thaw|frozen`."""

from __future__ import annotations

import typer

from flows.cli import slack_check, slack_freeze

app = typer.Typer(no_args_is_help=True, add_completion=False)
slack_check.add_to(app)
slack_freeze.add_to(app)


@app.callback()
def slack() -> None:
    """Check the app, freeze a channel that is not to be trusted, thaw it, list what is frozen."""
