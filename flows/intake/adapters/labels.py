"""What a tool's labels and tags say of who and what was seen."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, Final

from flows.intake.adapters.picking import seen
from playbooks.forensics.observable_keys import KIND_OF_KEY
from playbooks.forensics.observable_kinds import Seen

_NOT_LETTERS: Final = re.compile(r"[^a-z0-9]")
_KINDS: Final = {**KIND_OF_KEY, "instance": "host"}
_PORT: Final = re.compile(r"(?<=[\w\]]):\d{1,5}$", re.ASCII)


def in_labels(labels: Mapping[str, Any]) -> tuple[Seen, ...]:
    """The observables among labels, by their names; `instance` is a host, as Prometheus means it."""
    found: list[Seen] = []
    for name, value in labels.items():
        kind = _kind(name)
        if kind is not None and isinstance(value, str):
            found += seen(kind, [_PORT.sub("", value) if kind == "host" else value])
    return tuple(dict.fromkeys(found))


def as_labels(pairs: Iterable[Any], name: str = "Key", value: str = "Value") -> dict[str, str]:
    """Labels written as a list of objects, such as `{"Key": …, "Value": …}`, as a dictionary."""
    return {
        pair[name]: pair[value]
        for pair in pairs
        if isinstance(pair, dict) and isinstance(pair.get(name), str) and isinstance(pair.get(value), str)
    }


@lru_cache(maxsize=1_024)
def _kind(name: str) -> str | None:
    return _KINDS.get(_NOT_LETTERS.sub("", name.lower()))
