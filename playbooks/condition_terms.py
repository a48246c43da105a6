"""What a condition may speak of: the facts of incidents, or the attributes of alerts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, Protocol, TypeAlias

from playbooks.fact_types import FactType
from playbooks.facts import DICTIONARY

TermType: TypeAlias = FactType | Literal["line", "lines"]
"""The types of facts; and, of alerts alone, one text and several texts of a tool."""


class Term(Protocol):
    """One name that a condition may use: its type, and its values where they are listed."""

    @property
    def name(self) -> str:
        """As it is written in conditions."""

    @property
    def type(self) -> TermType:
        """Which comparisons it takes."""

    @property
    def label(self) -> str:
        """What people call it."""

    @property
    def values(self) -> tuple[str, ...]:
        """Every value it may have; empty where they are not listed."""


@dataclass(frozen=True, slots=True)
class Terms:
    """All names of one kind of condition, and what else may stand in it."""

    known: Mapping[str, Term]
    called: str
    """What one of them is, for messages: a fact."""
    listed_in: str
    """Where a reader finds them all."""
    has_cases: bool = True
    """Whether any() and all() look over the cases of an incident."""
    is_backslash_text: bool = False
    """Whether a backslash between quotes is a character like any other, as in an account's name."""


FACTS: Final = Terms(DICTIONARY, called="fact", listed_in="see the dictionary of facts")
