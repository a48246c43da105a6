"""Whose clock and calendar count: a place by its code, a state or a part of one."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """A place by its code (BR, US-CA, DE-BY, EU), with its zone and the calendar of its working days."""

    name: str
    zone_name: str
    calendar: str


UTC_PLACE = Place("UTC", "UTC", "")
"""No place in particular: the clock of UTC, and Saturdays and Sundays alone are free."""
