"""Accounts, addresses, hosts, files and hashes that an alert names: by its keys, and by pattern in its text.

Nothing is guessed: a word with a dot in it is no domain unless its key says so, it stands in an address, or
somebody has spelled it `evil[.]example`. All is bounded: parts, characters, findings.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final

from playbooks.forensics.fanging import refang
from playbooks.forensics.leaves import Leaves
from playbooks.forensics.observable_keys import KIND_OF_KEY
from playbooks.forensics.observable_kinds import KINDS, LONGEST_VALUE, Seen, as_observable, host_of

MOST_TEXT = 200_000
LONGEST_TEXT = 20_000
MOST_FOUND = 500

_HEX = re.compile(r"(?<!\w)(?:[0-9a-f]{64}|[0-9a-f]{40}|[0-9a-f]{32})(?!\w)", re.IGNORECASE | re.ASCII)
_ADDRESS = re.compile(
    r"(?<![\w.:])(?:\d{1,3}(?:\.\d{1,3}){3}(?!\.?\w)|[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7}(?![\w:]))",
    re.IGNORECASE | re.ASCII,
)
_URL = re.compile(r"(?<![a-z])(?:https?|ftp)://[^\s\"'<>|\\^`{}]{1,500}", re.IGNORECASE)
_EMAIL = re.compile(
    r"(?<![\w.+-])[\w.+-]{1,64}@(?:[a-z0-9-]{1,63}\.){1,6}[a-z]{2,24}(?![\w-])", re.IGNORECASE | re.ASCII
)
_FANGED = re.compile(
    r"(?<![a-z0-9-])[a-z0-9-]{1,63}(?:(?:\.|\[\.\]|\(\.\)|\[dot\]|\(dot\))[a-z0-9-]{1,63}){1,8}",
    re.IGNORECASE,
)
_IN_TEXT: Final = (("url", _URL), ("email", _EMAIL), ("address", _ADDRESS))
_PUNCTUATION = ".,;:!?)]"


@dataclass(frozen=True, slots=True)
class Extract:
    """What a payload names, accounts first and hashes last; `is_cut` where it has more than is looked at."""

    seen: tuple[Seen, ...]
    is_cut: bool


def observables_in(payload: Any, text: str = "") -> Extract:
    """Every observable that a payload, and a text beside it, name; bounded on the worst of input."""
    leaves = Leaves(payload)
    found: dict[Seen, None] = {}
    is_cut, budget = False, MOST_TEXT
    for path, value in chain([((), text)], leaves):
        if len(found) >= MOST_FOUND or budget <= 0:
            is_cut = True
            break
        is_cut |= len(value) > LONGEST_TEXT
        budget -= min(len(value), LONGEST_TEXT)
        found.update(dict.fromkeys(_of_leaf(path, value[:LONGEST_TEXT])))
    seen = sorted(list(found)[:MOST_FOUND], key=lambda one: KINDS.index(one.kind))
    return Extract(tuple(seen), is_cut or leaves.is_cut or len(found) > MOST_FOUND)


def _of_leaf(path: tuple[str, ...], value: str) -> Iterator[Seen]:
    names = _names(path)
    kind = next((KIND_OF_KEY[name] for name in names if name in KIND_OF_KEY), None)
    if kind is None and _URL.fullmatch(value):
        return  # a page of the tool's own: what was seen stands under a key that says so, or in a sentence
    named = as_observable(kind, value) if kind and len(value) <= LONGEST_VALUE else None
    if named is not None:
        yield from _with_host(named)
    if named is None or named.kind in ("file", "host", "account"):
        yield from _in_text(value)


def _names(path: tuple[str, ...]) -> list[str]:
    """How the tables of keys call a part of a payload: by its last two keys together, then by the last."""
    words = [re.sub(r"[^a-z0-9]", "", word) for key in path for word in key.lower().split(".")]
    words = [word for word in words if word][-2:]
    return ["".join(words), *words[-1:]] if words else []


def _in_text(value: str) -> Iterator[Seen]:
    text = refang(value)
    for kind, pattern in _IN_TEXT:
        for found in pattern.finditer(text):
            seen = as_observable(kind, found[0].rstrip(_PUNCTUATION) if kind == "url" else found[0])
            yield from _with_host(seen) if seen else ()
    for found in _FANGED.finditer(value):
        seen = as_observable("domain", found[0]) if set("[(") & set(found[0]) else None
        yield from [seen] if seen else ()
    if " " in text.strip():  # alone, a row of hexadecimal digits is as likely a name of the tool's own
        yield from filter(None, (as_observable("hash", found[0]) for found in _HEX.finditer(text)))


def _with_host(seen: Seen) -> Iterator[Seen]:
    yield seen
    if seen.kind == "url" and (host := host_of(seen.value)) is not None:
        yield host
