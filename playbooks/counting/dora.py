"""The limits of DORA: Delegated Regulation (EU) 2025/301 art 5, on the clock where the entity reports."""

from __future__ import annotations

from datetime import datetime, time
from typing import Final

from playbooks.counting.days import month_same_time
from playbooks.counting.ground import Counted, Ground
from playbooks.counting.hours import hours_elapsed
from playbooks.fact_types import UNKNOWN, FactValue
from playbooks.timebase import stamp
from playbooks.zones import first_instant

_ACT: Final = "Delegated Regulation (EU) 2025/301"
_NOON: Final = time(12)
_FROM_AWARENESS: Final = 24.0
_RELIEVED: Final = "other"
"""The only class that art 5(5) leaves the relief for its initial and intermediate reports."""
_UNION: Final = "EU"
"""The place of an entity whose Member State nobody has named."""


def dora_initial(
    classified: datetime | None,
    known: datetime | None,
    hours: float,
    ground: Ground,
    entity_class: FactValue,
) -> tuple[datetime, Counted]:
    """The initial notification, and the event whose limb binds (art 5(1)(a), 5(2)); one of the two is known.

    The hours run from the classification as major, and 24 from awareness; after a classification later than
    those, its hours stand alone.
    """
    anchor, limit = _first_report(classified, known, hours, ground)
    return anchor, _relieved(limit, ground, entity_class)


def dora_hours(anchor: datetime, hours: float, ground: Ground, entity_class: FactValue) -> Counted:
    """The intermediate report: elapsed hours from the submission before it (art 5(1)(b))."""
    return _relieved(hours_elapsed(anchor, hours, ground), ground, entity_class)


def dora_month(anchor: datetime, months: float, ground: Ground) -> Counted:
    """The final report: same day and time a month later; the relief always stands (art 5(1)(c), 5(4))."""
    return _relieved(month_same_time(anchor, months, ground), ground, _RELIEVED)


def _first_report(
    classified: datetime | None, known: datetime | None, hours: float, ground: Ground
) -> tuple[datetime, Counted]:
    """The event that binds and the limit it sets, relief apart."""
    from_class = None if classified is None else hours_elapsed(classified, hours, ground)
    from_known = None if known is None else hours_elapsed(known, _FROM_AWARENESS, ground)
    if classified is None or from_class is None:
        if known is None or from_known is None:
            raise ValueError("one of the two events is needed")
        how = f"from awareness: {from_known.how}, until it is classified as major; {hours:g} hours from then"
        return known, Counted(from_known.at, f"{how} (art 5(1)(a), 5(2))")
    if known is None or from_known is None:
        how = (
            f"from classification: {from_class.how}; awareness is not stated, so its 24 hours are not counted"
        )
        return classified, Counted(from_class.at, f"{how} (art 5(1)(a))")
    if classified > from_known.at:
        how = f"classified more than 24 hours after awareness (art 5(2)): {from_class.how}"
        return classified, Counted(from_class.at, how)
    anchor, at = min((classified, from_class.at), (known, from_known.at), key=lambda limb: limb[1])
    how = f"from classification: {from_class.how}; from awareness: {from_known.how}; the earlier binds"
    return anchor, Counted(at, f"{how} (art 5(1)(a))")


def _relieved(limit: Counted, ground: Ground, entity_class: FactValue) -> Counted:
    """A limit on a weekend or bank holiday may be met by noon of the next working day (art 5(4), 5(5)).

    Holidays are those of the entity's Member State. While none is named only weekends count, which are free
    in every one.
    """
    whole_union = ground.place.name == _UNION and not ground.calendar_name
    calendar = ground.calendars.named("") if whole_union else ground.calendar
    day, how = ground.day_of(limit.at), limit.how
    if whole_union and entity_class == _RELIEVED:
        how += f"; no Member State is named, so only weekends give relief ({_ACT} art 5(4))"
    if calendar.is_working(day):
        return Counted(limit.at, how)
    free = f"{day} is no working day in {ground.place.name} ({calendar.why_free(day)})"
    if entity_class != _RELIEVED:
        whose = "the entity's class is not stated" if entity_class is UNKNOWN else f"class {entity_class}"
        return Counted(limit.at, f"{how}; {free}, and {whose}: no relief ({_ACT} art 5(5))")
    if not ground.place.calendar:
        return Counted(limit.at, f"{how}; {free}, and nobody has named the entity's state: no relief")
    at = first_instant(datetime.combine(calendar.next_working(day), _NOON), ground.zone)
    by = f"{free}, so by noon of the next working day ({_ACT} art 5(4)), {ground.local(at)} = {stamp(at)}"
    return Counted(at, f"{how}; {by}")
