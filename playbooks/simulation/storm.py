"""The alert storm: one breach of a shared platform, and many clients with contracts that differ.

Every client is named by the alerts, so that its case, its clock and its notice are there from the start. What
they want of us is spread over them as contracts are: most want a day, some two or three, a few eight hours;
some want two people's word, a few their text read by counsel.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from playbooks.contracts import ContractTermView
from playbooks.facts import Facts, FactValue
from playbooks.places import Place
from playbooks.simulation.model import CaseTruth, Law, Story, Truth

CLIENTS: Final = 50
HOURS: Final = (24.0, 24.0, 48.0, 24.0, 72.0, 24.0, 36.0, 24.0, 8.0, 48.0)
"""What the contracts of ten clients give us, and so on for the next ten."""
TWO_RELEASE: Final = 4
"""Every fourth contract wants two people to release a notice."""
COUNSEL_READS: Final = 10
"""Every tenth wants counsel to read it."""
_IN: Final = "jurisdictions"
OF_CLIENT: Final[Facts] = {
    "our_role": "processor",
    "client_status": frozenset({"none"}),
    _IN: frozenset({"EU"}),
}
"""What their records say; where they are, the facts of the incident may say otherwise."""


def storm_of(story: Story, clients: int = CLIENTS, where: Place | None = None) -> Story:
    """The same incident over so many clients in place of its own cases, who each must be told.

    They are all in the jurisdictions of the incident.
    """
    if clients < 1:
        raise ValueError("a storm touches at least one client")
    names = [f"client-{number:02}" for number in range(1, clients + 1)]
    record: Facts = {**OF_CLIENT, _IN: story.truth.facts.get(_IN, OF_CLIENT[_IN])}
    return replace(
        story,
        name=f"{story.name}, {clients} clients",
        truth=_truth(story.truth, names, record),
        law=_law(story.law, names, where, record[_IN]),
    )


def _truth(truth: Truth, names: list[str], record: Facts) -> Truth:
    """The cases, each with what the record of a client says, which is never said of the incident."""
    cases = {
        name: CaseTruth(
            on_record=record,
            approvals=2 if number % TWO_RELEASE == TWO_RELEASE - 1 else 1,
            counsel=number % COUNSEL_READS == COUNSEL_READS - 1,
        )
        for number, name in enumerate(names)
    }
    return replace(truth, facts=_without_clients(truth.facts), cases=cases)


def _law(law: Law, names: list[str], where: Place | None, jurisdictions: FactValue) -> Law:
    terms = {
        name: ContractTermView(name, HOURS[number % len(HOURS)], citation="as assumed")
        for number, name in enumerate(names)
    }
    places: dict[str | None, Place] = {None: law.places[None]} if None in law.places else {}
    if where is not None:
        places |= dict.fromkeys(names, where)
    named = (
        frozenset(map(str, jurisdictions)) if isinstance(jurisdictions, frozenset) else frozenset({"unknown"})
    )
    return replace(law, terms=terms, places=places, footprint=None if "unknown" in named else named)


def _without_clients(facts: Mapping[str, object]) -> Facts:
    return {name: value for name, value in facts.items() if name not in OF_CLIENT}  # type: ignore[misc]
