"""When a duty is due, when to warn about it, and how it stands: arithmetic on instants, nothing else.

The number shown is the conservative one; the reading the act itself allows stands beside it and is never
earlier, and contested readings are named and never counted down to. Where the regulator itself gives relief
(DORA's noon, business days), that is the number shown. All instants in and out are aware; those out are UTC.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Literal

from playbooks.calendars import Calendars, shipped_calendars
from playbooks.counting import business, days, dora, hours
from playbooks.counting.ground import Counted, Ground
from playbooks.errors import InstantFault, Mend
from playbooks.fact_types import UNKNOWN, Facts
from playbooks.law import SUBMITTED, Reading, Rule
from playbooks.places import UTC_PLACE, Place
from playbooks.places import place as place_of
from playbooks.timebase import aware, stamp
from playbooks.zones import TZDATA_VERSION, holidays_version

__all__ = [
    "NO_FACTS",
    "POLICY_LABEL",
    "Contested",
    "Due",
    "Standing",
    "Threshold",
    "Warn",
    "due",
    "not_computable",
    "schedule",
    "stamp",
    "standing",
    "warnings",
]

Threshold = Literal["50", "75", "90", "1h", "overdue"]
POLICY_LABEL = "policy, not law"
NO_FACTS: Facts = MappingProxyType({})

_HOUR = timedelta(hours=1)
_SHARES: tuple[tuple[Threshold, float], ...] = (("50", 0.5), ("75", 0.75), ("90", 0.9))
_SOON = 0.75


_METHODS: Mapping[str, Callable[[datetime, float, Ground], Counted]] = MappingProxyType(
    {
        "hours_elapsed": hours.hours_elapsed,
        "hours_1182": hours.hours_1182,
        "hours_1182_touch": hours.hours_1182_touch,
        "hours_1182_full": hours.hours_1182_full,
        "month_same_time": days.month_same_time,
        "month_1182": days.month_1182,
        "days_excl": days.days_excl,
        "days_incl": days.days_incl,
        "days_excl_rolled": days.days_excl_rolled,
        "days_incl_rolled": days.days_incl_rolled,
        "days_after_year_end": days.days_after_year_end,
        "bdays_excl": business.bdays_excl,
        "bdays_sec": business.bdays_sec,
        "dora_month": dora.dora_month,
    }
)
_EITHER_LIMB = ("dora_initial",)
"""Countings that run from whichever of their events is known: each limb is a limit of its own."""
_NAMES = {"hours_1182_touch": "art 3(5) touch", "hours_1182_full": "art 3(5) full"}


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
    rule: Rule,
    events: Mapping[str, datetime],
    *,
    place: Place = UTC_PLACE,
    facts: Facts = NO_FACTS,
    calendars: Calendars | None = None,
) -> Due:
    """When the duty is due from the events that start it, by fact name or `submitted(RULE)`.

    `place` is the authority's: it counts where the rule names none of its own. `facts` decide the reliefs
    that depend on who reports, such as DORA's noon. An event not yet there makes the clock not computable,
    but for DORA's first report, which one of its two starts.
    """
    where = place_of(rule.place) if rule.place else place
    told = [_first_known(limb, events) for limb in rule.limbs]
    missing = [limb for limb, at in zip(rule.limbs, told, strict=True) if at is None]
    anchors = [at for at in told if at is not None]
    if missing and not (anchors and rule.counting in _EITHER_LIMB):
        return replace(not_computable(rule, "; ".join(map(_missing, missing))), place=where.name)
    ground = Ground(where, calendars or shipped_calendars())
    try:
        return _computed(rule, told, ground, facts)
    except OverflowError as error:
        raise InstantFault(
            "a deadline beyond the calendar", which=stamp(anchors[0]), mend="check the year"
        ) from error


def not_computable(rule: Rule, why: str) -> Due:
    """The clock of a duty that has no start yet."""
    policy = rule.policy_hours is not None
    return Due(None, None, None, policy, f"not computable: {why}", rule.counting, not_computable_because=why)


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


def _first_known(limb: tuple[str, ...], events: Mapping[str, datetime]) -> datetime | None:
    return next((aware(events[name], name) for name in limb if name in events), None)


def _missing(limb: tuple[str, ...]) -> str:
    """Which event of which rule, or which fact, a limb still waits for."""
    submitted = [found[1] for name in limb if (found := SUBMITTED.fullmatch(name))]
    stated = [name for name in limb if not SUBMITTED.fullmatch(name)]
    whys = [f"{' or '.join(submitted)} has not been submitted yet"] if submitted else []
    whys += [f"nobody has stated {' or '.join(stated)} yet"] if stated else []
    return " and ".join(whys)


def _computed(rule: Rule, told: list[datetime | None], ground: Ground, facts: Facts) -> Due:
    if rule.counting == "asap":
        return _as_soon_as_possible(_last(told), rule, ground.place)
    anchor, counted = _counted(rule, told, ground, facts)
    if counted is None:
        why = "the period does not end within ten years of such business hours"
        return replace(not_computable(rule, why), anchor_at=anchor, place=ground.place.name)
    legal = None if rule.legal is None else _read(rule.legal, rule, anchor, ground)
    text = counted.how
    if rule.legal is not None and legal is not None:
        text += f"; the act's own reading: {legal.how}"
        text += f" ({rule.legal.note.rstrip('.')})" if rule.legal.note else ""
    return Due(
        anchor,
        counted.at,
        legal.at if legal else None,
        policy=False,
        explanation=f"{text}; counted in {ground.place}",
        counting=rule.counting,
        place=ground.place.name,
        contested=tuple(_contested(reading, rule, anchor, ground) for reading in rule.contested),
    )


def _last(told: list[datetime | None]) -> datetime:
    return max(at for at in told if at is not None)


def _counted(
    rule: Rule, told: list[datetime | None], ground: Ground, facts: Facts
) -> tuple[datetime, Counted | None]:
    """The event that binds, of several limbs the last where the method says nothing, and the number shown."""
    anchor, value = _last(told), rule.period.value if rule.period else 0
    if rule.counting == "date_next_year":
        return anchor, days.date_next_year(anchor, rule.calendar, ground)
    ground = replace(ground, calendar_name=rule.calendar)
    entity_class = facts.get("entity_class", UNKNOWN)
    match rule.counting:
        case "dora_initial":
            return dora.dora_initial(told[0], told[-1], value, ground, entity_class)
        case "dora_hours":
            return anchor, dora.dora_hours(anchor, value, ground, entity_class)
        case "business_hours" if rule.window is not None:
            if rule.window.place:
                ground = replace(ground, place=place_of(rule.window.place))
            return anchor, business.business_hours(anchor, value, rule.window, ground)
        case "business_hours":
            raise Mend("business hours without a window", which=rule.key, mend="give the rule a `window`")
        case _:
            return anchor, _METHODS[rule.counting](anchor, value, ground)


def _read(reading: Reading, rule: Rule, anchor: datetime, ground: Ground) -> Counted:
    value = reading.value or (rule.period.value if rule.period else 0)
    calendar = reading.calendar or ("" if rule.counting == "date_next_year" else rule.calendar)
    return _METHODS[reading.method](anchor, value, replace(ground, calendar_name=calendar))


def _contested(reading: Reading, rule: Rule, anchor: datetime, ground: Ground) -> Contested:
    counted = _read(reading, rule, anchor, ground)
    name = reading.name or _NAMES.get(reading.method) or reading.calendar or reading.method
    note = f"{counted.how} ({reading.note.rstrip('.')})" if reading.note else counted.how
    return Contested(name, counted.at, note)


def _as_soon_as_possible(anchor: datetime, rule: Rule, where: Place) -> Due:
    words = rule.qualifier or "as soon as possible"
    due_at, text = None, f"{words}: the law gives no number, and no target is set"
    if rule.policy_hours is not None:
        due_at = anchor + timedelta(hours=rule.policy_hours)
        text = (
            f"{words}: the law gives no number; our target ({POLICY_LABEL}) is"
            f" {stamp(anchor)} + {rule.policy_hours:g} elapsed hours = {stamp(due_at)}"
        )
    return Due(
        anchor,
        due_at,
        None,
        policy=due_at is not None,
        explanation=text,
        counting=rule.counting,
        place=where.name,
    )
