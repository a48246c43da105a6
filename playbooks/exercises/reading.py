"""A scenario read from its file, and held against the playbooks: every fault with its line. Pure.

What stands in the file alone is checked when it is read; `check_scenario` looks at what a playbook must have
as well, since a scenario is read before anybody knows which playbooks the house has.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pydantic import ValidationError

from playbooks.documents import Document, model_faults, read_document
from playbooks.errors import Fault, FileFaults
from playbooks.exercises.against_playbook import playbook_faults
from playbooks.exercises.scenario import Scenario
from playbooks.exercises.within import inner_faults
from playbooks.library import Library


@dataclass(frozen=True, slots=True)
class ScenarioFile:
    """A scenario, and the file it stands in."""

    scenario: Scenario
    document: Document


def read_scenario(text: bytes | str, file: str) -> Scenario:
    """Return the scenario that a file's text says; FileFaults lists all that is wrong with it."""
    return read_scenario_file(text, file).scenario


def read_scenario_file(text: bytes | str, file: str) -> ScenarioFile:
    """Return the scenario with its file, for what is checked later; FileFaults lists all that is wrong."""
    return scenario_of(read_document(text, file))


def scenario_of(document: Document) -> ScenarioFile:
    """Return the scenario of a file already read as YAML; FileFaults lists all that is wrong with it."""
    found = shaped(document)
    if faults := in_order(inner_faults(found.scenario, document)):
        raise FileFaults(faults)
    return found


def shaped(document: Document) -> ScenarioFile:
    """Return what has the shape of a scenario, whatever else is wrong; FileFaults where it has not."""
    try:
        return ScenarioFile(Scenario.model_validate(document.data), document)
    except ValidationError as error:
        raise FileFaults(in_order(model_faults(error, document))) from error


def check_scenario(
    scenario: Scenario, library: Library, document: Document | None = None
) -> tuple[Fault, ...]:
    """Return what is wrong with a scenario, by itself and beside the playbook that it plays.

    Without its document the faults name the scenario in place of file and line.
    """
    where = document or Document(f"scenario {scenario.id}", None, {})
    return in_order((*inner_faults(scenario, where), *playbook_faults(scenario, library, where)))


def in_order(faults: Iterable[Fault]) -> tuple[Fault, ...]:
    """Return the faults each once, by line."""
    return tuple(sorted(dict.fromkeys(faults), key=lambda fault: fault.line))
