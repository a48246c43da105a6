"""What follows where nobody answers: the next way, and after the last a person who must phone."""

from __future__ import annotations

from typing import Final

from flows.deciding import Decision, note, say
from flows.delivery.queueing import BY_HAND, deliveries_of, open_delivery, ways_of_notice
from flows.delivery.recipients import Way, ways_now
from flows.gathering import step_of
from store.tables import Delivery, Notice, StepRow

LIVE: Final = ("queued", "sending", "unknown", "sent", BY_HAND)
"""Of deliveries: those from which something may still come."""
STANDING: Final = ("approved", "queued", "sent", "accepted", "acknowledged", "bounced")
"""Of notices: those that were released and replaced by none."""


def go_on(decision: Decision, notice: Notice, delivery: Delivery, why: str) -> None:
    """Take the next way of a notice; where there is none, or only a person can go it, name who must."""
    way = _next_way(decision, notice)
    told = {"notice": notice.id, "why": why, "link": link_to(decision, notice)}
    key = f"notice/{notice.id}/{delivery.position}/{why.partition(':')[0]}"
    if way is not None:
        following = open_delivery(decision, notice, way, "system", why)
        if following.state != BY_HAND:
            say(decision, "notice_next_way", key, channel=following.channel, **told)
            return
    keep_state(decision, notice)
    step = step_of(decision.incident, decision.session.get_one(StepRow, notice.step_row_id))
    said = {"notice": notice.id, "why": why, "to": step.role}
    note(decision, "notice_unanswered", "system", said, case_ref=notice.case_ref)
    say(decision, "notice_by_hand", key, to_role=step.role, **told)


def keep_state(decision: Decision, notice: Notice) -> None:
    """A notice is as far as the furthest of its deliveries; it bounced where none is on its way."""
    if notice.state not in STANDING:
        return
    states = {one.state for one in deliveries_of(decision.session, notice)}
    if notice.acknowledged_at is not None:
        notice.state = "acknowledged"
    elif notice.accepted_at is not None:
        notice.state = "accepted"
    elif "sent" in states:
        notice.state = "sent"
    elif states & {"queued", "sending", "unknown"}:
        notice.state = "queued"
    elif BY_HAND in states:
        notice.state = "approved"
    elif states & {"bounced", "failed"}:
        notice.state = "bounced"
    decision.session.add(notice)


def _next_way(decision: Decision, notice: Notice) -> Way | None:
    """The first way not gone yet that stands in the client's record still."""
    gone = {one.position for one in deliveries_of(decision.session, notice)}
    now = ways_now(decision, notice)
    ways = enumerate(ways_of_notice(notice))
    return next((way for place, way in ways if place not in gone and way in now), None)


def link_to(decision: Decision, notice: Notice) -> str:
    """Where a notice is read."""
    return f"{decision.house.settings.desk_url}/i/{decision.incident.ref}/n/{notice.id}"
