"""What was seen and established, as the page of an incident shows it to its reader.

Who sees some clients only gets their part of the reconstruction and what was secured for their cases;
observables, hypotheses, accounts and findings may be about anybody, and are shown to who may see all.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup
from sqlmodel import col, select

from flows.desk.look import Look
from flows.forensics.keeping import observables_of
from flows.forensics.proposing import proposal_of
from flows.forensics.reconstructing import reconstructions_of, result_of
from flows.hypotheses.reading import hypotheses_of
from flows.review.access import access_view, records_words
from notify.access_svg import access_svg
from notify.report_access import AccessView
from playbooks.forensics.fanging import defang
from playbooks.forensics.result import Result
from store.tables import Evidence

SHOWN_OBSERVABLES = 300
SHOWN_ACCOUNTS = 50


@dataclass(frozen=True, slots=True)
class SeenLine:
    """An observable, spelled so that nothing makes a link of it."""

    number: int
    kind: str
    value: str
    origin: str


@dataclass(frozen=True, slots=True)
class EvidenceLine:
    """An item of evidence."""

    number: int
    kind: str
    title: str
    case_ref: str
    custodian: str
    collected_at: datetime
    sha256: str
    state: str


@dataclass(frozen=True, slots=True)
class AccountLine:
    """One account's accesses to one client's records."""

    account: str
    client: str
    system: str
    records: str
    accesses: int
    first: datetime
    last: datetime


@dataclass(frozen=True, slots=True)
class HypothesisLine:
    """A hypothesis, and how much speaks for and against it."""

    number: int
    statement: str
    state: str
    supporting: int
    opposing: int


@dataclass(frozen=True, slots=True)
class ForensicsView:
    """What was seen, secured, reconstructed and supposed."""

    observables: tuple[SeenLine, ...]
    observables_in_all: int
    evidence: tuple[EvidenceLine, ...]
    access: AccessView | None
    accounts: tuple[AccountLine, ...]
    drawing: Markup
    hypotheses: tuple[HypothesisLine, ...]


def forensics_shown(look: Look) -> ForensicsView:
    """What this reader may see of it."""
    incident_id = look.incident.id or 0
    rows = [] if look.limited else observables_of(look.session, incident_id)
    access, accounts = _access(look, incident_id)
    return ForensicsView(
        observables=tuple(
            SeenLine(row.number, row.kind, defang(row.value), row.origin) for row in rows[:SHOWN_OBSERVABLES]
        ),
        observables_in_all=len(rows),
        evidence=_evidence(look),
        access=access,
        accounts=accounts,
        drawing=access_svg(access.picture) if access and access.picture else Markup(),
        hypotheses=() if look.limited else _hypotheses(look, incident_id),
    )


def _evidence(look: Look) -> tuple[EvidenceLine, ...]:
    """What was secured; the incident's own items may hold anybody's data."""
    rows = select(Evidence).where(Evidence.incident_id == look.incident.id).order_by(col(Evidence.number))
    if look.limited:
        refs = [case.ref for case in look.scope.cases(look.session, look.incident)]
        rows = rows.where(col(Evidence.case_ref).in_(refs))
    return tuple(
        EvidenceLine(
            number=row.number,
            kind=row.kind,
            title=row.title,
            case_ref=row.case_ref,
            custodian=row.custodian,
            collected_at=row.collected_at,
            sha256=row.sha256,
            state="disposed" if row.disposed_at else "held" if row.held else "kept",
        )
        for row in look.session.exec(rows)
    )


def _access(look: Look, incident_id: int) -> tuple[AccessView | None, tuple[AccountLine, ...]]:
    """The latest reconstruction with the scope proposed from it; its accounts for who may see all."""
    rows = reconstructions_of(look.session, incident_id)
    if not rows:
        return None, ()
    row, result = rows[-1], result_of(rows[-1])
    only = look.scope.clients
    view = access_view(row.number, row.at, result, proposal_of(row), only)
    if only is not None:
        return (view if view.lines else None), ()
    return view, _accounts(result)


def _accounts(result: Result) -> tuple[AccountLine, ...]:
    return tuple(
        AccountLine(
            account=defang(line.account),
            client=line.client,
            system=line.system,
            records=records_words(line.records),
            accesses=line.accesses,
            first=line.first,
            last=line.last,
        )
        for line in result.lines[:SHOWN_ACCOUNTS]
    )


def _hypotheses(look: Look, incident_id: int) -> tuple[HypothesisLine, ...]:
    return tuple(
        HypothesisLine(
            number=one.hypothesis.number,
            statement=one.hypothesis.statement,
            state=one.hypothesis.state,
            supporting=sum(note.speaks == "for" for note in one.notes),
            opposing=sum(note.speaks == "against" for note in one.notes),
        )
        for one in hypotheses_of(look.session, incident_id)
    )
