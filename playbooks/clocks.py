"""When a duty is due, when to warn about it, and how it stands: arithmetic on instants, nothing else.

The number shown is the conservative one, elapsed hours in UTC; the reading the act itself allows stands
beside it and is never earlier. All instants in and out are aware; those out are UTC.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Literal

from playbooks.fact_types import Facts
from playbooks.law import Reading, Rule
from playbooks.places import UTC_PLACE, Place
from playbooks.timebase import aware
from playbooks.zones import TZDATA_VERSION, holidays_version, zone

Threshold = Literal["50", "75", "90", "1h", "overdue"]
POLICY_LABEL = "policy, not law"
NO_FACTS: Facts = MappingProxyType({})

_HOUR = timedelta(hours=1)
_SHARES: tuple[tuple[Threshold, float], ...] = (("50", 0.5), ("75", 0.75), ("90", 0.9))
_SOON = 0.75


class Standing(StrEnum):
    """How a clock stands at an instant."""

    NOT_COMPUTABLE = "not_computable"
    ON_TRACK = "on_track"
    DUE_SOON = "due_soon"
    OVERDUE = "overdue"
    MET = "met"
    MET_LATE = "met_late"


@dataclass(frozen=True, slots=True)
class Contested:
    """A reading that authorities or writers dispute: shown where the why is, never counted down to."""

    reading: str
    due_at: datetime
    note: str = ""


@dataclass(frozen=True, slots=True)
class Due:
    """A computed deadline with all that is needed to explain it again later; no `due_at`: not computable."""

    anchor_at: datetime | None
    due_at: datetime | None
    legal_due_at: datetime | None
    policy: bool
    explanation: str
    counting: str
    place: str = ""
    contested: tuple[Contested, ...] = ()
    not_computable_because: str = ""
    tzdata_version: str = TZDATA_VERSION
    holidays_version: str = field(default_factory=holidays_version)


@dataclass(frozen=True, slots=True)
class Warn:
    """A threshold of a clock; `passed` ones are recorded and never sent."""

    threshold: Threshold
    at: datetime
    passed: bool = False


def due(
    rule: Rule, events: Mapping[str, datetime], *, place: Place = UTC_PLACE, facts: Facts = NO_FACTS
) -> Due:
    """When the duty is due from the events that start it, by fact name or `submitted(RULE)`.

    `place` is the authority's: it counts where the rule names no place of its own. `facts` decide reliefs, such
    as DORA's noon, that depend on who reports. An event not yet there makes the clock not computable.
    """
    named = next((name for limb in rule.limbs for name in limb if name in events), None)
    if named is None:
        return not_computable(rule, f"nobody has stated {rule.starts[0]} yet")
    anchor = aware(events[named], named)
    match rule.counting:
        case "hours_elapsed":
            assert rule.period is not None
            return _counted(anchor, rule.period.value, rule.legal, place.zone_name)
        case "asap":
            return _as_soon_as_possible(anchor, rule)
        case _:
            raise NotImplementedError(rule.counting)


def not_computable(rule: Rule, why: str) -> Due:
    """The clock of a duty that has no start yet."""
    policy = rule.policy_hours is not None
    return Due(None, None, None, policy, f"not computable: {why}", rule.counting, not_computable_because=why)


def hours_1182(anchor: datetime, hours: float, zone_name: str = "UTC") -> datetime:
    """The end of an hour period that leaves out the hour of the event (Regulation 1182/71 art 3(1), 3(2)(a)).

    An event on the hour lies inside the hour that begins; the authority's local clock says which that is.
    """
    anchor = aware(anchor, "anchor")
    local = anchor.astimezone(zone(zone_name))
    gone = timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
    return anchor - gone + _HOUR + timedelta(hours=hours)


def warnings(anchor: datetime, due_at: datetime) -> tuple[tuple[Threshold, datetime], ...]:
    """The instants at which a clock warns, earliest first; none at or before the anchor."""
    anchor, due_at = aware(anchor, "anchor"), aware(due_at, "due")
    span = due_at - anchor
    early: list[tuple[Threshold, datetime]] = [(name, anchor + span * share) for name, share in _SHARES]
    early.append(("1h", due_at - _HOUR))
    ahead = sorted((pair for pair in early if anchor < pair[1] < due_at), key=lambda pair: pair[1])
    return (*ahead, ("overdue", due_at))


def schedule(anchor: datetime, due_at: datetime, now: datetime) -> tuple[Warn, ...]:
    """The warnings of a new or moved clock: of those already behind `now` only the highest still fires."""
    now = aware(now, "now")
    pairs = warnings(anchor, due_at)
    behind = sum(1 for _, at in pairs if at <= now)
    return tuple(Warn(name, at, passed=place < behind - 1) for place, (name, at) in enumerate(pairs))


def standing(
    due_at: datetime | None, met_at: datetime | None, now: datetime, *, anchor_at: datetime | None = None
) -> Standing:
    """How the clock stands at `now`; the due instant itself is still in time.

    Due soon is the last hour, or the last quarter of the period when `anchor_at` is given.
    """
    now = aware(now, "now")
    if due_at is None:
        return Standing.NOT_COMPUTABLE if met_at is None else Standing.MET
    due_at = aware(due_at, "due")
    if met_at is not None:
        return Standing.MET if aware(met_at, "met") <= due_at else Standing.MET_LATE
    if now > due_at:
        return Standing.OVERDUE
    return Standing.DUE_SOON if now >= _soon_from(due_at, anchor_at) else Standing.ON_TRACK


def _soon_from(due_at: datetime, anchor_at: datetime | None) -> datetime:
    last_hour = due_at - _HOUR
    if anchor_at is None:
        return last_hour
    anchor_at = aware(anchor_at, "anchor")
    return min(last_hour, anchor_at + (due_at - anchor_at) * _SOON)


def stamp(at: datetime) -> str:
    """An instant as text in UTC, to the minute, or finer where it carries more."""
    at = aware(at).astimezone(UTC)
    spec = "minutes" if not (at.second or at.microsecond) else "auto"
    return at.replace(tzinfo=None).isoformat(timespec=spec) + "Z"


def _counted(anchor: datetime, hours: float, legal: Reading | None, zone_name: str) -> Due:
    due_at = anchor + timedelta(hours=hours)
    text = f"{stamp(anchor)} + {hours:g} elapsed hours = {stamp(due_at)}"
    legal_at = None
    if legal is not None:
        legal_at = hours_1182(anchor, hours, zone_name)
        text += (
            f"; the act's own reading, the hour of the event not counted"
            f" (Regulation 1182/71 art 3(1), clock of {zone_name}): {stamp(legal_at)}"
        )
    return Due(anchor, due_at, legal_at, policy=False, explanation=text, counting="hours_elapsed")


def _as_soon_as_possible(anchor: datetime, rule: Rule) -> Due:
    words = rule.qualifier or "as soon as possible"
    due_at, text = None, f"{words}: the law gives no number, and no target is set"
    if rule.policy_hours is not None:
        due_at = anchor + timedelta(hours=rule.policy_hours)
        text = (
            f"{words}: the law gives no number; our target ({POLICY_LABEL}) is"
            f" {stamp(anchor)} + {rule.policy_hours:g} elapsed hours = {stamp(due_at)}"
        )
    return Due(anchor, due_at, None, policy=due_at is not None, explanation=text, counting="asap")
