"""Exercises are spoken of in a channel of their own, where one is set, and real incidents never there."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, select

from flows.channel_freeze import lift_rehearsed
from flows.incidents import LIVE
from flows.settings import Settings
from store import outbox
from store.tables import Incident


def mark(incident: Incident) -> str:
    """What stands before whatever is said of an exercise, run names and artifacts too."""
    return "" if incident.exercise_id is None else "EXERCISE · "


def spoken_in(settings: Settings, channel: str, *, exercise: bool) -> str:
    """Where an incident of that channel is spoken of; the house's channel where it names none."""
    drills = settings.exercise_channel
    if exercise and drills:
        return drills
    return settings.channel if not channel or (drills and channel == drills) else channel


def tell_players(session: Session, settings: Settings, incident: Incident, wall: datetime) -> None:
    """Tell those who play, in one line, that a real incident has opened; nothing where nobody plays."""
    if incident.kind == "exercise" or not settings.exercise_channel:
        return
    playing = select(Incident.id).where(Incident.kind == "exercise", col(Incident.state).in_(LIVE)).limit(1)
    if session.exec(playing).first() is None:
        return
    lift_rehearsed(session, (settings.exercise_channel,), wall)
    outbox.enqueue(
        session,
        incident=None,
        key=f"real-incident/{incident.ref}",
        kind="real_incident",
        fields={"ref": "house", "exercise": False, "incident": incident.ref},
        channel=settings.exercise_channel,
        at=wall,
    )
