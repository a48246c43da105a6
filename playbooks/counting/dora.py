"""The limits of DORA: Delegated Regulation (EU) 2025/301 art 5, on the clock where the entity reports."""

from __future__ import annotations

from datetime import datetime, time

from playbooks.counting.days import month_same_time
from playbooks.counting.ground import Counted, Ground
from playbooks.counting.hours import hours_elapsed
from playbooks.fact_types import UNKNOWN, FactValue
from playbooks.timebase import stamp
from playbooks.zones import first_instant

_ACT = "Delegated Regulation (EU) 2025/301"
_NOON = time(12)
_FROM_AWARENESS = 24.0
_RELIEVED = "other"
"""The only class that art 5(5) leaves the relief for its initial and intermediate reports."""


def dora_initial(
    classified: datetime, known: datetime, hours: float, ground: Ground, entity_class: FactValue
) -> tuple[datetime, Counted]:
    """The initial notification, and the event whose limb binds (art 5(1)(a), 5(2)).

    The hours run from the classification as major, and 24 from awareness; after a classification later than
    those, its hours stand alone.
    """
    from_class = hours_elapsed(classified, hours, ground)
    from_known = hours_elapsed(known, _FROM_AWARENESS, ground)
    if classified > from_known.at:
        how = f"classified more than 24 hours after awareness (art 5(2)): {from_class.how}"
        return classified, _relieved(Counted(from_class.at, how), ground, entity_class)
    anchor, at = min((classified, from_class.at), (known, from_known.at), key=lambda limb: limb[1])
    how = f"from classification: {from_class.how}; from awareness: {from_known.how}; the earlier binds"
    return anchor, _relieved(Counted(at, f"{how} (art 5(1)(a))"), ground, entity_class)


def dora_hours(anchor: datetime, hours: float, ground: Ground, entity_class: FactValue) -> Counted:
    """The intermediate report: elapsed hours from the submission before it (art 5(1)(b))."""
    return _relieved(hours_elapsed(anchor, hours, ground), ground, entity_class)


def dora_month(anchor: datetime, months: float, ground: Ground) -> Counted:
    """The final report: same day and time a month later; the relief always stands (art 5(1)(c), 5(4))."""
    return _relieved(month_same_time(anchor, months, ground), ground, _RELIEVED)


def _relieved(limit: Counted, ground: Ground, entity_class: FactValue) -> Counted:
    """A limit on a weekend or bank holiday may be met by noon of the next working day (art 5(4), 5(5))."""
    day = ground.day_of(limit.at)
    if ground.calendar.is_working(day):
        return limit
    free = f"{day} is no working day in {ground.place.name} ({ground.calendar.why_free(day)})"
    if entity_class != _RELIEVED:
        whose = "the entity's class is not stated" if entity_class is UNKNOWN else f"class {entity_class}"
        return Counted(limit.at, f"{limit.how}; {free}, and {whose}: no relief ({_ACT} art 5(5))")
    if not ground.place.calendar:
        return Counted(limit.at, f"{limit.how}; {free}, and nobody has named the entity's state: no relief")
    at = first_instant(datetime.combine(ground.calendar.next_working(day), _NOON), ground.zone)
    how = f"{free}, so by noon of the next working day ({_ACT} art 5(4)), {ground.local(at)} = {stamp(at)}"
    return Counted(at, f"{limit.how}; {how}")
