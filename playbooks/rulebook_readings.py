"""Whether the readings of a rule lie where they are said to lie: none is earlier than the one before it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from playbooks.calendars import Calendars
from playbooks.clocks import due
from playbooks.errors import Fault, Mend
from playbooks.places import UTC_PLACE, place
from playbooks.rulebook_checks import Entry
from playbooks.timebase import stamp

_SAMPLES: Final = (
    datetime(2026, 11, 18, 10, 23, tzinfo=UTC),  # a Wednesday
    datetime(2026, 11, 20, 22, 30, tzinfo=UTC),  # the night into a Saturday
    datetime(2026, 12, 23, 15, 0, tzinfo=UTC),  # on the hour, before holidays
    datetime(2027, 1, 31, 0, 0, tzinfo=UTC),  # the last day of a long month
    datetime(2027, 3, 25, 9, 7, tzinfo=UTC),  # before Easter, and before summer time in Europe
)
_PLACES: Final = (UTC_PLACE.name, "EU", "IN")


def reading_faults(entry: Entry, calendars: Calendars) -> Iterator[Fault]:
    """A legal reading before the number shown, or a contested one before the legal, found by computing some.

    What cannot be computed, such as by a calendar that nobody knows, is a fault of another check.
    """
    rule, told = entry.rule, set[tuple[str | int, ...]]()
    if rule.legal is None and not rule.contested:
        return
    for where in (rule.place,) if rule.place else _PLACES:
        for at in _SAMPLES:
            try:
                found = due(
                    rule, {limb[0]: at for limb in rule.limbs}, place=place(where), calendars=calendars
                )
            except Mend:
                return
            for path, what in _early(
                found.due_at, found.legal_due_at, [one.due_at for one in found.contested]
            ):
                if path not in told:
                    told.add(path)
                    when = f"for a start at {stamp(at)} in {where}"
                    mend = "let the period be the shortest reading, and each other one no shorter"
                    yield entry.part.fault(path, f"{what}, {when}", mend)


def _early(
    shown: datetime | None, legal: datetime | None, contested: list[datetime]
) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Which readings are too early, each by its place in the rule."""
    if shown is None:
        return
    if legal is not None and legal < shown:
        yield ("legal",), "the `legal` reading is earlier than the number shown"
    for at, one in enumerate(contested):
        if one < (legal or shown):
            of = "the legal one" if legal else "the number shown"
            yield ("contested", at), f"a contested reading is earlier than {of}"
