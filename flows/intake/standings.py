"""How alerts and groups stand while a batch is decided, and what of it is written at its end."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from flows.intake import rows
from flows.intake.claims import Claim
from flows.intake.deliveries import Delivery
from flows.intake.outcomes import LIVE, Known
from flows.intake.readings import as_reading, as_refs, refs_in
from flows.intake.rows import Holder, Key


@dataclass(slots=True)
class Standing:
    """One alert: what is known of it, what it says now, what it belongs to."""

    key: Key
    alert_id: int | None = None
    known: Known | None = None
    content: str = ""
    """What it said last, by its digest."""
    incident_id: int | None = None
    window_id: int | None = None
    group_id: int | None = None
    held_by: int | None = None
    """The quiet window that held it back until this batch, while it fired."""
    clients: tuple[str, ...] = ()
    last_seen_at: datetime | None = None
    """When it came last before this batch."""
    more: int = 0
    """How often it came within this batch."""
    seen_at: datetime | None = None
    first_at: datetime | None = None
    news: Claim | None = None
    kind: str = ""
    is_bound_anew: bool = False

    def is_late(self, delivery: Delivery) -> bool:
        """Whether a replay from quarantine is older than what is known by now."""
        known = self.last_seen_at
        return delivery.is_replay and known is not None and delivery.wall < known

    def count(self, claim: Claim, kind: str, delivery: Delivery, *, is_new: bool) -> None:
        """Count one arrival, and keep what it says if that is news.

        What `is_new` to an incident brings its words again: those of before may have expired.
        """
        if not delivery.is_retake:
            self.more += 1
            self.first_at, self.seen_at = self.first_at or delivery.wall, delivery.wall
        if self.is_late(delivery):
            return
        if claim.content != self.content or (is_new and not delivery.is_retake):
            self.news, self.content, self.kind = claim, claim.content, kind

    @property
    def is_live(self) -> bool:
        """Whether it belongs to an incident that more may join."""
        return self.known is not None and self.known.is_live

    @property
    def said(self) -> tuple[Any, ...]:
        """What it says now, in the order of the columns `rows.SAID`."""
        claim = self.news
        assert claim is not None
        return (
            *(self.kind, claim.status, claim.content, claim.severity, claim.title, as_reading(claim)),
            *(claim.payload, as_refs(self.clients), claim.occurred_at),
        )

    @property
    def bound(self) -> tuple[int | None, int | None, int | None]:
        """What it belongs to, in the order of the columns `rows.BOUND`."""
        return self.incident_id, self.window_id, self.group_id

    @property
    def bound_anew(self) -> tuple[Any, ...]:
        """What it belongs to by now, and whose data it is about, which may be known since it last spoke."""
        return *self.bound, as_refs(self.clients), self.alert_id

    @property
    def as_new(self) -> tuple[Any, ...]:
        """The whole row, in the order of the columns `rows.NEW_ALERT`."""
        return (*self.key, self.more, self.first_at, self.seen_at, *self.said, *self.bound)

    def concern(self, clients: Iterable[str], *, also: bool) -> None:
        """Say whose data it is about; `also` keeps those whom it named before."""
        self.clients = tuple(dict.fromkeys((*self.clients, *clients) if also else clients))

    def bind(self, incident_id: int | None, window_id: int | None, group_id: int | None) -> None:
        """Say what it belongs to by now, or what holds it."""
        self.incident_id, self.window_id, self.group_id = incident_id, window_id, group_id
        self.is_bound_anew = True


@dataclass(slots=True)
class GroupStanding:
    """One group of alerts: the live incident that it leads to, and its count."""

    digest: str
    rule: str
    began_at: datetime
    last_at: datetime
    alerts: int = 0
    id: int | None = None
    incident_id: int | None = None
    incident: str = ""
    """The live incident's reference; empty for none."""
    is_led_to: str = ""
    """The state of that incident."""
    is_led_anew: bool = False
    """Whether this batch made it lead there."""
    is_changed: bool = False

    def lead_to(self, holder: Holder) -> None:
        """Let it lead to an incident."""
        self.incident_id, self.incident, self.is_led_to = holder.id, holder.ref, holder.state
        self.is_led_anew = True

    def count(self, at: datetime, window: timedelta) -> bool:
        """Count one alert of the group; whether that is from the start, its last one being too long ago."""
        if is_anew := at - self.last_at > window:
            self.began_at, self.alerts = at, 0
        self.alerts += 1
        self.last_at, self.is_changed = max(at, self.last_at), True
        return is_anew

    @property
    def values(self) -> tuple[Any, ...]:
        """How it stands, in the order of the columns `rows.GROUP`; no incident where it leads as it did."""
        return self.incident_id if self.is_led_anew else None, self.alerts, self.began_at, self.last_at

    def as_row(self) -> dict[str, Any]:
        """The columns of a new group."""
        names = ("digest", "rule", "incident_id", "alerts", "began_at", "last_at")
        return {name: getattr(self, name) for name in names}


