"""A reader sees the clients of their scope and no other."""

from __future__ import annotations

from sqlmodel import select

from store import timeline
from store.database import Store
from store.scope import Scope
from store.tables import Incident, Responder, TimelineEntry
from tests.harness.incidents import NOW, add_case, open_incident


def shared_incident(store: Store) -> str:
    ref = open_incident(store)
    add_case(store, ref, "example-retail", "A")
    add_case(store, ref, "example-bank", "B")
    with store.deciding(ref) as (session, _):
        for case_ref in ("", "A", "B"):
            timeline.append(
                session,
                chain=ref,
                kind="note",
                author="it-1",
                case_ref=case_ref,
                at=NOW,
                recorded_at=NOW,
                payload={},
            )
    return ref


def cases_seen(store: Store, ref: str, scope: Scope) -> list[str]:
    with store.deciding(ref) as (session, incident):
        return [case.ref for case in scope.cases(session, incident)]


def test_the_whole_scope_sees_every_case(store: Store) -> None:
    assert cases_seen(store, shared_incident(store), Scope.whole()) == ["A", "B"]


def test_a_limited_scope_sees_its_own_cases(store: Store) -> None:
    ref = shared_incident(store)
    assert cases_seen(store, ref, Scope.limited(["example-bank"])) == ["B"]
    assert cases_seen(store, ref, Scope.limited([])) == []


def test_rows_of_other_clients_are_left_out_of_a_query(store: Store) -> None:
    with store.deciding(shared_incident(store)) as (session, incident):
        visible = Scope.limited(["example-retail"]).within(session, incident, TimelineEntry.case_ref)
        found = session.exec(select(TimelineEntry.case_ref).where(visible)).all()
    assert list(found) == ["", "A"]


def test_an_incident_without_a_client_of_ours_is_not_seen(store: Store) -> None:
    shared, untriaged = shared_incident(store), open_incident(store)
    with store.reading() as session:
        incidents = {row.ref: row for row in session.exec(select(Incident))}
        seen = {
            (name, ref): scope.sees(session, incidents[ref])
            for name, scope in {"whole": Scope.whole(), "retail": Scope.limited(["example-retail"])}.items()
            for ref in (shared, untriaged)
        }
    assert seen == {
        ("whole", shared): True,
        ("whole", untriaged): True,
        ("retail", shared): True,
        ("retail", untriaged): False,
    }


def test_a_responder_for_whom_no_client_is_named_sees_all() -> None:
    unlimited = Responder(handle="it-1", name="-", secret="-", enrolled_at=NOW)
    limited = Responder(handle="it-2", name="-", secret="-", enrolled_at=NOW, clients=["example-retail"])
    assert Scope.of(unlimited).permits("example-bank")
    assert Scope.of(limited).permits("example-retail")
    assert not Scope.of(limited).permits("example-bank")
