"""Whether a channel is held to be compromised: nothing is told there, and nothing from there counts."""

from __future__ import annotations

from sqlmodel import Session, col, select

from store.outbox import EVERYWHERE
from store.tables import ChannelFreeze


def is_frozen(session: Session, channel: str) -> bool:
    """Whether this channel, by the name or id it is given, or the whole workspace is frozen now."""
    return not frozen_channels(session).isdisjoint({channel, EVERYWHERE})


def frozen_channels(session: Session) -> frozenset[str]:
    """The names and ids of the channels that are frozen now; EVERYWHERE stands for the whole workspace."""
    return frozenset(
        session.exec(select(ChannelFreeze.channel).where(col(ChannelFreeze.lifted_at).is_(None)))
    )
