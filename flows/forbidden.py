"""Numbers that no answer may hold: taken out before anything is written, and refused by field and kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from flows.forms import FormSpec, Given
from playbooks.errors import Refused
from playbooks.sensitive import kinds_in, without_numbers

MEND: Final = "leave the number out: say how many, or whose, in other words"
_OWN: Final = {"handle": "Who answers", "decision": "Decision", "reason": "Reason or remark"}


@dataclass(frozen=True, slots=True)
class Cleared:
    """An answer without its forbidden numbers, and which kinds each of its fields held."""

    given: Given
    kinds: Mapping[str, tuple[str, ...]]


def clear(given: Given) -> Cleared:
    """The answer as it may be written down anywhere."""
    own = {name: str(getattr(given, name)) for name in _OWN}
    held = {name: kinds_in(_text_of(value)) for name, value in {**given.values, **own}.items()}
    kinds = {name: found for name, found in held.items() if found}
    if not kinds:
        return Cleared(given, {})
    values = {name: _without(value) for name, value in given.values.items()}
    handle, decision, reason = (without_numbers(value) for value in own.values())
    return Cleared(replace(given, handle=handle, decision=decision, reason=reason, values=values), kinds)


def refuse_forbidden(spec: FormSpec, kinds: Mapping[str, tuple[str, ...]]) -> None:
    """Raise Refused, naming field and kind and never the number, where an answer held any."""
    if not kinds:
        return
    labels = {one.name: one.label for one in spec.fields} | _OWN
    held = (f"{labels.get(name, 'a field')}: {', '.join(found)}" for name, found in kinds.items())
    raise Refused("such a number may not be kept here", which="; ".join(held), mend=MEND)


def refuse_in_words(**words: str) -> None:
    """Raise Refused, naming which and the kind and never the number, where free text holds any.

    What people say by a command goes by here before it is written anywhere; the names are those of the words.
    """
    held = {name.replace("_", " "): kinds_in(text) for name, text in words.items()}
    if told := [f"{name}: {', '.join(kinds)}" for name, kinds in held.items() if kinds]:
        raise Refused("such a number may not be kept here", which="; ".join(told), mend=MEND)


def refuse_in_notice(text: str) -> None:
    """Raise Refused where the text of a notice holds a number that no notice may tell."""
    for number, line in enumerate(text.splitlines(), start=1):
        if kinds := kinds_in(line):
            which = f"line {number}: {', '.join(kinds)}"
            raise Refused("such a number may not be told in a notice", which=which, mend=MEND)


def _text_of(value: Any) -> str:
    return "\n".join(map(str, value)) if isinstance(value, list) else str(value)


def _without(value: Any) -> Any:
    if isinstance(value, list):
        return [_without(one) for one in value]
    return without_numbers(value) if isinstance(value, str) else value
