"""Everything that is wrong with a scenario: with itself, beside its playbook, its clients and our forms."""

from __future__ import annotations

from collections.abc import Iterator

from flows.clients.file import ClientFile, clients_of
from flows.specs import DECISIONS, REASONED
from playbooks.documents import Document, Path
from playbooks.errors import Fault, FileFaults, NotFound
from playbooks.exercises.library import scenario_file
from playbooks.exercises.reading import ScenarioFile, check_scenario, in_order
from playbooks.exercises.scenario import Scenario
from playbooks.library import Library


def ready_scenario(name: str, library: Library) -> Scenario:
    """Return the scenario of an id or file that these playbooks can play.

    Raises NotFound where there is none, FileFaults with all that is wrong with it.
    """
    found = scenario_file(name)
    if faults := scenario_faults(found, library):
        raise FileFaults(faults)
    return found.scenario


def scenario_faults(found: ScenarioFile, library: Library) -> tuple[Fault, ...]:
    """Return every fault of a scenario that was read, by line."""
    faults = [*check_scenario(found.scenario, library, found.document)]
    faults += _client_faults(found)
    faults += _decision_faults(found, library)
    return in_order(faults)


def scenario_clients(scenario: Scenario, document: Document | None = None) -> ClientFile:
    """Return a scenario's clients as a client file would tell them; FileFaults lists what is wrong."""
    said = {"clients": [dict(client) for client in scenario.clients]}
    where = document or Document(f"scenario {scenario.id}", said, {})
    return clients_of(Document(where.file, said, where.lines))


def _client_faults(found: ScenarioFile) -> tuple[Fault, ...]:
    try:
        scenario_clients(found.scenario, found.document)
    except FileFaults as error:
        return error.faults
    return ()


def _decision_faults(found: ScenarioFile, library: Library) -> Iterator[Fault]:
    """A decision that the form does not offer, or that it takes with a reason only."""
    kinds = _kinds(found.scenario, library)
    for name, answer in found.scenario.answers.items():
        here: Path = ("answers", name)
        yield from _unknown_decision(found.document, here, kinds.get(name, ""), answer.decision)
        if answer.decision in REASONED and not answer.reason:
            what = f"`{answer.decision}` counts with a reason only"
            yield found.document.fault((*here, "decision"), what, "add a `reason`")
    for at, one in enumerate(found.scenario.expected):
        if one.decision is not None:
            kind = kinds.get(one.step, "")
            yield from _unknown_decision(found.document, ("expected", at), kind, one.decision)


def _unknown_decision(document: Document, here: Path, kind: str, decision: str) -> Iterator[Fault]:
    offered = DECISIONS.get(kind, {})
    if offered and decision not in offered:
        what = f"nobody can decide `{decision}` there"
        yield document.fault((*here, "decision"), what, f"one of: {', '.join(offered)}")


def _kinds(scenario: Scenario, library: Library) -> dict[str, str]:
    """The kind of question by the name that a scenario has for it; nothing where that is unknown."""
    kinds = {kind: kind for kind in DECISIONS if kind != "step"}
    kinds |= {inject.id: "step" for inject in scenario.injects}
    try:
        steps = library.named(scenario.playbook).steps
    except NotFound:
        return kinds
    of_kind = {"manual": "step", "notice": "draft"}
    return kinds | {step.id: of_kind[step.kind] for step in steps if step.kind in of_kind}
