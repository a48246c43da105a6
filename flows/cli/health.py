"""`seventytwo health`: what works, and what does not."""

from __future__ import annotations

from datetime import datetime, timedelta

import typer
from sqlmodel import Session, select

from flows.cli.asked import opened
from flows.cli.shown import say
from flows.clock import wall_now
from flows.house import House
from flows.reviewing import NAME as REVIEW
from playbooks.errors import Unreachable
from store.tables import Heartbeat

app = typer.Typer(add_completion=False)

_SILENT_AFTER = timedelta(minutes=2)
_ROUNDS = {REVIEW: timedelta(minutes=12)}
"""How long rounds that come less often may give no sign of life: two of them, and time to work."""


@app.command()
def health() -> None:
    """Check key, database, Prefect and the watch's last sign of life; exit code 1 if one fails."""
    with opened() as house:
        say("ok    key and database")
        with house.store.reading() as session:
            failing = _silent(session, wall_now())
        failing += _prefect(house)
    if failing:
        raise Unreachable("not everything works", which=", ".join(failing), mend="see the log files")


def _silent(session: Session, now: datetime) -> list[str]:
    beats = session.exec(select(Heartbeat).order_by(Heartbeat.name)).all()
    if not beats:
        say("FAIL  the watch has never run: seventytwo up")
        return ["watch"]
    silent = {beat.name: now - beat.at > _ROUNDS.get(beat.name, _SILENT_AFTER) for beat in beats}
    for beat in beats:
        mark = "FAIL" if silent[beat.name] else "ok  "
        say(f"{mark}  {beat.name}, last seen {int((now - beat.at).total_seconds())} s ago")
    return [name for name, is_silent in silent.items() if is_silent]


def _prefect(house: House) -> list[str]:
    reachable = house.api.reachable()
    house.api.close()
    say(f"{'ok  ' if reachable else 'FAIL'}  prefect at {house.settings.prefect_url}")
    return [] if reachable else ["prefect"]
