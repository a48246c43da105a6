"""Holding a channel to be compromised, and using it again: one commander freezes, two people thaw.

A freeze counts from its commit on. What is said afterwards, about it and about everything else, goes to the
other way, and a thawed channel learns how much did.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlmodel import Session, col, func, or_, select

from flows.channel_freeze import frozen_channels, lift_rehearsed
from flows.deciding import deciding, note
from flows.house import House
from flows.incidents import LIVE
from flows.out_of_band import NAME, other_way
from flows.vouching import note_house
from playbooks.errors import Mend, NotFound, Refused
from store import outbox
from store.outbox import EVERYWHERE
from store.tables import ChannelFreeze, Incident, Message, Responder

ALL: Final = "all"
_CHANNEL: Final = re.compile(r"#?[^\s#*@,:/<>]{1,79}")
_THAWERS: Final = 2


@dataclass(frozen=True, slots=True)
class Frozen:
    """What a freeze or a thaw was about: the names and ids of a channel, or EVERYWHERE."""

    channels: tuple[str, ...]
    at: datetime

    @property
    def said(self) -> str:
        """How people call it."""
        return "the whole workspace" if EVERYWHERE in self.channels else " = ".join(self.channels)


def read_channel(said: str) -> str:
    """A channel as it was typed, or EVERYWHERE for `all`; raises Mend."""
    if said == ALL:
        return EVERYWHERE
    if not said.isprintable() or not _CHANNEL.fullmatch(said):
        raise Mend("not a channel", which=said[:80], mend="use #name, its id, or `all`")
    return said


def refuse_dead_end(house: House, channels: Collection[str], *, no_other: bool) -> bool:
    """Whether there is another way to the responders; Refused where there is none and nobody said so."""
    other = other_way(house.settings)
    if other is None:
        if no_other:
            return False
        mend = f"set {NAME} to {_WAYS}, or say --no-other: then everything waits until the thaw"
        raise Refused("there is no other way to the responders", mend=mend)
    other.sender.close()
    with house.store.reading() as session:
        frozen = {*channels, *frozen_channels(session)}
    if other.slack_channel and not frozen.isdisjoint({other.slack_channel, EVERYWHERE}):
        mend = f"set {NAME} to mailto:a@b,c@d or an https address, for a workspace that is not to be trusted"
        raise Refused("the other way is itself to be frozen", which=other.slack_channel, mend=mend)
    return True


_WAYS: Final = "another Slack channel, mailto:a@b,c@d or an https address"


def freeze(session: Session, channels: Collection[str], why: str, by: str, at: datetime) -> Frozen:
    """Freeze a channel under all its names; a commander's word is enough. Raises Refused."""
    if "commander" not in _roles(session, [by]):
        raise Refused("a commander freezes a channel", which=by, mend="ask one: `seventytwo responder list`")
    if not why.strip():
        raise Mend("a freeze needs its reason", mend="say --why")
    lift_rehearsed(session, channels, at)
    if not frozen_channels(session).isdisjoint(channels):
        raise Refused("that is frozen already", which=", ".join(sorted(channels)))
    frozen = Frozen(tuple(sorted(channels, reverse=True)), at)
    session.add_all(ChannelFreeze(channel=one, why=why.strip(), by=by, at=at) for one in frozen.channels)
    note_house(session, "channel_frozen", by, {"channel": frozen.said, "why": why.strip()}, at)
    return frozen


def thaw(session: Session, channel: str, by: Sequence[str], at: datetime) -> Frozen:
    """Use a channel again, under all its names; two people agree, a commander among them. Raises Refused."""
    if len(set(by)) < _THAWERS or "commander" not in _roles(session, by):
        raise Refused("two people thaw a channel, a commander among them", mend="give --second too")
    here = ChannelFreeze.channel == channel
    found = session.exec(select(ChannelFreeze).where(here, col(ChannelFreeze.lifted_at).is_(None))).first()
    if found is None:
        raise NotFound("no such channel is frozen", which=channel, mend="name it as it was frozen")
    together = select(ChannelFreeze).where(
        ChannelFreeze.at == found.at, ChannelFreeze.by == found.by, col(ChannelFreeze.lifted_at).is_(None)
    )
    rows = session.exec(together.with_for_update()).all()
    for row in rows:
        row.lifted_at, row.lifted_by = at, by[0]
        session.add(row)
    frozen = Frozen(tuple(row.channel for row in rows), found.at)
    note_house(session, "channel_thawed", by[0], {"channel": frozen.said, "agreed_by": by[1]}, at)
    return frozen


def tell_frozen(house: House, frozen: Frozen, by: str, at: datetime, *, other: bool) -> None:
    """Say it wherever it matters: by the other way, in every other channel, in every open timeline."""
    with house.store.writing() as session:
        still = frozen_channels(session)
        told = {channel for channel in _channels(session, house) if still.isdisjoint({channel, EVERYWHERE})}
        if other:
            told |= {house.settings.channel if EVERYWHERE in frozen.channels else frozen.channels[0]}
        for channel in sorted(told):
            _say(session, "channel_frozen", channel, frozen, at, {"since": frozen.at.isoformat()})
    _note_everywhere(house, "channel_frozen", {"channel": frozen.said}, by)


def tell_thawed(house: House, frozen: Frozen, by: Sequence[str], at: datetime) -> None:
    """Tell the thawed channel how much went elsewhere, and each open timeline that it is used again."""
    with house.store.writing() as session:
        went = _went_elsewhere(session, frozen)
        usual = house.settings.channel if EVERYWHERE in frozen.channels else frozen.channels[0]
        for channel in sorted(went) or [usual]:
            said = {
                "since": frozen.at.isoformat(),
                "until": at.isoformat(),
                "elsewhere": went.get(channel, 0),
            }
            _say(session, "channel_thawed", channel, frozen, at, said)
    said = {"channel": frozen.said, "agreed_by": by[1]}
    _note_everywhere(house, "channel_thawed", said, by[0])


def _went_elsewhere(session: Session, frozen: Frozen) -> dict[str, int]:
    """How many messages of each channel were told by the other way since its freeze."""
    count = (
        select(Message.channel, func.count())
        .where(col(Message.elsewhere), col(Message.sent_at) >= frozen.at)
        .group_by(Message.channel)
    )
    if EVERYWHERE not in frozen.channels:
        count = count.where(col(Message.channel).in_(frozen.channels))
    return dict(session.exec(count).all())


def _channels(session: Session, house: House) -> set[str]:
    """Every channel in which something open is spoken of."""
    live = select(Incident.channel).where(or_(*(Incident.state == state for state in LIVE))).distinct()
    settings = house.settings
    return {one for one in (*session.exec(live), settings.channel, settings.exercise_channel) if one}


def _note_everywhere(house: House, kind: str, said: dict[str, object], by: str) -> None:
    with house.store.reading() as session:
        refs = list(session.exec(select(Incident.ref).where(col(Incident.state).in_(LIVE))))
    for ref in refs:
        with deciding(house, ref) as decision:
            note(decision, kind, by, said)


def _say(
    session: Session, kind: str, channel: str, frozen: Frozen, at: datetime, said: dict[str, object]
) -> None:
    outbox.enqueue(
        session,
        incident=None,
        key=f"{kind}/{frozen.at.isoformat()}/{channel}"[:120],
        kind=kind,
        fields={"ref": "house", "exercise": False, **said},
        channel=channel,
        at=at,
    )


def _roles(session: Session, handles: Sequence[str]) -> set[str]:
    found = session.exec(select(Responder.roles).where(col(Responder.handle).in_(handles)))
    return {role for roles in found for role in roles}
