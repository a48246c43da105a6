"""The proof of a notice as a named person states it: by which way, under which number, with which receipt."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import select

from flows.circle import outward
from flows.deciding import Decision
from flows.delivery.proving import accept, counted_at, end_round
from flows.delivery.queueing import deliveries_of, open_delivery, ways_of_notice
from flows.delivery.recipients import Way
from flows.delivery.recording import calm, supersede
from flows.forms import Filled, Given
from flows.rounds import duties_fixed_by, notices_of
from flows.settling.ending import ask_again, row_of
from playbooks.errors import Refused
from store.tables import Delivery, Evidence, Notice, Question

WRITTEN_TO = timedelta(minutes=5)
"""How exactly people and their clocks write an instant."""
_STATED = ("reference", "evidence_number", "way")
_LONGEST = 9
"""Digits of a number that a row can have."""


def settle_proof(decision: Decision, question: Question, given: Given, filled: Filled) -> list[Question]:
    """Take a named person's statement that the recipient has the notice: only that meets the duty."""
    row = row_of(decision, question)
    notices = notices_of(decision.session, row)
    if given.decision == "not_delivered":
        _stop(decision, notices)
        why = outward(decision.session, decision.incident, given.reason)
        return [ask_again(decision, row, f"not delivered: {why}")]
    sent_at, accepted_at = _instants(decision, question, notices, filled)
    stated = _stated(decision, filled)
    for notice in notices:
        _take(decision, notice, (sent_at, accepted_at), given.handle, stated)
    give_reasons(decision, notices, given.reason)
    end_round(decision, row, given.handle)
    return []


def give_reasons(decision: Decision, notices: Sequence[Notice], reason: str) -> None:
    """What became late since it was written gives its reasons when it is proved."""
    for duty in duties_fixed_by(decision, list(notices)):
        if duty.due_at is None or duty.late_reason or counted_at(decision, duty, notices) <= duty.due_at:
            continue
        if not reason.strip():
            raise Refused(
                "it is late: the reasons for the delay are needed",
                which=duty.rule_id,
                mend="write them below",
            )
        duty.late_reason = reason[:500]
        decision.session.add(duty)


def _instants(
    decision: Decision, question: Question, notices: Sequence[Notice], filled: Filled
) -> tuple[datetime, datetime]:
    sent_at, accepted_at = filled.details["sent_at"], filled.details["accepted_at"]
    if not isinstance(sent_at, datetime) or not isinstance(accepted_at, datetime):
        raise Refused("a proof needs both instants", mend="say when it was sent and when it was accepted")
    if not sent_at <= accepted_at <= decision.now + timedelta(minutes=5):
        raise Refused("accepted before it was sent, or in the future", mend="correct the instants")
    if any(sent_at < notice.drafted_at - WRITTEN_TO for notice in notices):
        raise Refused("sent before it was written", mend="correct the instants")
    if sent_at < question.opened_at - WRITTEN_TO:  # the release opened this question
        raise Refused("sent before anybody had released it", mend="correct the instants")
    return sent_at, accepted_at


def _stated(decision: Decision, filled: Filled) -> dict[str, Any]:
    """What the form says beside the instants; of an evidence item, its hash."""
    words = {name: str(filled.details.get(name) or "").strip() for name in _STATED}
    said: dict[str, Any] = {"receipt": str(filled.details["receipt"])}
    if words["reference"]:
        said["reference"] = words["reference"][:200]
    if words["evidence_number"]:
        item = _evidence(decision, words["evidence_number"])
        said |= {"evidence": item.number, "sha256": item.sha256}
    if words["way"]:
        said["way"] = _number(words["way"], "no way by that number", "its page at the desk numbers them")
    return said


def _take(
    decision: Decision, notice: Notice, at: tuple[datetime, datetime], by: str, stated: dict[str, Any]
) -> None:
    """Write a person's word into the delivery that they speak of, and into the notice."""
    delivery = _spoken_of(decision, notice, stated.get("way"), by)
    if delivery is not None:
        proof = {**stated, "at": decision.now.isoformat(), "by": by}
        delivery.proof = {**(delivery.proof or {}), "accepted": proof}
        delivery.external_id = stated.get("reference") or delivery.external_id
        if delivery.state not in ("accepted", "acknowledged"):
            delivery.state, delivery.lease_until = "accepted", None
        delivery.sent_at, delivery.accepted_at = delivery.sent_at or at[0], delivery.accepted_at or at[1]
        decision.session.add(delivery)
    more: dict[str, Any] = {name: stated[name] for name in ("reference", "evidence") if name in stated}
    more |= {"receipt_sha256": stated["sha256"]} if "sha256" in stated else {}
    accept(decision, notice, *at, stated["receipt"], by, more)
    calm(decision, notice, "a person states that the recipient has it")


def _spoken_of(decision: Decision, notice: Notice, number: int | None, by: str) -> Delivery | None:
    """The delivery that a person means: of the way that they name, else the one that went last."""
    gone = deliveries_of(decision.session, notice)
    if number is None:
        return next((one for one in reversed(gone) if one.state != "superseded"), None)
    named = next((one for one in gone if one.position == number - 1), None)
    if named is not None or decision.incident.exercise_id is not None:
        return named
    ways: list[Way] = ways_of_notice(notice)
    if not 0 < number <= len(ways):
        raise Refused("no way by that number", which=str(number), mend="its page at the desk numbers them")
    found = open_delivery(decision, notice, ways[number - 1], by, "a person went this way")
    found.state, found.silent_at = "by_hand", None
    return found


def _stop(decision: Decision, notices: Sequence[Notice]) -> None:
    for notice in notices:
        for delivery in deliveries_of(decision.session, notice):
            delivery.silent_at = None
            decision.session.add(delivery)
            if delivery.state in ("queued", "by_hand"):
                supersede(decision, delivery, "it did not arrive: it is written anew")


def _evidence(decision: Decision, text: str) -> Evidence:
    mend = "take the receipt in with `seventytwo evidence add`, or leave this empty"
    number = _number(text, "no evidence by that number", mend)
    found = decision.session.exec(
        select(Evidence).where(Evidence.incident_id == decision.incident_id, Evidence.number == number)
    ).first()
    if found is None or found.disposed_at is not None:
        raise Refused("no evidence by that number", which=text[:20], mend=mend)
    if not found.sha256:
        raise Refused("this evidence was never read, so that it has no hash", which=text[:20], mend=mend)
    return found


def _number(text: str, what: str, mend: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= _LONGEST):
        raise Refused(what, which=text[:20], mend=mend)
    return int(text)
