"""`seventytwo slack check`: what of Slack is as it must be, and what to do about the rest."""

from __future__ import annotations

from collections import Counter

import typer
from sqlmodel import Session, col, select

from flows.cli.asked import opened
from flows.cli.shown import say
from flows.settings import Settings
from notify.slack_checks import Found, check_channel, check_socket, check_token
from notify.text import terminal
from store.tables import Responder


def add_to(app: typer.Typer) -> None:
    """Give the group its command."""

    @app.command()
    def check() -> None:
        """Ask Slack about token, scopes, channels and doors; exit code 1 where something is missing."""
        with opened() as house:
            found = _of_slack(house.settings)
            with house.store.reading() as session:
                found += _of_people(session)
        for one in found:
            mark = "good   " if one.is_good else "missing"
            say(f"{mark}  {terminal(one.what)}" + ("" if one.is_good else f": {terminal(one.mend)}"))
        if not all(one.is_good for one in found):
            raise typer.Exit(1)


def _of_slack(settings: Settings) -> list[Found]:
    token, url = settings.slack_token, settings.slack_url
    if not token:
        return [Found("bot token", is_good=False, mend="set SEVENTYTWO_SLACK_TOKEN"), *_doors(settings)]
    found = check_token(token, url)
    if found[0].is_good:
        for channel in dict.fromkeys((settings.channel, settings.exercise_channel)):
            found += check_channel(token, channel, url) if channel else []
    return found + _doors(settings)


def _doors(settings: Settings) -> list[Found]:
    """How presses come in: by a connection of ours, or signed, or not at all."""
    found: list[Found] = []
    if settings.slack_app_token:
        found.append(check_socket(settings.slack_app_token, settings.slack_url))
    if settings.slack_signing_secret:
        found.append(Found("signing secret set: /slack/ takes what Slack signs", is_good=True))
    mend = "set SEVENTYTWO_SLACK_APP_TOKEN (Socket Mode) or SEVENTYTWO_SLACK_SIGNING_SECRET (signed HTTP)"
    return found or [Found("a way in for buttons and commands", is_good=False, mend=mend)]


def _of_people(session: Session) -> list[Found]:
    """Responders whom Slack's presses cannot name: without a member id, or with one that two bear."""
    rows = session.exec(
        select(Responder).where(col(Responder.disabled_at).is_(None)).order_by(col(Responder.handle))
    ).all()
    borne = Counter(row.slack_id for row in rows if row.slack_id)
    without = [row.handle for row in rows if not row.slack_id]
    shared = [row.handle for row in rows if borne[row.slack_id] > 1]
    return [
        Found("every responder has a member id", is_good=not without, mend=", ".join(without)),
        Found("no member id is borne by two", is_good=not shared, mend=", ".join(shared)),
    ]
