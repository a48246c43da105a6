"""Where an address is, by the organisation's own list of networks, and how far places lie apart."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from math import asin, cos, radians, sin, sqrt
from typing import Annotated

from pydantic import AfterValidator, Field

from playbooks.fact_types import Frozen
from playbooks.wording import Line

EARTH_KM = 6_371.0
"""The mean radius of the Earth (IUGG)."""

_WITH_PORT = re.compile(r"(?:\[([\w:.%]+)\]|([\d.]+))(?::\d{1,5})?", re.ASCII)
"""An address as many logs write it: `192.0.2.1:443`, `[2001:db8::1]:443`."""
_Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def _network(given: str) -> str:
    try:
        return str(ipaddress.ip_network(given))
    except ValueError:
        raise ValueError("write a network as 192.0.2.0/24 or 2001:db8::/32, without host bits") from None


class Network(Frozen):
    """Networks whose users sit at one place."""

    place: Line
    networks: Annotated[
        tuple[Annotated[str, AfterValidator(_network)], ...], Field(min_length=1, max_length=1_000)
    ]
    latitude: Annotated[float, Field(ge=-90, le=90)]
    longitude: Annotated[float, Field(ge=-180, le=180)]


class Places:
    """The place of each address; an address of no network is nowhere that the watch knows."""

    def __init__(self, networks: Iterable[Network]) -> None:
        self.all: dict[str, tuple[float, float]] = {}
        self._of: dict[_Network, str] = {}
        for one in networks:
            self.all[one.place] = (one.latitude, one.longitude)
            for cidr in one.networks:
                self._of[ipaddress.ip_network(cidr)] = one.place
        self._lengths = sorted({(net.version, net.prefixlen) for net in self._of}, reverse=True)

    def of(self, address: str) -> str | None:
        """The place of the narrowest network that holds an address, which may have a port behind it."""
        told = _WITH_PORT.fullmatch(address.strip())
        try:
            found = ipaddress.ip_address((told[1] or told[2]) if told else address.strip())
        except ValueError:
            return None
        if isinstance(found, ipaddress.IPv6Address):
            found = found.ipv4_mapped or found
        for version, length in self._lengths:
            if version == found.version:
                place = self._of.get(ipaddress.ip_network(f"{found}/{length}", strict=False))
                if place is not None:
                    return place
        return None

    def kilometres(self, one: str, other: str) -> float:
        """How far two places lie apart, along a great circle (haversine)."""
        (lat1, lon1), (lat2, lon2) = self.all[one], self.all[other]
        across = sin(radians(lat2 - lat1) / 2) ** 2
        along = cos(radians(lat1)) * cos(radians(lat2)) * sin(radians(lon2 - lon1) / 2) ** 2
        return 2 * EARTH_KM * asin(min(1.0, sqrt(across + along)))
