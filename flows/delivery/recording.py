"""How far a delivery has come, written down once with its proof; a notice is proved where that is enough."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Final, assert_never

from flows.deciding import Decision, note, say
from flows.delivery.ladder import STANDING, go_on, keep_state, link_to
from flows.delivery.proving import accept, settle_by_itself
from flows.delivery.queueing import deliveries_of, digest_of_response
from notify.delivery.outcomes import (
    Absent,
    Accepted,
    Acknowledged,
    Bounced,
    Dead,
    Dispatched,
    Search,
    TryLater,
    Unknown,
)
from notify.pace import wait_after
from notify.text import plain
from store.tables import Delivery, Notice

DOUBLINGS: Final = 5
"""How often the time until an outcome is looked into doubles, where it stays unknown each time."""
GIVE_UP: Final = timedelta(hours=24)
DOUBT: Final = timedelta(seconds=5)
"""After which an unknown outcome is looked into: what was cut off may still be on its way there."""
MAIL_DOUBT: Final = timedelta(minutes=15)
"""The same for a mail, which nobody can look for: until then a person may say what became of it."""
_FAR: Final = ("queued", "sending", "unknown", "sent", "accepted", "acknowledged")
_ENDED: Final = ("bounced", "failed", "superseded", "by_hand")


def record(
    decision: Decision, delivery: Delivery, outcome: Search, *, by: str = "system", **proof: Any
) -> None:
    """Write an outcome of a delivery; what is known already changes nothing."""
    match outcome:
        case Dispatched(external_id, response):
            _reach(decision, delivery, "sent", external_id, response, by, proof)
        case Accepted(external_id, response):
            _reach(decision, delivery, "accepted", external_id, response, by, proof)
        case Acknowledged(external_id, response):
            _reach(decision, delivery, "acknowledged", external_id, response, by, proof)
        case Bounced(why, response):
            _fail(decision, delivery, "bounced", why, response, by, proof)
        case Dead(why):
            _fail(decision, delivery, "failed", why, "", by, proof)
        case TryLater(why, after):
            _retry(decision, delivery, why, max(wait_after(delivery.attempts), timedelta(seconds=after or 0)))
        case Absent():
            _retry(decision, delivery, "not arrived, sent again", timedelta(0))
        case Unknown(why):
            doubt(decision, delivery, why)
        case _:
            assert_never(outcome)


def doubt(decision: Decision, delivery: Delivery, why: str, since: datetime | None = None) -> None:
    """Write that nobody knows whether it arrived, and when that is looked into: later each time."""
    is_mail, notice = delivery.channel == "email", _notice(decision, delivery)
    times = (delivery.proof or {}).get("doubts", 0) + 1
    delivery.proof = {**(delivery.proof or {}), "doubts": times}
    delivery.state, delivery.error, delivery.lease_until = "unknown", plain(why)[:200], None
    wait = (MAIL_DOUBT if is_mail else DOUBT) * 2 ** min(times - 1, DOUBLINGS)
    delivery.next_at = (since or decision.wall) + wait
    decision.session.add(delivery)
    said = _said(delivery) | {"why": plain(why)[:200]}
    note(decision, "notice_unknown", "system", said, case_ref=notice.case_ref)
    if is_mail:
        left = max(1, round((delivery.next_at - decision.wall) / timedelta(minutes=1)))
        key = f"notice/{notice.id}/{delivery.position}/doubt/{times}"
        say(decision, "notice_in_doubt", key, notice=notice.id, minutes=left, link=link_to(decision, notice))


def supersede(decision: Decision, delivery: Delivery, why: str) -> None:
    """End a delivery that is to go no further; whether it went out may stay in doubt."""
    said = _said(delivery) | {"why": why, "in_doubt": delivery.state in ("sending", "unknown")}
    delivery.state, delivery.error = "superseded", why[:200]
    delivery.lease_until, delivery.silent_at = None, None
    decision.session.add(delivery)
    notice = _notice(decision, delivery)
    note(decision, "notice_stopped", "system", said, case_ref=notice.case_ref)


def calm(decision: Decision, notice: Notice, why: str) -> None:
    """A recipient has the notice: nothing more is sent of it, and no answer is waited for."""
    for one in deliveries_of(decision.session, notice):
        one.silent_at = None
        decision.session.add(one)
        if one.state in ("queued", "unknown"):
            supersede(decision, one, why)


def _reach(
    decision: Decision,
    delivery: Delivery,
    state: str,
    external_id: str,
    response: str,
    by: str,
    more: dict[str, Any],
) -> None:
    """Bring a delivery as far as `state`; nothing leads back."""
    before = delivery.state
    is_late = state == "sent" and before in _ENDED  # it left nevertheless: written down, and nothing more
    is_news = before in _ENDED or _FAR.index(before) < _FAR.index(state)
    if not is_news or (is_late and delivery.sent_at is not None):
        return
    proof = _proof(decision, response) | more
    if not is_late:
        delivery.state, delivery.lease_until, delivery.error = state, None, ""
    delivery.external_id = external_id[:500] or delivery.external_id
    delivery.proof = {**(delivery.proof or {}), state: proof}
    delivery.sent_at = delivery.sent_at or decision.now
    if state in ("accepted", "acknowledged"):
        delivery.accepted_at = delivery.accepted_at or decision.now
    if state == "acknowledged":
        delivery.acknowledged_at = decision.now
    decision.session.add(delivery)
    _tell(decision, delivery, state, proof, by)


def _tell(decision: Decision, delivery: Delivery, state: str, proof: dict[str, Any], by: str) -> None:
    """Bring the notice along, and settle what its proof settles."""
    notice = _notice(decision, delivery)
    kind = "notice_arrived" if state == "accepted" else f"notice_{state}"
    note(decision, kind, by, _said(delivery, proof), case_ref=notice.case_ref)
    if notice.state not in STANDING or delivery.state != state:
        return
    notice.sent_at = notice.sent_at or delivery.sent_at
    if state == "acknowledged":
        notice.acknowledged_at = notice.acknowledged_at or decision.now
    if state != "sent":
        has_it_before = notice.accepted_at is not None
        assert delivery.sent_at is not None
        assert delivery.accepted_at is not None
        accept(decision, notice, delivery.sent_at, delivery.accepted_at, _receipt(delivery), by)
        if state == "acknowledged" or not delivery.token:
            calm(decision, notice, "the recipient has it already")
        keep_state(decision, notice)
        if not has_it_before:
            settle_by_itself(decision, notice, by)
        return
    keep_state(decision, notice)


def _fail(
    decision: Decision, delivery: Delivery, state: str, why: str, response: str, by: str, more: dict[str, Any]
) -> None:
    """It will not arrive this way: the next one is taken at once."""
    if delivery.state in (*_ENDED, "accepted", "acknowledged"):
        return
    was_awaited = delivery.silent_at is not None  # else its silence led on already, or they have it
    delivery.state, delivery.error = state, plain(why)[:200]
    delivery.lease_until, delivery.silent_at = None, None
    proof = _proof(decision, response) | {"why": plain(why)[:200]} | more
    delivery.proof = {**(delivery.proof or {}), state: proof}
    decision.session.add(delivery)
    notice = _notice(decision, delivery)
    note(decision, f"notice_{state}", by, _said(delivery, proof), case_ref=notice.case_ref)
    keep_state(decision, notice)
    if was_awaited and notice.acknowledged_at is None and notice.state in STANDING:
        go_on(decision, notice, delivery, "it bounced" if state == "bounced" else "it cannot be delivered")


def _retry(decision: Decision, delivery: Delivery, why: str, wait: timedelta) -> None:
    if decision.now - delivery.queued_at > GIVE_UP:
        _fail(decision, delivery, "failed", f"given up after {GIVE_UP}: {why}", "", "system", {})
        return
    delivery.state, delivery.error, delivery.lease_until = "queued", plain(why)[:200], None
    delivery.next_at = decision.wall + wait
    decision.session.add(delivery)


def _proof(decision: Decision, response: str) -> dict[str, Any]:
    """When the other side answered and what, with its digest."""
    proof = {"at": decision.now.isoformat(), "response": plain(response)[:2000]}
    return proof | ({"response_sha256": digest_of_response(response)} if response else {})


def _said(delivery: Delivery, proof: Mapping[str, Any] = MappingProxyType({})) -> dict[str, Any]:
    """What the timeline says of a delivery: of its proof all but the other side's words."""
    return {name: value for name, value in proof.items() if name != "response"} | {
        "notice": delivery.notice_id,
        "channel": delivery.channel,
        "way": delivery.position + 1,
        "message_id": delivery.key,
        "external_id": delivery.external_id,
    }


def _receipt(delivery: Delivery) -> str:
    how = f"by {delivery.channel}, message {delivery.key}"
    return f"{how}, their reference {plain(delivery.external_id)[:200]}" if delivery.external_id else how


def _notice(decision: Decision, delivery: Delivery) -> Notice:
    return decision.session.get_one(Notice, delivery.notice_id)
