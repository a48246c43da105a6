"""What the commander's form names: an open question, a case, a role or a person."""

from __future__ import annotations

from sqlmodel import col, select

from flows.circle import kept_out
from flows.deciding import Decision
from flows.gathering import cases_of, open_questions
from flows.settling.duties import Details, text_of
from flows.specs import holders_of
from playbooks.errors import Refused
from playbooks.escalation import LADDER
from store.scope import Scope
from store.tables import Client, Question, Responder


def named_question(decision: Decision, details: Details, *, automated: bool = False) -> Question:
    """The one open question that `about` names, by the beginning of its reference or by its title.

    What is `automated` asks nobody, and counts only where that is wanted.
    """
    about = text_of(details, "about").casefold()
    left_out = ("command",) if automated else ("command", "action")
    rest = [q for q in open_questions(decision.session, decision.incident_id) if q.kind not in left_out]
    found = [q for q in rest if about and (q.ref.startswith(about) or about in q.title.casefold())]
    if len(found) != 1:
        named = "; ".join(f"{q.ref[:8]} {q.title}" for q in found or rest)
        raise Refused("name one open question", mend=f"one of: {named}" if named else "none is open")
    return found[0]


def named_case(decision: Decision, details: Details) -> str:
    """The case that `about` names, by its letter or its client's reference; empty where it is left empty."""
    about = text_of(details, "about")
    if not about:
        return ""
    cases = cases_of(decision.session, decision.incident_id)
    clients = {case.ref: decision.session.get_one(Client, case.client_id).ref for case in cases}
    for ref, client in clients.items():
        if about in (ref, ref.casefold(), client):
            return ref
    mend = f"a case's letter: {', '.join(clients) or 'there is none yet'}"
    raise Refused("not one of the incident's cases", which="about", mend=mend)


def named_holder(decision: Decision, details: Details, case_ref: str) -> tuple[str, str]:
    """The role that `to_whom` names and nobody of it, or a responder with the first role that they hold."""
    to = text_of(details, "to_whom")
    if to in LADDER:
        return to, ""
    found = decision.session.exec(
        select(Responder).where(Responder.handle == to, col(Responder.disabled_at).is_(None))
    ).first()
    role = next((one for one in found.roles if one in LADDER), "") if found else ""
    if not role or not may_be_given(decision, role, to, case_ref):
        mend = f"one of {', '.join(LADDER)}, or a handle"
        raise Refused("neither a role nor a responder", which="to_whom", mend=mend)
    return role, to


def may_be_given(decision: Decision, role: str, handle: str, case_ref: str) -> bool:
    """Whether a responder may answer a question of this role and case: none kept out, or of other clients."""
    is_out = handle in kept_out(decision.session, decision.incident_id)
    return (
        handle in holders_of(decision.session, role, decision.incident.exercise_id)
        and not is_out
        and _sees(decision, handle, case_ref)
    )


def _sees(decision: Decision, handle: str, case_ref: str) -> bool:
    """Whether a responder may see the clients whom a question of a case, or of all of them, is about."""
    responder = decision.session.exec(select(Responder).where(Responder.handle == handle)).one()
    cases = cases_of(decision.session, decision.incident_id)
    seen = Scope.of(responder).cases(decision.session, decision.incident)
    return {case.ref for case in cases if case_ref in ("", case.ref)} <= {case.ref for case in seen}
