"""One scenario as a page on the terminal: for participants, or with all that the facilitator knows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from flows.cli.shown import say, say_block, when
from notify.text import terminal
from playbooks.exercises.scenario import Expected, Inject, Measure, Scenario
from playbooks.wording import written


def show_scenario(scenario: Scenario, *, facilitator: bool) -> None:
    """Show a scenario, every word of it inert; injects and expectations to the facilitator alone."""
    say(f"{scenario.id}@{scenario.version}  {terminal(scenario.title)}")
    say(f"  plays {scenario.playbook}, begins {when(scenario.begins_at)}, lasts {written(scenario.lasts)}")
    _head("story")
    say_block("", scenario.story, 2)
    _head("it exercises")
    say_block("", "; ".join(capabilities(scenario)), 2)
    if facilitator:
        _show_the_rest(scenario)


def capabilities(scenario: Scenario) -> tuple[str, ...]:
    """What an exercise trains, each once: an objective's title would tell what is going to happen."""
    return tuple(dict.fromkeys(objective.capability for objective in scenario.objectives))


def _show_the_rest(scenario: Scenario) -> None:
    """What participants must not know."""
    _head("for the facilitator alone")
    say_block("", scenario.facilitator, 2)
    _head("objectives")
    for objective in scenario.objectives:
        say_block("- ", objective.title, 2)
        for measure in objective.measures:
            say_block("measured: ", _measured(measure), 4)
    _head("starting alert")
    say_block("", f"{scenario.alert.title} ({', '.join(scenario.alert.clients) or 'no client named'})", 2)
    say_block("", scenario.alert.text or "", 2)
    _head("injects")
    for inject in scenario.injects:
        _show_inject(inject)
    _head("expected")
    for one in scenario.expected:
        _show_expected(one)
    _head("who must be told")
    say_block("told      ", ", ".join(scenario.obligations.told) or "nobody", 2)
    say_block("not told  ", ", ".join(scenario.obligations.not_told) or "nothing is wrong", 2)
    _head("hot wash")
    for question in scenario.hot_wash:
        say_block("- ", question.text, 2)


def _head(words: str) -> None:
    say()
    say(words.upper())


def _show_inject(inject: Inject) -> None:
    say()
    say_block(f"+{written(inject.at):<6}", f"{inject.id}: {inject.title}", 2)
    say_block("", "; ".join(_particulars(inject)), 9)
    say_block("", inject.text, 9)
    say_block("note: ", inject.note or "", 9)


def _particulars(inject: Inject) -> Iterator[str]:
    yield inject.kind.replace("_", " ")
    if inject.client:
        yield f"client {inject.client}"
    if inject.to:
        yield f"to {inject.to}"
    if inject.handled_within:
        yield f"to be handled within {written(inject.handled_within)}"
    if inject.unless_done:
        yield f"only where {inject.unless_done} is not done"
    if inject.role:
        yield f"{inject.role} is away"
    if inject.lasts:
        yield f"for {written(inject.lasts)}"
    if inject.facts:
        yield _values(inject.facts)


def _show_expected(one: Expected) -> None:
    say()
    by = f" within {written(one.within)}" if one.within else ""
    what = one.decision or "an answer"
    say_block("- ", f"{one.id}: {one.step}, {what}{by}", 2)
    say_block("", _values(one.fields), 4)
    say_block("for: ", one.speaks_for, 4)
    say_block("against: ", one.speaks_against or "", 4)


def _values(values: Mapping[str, Any]) -> str:
    return "; ".join(f"{name}: {_value(value)}" for name, value in values.items())


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _measured(measure: Measure) -> str:
    if measure.expected:
        return f"the decision {measure.expected} is taken as expected"
    if measure.told:
        return f"every {measure.told} who must be told, is, in time"
    if measure.window_used:
        return f"no legal window is used by more than {measure.window_used} percent"
    if measure.handled:
        return f"the inject {measure.handled} is handled in time"
    if measure.step and measure.within:
        return f"the step {measure.step} is done within {written(measure.within)}"
    return f"the checks of released notices find at most {measure.findings}"
