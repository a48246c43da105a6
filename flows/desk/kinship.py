"""What an incident's page says of others: merged, split, told there already; and of announced tests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flows.candidates import tests_of
from flows.circle import may_know
from flows.desk.look import Look
from flows.merging.kin import kin_of
from flows.merging.told import ToldBefore, told_before


@dataclass(frozen=True, slots=True)
class KinLine:
    """How another incident belongs to this one."""

    words: str
    ref: str


@dataclass(frozen=True, slots=True)
class TestLine:
    """An announced test that alerts matched."""

    number: int
    until: datetime
    contact: str
    why: str


@dataclass(frozen=True, slots=True)
class Kinship:
    """All of it, as far as the reader may know."""

    lines: tuple[KinLine, ...]
    tests: tuple[TestLine, ...]
    told: tuple[ToldBefore, ...]


def kinship_shown(look: Look) -> Kinship:
    """What the page says; to whoever sees some clients only, what those were told already."""
    told = tuple(told_before(look.session, look.incident, look.scope))
    if look.limited:
        return Kinship((), (), told)
    windows = tests_of(look.session, look.incident.id or 0)
    tests = (TestLine(one.id or 0, one.until, one.contact, one.why) for one in windows)
    return Kinship(tuple(_lines(look)), tuple(tests), told)


def _lines(look: Look) -> list[KinLine]:
    kin = kin_of(look.session, look.incident)
    return [KinLine(words, other.ref) for words, other in kin if may_know(look.session, other, look.reader)]
