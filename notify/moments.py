"""Instants as the walls of clocks show them: with the weekday, in UTC and on a named zone's clock."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from playbooks.zones import zone

_DAY = timedelta(days=1)


def in_utc(at: datetime) -> str:
    """An instant in UTC, to the minute: `Mon 23 Nov 2026 09:30Z`."""
    return f"{at.astimezone(UTC):%a %d %b %Y %H:%MZ}"


def in_zone(at: datetime, zone_name: str) -> str:
    """An instant on a zone's clock; midnight is the end of the day it ends: `Mon 23 Nov 24:00 Asia/Tokyo`."""
    local = at.astimezone(zone(zone_name))
    if local.time() == time.min:
        return f"{local - _DAY:%a %d %b} 24:00 {zone_name}"
    return f"{local:%a %d %b %H:%M} {zone_name}"


def elsewhere(at: datetime, *zone_names: str) -> tuple[str, ...]:
    """An instant on the clock of each of these zones once, without those that show what UTC shows."""
    wanted = dict.fromkeys(name for name in zone_names if name)
    return tuple(in_zone(at, name) for name in wanted if name not in ("UTC", "Etc/UTC"))
