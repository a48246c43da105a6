"""What people do about a notice on its way by command: send it again, or say what became of a mail."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from sqlmodel import Session

from flows.commanding import sees_whole
from flows.deciding import Decision, deciding, note
from flows.delivery.ladder import STANDING
from flows.delivery.queueing import deliveries_of, leaves_by_itself, open_delivery, ways_of_notice
from flows.delivery.recipients import ways_now
from flows.delivery.recording import record
from flows.desk.words import clock_words
from flows.house import House
from flows.identity import spend
from flows.notice_reading import MAX_ID, notice_seen
from flows.vouching import Vouched, refuse_exercise_only
from notify.delivery.outcomes import Absent, Dispatched
from playbooks.errors import NotFound, Refused
from store.scope import Scope
from store.tables import Delivery, Incident, Notice, Responder

MAY: Final = frozenset({"approver", "commander"})


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks for something about which notice, and what their code is spent on."""

    number: int
    by: Vouched
    used_for: str


def resend(house: House, asked: Asked, way: int) -> str:
    """Send a notice once more by one of its ways; what is said of it. Raises Refused or NotFound."""

    def again(decision: Decision, notice: Notice, handle: str) -> str:
        """Open another delivery of it."""
        ways = ways_of_notice(notice)
        if not 0 < way <= len(ways):
            mend = f"it has {len(ways)}: see `seventytwo notice show {notice.id}`"
            raise Refused("no such way", which=str(way), mend=mend)
        chosen = ways[way - 1]
        if chosen not in ways_now(decision, notice):
            mend = "draft it anew, so that somebody releases it to where it goes now"
            raise Refused("this recipient is not in the client's record any more", which=str(way), mend=mend)
        if not leaves_by_itself(decision, notice, chosen):
            mend = "say on its form when and how the recipient had it"
            raise Refused("no sender of ours goes this way", which=str(chosen["channel"]), mend=mend)
        there = (chosen["channel"], chosen["address"])
        gone = deliveries_of(decision.session, notice)
        before = [one for one in gone if (one.channel, one.address) == there]
        if any(one.state in ("queued", "sending", "unknown") for one in before):
            mend = "wait, or say `notice lost` of a mail that did not arrive"
            raise Refused("it is on this way still", which=str(way), mend=mend)
        repeat = open_delivery(decision, notice, chosen, handle, "sent again on request")
        if notice.accepted_at is not None:  # they have it: silence about a repeat leads to nobody else
            repeat.silent_at = None
        earlier = [one.sent_at for one in before if one.sent_at is not None]
        went = f"; it went this way before, {clock_words(max(earlier))}" if earlier else ""
        return f"notice {notice.id} goes once more by {chosen['channel']}{went}"

    return _act(house, asked, again)


def say_of_mail(house: House, asked: Asked, *, arrived: bool) -> str:
    """Take a person's word on a mail whose outcome nobody knows. Raises Refused or NotFound."""

    def said(decision: Decision, notice: Notice, handle: str) -> str:
        """Write the word down for each of its mails in doubt."""
        mails = [one for one in deliveries_of(decision.session, notice) if one.channel == "email"]
        unknown = [one for one in mails if one.state == "unknown"]
        if not unknown:
            raise Refused("no mail of this notice is in doubt", which=str(notice.id))
        for one in unknown:
            _said(decision, one, handle, arrived=arrived)
        if arrived:
            return f"notice {notice.id} counts as sent; only its recipient's word proves it"
        return f"notice {notice.id} is sent again under the same id"

    return _act(house, asked, said)


def _said(decision: Decision, delivery: Delivery, handle: str, *, arrived: bool) -> None:
    about = {"notice": delivery.notice_id, "way": delivery.position + 1, "arrived": arrived}
    note(decision, "notice_word", handle, about)
    record(decision, delivery, Dispatched("", "a person's word") if arrived else Absent(), by=handle)


def _act(house: House, asked: Asked, act: Callable[[Decision, Notice, str], str]) -> str:
    with house.store.reading() as session:
        ref = _incident_of(session, asked)
    with deciding(house, ref) as decision:
        responder = decision.session.get_one(Responder, asked.by.responder_id)
        notice = notice_seen(decision.session, decision.incident, Scope.of(responder), asked.number)
        if notice is None or not sees_whole(decision.session, decision.incident, responder):
            raise _no_such(asked.number)
        if decision.incident.exercise_id is not None:
            raise Refused("an exercise reaches nobody outside", which=ref)
        refuse_exercise_only(responder)
        if not MAY & set(responder.roles):
            raise Refused("only an approver or a commander decides this", which=responder.handle)
        if decision.incident.state != "open" or notice.state not in STANDING:
            raise Refused("nothing of this notice goes out any more", which=str(asked.number))
        spend(decision.session, responder, asked.by.counter, asked.used_for, decision.wall)
        return act(decision, notice, responder.handle)


def _incident_of(session: Session, asked: Asked) -> str:
    found = session.get(Notice, asked.number) if 0 < asked.number <= MAX_ID else None
    if found is None:
        raise _no_such(asked.number)
    return session.get_one(Incident, found.incident_id).ref


def _no_such(number: int) -> NotFound:
    return NotFound("no such notice", which=str(number), mend="see `seventytwo notice list`")
