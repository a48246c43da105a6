"""Whether a channel is held to be compromised: nothing is told there, and nothing from there counts."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Final

from sqlmodel import Session, col, select

from store.outbox import EVERYWHERE
from store.tables import ChannelFreeze

OF_EXERCISE: Final = "exercise:"
"""How the author of a freeze begins that an exercise only plays: nobody else hears of it."""


def is_frozen(session: Session, *names: str) -> bool:
    """Whether the channel of these names and ids, or the whole workspace, is frozen now."""
    return not frozen_channels(session).isdisjoint({*names, EVERYWHERE})


def frozen_channels(session: Session) -> frozenset[str]:
    """The names and ids of the channels that are frozen now; EVERYWHERE stands for the whole workspace."""
    return frozenset(
        session.exec(select(ChannelFreeze.channel).where(col(ChannelFreeze.lifted_at).is_(None)))
    )


def is_frozen_in_earnest(session: Session, *names: str) -> bool:
    """The same, but for what an exercise only plays: there a real report counts, and is not held up."""
    found = {row.channel for row in freezes(session) if not row.by.startswith(OF_EXERCISE)}
    return not found.isdisjoint({*names, EVERYWHERE})


def lift_rehearsed(session: Session, channels: Collection[str], at: datetime) -> None:
    """End at once what exercises froze of these channels: real work comes first."""
    rows = select(ChannelFreeze).where(
        col(ChannelFreeze.channel).in_(channels),
        col(ChannelFreeze.lifted_at).is_(None),
        col(ChannelFreeze.by).startswith(OF_EXERCISE, autoescape=True),
    )
    for row in session.exec(rows):
        row.lifted_at, row.lifted_by = at, row.by
        session.add(row)
    session.flush()


def freezes(session: Session) -> list[ChannelFreeze]:
    """The freezes in force, the oldest first."""
    rows = select(ChannelFreeze).where(col(ChannelFreeze.lifted_at).is_(None))
    return list(session.exec(rows.order_by(col(ChannelFreeze.id))))


def frozen_words(session: Session) -> str:
    """What every surface says while something is frozen; empty where nothing is."""
    names = [row.channel for row in freezes(session) if not row.by.startswith(OF_EXERCISE)]
    if not names:
        return ""
    what = "Slack" if EVERYWHERE in names else f"Slack's {', '.join(names)}"
    return f"{what} is not to be trusted: nothing is told there, and nothing from there counts"
