"""Houses stocked with playbooks and rules that were read once for the whole run of the tests."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from flows.fitness import unfit
from flows.house import House
from flows.trusting import Trust
from playbooks.calendars import Calendars, load_calendars
from playbooks.law import Rule
from playbooks.library import Library, load_playbooks, read_playbook
from playbooks.models import Playbook
from playbooks.rulebook import load_rules

PLAYS = Path(__file__).parent / "plays"


def stock(house: House, library: Library) -> House:
    """Give a house these playbooks, and the shipped rules and calendars."""
    house.__dict__.update(trust=Trust(house.settings, library))
    return with_shipped_law(house)


def with_shipped_law(house: House) -> House:
    """Spare a house that names no folders of its own the reading of the rules and calendars shipped."""
    if not (house.settings.law_folders or house.settings.calendar_folders):
        house.__dict__.update(rules=_rules(), calendars=_calendars())
    return house


@cache
def shipped() -> Library:
    """The library as shipped, which this installation can carry out."""
    library = load_playbooks()
    assert not [fault for playbook in library.values() for fault in unfit(playbook)]
    return library


def play(name: str, **changes: Any) -> Library:
    """A playbook of the tests' own as the only one there is, with these keys changed."""
    path = PLAYS / f"{name}.yaml"
    return library_of(read_playbook(path.read_bytes(), str(path)).model_copy(update=changes))


def library_of(playbook: Playbook) -> Library:
    """A library of one playbook."""
    return Library({playbook.id: (playbook,)}, {playbook.ref: playbook})


@cache
def _calendars() -> Calendars:
    return load_calendars(())


@cache
def _rules() -> dict[str, Rule]:
    return load_rules((), _calendars())
