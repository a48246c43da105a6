"""A scenario held against the playbook that it plays: every step, field and value that is not there. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any, Final

from playbooks.documents import Document, Path
from playbooks.errors import Fault, NotFound
from playbooks.exercises.scenario import ASKING, Expected, Scenario
from playbooks.exercises.values import value_faults
from playbooks.facts import DICTIONARY
from playbooks.library import Library
from playbooks.models import Field, Playbook, Step
from playbooks.vocabulary import RECIPIENTS

KINDS: Final = ("command", "approval", "release", "counsel", "draft", "proof", "candidate")
"""Questions that are no step of the plan, by kind."""
OF_THE_LAW: Final = ("answer-the-law", *(f"tell-{one.replace('_', '-')}" for one in RECIPIENTS))
"""Steps that the law adds beside the plan."""


def playbook_faults(scenario: Scenario, library: Library, document: Document) -> Iterator[Fault]:
    """Yield every fault that shows only beside the playbook."""
    try:
        playbook = library.named(scenario.playbook)
    except NotFound as missing:
        yield document.fault(("playbook",), f"no playbook `{scenario.playbook}`", missing.mend)
        return
    for at, inject in enumerate(scenario.injects):
        here: Path = ("injects", at, "unless_done")
        if inject.unless_done is not None:
            yield from _step_faults(playbook, inject.unless_done, document, here)
    yield from _own_ids(scenario, playbook, document)
    yield from _expected(scenario, playbook, document)
    yield from _answers(scenario, playbook, document)
    yield from _truth(scenario, playbook, document)
    yield from _measures(scenario, playbook, document)


def steps_named(playbook: Playbook) -> Mapping[str, Step]:
    """The steps of a playbook by id."""
    return {step.id: step for step in playbook.steps}


def _step_faults(playbook: Playbook, name: str, document: Document, here: Path) -> Iterator[Fault]:
    steps = steps_named(playbook)
    if name not in steps:
        yield document.fault(here, f"`{playbook.id}` has no step `{name}`", _near(name, tuple(steps)))


def _own_ids(scenario: Scenario, playbook: Playbook, document: Document) -> Iterator[Fault]:
    """Answers go by step, inject or kind: no inject may be called as one of the others."""
    taken = {*steps_named(playbook), *KINDS, *OF_THE_LAW}
    for at, inject in enumerate(scenario.injects):
        if inject.id in taken:
            what = f"`{inject.id}` is a step or a kind of question already"
            yield document.fault(("injects", at, "id"), what, "choose another id")


def _expected(scenario: Scenario, playbook: Playbook, document: Document) -> Iterator[Fault]:
    for at, one in enumerate(scenario.expected):
        here: Path = ("expected", at)
        yield from _asked_faults(playbook, one.step, document, (*here, "step"))
        yield from _field_faults(playbook, one.step, one.fields, document, (*here, "fields"))
        yield from _says_nothing(one, document, here)


def _says_nothing(one: Expected, document: Document, here: Path) -> Iterator[Fault]:
    if one.decision is None and not one.fields and one.within is None:
        what = f"nothing is expected of `{one.step}`"
        yield document.fault(here, what, "add a `decision`, `fields` or `within`")


def _answers(scenario: Scenario, playbook: Playbook, document: Document) -> Iterator[Fault]:
    asking = {inject.id for inject in scenario.injects if inject.kind in ASKING}
    for name, answer in scenario.answers.items():
        here: Path = ("answers", name)
        if name not in asking:
            yield from _asked_faults(playbook, name, document, here)
        yield from _field_faults(playbook, name, answer.fields, document, (*here, "fields"))


def _asked_faults(playbook: Playbook, name: str, document: Document, here: Path) -> Iterator[Fault]:
    steps = steps_named(playbook)
    if name in steps:
        yield from _automated_faults(steps[name], document, here)
    elif name not in (*KINDS, *OF_THE_LAW):
        answered = [step.id for step in playbook.steps if step.kind != "automated"]
        yield document.fault(here, f"`{playbook.id}` has no step `{name}`", _near(name, (*answered, *KINDS)))


def _automated_faults(step: Step, document: Document, here: Path) -> Iterator[Fault]:
    if step.kind == "automated":
        what = f"`{step.id}` is done by the machine: nobody decides it"
        yield document.fault(here, what, "name a step that somebody answers")


def _field_faults(
    playbook: Playbook, name: str, values: Mapping[str, Any], document: Document, here: Path
) -> Iterator[Fault]:
    """What is answered to a manual step's fields; the forms of notices are not the playbook's."""
    step = steps_named(playbook).get(name)
    if step is None or step.kind != "manual":
        return
    fields = {field.name: field.spec for field in step.fields}
    for field, value in values.items():
        spec = fields.get(field) or (DICTIONARY.get(field) if step.asks_law else None)
        if spec is None:
            what = f"the form of `{name}` does not ask `{field}`"
            yield document.fault((*here, field), what, _near(field, tuple(fields)))
        else:
            yield from value_faults(document, (*here, field), spec, value)


def _truth(scenario: Scenario, playbook: Playbook, document: Document) -> Iterator[Fault]:
    """A name of the truth is a fact of the dictionary, or a field of some step."""
    asked: dict[str, Field] = {field.name: field for step in playbook.steps for field in step.fields}
    for name in scenario.truth:
        if name not in DICTIONARY and name not in asked:
            what = f"`{name}` is no fact, and no step of `{playbook.id}` asks it"
            yield document.fault(("truth", name), what, _near(name, (*DICTIONARY, *asked)))


def _measures(scenario: Scenario, playbook: Playbook, document: Document) -> Iterator[Fault]:
    for at, objective in enumerate(scenario.objectives):
        for number, measure in enumerate(objective.measures):
            here: Path = ("objectives", at, "measures", number, "step")
            if measure.step is not None:
                yield from _step_faults(playbook, measure.step, document, here)
            if (step := steps_named(playbook).get(measure.step or "")) is not None:
                yield from _automated_faults(step, document, here)


def _near(name: str, known: tuple[str, ...]) -> str:
    near = get_close_matches(name, known, n=1)
    return f"did you mean `{near[0]}`?" if near else f"one of: {', '.join(known)}"[:400]
