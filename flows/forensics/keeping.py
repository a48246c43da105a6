"""Observables of an incident: each kept once under a number, whoever names it how often."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from sqlmodel import Session, col, select

from flows.deciding import Decision, note
from playbooks.forensics.observable_kinds import Seen
from store.seal import Keyring
from store.tables import Observable

MOST = 2_000
"""Observables of one incident; what a storm of alerts names beyond it is counted and left out."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What came of some observables: the rows that are new, how many were known, how many left out."""

    new: tuple[Observable, ...]
    known: int
    left_out: int


def observables_of(session: Session, incident_id: int) -> list[Observable]:
    """The observables of an incident, by number."""
    rows = select(Observable).where(Observable.incident_id == incident_id).order_by(col(Observable.number))
    return list(session.exec(rows))


def keep(decision: Decision, found: Iterable[tuple[Seen, str]], author: str) -> Kept:
    """Keep observables with where each comes from; one that is known already is not kept again."""
    session, keyring = decision.session, decision.house.store.keyring
    rows = observables_of(session, decision.incident_id)
    known = {(row.kind, row.digest) for row in rows}
    number = max((row.number for row in rows), default=0)
    new: list[Observable] = []
    repeated = left_out = 0
    for seen, origin in found:
        digests = _digests(keyring, seen)
        if any((seen.kind, digest) in known for digest in digests):
            repeated += 1
        elif number >= MOST:
            left_out += 1
        else:
            number += 1
            known.add((seen.kind, digests[0]))
            new.append(_row(decision, number, seen, digests[0], origin))
    session.add_all(new)
    if new or left_out:
        kinds = dict(sorted(Counter(row.kind for row in new).items()))
        told = {"observables": [f"O{row.number}" for row in new[:20]], "kinds": kinds, "left_out": left_out}
        note(decision, "observables_kept", author, told)
    return Kept(tuple(new), repeated, left_out)


def _row(decision: Decision, number: int, seen: Seen, digest: str, origin: str) -> Observable:
    return Observable(
        incident_id=decision.incident_id,
        number=number,
        kind=seen.kind,
        value=seen.value,
        digest=digest,
        origin=origin[:80],
        added_at=decision.now,
    )


def _digests(keyring: Keyring, seen: Seen) -> tuple[str, ...]:
    """The keyed digests of an observable, under the present key first."""
    told = f"observable/{seen.kind}/{seen.value}"
    return (keyring.blind_index(told), *keyring.blind_indexes(told))
