"""A channel that is lost for a while in an exercise: the exercise's own, and no other."""

from __future__ import annotations

from sqlmodel import Session, col, select

from flows.channel_freeze import OF_EXERCISE, frozen_channels
from flows.clock import wall_now
from flows.deciding import Decision
from flows.exercise.stepping import now_of
from flows.house import House
from store.tables import ChannelFreeze, Exercise, Inject


def lose_channel(decision: Decision, exercise: Exercise) -> None:
    """Freeze the channel where exercises are spoken of; without one of their own nothing is frozen."""
    channel = decision.house.settings.exercise_channel
    if not channel or channel in frozen_channels(decision.session):
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
