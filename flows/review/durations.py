"""How long it took to detect, contain, notify and recover: each with its two ends, and what they rest on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from flows.review.material import ACCEPTED, Material
from notify.report_clocks import Duration, Moment
from playbooks.facts import from_json
from playbooks.vocabulary import whom
from store.tables import Obligation

BEGAN = "first_access_at"
"""The field in which a playbook asks when the activity began."""

UNTOLD = {"waived": "waived, with reasons", "not_owed": "not owed"}


def durations(material: Material) -> tuple[Duration, ...]:
    """Every duration of the incident; one whose ends are not both known says so."""
    began, detected = _began(material), fact_moment(material, "detected_at", "earliest signal")
    aware = fact_moment(material, "aware_at", "we became aware")
    contained = contained_moment(material)
    recovered = fact_moment(material, "recovered_at", "service restored")
    opened = Moment("incident opened", material.incident.opened_at, "timeline")
    closed = Moment("incident closed", material.incident.closed_at, "timeline")
    return (
        _between("Detect", began, detected),
        _between("Become aware", detected, aware),
        _between("Contain", detected, contained),
        *_notified(material),
        _between("Recover", contained, recovered),
        _between("Close", opened, closed),
    )


def fact_moment(material: Material, name: str, label: str) -> Moment:
    """The latest word on when something happened, as a fact of the incident."""
    rows = [row for row in material.facts if row.name == name and row.case_id is None]
    value = from_json(name, rows[-1].value["value"]) if rows else None
    if isinstance(value, datetime):
        return Moment(label, value, f"stated by {rows[-1].author}")
    return Moment(label, None, "not stated")


def contained_moment(material: Material) -> Moment:
    """When it was contained, as stated; else when the last step of that phase was done."""
    stated = fact_moment(material, "contained_at", "contained")
    if stated.at is not None:
        return stated
    rows = [row for row in material.steps if not row.added and material.phase(row) == "contain"]
    ends = [row.ended_at for row in rows if row.state == "done" and row.ended_at is not None]
    if not ends or any(row.state in ("open", "waiting", "approving") for row in rows):
        return stated
    return Moment("contained", max(ends), "last step of containment done")


def _began(material: Material) -> Moment:
    for answer in reversed(material.answers):
        told = answer.fields.get(BEGAN)
        at = _instant(told) if answer.verdict == ACCEPTED and isinstance(told, str) else None
        if at is not None:
            return Moment("activity began", at, f"stated by {answer.handle}")
    return Moment("activity began", None, "not stated")


def _instant(told: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(told)
    except ValueError:
        return None
    return at if at.tzinfo is not None else None


def _notified(material: Material) -> Iterator[Duration]:
    """One duration for each recipient in each case: from the clock's start until the first duty was met."""
    groups: dict[tuple[str, str], list[Obligation]] = {}
    for duty in material.duties:
        if duty.state != "not_owed":
            groups.setdefault((duty.case_ref, duty.recipient), []).append(duty)
    for (case_ref, recipient), duties in groups.items():
        told = whom(recipient)
        anchor = next((duty.anchor_at for duty in duties if duty.anchor_at), None)
        met = min((duty.met_at for duty in duties if duty.met_at), default=None)
        start = Moment("clock started", anchor, "duty ledger" if anchor else "no anchor yet")
        ending = UNTOLD.get(duties[0].state, "not told yet")
        end = Moment(f"{told} told", met, "notice accepted" if met else ending)
        yield _between(f"Notify the {told}", start, end, material.client(case_ref))


def _between(name: str, start: Moment, end: Moment, client: str = "") -> Duration:
    if start.at is None or end.at is None:
        missing = ", ".join(f"{one.label}: {one.basis}" for one in (start, end) if one.at is None)
        return Duration(name, client, start, end, None, missing)
    if end.at < start.at:
        return Duration(name, client, start, end, None, "the end as stated lies before the start")
    return Duration(name, client, start, end, end.at - start.at, "")
