"""Who pressed, and whether they may know of what they pressed: one refusal for all who may not."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from flows import channel_freeze
from flows.channel.incoming import Sender
from flows.clock import incident_now
from flows.desk.login import may_read
from flows.vouching import note_house
from store import timeline
from store.scope import Scope
from store.tables import ChannelAct, Incident, Question, Responder


def responder_of(session: Session, slack_id: str) -> Responder | None:
    """The one active responder with that member id; nobody where two bear it."""
    if not slack_id:
        return None
    found = session.exec(
        select(Responder).where(Responder.slack_id == slack_id, col(Responder.disabled_at).is_(None))
    ).all()
    return found[0] if len(found) == 1 else None


def actor(session: Session, sender: Sender) -> Responder | None:
    """Who may act from there: nobody while the channel, or the whole workspace, is held to be compromised."""
    return None if is_frozen(session, sender) else responder_of(session, sender.user)


def may_act(session: Session, responder: Responder, incident: Incident, case_ref: str = "") -> bool:
    """Whether a responder may know of an incident and of that case of it."""
    if not may_read(session, responder, incident):
        return False
    return not case_ref or case_ref in {one.ref for one in Scope.of(responder).cases(session, incident)}


def may_press(session: Session, responder: Responder, incident: Incident, case_ref: str = "") -> bool:
    """Whether what is pressed below a message of an incident counts: not while its channel is frozen.

    The channel is taken from the incident: Slack may call it by an id, or a name, that no freeze knows.
    """
    return may_act(session, responder, incident, case_ref) and not channel_freeze.is_frozen(
        session, incident.channel
    )


def is_frozen(session: Session, sender: Sender) -> bool:
    """Whether nothing that comes from there counts now: the channel is held to be compromised, in earnest."""
    names = (sender.channel, sender.channel_name, f"#{sender.channel_name}")
    return channel_freeze.is_frozen_in_earnest(session, *names)


def first_outcome(session: Session, key: str) -> str | None:
    """What was said when this very act came first; None where it did not."""
    act = session.get(ChannelAct, key)
    return None if act is None else act.outcome


def keep(
    session: Session,
    key: str,
    what: str,
    outcome: str,
    at: datetime,
    responder: Responder | None = None,
    question: Question | None = None,
    incident: Incident | None = None,
) -> bool:
    """Write an act down by its key, once; False where somebody else just did."""
    act = ChannelAct(
        key=key,
        responder_id=responder.id if responder else None,
        incident_id=incident.id if incident else question.incident_id if question else None,
        question_id=question.id if question else None,
        what=what[:24],
        outcome=outcome[:200],
        at=at,
    )
    try:
        with session.begin_nested():
            session.add(act)
    except IntegrityError:
        return False
    return True


def record_refusal(
    session: Session,
    key: str,
    what: str,
    sender: Sender,
    wall: datetime,
    question: Question | None = None,
) -> None:
    """Write down who was refused: in the incident's timeline where it is about one, else the house's."""
    responder = responder_of(session, sender.user)
    if not keep(session, key, what, "", wall, responder, question):
        return
    if responder is None or question is None:
        said = {"slack": sender.user[:32], "team": sender.team[:32], "what": what}
        note_house(session, "channel_refused", responder.handle if responder else "unknown", said, wall)
        return
    incident = session.get_one(Incident, question.incident_id)
    timeline.append(
        session,
        chain=incident.ref,
        kind="reader_kept_out",
        author=responder.handle,
        at=incident_now(session, incident, wall),
        recorded_at=wall,
        payload={"where": "channel", "what": what},
    )
