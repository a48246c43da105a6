"""The sentences of what responders wrote, each with the content that it stands under."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

_END: Final = re.compile(r"(?<=[.!?])\s+(?=[^\s])|\n+")
_SHORT_FORM: Final = re.compile(
    r"\b(?:approx|ca|e\.g|i\.e|z\.B|bzw|no|nr|mr|mrs|dr|st|art|p\.ej|\d{1,2})\.$", re.IGNORECASE
)

PLANS: Final = frozenset(
    {"measures", "prevention", "steps_for_people", "remedies", "protection", "contact_point"}
)
"""Contents about what is done or to be done: they tell nothing about what happened."""
STORY: Final = frozenset(
    {"nature", "extent", "facts", "effects", "status", "cause", "discovery", "categories_of_people"}
)
"""Contents that tell what happened."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence, and the content under which it stands."""

    content: str
    words: str


def sentences(text: str) -> tuple[str, ...]:
    """The sentences of a text; a line's end ends one too."""
    found: list[str] = []
    for piece in _END.split(text):
        words = piece.strip()
        if not words:
            continue
        if found and _SHORT_FORM.search(found[-1]):
            found[-1] = f"{found[-1]} {words}"
        else:
            found.append(words)
    return tuple(found)


def sentences_in(
    values: Mapping[str, object], *, only: Collection[str] = (), never: Collection[str] = ()
) -> Iterator[Sentence]:
    """The sentences of every value that is a text, in order."""
    for content, value in values.items():
        if isinstance(value, str) and content not in never and (not only or content in only):
            for words in sentences(value):
                yield Sentence(content, words)
