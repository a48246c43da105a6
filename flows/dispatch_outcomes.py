"""What became of each attempt, written into the message's row: told, later, in doubt, or given up."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import assert_never

from sqlmodel import Session

from flows.attempting import Result
from flows.clock import incident_now
from flows.outgoing import Outgoing
from notify.pace import Pace, wait_after
from notify.sending import Absent, Dead, Sent, TryLater, Unknown
from store import outbox, outbox_edits, timeline
from store.tables import Incident

EDITS = "(edits)"
"""All edits share one allowance: Slack counts them by workspace."""
DOUBT = timedelta(seconds=5)  # a request cut off here may still be on its way there
GIVE_UP = timedelta(hours=24)
log = logging.getLogger("seventytwo.dispatch")


def record(session: Session, pace: Pace, outgoing: Outgoing, result: Result, now: datetime) -> None:
    """Write one outcome of a message; the row is the truth about it from here on."""
    message = outgoing.message
    match result:
        case Sent(external_id):
            outbox.mark_sent(
                session,
                message,
                at=now,
                external_id=external_id,
                elsewhere=outgoing.elsewhere,
                as_it_reads=not outgoing.is_unknown,
            )
        case Absent():
            _send_again(session, outgoing, now)
        case TryLater(why, after):
            until = now + max(wait_after(outgoing.attempt), timedelta(seconds=after or 0))
            if after is not None:
                pace.pause(outgoing.channel, now, now + timedelta(seconds=after))
            _retry(session, outgoing, why, until, now)
        case Unknown(why):
            outbox.mark_unknown(session, message, next_at=now + DOUBT, error=why)
        case Dead(why):
            _bury(session, outgoing, why, now)
        case _:
            assert_never(result)


def record_edit(session: Session, edits: Pace, outgoing: Outgoing, result: Result, now: datetime) -> None:
    """Write one outcome of an edit: in doubt it is made again, and what cannot be edited is left as it is."""
    message = outgoing.message
    match result:
        case Sent():
            outbox_edits.mark_edited(session, message)
        case TryLater(why, after):
            if after is not None:
                edits.pause(EDITS, now, now + timedelta(seconds=after))
            _edit_again(session, outgoing, why, after or 0, now)
        case Unknown(why):
            _edit_again(session, outgoing, why, 0, now)
        case Dead(why):
            _leave(session, outgoing, why)
        case Absent():
            _leave(session, outgoing, "it is not there")
        case _:
            assert_never(result)


def _edit_again(session: Session, outgoing: Outgoing, why: str, after: float, now: datetime) -> None:
    since = outgoing.message.edited_at
    if since is not None and now - since > GIVE_UP:
        _leave(session, outgoing, f"given up after {GIVE_UP}: {why}")
        return
    until = now + max(wait_after(outgoing.attempt), timedelta(seconds=after))
    outbox_edits.mark_edit_later(session, outgoing.message, next_at=until, error=why)


def _leave(session: Session, outgoing: Outgoing, why: str) -> None:
    """A message that cannot be edited, or that people deleted, is no fault of the incident's."""
    if outbox_edits.mark_edit_dropped(session, outgoing.message, error=why):
        log.warning("message %s of %s stays as it was sent: %s", outgoing.message.id, outgoing.ref, why)


def _send_again(session: Session, outgoing: Outgoing, now: datetime) -> None:
    """A channel that loses each attempt may not hold up the line for ever."""
    if now - outgoing.message.queued_at > GIVE_UP:
        _bury(session, outgoing, f"given up after {GIVE_UP}: lost by the channel each time", now)
    else:
        outbox.mark_failed(session, outgoing.message, next_at=now, error="not arrived, sent again")


def _retry(session: Session, outgoing: Outgoing, why: str, until: datetime, now: datetime) -> None:
    if now - outgoing.message.queued_at > GIVE_UP:
        _bury(session, outgoing, f"given up after {GIVE_UP}: {why}", now)
    elif outgoing.is_unknown:
        outbox.mark_unknown(session, outgoing.message, next_at=until, error=why)
    else:
        outbox.mark_failed(session, outgoing.message, next_at=until, error=why)


def _bury(session: Session, outgoing: Outgoing, why: str, now: datetime) -> None:
    """Give a message up where everybody will see it: in its row, in the timeline, in the log."""
    if not outbox.mark_dead(session, outgoing.message, error=why):
        return
    incident = session.get(Incident, outgoing.message.incident_id) if outgoing.message.incident_id else None
    timeline.append(
        session,
        chain=outgoing.ref,
        kind="message_undeliverable",
        author="system",
        at=incident_now(session, incident, now) if incident else now,
        recorded_at=now,
        payload={"message": outgoing.message.key, "kind": outgoing.message.kind, "why": why},
    )
    log.error("message %s of %s cannot be delivered: %s", outgoing.message.id, outgoing.ref, why)
