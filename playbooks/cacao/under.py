"""On what a step hangs: conditions we can read, and in words those that only a person can answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from playbooks.cacao.conditions_in import condition_of
from playbooks.cacao.conditions_out import condition_text, condition_variables
from playbooks.cacao.foreign_text import line
from playbooks.cacao.graph import Guard
from playbooks.conditions import condition_faults

if TYPE_CHECKING:
    from playbooks.cacao.plan_in import Reader

AT_MOST: Final = 14
"""The rounds of a loop: CACAO has no bound, and a plan of ours needs one."""
_SKIP: Final = "else skip this step and say so."


@dataclass(frozen=True, slots=True)
class Under:
    """Lines for the instructions, a condition, and the end of a loop; each may be absent."""

    lead: tuple[str, ...] = ()
    when: str | None = None
    repeat: str | None = None


def under(name: str, reader: Reader) -> Under:
    """Return on what a node's step hangs."""
    lead: list[str] = []
    when: list[str] = []
    repeat = None
    for guard in reader.guards[name]:
        ours = reader.conditions.get(guard.step)
        if ours is None or guard.answer == "failed":
            lead.append(_in_words(guard, reader))
        elif guard.answer == "again":
            if reader.flow.bodies[guard.step] & set(reader.names) == {name}:
                repeat = opposite(ours)
            else:
                lead.append(f"Again until this holds: {line(opposite(ours), 600)}")
        else:
            when.append(ours if guard.answer == "yes" else opposite(ours))
    together = " and ".join(f"({one})" for one in when) if len(when) > 1 else "".join(when)
    if together and condition_faults(together):
        return Under((*lead, f"Only if this holds; {_SKIP} {line(together, 600)}"), None, repeat)
    return Under(tuple(lead), together or None, repeat)


def opposite(ours: str) -> str:
    """Return the opposite of a condition, with its negations moved inwards."""
    return condition_of(condition_text(ours, negated=True), condition_variables(ours)) or f"not ({ours})"


def _in_words(guard: Guard, reader: Reader) -> str:
    called = f"step `{reader.names[guard.step]}`" if guard.step in reader.names else "what came before"
    if guard.answer == "failed":
        return f"Only if {called} failed; {_SKIP}"
    if guard.answer == "again":
        quoted = line(reader.workflow[guard.step]["condition"], 600)
        return f"Only while this holds, and again as long as it does (quoted): {quoted}"
    return f"Only if {called} was answered `{line(guard.answer, 80)}`; {_SKIP}"