@dataclass(slots=True)
class Standings:
    """All that a batch touches."""

    alerts: dict[Key, Standing] = field(default_factory=dict)
    groups: dict[str, GroupStanding] = field(default_factory=dict)
    holders: dict[int, Holder] = field(default_factory=dict)

    def is_live(self, key: Key) -> bool:
        """Whether an alert belongs to an incident that more may join."""
        return self.alerts[key].is_live

    def release(self, group_id: int, incident_id: int) -> None:
        """Give what this very batch let wait with a group to the incident that it opened."""
        for one in self.alerts.values():
            if one.is_bound_anew and one.group_id == group_id:
                one.bind(incident_id, None, None)

    def write(self, connection: Connection) -> None:
        """Write what changed, alerts behind the groups that they may wait with."""
        changed = [one for one in self.groups.values() if one.is_changed]
        rows.INSERT_GROUP.many(
            connection, [(one.digest, one.rule, *one.values) for one in changed if one.id is None]
        )
        rows.UPDATE_GROUP.many(connection, [(*one.values, one.id) for one in changed if one.id is not None])
        alerts = self.alerts.values()
        rows.INSERT_ALERT.many(
            connection, [one.as_new for one in alerts if one.alert_id is None and one.more]
        )
        known = [one for one in alerts if one.alert_id is not None]
        rows.RECOUNT_ALERT.many(
            connection, [(one.more, one.seen_at, one.seen_at, one.alert_id) for one in known if one.more]
        )
        rows.RESTATE_ALERT.many(connection, [(*one.said, one.alert_id) for one in known if one.news])
        rows.BIND_ALERT.many(connection, [one.bound_anew for one in known if one.is_bound_anew])


def gather(connection: Connection, keys: Iterable[Key]) -> Standings:
    """What the store knows of these alerts; their incidents stay locked."""
    wanted = dict.fromkeys(keys)
    known = rows.known_alerts(connection, wanted)
    held = rows.holders(connection, {row.incident_id for row in known.values()})
    alerts = {key: _standing(key, known.get(key), held) for key in wanted}
    return Standings(alerts, {}, held)


def gather_groups(connection: Connection, standings: Standings, digests: Iterable[str]) -> None:
    """Add what the store knows of these groups; their incidents stay locked."""
    found = rows.groups_at(connection, list(digests))
    missing = {row.incident_id for row in found} - standings.holders.keys()
    standings.holders.update(rows.holders(connection, missing))
    for row in found:
        holder = standings.holders.get(row.incident_id or 0)
        standings.groups[row.digest] = GroupStanding(
            digest=row.digest,
            rule=row.rule,
            began_at=row.began_at,
            last_at=row.last_at,
            alerts=row.alerts,
            id=row.id,
            incident_id=holder.id if holder else None,
            incident=holder.ref if holder and holder.state in LIVE else "",
            is_led_to=holder.state if holder else "",
        )


def _standing(key: Key, row: Any, held: dict[int, Holder]) -> Standing:
    if row is None:
        return Standing(key)
    holder = held.get(row.incident_id or 0)
    known = Known(row.status, row.content, row.severity, holder.ref, holder.state) if holder else None
    return Standing(
        key,
        row.id,
        known,
        row.content,
        holder.id if holder else None,
        row.window_id,
        row.group_id,
        row.window_id if row.incident_id is None and row.status == "firing" else None,
        refs_in(row.clients),
        row.last_seen_at,
    )
