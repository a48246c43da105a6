"""Taking texts from every item of a payload's lists, and payloads out of texts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from flows.intake.adapters.picking import LONGEST, at, word
from flows.intake.adapters.shapes import wrong_field
from flows.intake.body import read_json
from playbooks.errors import PayloadFault

MOST_TEXTS = 500
"""Texts of one payload that are taken at once."""

_SEAMS = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|[\W_]+")


def every(body: Any, path: str) -> Iterator[Any]:
    """Every value at a dotted path in which `*` stands for each item of a list or object."""
    before, star, after = path.partition("*")
    found = at(body, before.rstrip(".")) if before else body
    if not star:
        if found is not None:
            yield found
        return
    items = found.values() if isinstance(found, dict) else found if isinstance(found, list) else ()
    for item in items:
        if after:
            yield from every(item, after.removeprefix("."))
        else:
            yield item


def named(body: Any, *paths: str) -> tuple[str, ...]:
    """Every text at the paths, lists of texts among them, in order and once each."""
    found: dict[str, None] = {}
    for path in paths:
        for value in every(body, path) if "*" in path else (at(body, path),):
            for one in value if isinstance(value, list) else [value]:
                if len(found) >= MOST_TEXTS:
                    return tuple(found)
                if isinstance(one, str) and one.strip():
                    found[one.strip()[:LONGEST]] = None
    return tuple(found)


def inner(body: Any, path: str) -> Any:
    """The value at a path, read where it is JSON written as text; None where it cannot be."""
    value = at(body, path)
    if not isinstance(value, str):
        return value
    try:
        return read_json(value.encode())
    except (PayloadFault, UnicodeEncodeError):
        return None


def spoken(identifier: str) -> str:
    """An identifier as words: `RDPBruteForce` as `RDP Brute Force`, `user.session.start` as three."""
    return _SEAMS.sub(" ", identifier[:LONGEST]).strip()


def must_say(body: Any, path: Sequence[str | int], *names: str) -> str:
    """The first text at one of the names; raises PayloadFault naming the first below `path` otherwise."""
    found = word(body, *names)
    if not found:
        raise wrong_field((*path, *names[0].split(".")), "text is wanted")
    return found


def in_camel_case(value: Any) -> Any:
    """A payload of a vendor who spells its keys in PascalCase elsewhere, each key's first letter lowered."""
    if isinstance(value, dict):
        return {name[:1].lower() + name[1:]: in_camel_case(one) for name, one in value.items()}
    return [in_camel_case(one) for one in value] if isinstance(value, list) else value
