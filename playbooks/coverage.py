"""How well each kind of incident is prepared for each client under each regime, and what would trip it up.

A score is what is left of a hundred after what lacks (`coverage_parts.WEIGHTS`). It says where to mend
first; it promises nothing of how an incident would go.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from statistics import fmean
from typing import Final

from playbooks.coverage_parts import (
    About,
    ClientRecord,
    Kind,
    Lack,
    Part,
    Staff,
    client_lacks,
    contact_lacks,
    kind_lacks,
    notice_lacks,
    people_lacks,
    regime_lacks,
    staffed_for,
)
from playbooks.law import Rule
from playbooks.regimes import Regimes

NO_CLIENT: Final = "no client is on record: nothing can be scored"
_Lacks = tuple[Lack, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One kind of incident for one client under one regime; `score` of a hundred, and the parts that lack."""

    kind: str
    client: str
    regime: str
    score: int
    lacks: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Trip:
    """One thing that incidents would trip over: for which clients, in which kinds, and what it costs."""

    what: str
    about: About
    clients: tuple[str, ...]
    kinds: tuple[str, ...]
    rows: int
    points: float


@dataclass(frozen=True, slots=True)
class Coverage:
    """Every row, and what lacks, worst first and each once."""

    rows: tuple[Row, ...]
    trips: tuple[Trip, ...]

    @property
    def score(self) -> int:
        """The mean of all rows; nought where there is none."""
        return round(fmean(row.score for row in self.rows)) if self.rows else 0


@dataclass(slots=True)
class _Tally:
    """Where one lack was met."""

    clients: dict[str, None] = field(default_factory=dict)
    kinds: dict[str, None] = field(default_factory=dict)
    rows: int = 0
    points: float = 0


def coverage(
    kinds: Sequence[Kind],
    clients: Sequence[ClientRecord],
    rules: Iterable[Rule],
    templates: Collection[str],
    responders: Sequence[Staff],
    today: date,
    *,
    footprint: frozenset[str] | None = None,
) -> Coverage:
    """Score every kind for every client under each regime whose rules could bind us for it.

    `footprint` are the places where any client of the house has people; None while no record says so.
    """
    regimes = Regimes(tuple(rules), today, footprint)
    of_kind = {kind.id: tuple(kind_lacks(kind, today)) for kind in kinds}
    of_notices = _notices(kinds, frozenset(templates))
    rows: list[Row] = []
    tallies: dict[tuple[str, About], _Tally] = {}
    for client in clients:
        owed = regimes.owed(client.our_role, client.jurisdictions, client.status, own=client.own)
        of_client, staffed = tuple(client_lacks(client)), staffed_for(client.ref, responders)
        contacts = {regime: tuple(contact_lacks(client, told)) for regime, told in owed.items()}
        for kind in kinds:
            always = (*of_kind[kind.id], *of_client, *people_lacks(kind, staffed))
            for regime, told in owed.items():
                lacks = (*always, *contacts[regime], *of_notices(kind.id, told), *regime_lacks(kind, regime))
                rows.append(_row(kind.id, client.ref, regime, lacks))
                _count(tallies, kind.id, client.ref, lacks)
    return Coverage(tuple(rows), _trips(tallies))


def _notices(kinds: Sequence[Kind], templates: frozenset[str]) -> Callable[[str, frozenset[str]], _Lacks]:
    by_id = {kind.id: kind for kind in kinds}

    @cache
    def lacking(kind: str, recipients: frozenset[str]) -> _Lacks:
        return tuple(notice_lacks(by_id[kind], recipients, templates))

    return lacking


def _row(kind: str, client: str, regime: str, lacks: _Lacks) -> Row:
    lost = sum(lack.points for lack in lacks)
    parts = dict.fromkeys(lack.part for lack in lacks)
    return Row(kind, client, regime, round(100 - lost), tuple(parts))


def _count(tallies: dict[tuple[str, About], _Tally], kind: str, client: str, lacks: _Lacks) -> None:
    for lack in lacks:
        tally = tallies.setdefault((lack.what, lack.about), _Tally())
        tally.clients[client] = tally.kinds[kind] = None
        tally.rows += 1
        tally.points += lack.points


def _trips(tallies: dict[tuple[str, About], _Tally]) -> tuple[Trip, ...]:
    """Worst first: by what they cost over all rows."""
    trips = [
        Trip(what, about, tuple(one.clients), tuple(one.kinds), one.rows, round(one.points, 1))
        for (what, about), one in tallies.items()
    ]
    return tuple(sorted(trips, key=lambda trip: (-trip.points, trip.what)))
