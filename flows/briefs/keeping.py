"""Briefs kept: posted once below an incident's first message, pinned, edited when what they say has changed.

The row is the truth: the intent is stored before each attempt, and a post whose outcome nobody knows is found
again by its mark. A channel sees one change of a brief in five seconds at most, and never in place of a new
message.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import literal, update
from sqlmodel import Session, col, exists, select

from flows.briefs.reading import brief_view
from flows.channel_freeze import frozen_channels, is_frozen
from flows.house import House
from flows.incidents import LIVE
from notify.brief import digest_of, render_brief
from notify.pace import SKEW, Pace
from notify.render import SlackMessage
from notify.sending import Absent, Board, Dead, Sent, TryLater, Unknown
from playbooks.errors import SeventytwoError
from store.outbox import EVERYWHERE
from store.tables import Brief, Counter, Incident, Message
from store.timeline import HEAD

EVERY = timedelta(seconds=5)
"""How often one channel's briefs change at most."""
LOOK_ANEW = timedelta(seconds=60)
"""How soon a brief is read again although nothing happened: time passes."""
LEASE = timedelta(seconds=90)
"""How long an attempt may take before nobody knows what became of it."""
REFUSED = timedelta(minutes=2)
"""How soon a brief is tried again that its channel or our token refused."""
_OVER = ("done", "lost")
_GONE = ("message_not_found", "cant_update_message", "edit_window_closed")

log = logging.getLogger("seventytwo.briefs")


@dataclass(frozen=True, slots=True)
class _Due:
    """A brief as it is, and as it should be."""

    brief: Brief
    message: SlackMessage
    digest: str
    is_over: bool


