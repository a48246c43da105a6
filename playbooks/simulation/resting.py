"""What a word or a judgement rests on: it counts only while what was known then is what is known now.

As in the engine, a second word on a step rests on everything that is known and on the duties that run, one on
a notice on the facts that it shows, and a judgement of gravity on the facts of which gravity is judged.
"""

from __future__ import annotations

import json
from collections.abc import Hashable, Iterable, Sequence
from typing import Final

from playbooks.facts import FactView, to_json
from playbooks.notices.library import form_for_step
from playbooks.notices.shown import shown_by
from playbooks.simulation.duties import Duties
from playbooks.verdicts import IN_DOUBT, JUDGED, RELEASING, grounds_of

STANDS, IS_DOUBTED, FALLS = range(3)
_STAGE: Final = "initial"


class Resting:
    """What was known, as numbers that are equal where it was the same; remembered for one story."""

    def __init__(self, duties: Duties) -> None:
        self._plan = duties.plan
        nodes = self._plan.nodes
        self._telling = duties.relevant[None]
        for case in self._plan.cases:
            self._telling |= duties.relevant[case]
        self._of_case = [duties.relevant[node.case] if node.case else self._telling for node in nodes]
        """What tells anything that a node's notice or judgement can rest on, as bits."""
        self._numbers: dict[Hashable, int] = {}
        self._remembered: dict[tuple[object, ...], int] = {}
        self._shown = [_shown_in(duties, number) for number in range(len(nodes))]
        self.judging = tuple(
            number for number in range(self._plan.asked_beside) if self.doubt(number) != STANDS
        )
        """The nodes whose judgement is asked anew when what it rests on has changed."""

    def doubt(self, number: int) -> int:
        """What becomes of a node's judgements then: nothing, asked anew, or unknown again until then."""
        node = self._plan.nodes[number]
        if node.step.asks_law:
            return STANDS
        given = {name: self._plan.value(name, node.case) for name in JUDGED.intersection(node.facts)}
        if any(value == RELEASING[name] for name, value in given.items()):
            return FALLS
        return IS_DOUBTED if any(value in IN_DOUBT[name] for name, value in given.items()) else STANDS

    def of_all(self, known: int, *, named: bool) -> int:
        """Everything that is known."""
        key = ("all", known & self._telling, named)
        found = self._remembered.get(key)
        if found is None:
            view = self._view(known, named=named)
            found = self._remembered[key] = self._numbered(_facts(view, None), *_every_case(view))
        return found

    def in_notice(self, number: int, known: int, *, named: bool) -> int:
        """What a node's notice shows."""
        key = (number, known & self._of_case[number], named)
        found = self._remembered.get(key)
        if found is None:
            case = self._plan.nodes[number].case
            view = self._view(key[1], named=named, only=case)
            shown = [to_json(view.known(name, case)) for name in self._shown[number]]
            found = self._remembered[key] = self._numbered(json.dumps(shown))
        return found

    def of_judgement(self, number: int, known: int, *, named: bool) -> int:
        """The facts of which a node's judgement is made: of its case, or of the incident and every case."""
        key = ("judged", number, known & self._of_case[number], named)
        found = self._remembered.get(key)
        if found is None:
            case = self._plan.nodes[number].case
            view = self._view(key[2], named=named, only=case)
            places = (case,) if case is not None else (None, *view.cases)
            grounds = (json.dumps([at, grounds_of(view, at)], sort_keys=True) for at in places)
            found = self._remembered[key] = self._numbered(*grounds)
        return found

    def _view(self, known: int, *, named: bool, only: str | None = None) -> FactView:
        return self._plan.view(self._plan.known_in(known), named=named, only=only)

    def _numbered(self, *what: str) -> int:
        return self._numbers.setdefault(what, len(self._numbers))


def _facts(view: FactView, case: str | None) -> str:
    facts = view.incident if case is None else view.cases[case]
    return json.dumps({name: to_json(value) for name, value in facts.items()}, sort_keys=True)


def _every_case(view: FactView) -> Iterable[str]:
    return (f"{case} {_facts(view, case)}" for case in sorted(view.cases))


def _shown_in(duties: Duties, number: int) -> Sequence[str]:
    step = duties.plan.nodes[number].step
    if step.kind != "notice":
        return ()
    met = [one for told in duties.told if number in told.nodes for one in told.stages[0]]
    rules = [duties.duties[one].rule for one in met]
    stage = rules[0].stage if rules else _STAGE
    form = form_for_step(step.template or "", step.recipient or "", [rule.id for rule in rules], stage)
    return shown_by(form.with_content(word for rule in rules for word in rule.content))
