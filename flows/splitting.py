"""Splitting an incident: alerts that are another matter open an incident of their own, with its anchors."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import get_args

from sqlmodel import Session, col, select

from flows.circle import is_guarded, kept_out, outward
from flows.commanding import commanding
from flows.deciding import Decision, deciding, note, say
from flows.forbidden import refuse_in_words
from flows.gathering import plan_of, view_of
from flows.house import House
from flows.incidents import refuse_unopened
from flows.intake import readings
from flows.intake.grouping import rebind_groups
from flows.merging.told import merged_here
from flows.opening import Opening, begin, record_incident
from flows.settling.circling import keep_out
from flows.vouching import Vouched
from playbooks.alerts.rules import Choice
from playbooks.alerts.view import Severity
from playbooks.errors import Mend, Refused
from playbooks.fact_types import FactValue
from store.tables import Alert, Incident, Source

SEVERITIES: tuple[str, ...] = get_args(Severity)
"""From the gravest on."""


def split(decision: Decision, numbers: Sequence[int], playbook: str, by: str, why: str) -> Incident:
    """Let alerts of an incident open one of their own, and tell; raises Refused or NotFound.

    The new one keeps the earliest anchors of the old, and whoever was kept out of that.
    """
    refuse_unopened(decision.incident)
    alerts = _named(decision, numbers)
    choice = _choice(decision, alerts, playbook)
    child = _recorded(decision, alerts, choice, by)
    rebind_groups(decision.session, decision.house, alerts, _whole(decision), child.incident_id)
    for handle in sorted(kept_out(decision.session, decision.incident_id)):
        keep_out(child, handle, by, "kept out of the incident that it was split from")
    moved = [alert.id for alert in alerts]
    note(child, "split_from", by, {"from": decision.incident.ref, "alerts": moved, "why": why})
    to = _told_as(decision, child)
    note(decision, "incident_split", by, {"to": to, "alerts": moved, "why": why})
    told = outward(decision.session, decision.incident, why)
    listed = ", ".join(map(str, moved[:10])) + (" and more" if len(moved) > 10 else "")
    key = f"split/{child.incident.ref}"
    say(decision, "incident_split", key, other=to or "another incident", alerts=listed, why=told)
    begin(child, _clients(alerts), by)
    return child.incident


def split_in_name(
    house: House, ref: str, numbers: Sequence[int], playbook: str, why: str, by: Vouched, used_for: str
) -> str:
    """Split an incident by command; the new one's reference. Raises Mend, NotFound or Refused."""
    if not why.strip():
        raise Mend("splitting needs a reason", mend="say why with --why")
    refuse_in_words(why=why)
    with deciding(house, ref) as decision:
        handle = commanding(decision.session, [decision.incident], by, used_for, decision.wall)
        return split(decision, numbers, playbook, handle, why).ref


def read_numbers(text: str) -> list[int]:
    """The numbers of alerts, parted by commas or spaces; raises Refused for what is none."""
    words = text.replace(",", " ").split()
    if not words or not all(word.isascii() and word.isdigit() and len(word) < 10 for word in words):
        raise Refused("name alerts by their numbers", mend="as the page lists them: 12, 15")
    return list(dict.fromkeys(map(int, words)))


def _named(decision: Decision, numbers: Sequence[int]) -> list[Alert]:
    """The alerts of these numbers; at least one other must stay."""
    session = decision.session
    there = set(session.exec(select(Alert.id).where(col(Alert.incident_id).in_(_whole(decision)))))
    if unknown := sorted(set(numbers) - there):
        named = ", ".join(map(str, unknown[:6]))
        raise Refused(f"not among the incident's alerts: {named}", mend="its page lists them by number")
    if there == set(numbers):
        raise Refused("at least one alert must stay", mend="close the incident, or leave one of them")
    return list(session.exec(select(Alert).where(col(Alert.id).in_(numbers)).order_by(col(Alert.id))))


def _whole(decision: Decision) -> list[int]:
    """The rows of the incident and of all that were merged into it."""
    merged = merged_here(decision.session, decision.incident)
    return [decision.incident_id, *(one.id for one in merged if one.id is not None)]


def _told_as(decision: Decision, child: Decision) -> str:
    """The new one's reference for those who may know of the first: empty where fewer may know of the new."""
    session = decision.session
    hides = is_guarded(session, child.incident) and not is_guarded(session, decision.incident)
    return "" if hides else child.incident.ref


def _choice(decision: Decision, alerts: Sequence[Alert], playbook: str) -> Choice:
    """The playbook that is named, else what the rules choose for the gravest of the alerts."""
    house, session = decision.house, decision.session
    if playbook:
        named = house.trust.for_person(playbook, decision.wall.date()).playbook
        severity = readings.severity_of(_gravest(alerts))
        choice = Choice(named.ref, severity, "named by a commander")
    else:
        choice = _by_rules(house, session, _gravest(alerts))
    restricted = house.trust.for_alert(choice.playbook, decision.wall.date()).playbook.restricted
    if plan_of(decision.incident).restricted and not restricted:
        mend = "name a restricted playbook for the new one"
        raise Refused("its alerts are known to few, and the new incident would be open to more", mend=mend)
    return choice


def _by_rules(house: House, session: Session, alert: Alert) -> Choice:
    source = session.get_one(Source, alert.source_id)
    clients = readings.refs_in(alert.clients)
    view = readings.view_of(readings.claim_of(alert), source.name, alert.kind, clients)
    return house.alert_rules.choose(view, source.playbook)


def _gravest(alerts: Sequence[Alert]) -> Alert:
    return min(alerts, key=lambda one: SEVERITIES.index(readings.severity_of(one)))


def _recorded(decision: Decision, alerts: Sequence[Alert], choice: Choice, by: str) -> Decision:
    """Record the new incident with the earliest anchors of the old, and give it the alerts."""
    session, incident = decision.session, decision.incident
    opening = Opening(
        author=by,
        playbook=choice.playbook,
        title=_gravest(alerts).title,
        severity=choice.severity,
        exercise_id=incident.exercise_id,
        channel=incident.channel,
        split_from_id=incident.id,
        detected_at=_earliest(decision, "detected_at"),
        aware_at=_earliest(decision, "aware_at"),
        why=choice.why,
    )
    child = record_incident(session, decision.house, opening, decision.wall)
    for alert in alerts:
        alert.incident_id = child.id
        session.add(alert)
    session.flush()
    return Decision(decision.house, session, child, decision.wall, child.opened_at)


def _earliest(decision: Decision, name: str) -> datetime | None:
    view = view_of(decision.session, decision.incident_id)
    known: list[FactValue] = [view.known(name, case) for case in (None, *view.cases)]
    return min((at for at in known if isinstance(at, datetime)), default=None)


def _clients(alerts: Sequence[Alert]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(ref for alert in alerts for ref in readings.refs_in(alert.clients)))
