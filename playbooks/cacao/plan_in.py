"""The steps of a foreign workflow: in order, under their conditions, each in its phase."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any, Final

from playbooks.cacao.asked_in import condition_step, other_playbook_step
from playbooks.cacao.conditions_in import condition_of
from playbooks.cacao.foreign_text import slug_of
from playbooks.cacao.frame import GROUPS
from playbooks.cacao.graph import REAL, Flow, Guard
from playbooks.cacao.phases_in import phase_named, settled_phases
from playbooks.cacao.report import pointer
from playbooks.cacao.steps_in import Surroundings, action_step, own_id, tell_rest
from playbooks.cacao.under import AT_MOST, Under, under
from playbooks.cacao.ways import guards_in, waits_in
from playbooks.wording import PhaseId

MOST_STEPS: Final = 100
_OF_OUR_GROUPS: Final = frozenset(name for names in GROUPS.values() for name in names)


class Reader:
    """Turns the nodes of a flow into steps of ours, and notes what became of each."""

    def __init__(self, flow: Flow, around: Surroundings) -> None:
        self.flow, self.around, self.report = flow, around, around.report
        self.workflow: Mapping[str, Any] = around.document["workflow"]

    def phases(self) -> dict[PhaseId, list[dict[str, Any]]]:
        """Return the steps by phase, in running order."""
        if len(self.names) > MOST_STEPS:
            self.report.fault("/workflow", f"more than {MOST_STEPS} steps to do", "split the playbook")
            return {}
        after = waits_in(self.flow, self.names)
        kinds = self.around.document.get("playbook_types", ())
        wanted = {name: phase_named(self.workflow[name], kinds) for name in self.names}
        settled = settled_phases(wanted, after)
        found: dict[PhaseId, list[dict[str, Any]]] = {}
        for name in self.names:
            found.setdefault(settled[name], []).append(self.step(name, settled[name], after[name]))
            self.tell(name, wanted[name], settled[name])
        for name, step in self.workflow.items():
            tell_rest(step, pointer("workflow", name), self.report)
            if name not in self.names:
                self.tell_of_the_order(name)
        return found

    @cached_property
    def conditions(self) -> Mapping[str, str | None]:
        """The condition of each branching step in our language, None where it cannot be read."""
        variables = self.around.document.get("playbook_variables", {})
        texts = {name: step["condition"] for name, step in self.workflow.items() if "condition" in step}
        return {name: condition_of(text, variables) for name, text in texts.items()}

    @cached_property
    def guards(self) -> Mapping[str, tuple[Guard, ...]]:
        """Under what each node comes about."""
        return guards_in(self.flow, [name for name, ours in self.conditions.items() if ours is not None])

    @cached_property
    def names(self) -> Mapping[str, str]:
        """Our step id of each node that becomes a step, in running order."""
        found: dict[str, str] = {}
        for name in self.flow.order:
            step = self.workflow.get(name)
            if step is not None and (step["type"] in REAL or self.is_asked(name)):
                found[name] = self.name_for(name, frozenset(found.values()))
        return found

    def is_asked(self, name: str) -> bool:
        """Tell whether a condition must be answered by a person."""
        kind = self.workflow[name]["type"]
        return kind == "switch-condition" or (kind == "if-condition" and self.conditions[name] is None)

    def name_for(self, name: str, taken: frozenset[str]) -> str:
        """Return a step id that is free: its own from a playbook of ours, else one made of its title."""
        step = self.workflow[name]
        own = slug_of(own_id(step), 60)
        if own and own not in taken:
            return own
        stem = ("decide-" if self.is_asked(name) else "") + (slug_of(step.get("name", "")) or "step")
        own, number = stem, 1
        while own in taken or own in _OF_OUR_GROUPS:
            number += 1
            own = f"{stem}-{number}"
        return own

    def step(self, name: str, phase: PhaseId, after: tuple[str, ...]) -> dict[str, Any]:
        """Return the keys of one step, in the order of our files."""
        hangs = under(name, self)
        step = self.workflow[name]
        if step["type"] == "action":
            made = action_step(name, phase, hangs.lead, self.around)
        elif step["type"] == "playbook-action":
            made = other_playbook_step(step, hangs.lead, self.around)
        else:
            made = condition_step(step, hangs.lead)
        head = {key: made.pop(key) for key in ("title", "kind", "role", "target")}
        waits = {"after": [self.names[one] for one in after]} if after else {}
        return {"id": self.names[name], **head, **waits, **self.hanging(hangs), **made}

    def hanging(self, hangs: Under) -> dict[str, Any]:
        """Return the keys that say on what a step hangs; unknown, it is asked for all the same."""
        found: dict[str, Any] = {"when": hangs.when, "if_unknown": "open"} if hangs.when else {}
        if hangs.repeat:
            found["repeat"] = {"until": hangs.repeat, "at_most": AT_MOST}
        return found

    def tell(self, name: str, wanted: PhaseId, settled: PhaseId) -> None:
        """Note what became of a node that is a step now."""
        place, kind = pointer("workflow", name), self.workflow[name]["type"]
        what = f"step `{self.names[name]}` in {settled}"
        if wanted != settled:
            what += f" (not {wanted}, for the sake of the order)"
        if kind == "action":
            self.report.kept(place, what)
        elif kind == "playbook-action":
            self.report.changed(place, f"{what}: a person carries the other playbook out")
        else:
            self.report.changed(place, f"its condition is not read but asked, in {what}")

    def tell_of_the_order(self, name: str) -> None:
        """Note what became of any other node: it is part of the order now, or nothing leads to it."""
        step, place = self.workflow[name], pointer("workflow", name)
        if name not in self.flow.into:
            self.report.refused(place, "nothing leads to it; left out")
        elif step["type"] != "while-condition":
            self.report.kept(place, "as the order of steps")
        elif self.conditions[name] is None:
            self.report.changed(place, "its condition is not read but quoted in the steps of the loop")
        else:
            self.report.changed(
                place, f"`repeat`, {AT_MOST} rounds at most, or words in the steps of the loop"
            )
