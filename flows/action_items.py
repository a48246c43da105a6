"""What the reviews agreed to mend: listed, and closed by its owner or a commander with the evidence."""

from __future__ import annotations

from sqlmodel import Session, col, select

from flows.circle import may_know
from flows.clock import mending_now
from flows.deciding import deciding, note
from flows.forbidden import refuse_in_words
from flows.house import House
from flows.identity import spend
from flows.law.scheduling import silence
from flows.vouching import Vouched, refuse_exercise_only
from playbooks.errors import Mend, NotFound, Refused
from store.scope import Scope
from store.tables import ActionItem, Incident, Responder

_LONGEST_EVIDENCE = 2_000


def action_items(session: Session, *, closed: bool = False) -> list[ActionItem]:
    """The open action items, or with `closed` all of them, by their date."""
    statement = select(ActionItem).order_by(col(ActionItem.due_at), col(ActionItem.ref))
    return list(session.exec(statement if closed else statement.where(ActionItem.state == "open")))


def close_action_item(house: House, ref: str, evidence: str, vouched: Vouched, used_for: str) -> None:
    """Close an action item in the name of its owner or a commander; raises Mend, NotFound or Refused."""
    if not evidence.strip() or len(evidence) > _LONGEST_EVIDENCE:
        raise Mend("an action item is closed with evidence", which=ref, mend="say where the mend can be seen")
    refuse_in_words(evidence=evidence)
    with deciding(house, _incident_of(house, ref)) as decision:
        session = decision.session
        item = session.exec(select(ActionItem).where(ActionItem.ref == ref)).one()
        responder = session.get_one(Responder, vouched.responder_id)
        if not may_know(session, decision.incident, responder):
            raise _no_such_item(ref)
        _refuse_others(session, decision.incident, item, responder)
        spend(session, responder, vouched.counter, used_for, decision.wall)
        at = mending_now(session, decision.incident, decision.wall)
        item.state, item.closed_at, item.evidence = "closed", at, evidence.strip()
        session.add(item)
        silence(session, f"action:{item.id}")
        note(decision, "action_closed", responder.handle, {"action": ref, "evidence": item.evidence})


def _refuse_others(session: Session, incident: Incident, item: ActionItem, responder: Responder) -> None:
    if item.state != "open":
        raise Refused("this action item is closed already", which=item.ref)
    if incident.kind != "exercise":
        refuse_exercise_only(responder)
    if responder.handle != item.owner and "commander" not in responder.roles:
        raise Refused(
            "not this responder's to close", which=item.ref, mend=f"ask {item.owner} or a commander"
        )
    if not Scope.of(responder).sees(session, incident):
        raise _no_such_item(item.ref)


def _incident_of(house: House, ref: str) -> str:
    with house.store.reading() as session:
        found = session.exec(
            select(Incident.ref)
            .join(ActionItem, col(ActionItem.incident_id) == col(Incident.id))
            .where(ActionItem.ref == ref)
        ).first()
    if found is None:
        raise _no_such_item(ref)
    return found


def _no_such_item(ref: str) -> NotFound:
    return NotFound("no such action item", which=ref, mend="see `seventytwo action list`")
