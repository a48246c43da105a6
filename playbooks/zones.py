"""Time zones from the pinned `tzdata` package, never from the machine's own copy.

`zoneinfo.ZoneInfo("Europe/Berlin")` asks the system first, so the same clock could be computed
differently on two machines; a deadline must be explainable years later from the version stored with it.
"""

from __future__ import annotations

from functools import cache, lru_cache
from importlib.metadata import version
from importlib.resources import files
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
    """The zone of that IANA name; an unknown name raises `InstantFault`."""
    if name not in zone_names():
        raise InstantFault("unknown time zone", which=name, mend="use an IANA name such as Europe/Berlin")
    path = files("tzdata").joinpath("zoneinfo", *name.split("/"))
    with path.open("rb") as stream:
        return ZoneInfo.from_file(stream, key=name)
