"""What the older incident learns of the younger: clients, facts, the earliest anchors, who is kept out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import col, select

from flows.asserting import add_cases, assert_facts, join_jurisdictions
from flows.candidates import clients_of_alerts
from flows.circle import kept_out
from flows.deciding import Decision
from flows.gathering import Known, cases_of, gather
from flows.merging.judging import Pair, Stated, differing_facts, earliest_anchors, new_facts
from flows.settling.circling import keep_out
from flows.settling.stating import ended_by, with_fact
from playbooks.fact_types import Facts
from playbooks.facts import FactView
from store.tables import Client


@dataclass(frozen=True, slots=True)
class Learnt:
    """What came of it: the clients concerned there, and the facts that stand here otherwise than there."""

    clients: tuple[str, ...]
    differing: tuple[str, ...]


def learn(younger: Decision, older: Decision, by: str) -> Learnt:
    """Take over clients, facts and anchors into the older incident.

    A fact that would end or put off a running duty of the older is not taken: that needs two people's words.
    """
    known, before = (
        gather(younger.session, younger.incident_id),
        gather(older.session, older.incident_id).view,
    )
    clients = _clients(younger)
    add_cases(older, clients, by)
    cases = _pairs(younger, older)
    pairs: tuple[Pair, ...] = ((None, None), *cases)
    taken, left = _sorted(older, new_facts(known.view, before, pairs))
    anchors = earliest_anchors(known.view, before, cases)
    _state(younger, older, known, [*taken, *anchors], pairs)
    join_jurisdictions(older, by)
    differing = [*differing_facts(known.view, before, pairs), *((case, name) for case, name, _ in left)]
    return Learnt(clients, tuple(f"{name} {case or ''}".strip() for case, name in differing))


def share_circle(younger: Decision, older: Decision, by: str) -> None:
    """Keep out of both whoever is kept out of either: each page speaks of the other from now on."""
    for one, other in ((younger, older), (older, younger)):
        missing = kept_out(one.session, one.incident_id) - kept_out(other.session, other.incident_id)
        for handle in sorted(missing):
            keep_out(other, handle, by, "kept out of the one that it was merged with")


def _clients(younger: Decision) -> tuple[str, ...]:
    """The references of its cases' clients, and of those that its alerts name and have no case yet."""
    ids = [case.client_id for case in cases_of(younger.session, younger.incident_id)]
    refs = younger.session.exec(select(Client.ref).where(col(Client.id).in_(ids)).order_by(Client.ref)).all()
    return tuple(dict.fromkeys([*refs, *clients_of_alerts(younger.session, younger.incident_id)]))


def _pairs(younger: Decision, older: Decision) -> tuple[Pair, ...]:
    here = {case.client_id: case.ref for case in cases_of(older.session, older.incident_id)}
    return tuple((case.ref, here[case.client_id]) for case in cases_of(younger.session, younger.incident_id))


def _sorted(older: Decision, facts: Sequence[Stated]) -> tuple[list[Stated], list[Stated]]:
    """The facts that may be taken, and those that would ease a running duty of the older."""
    known = gather(older.session, older.incident_id)
    facts = [one for one in facts if _stated(known.view, one[0]).get(one[1]) != one[2]]
    if not ended_by(older, known, _with(known, facts)):
        return list(facts), []
    taken: list[Stated] = []
    left: list[Stated] = []
    for one in facts:
        eases = ended_by(older, known, _with(known, [*taken, one]))
        (left if eases else taken).append(one)
    return taken, left


def _stated(view: FactView, case: str | None) -> Facts:
    return view.incident if case is None else view.cases.get(case, {})


def _with(known: Known, facts: Sequence[Stated]) -> FactView:
    view = known.view
    for case, name, value in facts:
        view = with_fact(view, case or "", name, value)
    return view


def _state(
    younger: Decision, older: Decision, known: Known, facts: Sequence[Stated], pairs: Sequence[Pair]
) -> None:
    """Write the facts down as their authors stated them there."""
    there = {here: their for their, here in pairs}
    cases = {case.ref: case for case in cases_of(older.session, older.incident_id)}
    for case, name, value in facts:
        author = known.authors.get((there[case], name)) or known.authors.get((None, name), "system")
        basis = f"merged from {younger.incident.ref}"
        assert_facts(older, {name: value}, author=author, basis=basis, case=cases.get(case or ""))
