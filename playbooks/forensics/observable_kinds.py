"""What each kind of observable must look like, and its one spelling."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import Final, TypeAlias
from urllib.parse import urlsplit

from playbooks.forensics.fanging import refang

KINDS: Final = ("account", "address", "domain", "url", "email", "host", "file", "md5", "sha1", "sha256")
LONGEST_VALUE = 500

_Seen: TypeAlias = "Seen | None"
_HASHES: Final = {32: "md5", 40: "sha1", 64: "sha256"}
_HEX = re.compile(r"[0-9a-f]+", re.ASCII)
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN = re.compile(rf"(?:{_LABEL}\.){{1,8}}(?:[a-z]{{2,24}}|xn--[a-z0-9-]{{1,58}})", re.ASCII)
_EMAIL = re.compile(rf"[\w.+-]{{1,64}}@(?:{_LABEL}\.){{1,6}}[a-z]{{2,24}}", re.ASCII)
_SCHEMES = ("http", "https", "ftp")
_UNWRITABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
"""Control characters and halves of characters: no name that anybody could look for holds one."""
_NOBODY = frozenset({"-", "n/a", "na", "none", "null", "unknown", "undefined", "true", "false"})


@dataclass(frozen=True, slots=True, order=True)
class Seen:
    """One observable: its kind (one of KINDS) and its value, spelled as machines do."""

    kind: str
    value: str


def as_observable(kind: str, text: str) -> _Seen:
    """The observable of that kind (or of `hash`) that a text spells, fanged or not; None if it spells none.

    What stands under an account's or a host's key and is an address counts as one.
    """
    value = refang(text[: 2 * LONGEST_VALUE]).strip().strip("\"'")
    if not value or len(value) > LONGEST_VALUE or value.lower() in _NOBODY or _UNWRITABLE.search(value):
        return None
    match kind:
        case "hash" | "md5" | "sha1" | "sha256":
            return _hash(kind, value.lower())
        case "address":
            return _address(value) or _of_form("email", _EMAIL, value)
        case "domain":
            return _of_form("domain", _DOMAIN, value.rstrip("."))
        case "email":
            return _of_form("email", _EMAIL, value)
        case "url":
            return _url(value)
        case "host":
            return _address(value) or Seen("host", value.lower())
        case "account":
            return _address(value) or Seen("account", value)
        case "file":
            return Seen("file", value)
    return None


def host_of(url: str) -> _Seen:
    """The domain or address that a URL leads to."""
    name = urlsplit(url).hostname or ""
    return _address(name) or _of_form("domain", _DOMAIN, name)


def _address(value: str) -> _Seen:
    if "." not in value and ":" not in value:
        return None  # a name, told apart for less than a refusal costs
    bare = value.removeprefix("[").partition("]")[0].partition("%")[0]
    try:
        address = ipaddress.ip_address(bare)
    except ValueError:
        return None
    address = getattr(address, "ipv4_mapped", None) or address
    nobody = address.is_unspecified or address.is_loopback
    return None if nobody else Seen("address", address.compressed)


def _hash(kind: str, value: str) -> _Seen:
    value = value.rpartition(":")[2].rpartition("=")[2]  # as in sha256:... and SHA256=...
    found = _HASHES.get(len(value)) if _HEX.fullmatch(value) else None
    return Seen(found, value) if found is not None and kind in ("hash", found) else None


def _of_form(kind: str, form: re.Pattern[str], value: str) -> _Seen:
    return Seen(kind, value.lower()) if form.fullmatch(value.lower()) else None


def _url(value: str) -> _Seen:
    try:
        parts = urlsplit(value)
        is_whole = parts.scheme in _SCHEMES and bool(parts.hostname)
    except ValueError:
        return None
    return Seen("url", f"{parts.scheme}{value[len(parts.scheme) :]}") if is_whole else None