@dataclass(slots=True)
class BriefKeeper:
    """Keeps the brief of each open incident, and lets each that closed say so; memory only spares work."""

    home: House
    board: Board
    pace: Pace = field(default_factory=Pace)
    seen: dict[int, tuple[int, datetime, str]] = field(default_factory=dict)
    told: set[str] = field(default_factory=set)
    waits: dict[int, datetime] = field(default_factory=dict)

    def keep(self, now: datetime) -> int:
        """Make what may be changed now say what it should; how many briefs changed. `now` is wall time."""
        changed = 0
        for due in self._due(self._begin(now), now):
            if self.pace.take_spare(due.brief.channel, now) and not self._is_frozen(due.brief.channel):
                changed += self._act(due, now)
        return changed

    def _is_frozen(self, channel: str) -> bool:
        """Looked at again before each change: those before it may have taken long."""
        with self.home.store.reading() as session:
            return is_frozen(session, channel)

    def _begin(self, now: datetime) -> set[str]:
        """Give each incident that is told of a row for its channel; the channels that just had a change."""
        is_told = exists().where(
            col(Message.incident_id) == col(Incident.id),
            col(Message.channel) == col(Incident.channel),
            col(Message.state) == "sent",
            ~col(Message.elsewhere),
        )
        has_one = exists().where(
            col(Brief.incident_id) == col(Incident.id), col(Brief.channel) == col(Incident.channel)
        )
        missing = select(Incident.id, Incident.channel).where(
            col(Incident.state).in_(LIVE), col(Incident.channel) != "", is_told, ~has_one
        )
        just_now = select(Brief.channel).where(col(Brief.attempted_at) > now - EVERY).distinct()
        with self.home.store.reading() as session:
            new, busy = session.exec(missing).all(), set(session.exec(just_now))
        if new:
            with self.home.store.writing() as session:
                session.add_all(Brief(incident_id=row_id or 0, channel=channel) for row_id, channel in new)
        return busy

    def _due(self, busy: set[str], now: datetime) -> list[_Due]:
        """The brief of each channel that waited longest of those that do not say what they should.

        A channel that may not be changed now is not read at all: a thousand briefs may wait for one channel.
        """
        due: list[_Due] = []
        with self.home.store.reading() as session:
            rows = session.exec(
                select(Brief, Counter.value)
                .join(Incident, col(Incident.id) == col(Brief.incident_id))
                .join(Counter, col(Counter.name) == literal(HEAD) + col(Incident.ref))
                .where(col(Brief.state).not_in(_OVER))
                .order_by(col(Brief.attempted_at).is_not(None), col(Brief.attempted_at), col(Brief.id))
            ).all()
            closed = {*busy, *frozen_channels(session)}
            closed |= {one for one in {row[0].channel for row in rows} if self.pace.spare_at(one, now) > now}
            for brief, head in rows if EVERYWHERE not in closed else ():
                if brief.channel in closed or (found := self._read(session, brief, head, now)) is None:
                    continue
                due.append(found)
                closed.add(brief.channel)
            session.expunge_all()
        return due

    def _read(self, session: Session, brief: Brief, head: int, now: datetime) -> _Due | None:
        """What the brief should say, if it does not; a fault of one incident hides no other's."""
        assert brief.id is not None
        last = self.seen.get(brief.id)
        stands = brief.state == "shown" and brief.shown != ""
        if (
            stands
            and last is not None
            and last[0] == head
            and now - last[1] < LOOK_ANEW
            and last[2] == brief.shown
        ):
            return None
        if self.waits.get(brief.id, now) > now or _is_on_its_way(brief, now):
            return None
        incident = session.get_one(Incident, brief.incident_id)
        try:
            view = brief_view(self.home, session, incident, brief.channel, now)
            message = render_brief(view)
        except SeventytwoError as fault:
            self._say_once(f"the brief of {incident.ref} cannot be written: {fault}")
            return None
        digest = digest_of(message)
        self.seen[brief.id] = (head, now, digest)
        if stands and brief.shown == digest and not view.is_over:
            return None
        return _Due(brief, message, digest, view.is_over)

    def _act(self, due: _Due, now: datetime) -> bool:
        brief = due.brief
        if brief.state in ("sending", "unknown"):
            return self._look_for(due, now)
        if brief.state == "new":
            return self._post(due, now)
        return self._edit(due, now)

    def _post(self, due: _Due, now: datetime) -> bool:
        if due.is_over:  # it was never shown, and need not be
            return self._change(due.brief, state="done", attempted_at=now) and False
        if not self._change(due.brief, state="sending", attempted_at=now):
            return False
        outcome = self.board.post(due.brief.channel, due.message, thread=None, key=_mark(due.brief))
        match outcome:
            case Sent(ts):
                shown = {"state": "shown", "external_id": ts, "shown": due.digest, "shown_at": now}
                self._change(due.brief, **shown)
                self._pin(due.brief)
                return True
            case TryLater(why, after):
                self._wait(due.brief, why, after, now)
                self._change(due.brief, state="new")
            case Unknown():
                self._change(due.brief, state="unknown")
            case Dead(why):
                self._change(due.brief, state="new")
                self._put_off(due.brief, why, now)
        return False

    def _look_for(self, due: _Due, now: datetime) -> bool:
        """Find a post again that nobody knows the outcome of."""
        brief, tried = due.brief, due.brief.attempted_at or now
        if not self._change(brief, state="unknown", attempted_at=now):
            return False
        match self.board.find(brief.channel, thread=None, key=_mark(brief), since=tried - SKEW):
            case Sent(ts):
                self._change(brief, state="shown", external_id=ts, shown="-", shown_at=now)
                self._pin(brief)
                return True
            case Absent():
                self._change(brief, state="new")
            case TryLater(why, after):
                self._wait(brief, why, after, now)
            case Dead(why):
                self._put_off(brief, why, now)
        return False

    def _edit(self, due: _Due, now: datetime) -> bool:
        brief = due.brief
        if not self._change(brief, attempted_at=now):
            return False
        if brief.shown != due.digest:
            match self.board.edit(brief.channel, brief.external_id, due.message):
                case Sent():
                    self._change(brief, shown=due.digest, shown_at=now)
                case TryLater(why, after):
                    self._wait(brief, why, after, now)
                    return False
                case Unknown(why):
                    self._wait(brief, why, None, now)
                    return False
                case Dead(why) if why in _GONE:
                    self._lose(brief, why)
                    return False
                case Dead(why):
                    self._put_off(brief, why, now)
                    return False
        if due.is_over:
            self._unpin(brief)
        elif not brief.is_pinned:
            self._pin(brief)
        return True

    def _pin(self, brief: Brief) -> None:
        match self.board.pin(brief.channel, brief.external_id):
            case Sent():
                self._change(brief, is_pinned=True)
            case TryLater(why) | Unknown(why) | Dead(why):
                self._say_once(f"the brief in {brief.channel} is there but not pinned: {why}")

    def _unpin(self, brief: Brief) -> None:
        """Whatever comes of it: a pin that stays shows that the incident is over."""
        if brief.is_pinned:
            match self.board.unpin(brief.channel, brief.external_id):
                case Sent():
                    self._change(brief, is_pinned=False)
                case TryLater(why) | Unknown(why) | Dead(why):
                    self._say_once(f"a brief in {brief.channel} stays pinned: {why}")
        self._change(brief, state="done")

    def _lose(self, brief: Brief, why: str) -> None:
        """A brief that people deleted, or that can be changed no more, is left as it is."""
        self._change(brief, state="lost")
        self._say_once(f"the brief in {brief.channel} is kept no longer: {why}")

    def _put_off(self, brief: Brief, why: str, now: datetime) -> None:
        """What the channel or our token refuses may be mended: it is tried again, in a while."""
        self.waits[brief.id or 0] = now + REFUSED
        self._say_once(f"the brief in {brief.channel} waits until it may be written again: {why}")

    def _wait(self, brief: Brief, why: str, after: float | None, now: datetime) -> None:
        log.info("the brief in %s waits: %s", brief.channel, why)
        if after is not None:
            self.pace.pause(brief.channel, now, now + timedelta(seconds=after))

    def _say_once(self, what: str) -> None:
        if what not in self.told:
            self.told.add(what)
            log.warning("%s", what)

    def _change(self, brief: Brief, **values: object) -> bool:
        """Change the row if nobody else did since it was read; then it is as it was read."""
        tried = col(Brief.attempted_at)
        same = tried.is_(None) if brief.attempted_at is None else tried == brief.attempted_at
        still = update(Brief).where(col(Brief.id) == brief.id, col(Brief.state) == brief.state, same)
        with self.home.store.writing() as session:
            found = session.execute(still.values(values).returning(col(Brief.id))).first()
        if found is not None:
            for name, value in values.items():
                setattr(brief, name, value)
        return found is not None


def _is_on_its_way(brief: Brief, now: datetime) -> bool:
    """Whether somebody may still be posting it; it holds up no other of its channel meanwhile."""
    since = now - (brief.attempted_at or now)
    return (brief.state == "sending" and since < LEASE) or (brief.state == "unknown" and since < EVERY)


def _mark(brief: Brief) -> str:
    """What it is found by later; it says nothing about the incident."""
    return f"brief-{sha256(f'{brief.incident_id}/{brief.channel}'.encode()).hexdigest()[:32]}"
