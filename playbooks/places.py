"""Whose clock and calendar count: a place by its code, a state or a part of one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib.resources import files

from playbooks.calendars import parts_of
from playbooks.documents import read_document, validated
from playbooks.errors import Mend
from playbooks.fact_types import Frozen
from playbooks.zones import country_of_zone, zones_of_countries

_CODE = re.compile(r"([A-Z]{2})-([A-Z0-9]{1,3})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Place:
    """A place by its code (BR, US-CA, DE-BY, EU), with its zone and the calendar of its working days."""

    name: str
    zone_name: str
    calendar: str

    def __str__(self) -> str:
        """The code and its zone, as explanations name the place."""
        return self.name if self.name == self.zone_name else f"{self.name} ({self.zone_name})"


UTC_PLACE = Place("UTC", "UTC", "")
"""No place in particular: the clock of UTC, and Saturdays and Sundays alone are free."""


class _Places(Frozen):
    zones: Mapping[str, tuple[str, ...]]
    calendars: Mapping[str, str]
    same_as: Mapping[str, str]


@cache
def _shipped() -> _Places:
    text = files("playbooks").joinpath("places.yaml").read_bytes()
    return validated(_Places, read_document(text, "playbooks/places.yaml"))


@cache
def place_codes() -> tuple[str, ...]:
    """The codes listed; other states of one zone, and parts whose calendar is known, are places too."""
    listed = {code for codes in _shipped().zones.values() for code in codes}
    return tuple(sorted(listed | set(_shipped().same_as)))


@cache
def place(code: str) -> Place:
    """The place of a code: ISO 3166, `EU`, `UTC`, or a code of the facts; an unknown one raises `Mend`."""
    if code == UTC_PLACE.name:
        return UTC_PLACE
    named = _shipped().same_as.get(code, code)
    zone_name = _zones().get(named) or _unlisted(named)
    if zone_name is None and len(zones_of_countries().get(named, ())) > 1:
        raise Mend(
            f"`{named}` has several zones, and none of them is listed as its own", mend="name the zone"
        )
    if zone_name is None:
        raise Mend(f"`{code[:16]}` is no place known here", mend=_near(code[:16]))
    return Place(named, zone_name, _shipped().calendars.get(named, named))


def place_of_zone(zone_name: str) -> Place:
    """The country in which a zone lies, on that zone's clock; a zone of no country has weekends alone."""
    country = country_of_zone(zone_name)
    if country is None:
        return Place(zone_name, zone_name, "")
    return Place(country, zone_name, _shipped().calendars.get(country, country))


@cache
def _zones() -> Mapping[str, str]:
    return {code: name for name, codes in _shipped().zones.items() for code in codes}


def _unlisted(code: str) -> str | None:
    """The zone of a state with one zone, or of a part of a state whose parts are not listed one by one."""
    if code in zones_of_countries():
        of_country = zones_of_countries()[code]
        return of_country[0] if len(of_country) == 1 else None
    found = _CODE.fullmatch(code)
    if found is None or found[2] not in parts_of(found[1]) or _listed_by_part(found[1]):
        return None
    return _zones().get(found[1]) or _unlisted(found[1])


def _listed_by_part(country: str) -> bool:
    """Whether a country spans zones so that only its listed parts are sure; two stray ones do not count."""
    return sum(code.startswith(f"{country}-") for code in _zones()) > 2


def _near(code: str) -> str:
    known = sorted({*place_codes(), *zones_of_countries()})
    near = get_close_matches(code.upper(), known, n=3, cutoff=0.5)
    return f"did you mean {' or '.join(near)}?" if near else "use a code such as BR, US-CA, DE-BY or EU"
