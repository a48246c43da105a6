"""The wall of clocks: duties, ledgers and the clients' own clocks made into rows, the most urgent first.

Pure but for `wall_of`, which reads within a scope. All instants are incident time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlmodel import Session, col, func, select

from flows.channel_freeze import frozen_words
from flows.desk.words import left_words
from flows.gathering import view_of
from flows.house import House
from flows.incidents import LIVE
from flows.law.duties import duties_of, footprint, places_of
from notify.wall_view import DELAYED, RUNNING, ClockRow, Wall
from playbooks.clocks import standing
from playbooks.law import Rule
from playbooks.shadow import Shadow, shadow_clocks
from playbooks.vocabulary import whom
from store.scope import Scope
from store.tables import Case, Client, ClockEntry, Incident, Obligation, TimelineEntry

WHOLE = Scope.whole()
_COUNTED = (*RUNNING, "met")
_STARTS = {
    "our notice": "it starts when we tell the client",
    "imputed": "it starts when we became aware",
    "its own decision": "it starts with a decision of the client's own",
}
_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class ClockMaterial:
    """What the rows of one incident are made from; `zones` are the clients' by case."""

    incident: str
    now: datetime
    duties: Sequence[Obligation]
    ledger: Mapping[int | None, Sequence[ClockEntry]]
    rules: Mapping[str, Rule]
    zones: Mapping[str, str]
    shadows: Sequence[Shadow]


@dataclass(frozen=True, slots=True)
class _Stand:
    """A duty as its ledger had it at an instant."""

    state: str
    anchor_at: datetime | None
    due_at: datetime | None
    legal_due_at: datetime | None
    met_at: datetime | None
    why: str


def clock_rows(material: ClockMaterial) -> tuple[ClockRow, ...]:
    """The rows: ours before the clients' own, what is overdue first, then by the instant due."""
    rows = [row for duty in material.duties if (row := _of_duty(material, duty)) is not None]
    rows += [_of_client(material, shadow) for shadow in material.shadows]
    return tuple(sorted(rows, key=_urgency))


def wall_of(
    home: House,
    session: Session,
    incident: Incident,
    at: datetime,
    scope: Scope = WHOLE,
    *,
    case_ref: str = "",
    with_clients: bool = True,
) -> Wall:
    """How the clocks of an incident stand at an instant of its time, as far as `scope` may see.

    A past instant shows what the ledger had then; the clients' own clocks rest on the facts known today, and
    are left out unless `with_clients`. With a `case_ref` it shows that case and the incident's own alone.
    """
    assert incident.id is not None
    cases = [case for case in scope.cases(session, incident) if case_ref in ("", case.ref)]
    there = [case for case in cases if case.opened_at <= at]
    mine = {case.ref for case in cases} | ({""} if scope.clients is None else set())
    duties = [duty for duty in duties_of(session, incident.id) if duty.case_ref in mine]
    material = ClockMaterial(
        incident=incident.ref,
        now=at,
        duties=duties,
        ledger=_ledger(session, incident),
        rules=home.rules,
        zones=_zones(session, cases),
        shadows=_shadows(home, session, incident, there, duties, at) if with_clients else (),
    )
    return Wall(
        incident=incident.ref,
        is_exercise=incident.exercise_id is not None,
        state=incident.state,
        now=at,
        entry=last_entry(session, incident.ref),
        rows=clock_rows(material),
        frozen=frozen_words(session),
    )


def team_zone(home: House, session: Session) -> str:
    """The zone of the incident's own team: our own organisation's record, else the configured place's."""
    return places_of(home, session, [])[None].zone_name


def last_entry(session: Session, ref: str) -> int:
    """The number of the last entry of an incident's timeline: whatever changes a clock adds one."""
    last = session.exec(select(func.max(TimelineEntry.seq)).where(TimelineEntry.chain == ref)).one()
    return last or 0


def _ledger(session: Session, incident: Incident) -> dict[int | None, list[ClockEntry]]:
    rows = session.exec(
        select(ClockEntry)
        .join(Obligation, col(Obligation.id) == col(ClockEntry.obligation_id))
        .where(Obligation.incident_id == incident.id)
        .order_by(col(ClockEntry.obligation_id), col(ClockEntry.seq))
    )
    found: dict[int | None, list[ClockEntry]] = {}
    for row in rows:
        found.setdefault(row.obligation_id, []).append(row)
    return found


def _zones(session: Session, cases: list[Case]) -> dict[str, str]:
    ids = [case.client_id for case in cases]
    zones = dict(session.exec(select(Client.id, Client.zone).where(col(Client.id).in_(ids))).all())
    return {case.ref: zones[case.client_id] for case in cases}


