"""Steps for the commander: to answer a condition that cannot be read, to carry another playbook out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from playbooks.cacao.foreign_text import line, words
from playbooks.cacao.ids import playbook_id
from playbooks.cacao.steps_in import Surroundings

_MOST_CASES: Final = 50
_LONGEST: Final = 4_000


def condition_step(step: Mapping[str, Any], lead: tuple[str, ...]) -> dict[str, Any]:
    """Return the keys of a step that asks a person what a condition or a switch comes to."""
    quoted = line(step.get("condition") or step.get("switch") or "", 600)
    asks = "Answer from what is known; the steps behind say on which answer they hang."
    title = line(step.get("name", ""), 180)
    one = _case_field(step) if step["type"] == "switch-condition" else _holds_field()
    lines = (*lead, asks, f"Quoted: {quoted}")
    return _for_commander(f"Decide: {title}" if title else "Decide on a condition", lines, one)


def other_playbook_step(
    step: Mapping[str, Any], lead: tuple[str, ...], around: Surroundings
) -> dict[str, Any]:
    """Return the keys of a step that sends a person to another playbook: one of ours where it is known."""
    wanted = step.get("playbook_id", "")
    ours = next((one for one in around.known.values() if playbook_id(one) == wanted), None)
    told = f"our playbook {ours.ref}" if ours is not None else f"a playbook that is not here: {line(wanted)}"
    title = line(step.get("name", ""), 180) or "Carry out another playbook"
    said = line(step.get("description", ""), 1_000)
    lines = (*lead, *((said,) if said else ()), f"Carry out {told}, and come back when it is done.")
    return _for_commander(title, lines, {"id": "result", "type": "text", "label": "What came of it?"})


def _holds_field() -> dict[str, Any]:
    return {"id": "holds", "type": "yes_no_unknown", "label": "Does the condition hold?"}


def _case_field(step: Mapping[str, Any]) -> dict[str, Any]:
    cases = list(step["cases"])[:_MOST_CASES]
    choices = {f"case_{at}": line(case, 80) or "no name" for at, case in enumerate(cases, 1)}
    choices["unclear"] = "None, or not clear"
    return {"id": "chosen_case", "type": "choice", "label": "Which case is it?", "choices": choices}


def _for_commander(title: str, lines: tuple[str, ...], field: dict[str, Any]) -> dict[str, Any]:
    return {
        "title": title,
        "kind": "manual",
        "role": "commander",
        "target": "4h",
        "instructions": words("\n\n".join(lines), _LONGEST),
        "fields": [{**field, "required": True}],
    }
