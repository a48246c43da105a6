"""Writing down what is known: facts with provenance, and the cases of the clients concerned."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from string import ascii_uppercase
from typing import Any, Final

from sqlmodel import col, or_, select

from flows.deciding import Decision, note
from flows.exercise_channel import spoken_in
from flows.gathering import Known, cases_of, gather, view_of
from playbooks import facts
from playbooks.facts import FactView
from store.adding import add_rows
from store.tables import Case, Client, FactRow

RECORD: Final = "client record"
"""The author of what a client's record says, our own organisation's too."""
_OPEN = frozenset({"unknown"})
"""Among choices: there may be more."""


def assert_facts(
    decision: Decision,
    values: Mapping[str, Any],
    *,
    author: str,
    basis: str = "",
    case: Case | None = None,
    at: datetime | None = None,
) -> None:
    """Add assertions to the incident, or to one of its cases; what was asserted before stays."""
    said = {name: facts.to_json(value) for name, value in values.items()}
    rows = [
        {
            "incident_id": decision.incident_id,
            "case_id": case.id if case else None,
            "name": name,
            "value": {"value": value},
            "author": author,
            "basis": basis,
            "asserted_at": at or decision.now,
            "recorded_at": decision.wall,
        }
        for name, value in said.items()
    ]
    add_rows(decision.session, FactRow, rows)
    if said:
        ref = case.ref if case else ""
        note(decision, "facts_asserted", author, {"facts": said, "basis": basis}, case_ref=ref, at=at)


def add_cases(decision: Decision, client_refs: tuple[str, ...], author: str) -> list[Case]:
    """Open a case for each client not yet among the incident's, with what its record says."""
    if not client_refs:
        return []
    known = {case.client_id for case in cases_of(decision.session, decision.incident_id)}
    found = decision.session.exec(
        select(Client).where(col(Client.ref).in_(client_refs)).order_by(col(Client.ref))
    )
    clients = [client for client in found if client.id not in known]
    added = [_case(decision, client, len(known) + at) for at, client in enumerate(clients)]
    decision.session.add_all(added)
    decision.session.flush()
    view = view_of(decision.session, decision.incident_id)
    for case, client in zip(added, clients, strict=True):
        note(decision, "case_opened", author, {"client": client.ref}, case_ref=case.ref)
        assert_facts(decision, _recorded(client, view), author=RECORD, case=case)
    if added and len(known) + len(added) > 1:
        _leave_channel(decision)
    return added


def _leave_channel(decision: Decision) -> None:
    """With a second client, speak in the house's channel: nothing of one is told in another's."""
    incident = decision.incident
    ours = spoken_in(decision.house.settings, "", exercise=incident.kind == "exercise")
    theirs = select(Client.id).where(Client.channel == incident.channel)
    if incident.channel != ours and decision.session.exec(theirs).first() is not None:
        incident.channel = ours
        decision.session.add(incident)
        note(decision, "channel_changed", "system", {"channel": ours, "why": "several clients are concerned"})


def follow_records(decision: Decision) -> None:
    """State what client records say by now: special regimes, our role, and places; ours of the incident.

    A record that names none says nothing, and what a person stated is not taken back by a record; its places
    are added to those of a case.
    """
    session, known = decision.session, gather(decision.session, decision.incident_id)
    ids = [case.client_id for case in known.cases]
    found = session.exec(select(Client).where(or_(col(Client.id).in_(ids), col(Client.own)))).all()
    clients = {client.id: client for client in found}
    own = next((client for client in found if client.own), None)
    if own is not None:
        _follow(decision, known, None, {"our_status": frozenset(own.status)})
    for case in known.cases:
        client = clients[case.client_id]
        said: dict[str, Any] = {"client_status": frozenset(client.status)}
        if known.authors.get((case.ref, "our_role")) == RECORD:  # else a person's word for all cases may hold
            said["our_role"] = client.our_role
        _follow(decision, known, case, said)
        _follow_places(decision, known, case, frozenset(client.jurisdictions))


def _follow(decision: Decision, known: Known, case: Case | None, record: Mapping[str, Any]) -> None:
    """State what a record says anew, of facts that only a record stated before."""
    ref = case.ref if case else None
    changed = {
        name: value
        for name, value in record.items()
        if value and known.authors.get((ref, name), RECORD) == RECORD and known.view.known(name, ref) != value
    }
    assert_facts(decision, changed, author=RECORD, case=case)


def _follow_places(decision: Decision, known: Known, case: Case, places: frozenset[str]) -> None:
    stated = known.view.cases.get(case.ref, {}).get("jurisdictions")
    own = stated if isinstance(stated, frozenset) else frozenset[str]()
    if places and not places <= own:
        joined = _joined(own | places, known.view)
        assert_facts(decision, {"jurisdictions": joined}, author=RECORD, case=case)


def join_jurisdictions(decision: Decision, author: str) -> None:
    """Give each case the places of its client's record and those of the people affected, as now known.

    The law follows both establishment and people (GDPR art. 3(1) and 3(2)); a case's own facts hide the
    incident's, so that the union is stated for the case itself. Until somebody has said where the people
    are, `unknown` stands among the places, so that no law is ruled out.
    """
    view = view_of(decision.session, decision.incident_id)
    for case in cases_of(decision.session, decision.incident_id):
        own = view.known("jurisdictions", case.ref)
        if isinstance(own, frozenset) and (joined := _joined(own, view)) != own:
            assert_facts(decision, {"jurisdictions": joined}, author=author, case=case)


def _joined(own: frozenset[str], view: FactView) -> frozenset[str]:
    everywhere = view.known("jurisdictions")
    return (own - _OPEN) | (everywhere if isinstance(everywhere, frozenset) else _OPEN)


def _case(decision: Decision, client: Client, index: int) -> Case:
    assert client.id is not None
    return Case(
        incident_id=decision.incident_id,
        client_id=client.id,
        ref=_letters(index),
        opened_at=decision.now,
    )


def _recorded(client: Client, view: FactView) -> dict[str, Any]:
    """What a client's record says of its case."""
    places = frozenset(client.jurisdictions)
    record = {
        "our_role": client.our_role,
        "jurisdictions": _joined(places, view) if places else places,
        "client_status": frozenset(client.status),
    }
    return {name: value for name, value in record.items() if value}


def _letters(index: int) -> str:
    """A, B … Z, AA, AB …: the reference of the case at `index`."""
    head, tail = divmod(index, 26)
    return (_letters(head - 1) if head else "") + ascii_uppercase[tail]
