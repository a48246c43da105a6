"""Time zones from the pinned `tzdata` package, never from the machine's own copy, and what their clocks show.

`zoneinfo.ZoneInfo("Europe/Berlin")` asks the system first, so the same clock could be computed
differently on two machines; a deadline must be explainable years later from the version stored with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from difflib import get_close_matches
from functools import cache, lru_cache
from importlib.metadata import version
from importlib.resources import files
from types import MappingProxyType
from zoneinfo import ZoneInfo

from playbooks.errors import InstantFault

TZDATA_VERSION: str = version("tzdata")
"""The release of the PyPI package `tzdata` that every zone here is read from."""


@lru_cache(maxsize=1)
def holidays_version() -> str:
    """The release of the `holidays` package, stored with each clock though an hour never rolls."""
    return version("holidays")


@lru_cache(maxsize=1)
def zone_names() -> frozenset[str]:
    """Every zone name the pinned data knows."""
    return frozenset((files("tzdata") / "zones").read_text("utf-8").split())


@cache
def zone(name: str) -> ZoneInfo:
    """The zone of that IANA name; an unknown name raises `InstantFault` with those near it."""
    if name not in zone_names():
        raise InstantFault("unknown time zone", which=name[:60], mend=_near(name[:60]))
    path = files("tzdata").joinpath("zoneinfo", *name.split("/"))
    with path.open("rb") as stream:
        return ZoneInfo.from_file(stream, key=name)


def _near(name: str) -> str:
    wanted = name.lower().replace(" ", "_")
    cities = {known: known.lower().rpartition("/")[2] for known in sorted(zone_names())}
    near = [known for known, city in cities.items() if wanted and wanted.rpartition("/")[2] == city]
    near = near or get_close_matches(name, sorted(zone_names()), n=3)
    return f"did you mean {' or '.join(near[:3])}?" if near else "use an IANA name such as Europe/Berlin"


@lru_cache(maxsize=1)
def zones_of_countries() -> Mapping[str, tuple[str, ...]]:
    """The zones of each country (ISO 3166-1 code) by the `zone.tab` of the pinned data."""
    found: dict[str, tuple[str, ...]] = {}
    for line in _table("zone.tab"):
        if not line.startswith("#"):
            country, _, name = line.split("\t")[:3]
            found[country] = (*found.get(country, ()), name)
    return MappingProxyType(found)


@cache
def country_of_zone(name: str) -> str | None:
    """The country in which a zone lies, also by an older name of it; None for UTC and the like."""
    countries = {at: country for country, names in zones_of_countries().items() for at in names}
    if zone(name).key in countries:
        return countries[name]
    links = {
        words[2]: words[1] for line in _table("tzdata.zi") if (words := line.split()) and words[0] == "L"
    }
    return countries.get(links.get(name, ""))


def _table(name: str) -> list[str]:
    return (files("tzdata") / "zoneinfo" / name).read_text("utf-8").splitlines()


def occurrences(local: datetime, where: ZoneInfo) -> tuple[datetime, ...]:
    """The instants (UTC, earliest first) at which clocks there show that time: none, one or two."""
    found = []
    for fold in (0, 1):
        at = local.replace(tzinfo=where, fold=fold).astimezone(UTC)
        if at not in found and at.astimezone(where).replace(tzinfo=None, fold=0) == local.replace(fold=0):
            found.append(at)
    return tuple(found)


def first_instant(local: datetime, where: ZoneInfo) -> datetime:
    """The first instant (UTC) at which clocks there show that time, or have passed it by a jump."""
    found = occurrences(local, where)
    return found[0] if found else _jump(local, where)


def start_of_day(day: date, where: ZoneInfo) -> datetime:
    """The first instant (UTC) of that day there: midnight, or where clocks jump over it the jump."""
    return first_instant(datetime.combine(day, time()), where)


def _jump(local: datetime, where: ZoneInfo) -> datetime:
    """The instant, a whole second, at which clocks jump over a local time that does not exist."""
    before = int(local.replace(tzinfo=where, fold=1).timestamp())
    after = int(local.replace(tzinfo=where, fold=0).timestamp()) + 1
    offset = datetime.fromtimestamp(before, where).utcoffset()
    while after - before > 1:
        middle = (before + after) // 2
        if datetime.fromtimestamp(middle, where).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return datetime.fromtimestamp(after, UTC)
