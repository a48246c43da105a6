"""Whether an address is of this machine: no proxy of the environment may stand between."""

from __future__ import annotations

import ssl
from functools import cache
from ipaddress import ip_address
from urllib.parse import urlsplit

import httpx


def is_loopback(url: str) -> bool:
    """Whether the host of an address is this machine itself."""
    try:
        host = urlsplit(url).hostname or ""
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:  # a name, or no address at all
        return False


@cache
def trusted(*, by_environment: bool) -> ssl.SSLContext:
    """Whom this process's clients trust, read once: reading it takes longer than most of their calls."""
    return httpx.create_ssl_context(trust_env=by_environment)
