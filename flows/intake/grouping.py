"""Which alerts belong together, as the store finds it: a keyed digest for each key of a rule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlmodel import Session, select

from flows.house import House
from flows.intake import rows
from flows.intake.readings import claim_of, refs_in, view_of
from playbooks.alerts.rules import Grouping, GroupKey
from store.seal import Keyring
from store.tables import Alert, AlertGroup, AlertWindow, Incident, Source

_BETWEEN = "\x00"
"""Stands in no value that a tool can send: its control characters are gone by then."""
MOST_ALERTS = 5_000
"""Alerts whose keys are looked at when an incident is split."""


@dataclass(frozen=True, slots=True)
class Group:
    """One key of one alert: how the store finds it, and how long it holds together."""

    rule: str
    digest: str
    window: timedelta


def groups_of(
    grouping: Grouping,
    keyring: Keyring,
    exercise_id: int | None,
    test_id: int | None = None,
    bound_to: str = "",
) -> tuple[Group, ...]:
    """The groups of an alert; those of an exercise or an announced test never meet others.

    A source that watches one client's data (`bound_to`) names that client's machines: two clients' `dc01`
    are two machines, while one account at both is one deed.
    """
    head = f"alertgroup/{exercise_id}/{test_id}"
    return tuple(_group(key, keyring, head, bound_to if key.by_machine else "") for key in grouping.keys)


def _group(key: GroupKey, keyring: Keyring, head: str, whose: str) -> Group:
    text = _BETWEEN.join((f"{head}/{key.rule}{'/' if whose else ''}{whose}", *key.values))
    return Group(key.rule, keyring.blind_index(text), key.window)


def rebind_groups(
    session: Session, house: House, alerts: Sequence[Alert], led_to: Sequence[int], incident_id: int
) -> int:
    """Let the groups of alerts that led to some incidents lead to another from now on; how many do."""
    digests: set[str] = set()
    sources = {one.id: one for one in session.exec(select(Source)).all()}
    tests = set(session.exec(select(AlertWindow.id).where(AlertWindow.kind == "test")))
    exercise_id = session.get_one(Incident, incident_id).exercise_id
    for alert in alerts[:MOST_ALERTS]:
        source = sources[alert.source_id]
        bound_to = alert.clients if source.client_id is not None else ""
        view = view_of(claim_of(alert), source.name, alert.kind, refs_in(alert.clients))
        _, grouping = house.alert_rules.judge(view, source.playbook)
        test_id = alert.window_id if alert.window_id in tests else None
        groups = groups_of(grouping, house.store.keyring, exercise_id, test_id, bound_to)
        digests |= {one.digest for one in groups}
    found = rows.groups_at(session.connection(), sorted(digests))
    theirs = [group.id for group in found if group.incident_id in led_to]
    for number in theirs:
        session.get_one(AlertGroup, number).incident_id = incident_id
    return len(theirs)
