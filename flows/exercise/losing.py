"""A channel that is lost for a while in an exercise: the exercise's own, and no other."""

from __future__ import annotations

from sqlmodel import Session, col, select

from flows.channel_freeze import OF_EXERCISE, frozen_channels
from flows.clock import wall_now
from flows.deciding import Decision
from flows.exercise.stepping import now_of
from flows.house import House
from flows.incidents import LIVE
from store.tables import ChannelFreeze, Exercise, Incident, Inject


def lose_channel(decision: Decision, exercise: Exercise) -> None:
    """Freeze the channel where exercises alone are spoken of; where there is none, nothing is frozen."""
    settings = decision.house.settings
    channel = settings.exercise_channel
    real = select(Incident.id).where(Incident.channel == channel, col(Incident.exercise_id).is_(None))
    speaks = decision.session.exec(real.where(col(Incident.state).in_(LIVE)).limit(1)).first()
    if not channel or channel == settings.channel or speaks is not None:
        return
    if channel in frozen_channels(decision.session):
        return
    decision.session.add(
        ChannelFreeze(
            channel=channel, why="lost in an exercise", by=f"{OF_EXERCISE}{exercise.name}", at=decision.wall
        )
    )


def end_losses(house: House) -> None:
    """Give back the channels whose loss is over, or whose exercise is."""
    with house.store.reading() as session:
        over = [row.id for row in _lost(session) if not _is_lost(session, row)]
    if not over:
        return
    with house.store.writing() as session:
        rows = select(ChannelFreeze).where(
            col(ChannelFreeze.id).in_(over), col(ChannelFreeze.lifted_at).is_(None)
        )
        for row in session.exec(rows):
            row.lifted_at, row.lifted_by = wall_now(), row.by
            session.add(row)


def _lost(session: Session) -> list[ChannelFreeze]:
    frozen = select(ChannelFreeze).where(
        col(ChannelFreeze.lifted_at).is_(None), col(ChannelFreeze.by).startswith(OF_EXERCISE, autoescape=True)
    )
    return list(session.exec(frozen))


def _is_lost(session: Session, row: ChannelFreeze) -> bool:
    name = row.by.removeprefix(OF_EXERCISE)
    exercise = session.exec(select(Exercise).where(Exercise.name == name)).first()
    if exercise is None or exercise.ended_at is not None:
        return False
    now = now_of(session, exercise.id or 0, wall_now())
    losses = select(Inject.id).where(
        Inject.exercise_id == exercise.id, Inject.kind == "channel_lost", col(Inject.until) > now
    )
    return session.exec(losses).first() is not None