def _shadows(
    home: House,
    session: Session,
    incident: Incident,
    cases: list[Case],
    duties: Sequence[Obligation],
    at: datetime,
) -> tuple[Shadow, ...]:
    """The clients' own clocks while the incident runs; a client is told once a duty to it is met."""
    if not cases or incident.state not in LIVE:
        return ()
    assert incident.id is not None
    told: dict[str, datetime] = {}
    for duty in duties:
        if duty.recipient == "client_controller" and duty.met_at is not None and duty.met_at <= at:
            told[duty.case_ref] = min(duty.met_at, told.get(duty.case_ref, duty.met_at))
    return shadow_clocks(
        home.rules.values(),
        view_of(session, incident.id),
        [case.ref for case in cases],
        told,
        at,
        places=places_of(home, session, cases),
        footprint=footprint(session),
        calendars=home.calendars,
    )


def _of_duty(material: ClockMaterial, duty: Obligation) -> ClockRow | None:
    """A duty's row, or none where it had not appeared yet."""
    entries = [entry for entry in material.ledger.get(duty.id, ()) if entry.at <= material.now]
    stand = _stand(duty, entries, material)
    if stand is None:
        return None
    last = entries[-1] if entries else None
    explanation = last.explanation if last else ""
    rule = material.rules.get(f"{duty.rule_id}@{last.rule_version if last else duty.rule_version}")
    runs = stand.state in RUNNING
    return ClockRow(
        incident=material.incident,
        case_ref=duty.case_ref,
        rule=duty.rule_id,
        title=duty.title,
        citation=duty.citation,
        recipient=whom(duty.recipient, rule.authority if rule else ""),
        stage=duty.stage,
        state=stand.state,
        standing=_standing(stand, duty.delayed_until, material.now),
        anchor_at=stand.anchor_at,
        due_at=stand.due_at,
        legal_due_at=stand.legal_due_at,
        met_at=stand.met_at,
        delayed_until=duty.delayed_until if runs else None,
        left=left_words(stand.due_at, material.now) if runs and stand.due_at else "",
        policy=duty.policy,
        stub=rule is not None and rule.stub,
        evidence=rule.evidence if rule else "",
        place=last.place if last else "",
        zone=material.zones.get(duty.case_ref, ""),
        explanation=explanation,
        no_number=explanation.removeprefix("not computable: ") if runs and not stand.due_at else "",
        why=stand.why,
        started_by="",
        used=None,
        tzdata=last.tzdata if last else "",
        holidays=last.holidays if last else "",
    )


def _stand(duty: Obligation, entries: Sequence[ClockEntry], material: ClockMaterial) -> _Stand | None:
    """The duty as its row has it, or at an earlier instant as its ledger had it."""
    if duty.opened_at > material.now:
        return None
    met_at = duty.met_at if duty.met_at is not None and duty.met_at <= material.now else None
    if len(entries) < len(material.ledger.get(duty.id, ())):
        if not entries:
            return None
        last = entries[-1]
        return _Stand(last.state, last.anchor_at, last.due_at, last.legal_due_at, met_at, "")
    unmet = duty.state == "met" and met_at is None
    return _Stand(
        "owed" if unmet else duty.state, duty.anchor_at, duty.due_at, duty.legal_due_at, met_at, duty.why
    )


def _standing(stand: _Stand, delayed_until: datetime | None, now: datetime) -> str:
    if stand.state not in _COUNTED:
        return stand.state
    if stand.state in RUNNING and delayed_until is not None and now < delayed_until:
        return DELAYED
    return standing(stand.due_at, stand.met_at, now, anchor_at=stand.anchor_at).value


def _of_client(material: ClockMaterial, shadow: Shadow) -> ClockRow:
    rule, due = shadow.rule, shadow.due
    return ClockRow(
        incident=material.incident,
        case_ref=shadow.case,
        rule=rule.id,
        title=rule.title,
        citation=str(rule.citation),
        recipient=whom(rule.recipient, rule.authority),
        stage=rule.stage,
        state="owed" if shadow.holds is True else "presumed",
        standing=standing(due.due_at, None, material.now, anchor_at=due.anchor_at).value,
        anchor_at=due.anchor_at,
        due_at=due.due_at,
        legal_due_at=due.legal_due_at,
        met_at=None,
        delayed_until=None,
        left=left_words(due.due_at, material.now) if due.due_at else "",
        policy=due.policy,
        stub=rule.stub,
        evidence=rule.evidence,
        place=due.place,
        zone=material.zones.get(shadow.case, ""),
        explanation=due.explanation,
        no_number="" if due.due_at else _STARTS[shadow.starts],
        why="; ".join(shadow.why),
        started_by=shadow.starts,
        used=shadow.used,
        tzdata=due.tzdata_version,
        holidays=due.holidays_version,
    )


def _urgency(row: ClockRow) -> tuple[bool, int, datetime, str, str, str]:
    """What is due first stands first, so that what is overdue leads; then no deadline, met, and the rest."""
    rank = 0 if row.is_running else 2 if row.is_settled else 1
    return row.is_shadow, rank, row.due_at or _NEVER, row.incident, row.case_ref, row.rule
