"""A past incident as a scenario: what happened when and what was decided; no word of anybody's. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from datetime import timedelta
from itertools import groupby
from statistics import median
from typing import Any, Final

from playbooks.conditions import compile_condition
from playbooks.exercises.judging import spoken
from playbooks.exercises.masking import client_entry, commonest, span
from playbooks.exercises.past import Past, PastAnswer
from playbooks.exercises.scenario import Scenario
from playbooks.facts import DICTIONARY, UNKNOWN, FactView, parse_fact
from playbooks.models import Step
from playbooks.vocabulary import RECIPIENTS

AS_THEN: Final = "As it was decided in the past incident."
MOST_EXPECTED, MOST_MEASURES, MOST_INJECTS, MOST_TOLD_LATE = 40, 12, 60, 20
_WITH_REASON: Final = frozenset({"not_applicable", "do_not_notify"})
_BY_KIND: Mapping[str, str] = {
    "release": "approve",
    "approval": "approve",
    "counsel": "clear",
    "proof": "accepted",
    "command": "close",
}
"""What is answered in the end to a question that is no step, for an incident that was closed."""
_CASE: Final = "A"
_EASY: Final = timedelta(minutes=5)
"""To such a span the time that was needed then is rounded up."""


def scenario_of(past: Past) -> Scenario:
    """The past incident as a scenario: scripted responders can play it, and people be measured by it.

    Its reference stands in the facilitator's notes alone: whoever plays could look it up.
    """
    return Scenario.model_validate(
        {
            "id": f"replay-{hashlib.sha256(past.ref.encode()).hexdigest()[:8]}",
            "version": "1",
            "title": f"Replay: {past.playbook.title}"[:300],
            "playbook": past.playbook.id,
            "story": _story(past),
            "facilitator": _notes(past),
            "starts_at": f"{past.starts_at:%Y-%m-%dT%H:%MZ}",
            "lasts": span(max(past.lasted * 2, timedelta(days=1))),
            "clients": [client_entry(one) for one in past.clients],
            "alert": _alert(past),
            "injects": list(_injects(past)),
            "truth": _truth(past),
            "answers": _answers(past),
            "expected": list(_expected(past)),
            "obligations": _obligations(past),
            "objectives": list(_objectives(past)),
            "hot_wash": _HOT_WASH,
        }
    )


_HOT_WASH: Final = [
    {"id": "knew-too-late", "text": "What did you learn later than you needed it?"},
    {"id": "other-than-then", "text": "What did you do differently from the past incident, and why?"},
    {"id": "waited-for", "text": "Whom or what did you wait for?"},
    {"id": "mend-first", "text": "What is to be mended first, by which role, until when?"},
]


def _story(past: Past) -> str:
    count = sum(not one.own for one in past.clients)
    of_clients = "one client" if count == 1 else f"{count or 'no'} clients"
    return (
        f"An incident of the past, played again: {past.playbook.title}. It concerned {of_clients}. "
        "Times, decisions and duties are those of the past; names, counts and addresses are not."
    )


def _notes(past: Past) -> str:
    late = sorted((one for one in past.answers if one.late), key=lambda one: -one.late)[:MOST_TOLD_LATE]
    refused = sum(one.refused for one in past.answers)
    lines = [
        f"Made from {past.ref}, which took {spoken(past.lasted)} from opening to closing.",
        "What people wrote then is not in this file: put your own words to story, alert and injects.",
        "Whoever worked on the past incident will know it again: let others play.",
        *(f"Late then: {one.step or one.kind}, by {spoken(one.late)}." for one in late),
        *([f"{refused} answers did not count then."] if refused else []),
        *(
            [f"{past.left_out} more clients were concerned; a scenario holds no more."]
            if past.left_out
            else []
        ),
    ]
    return "\n".join(lines)


def _alert(past: Past) -> dict[str, Any]:
    return {
        "title": f"A tool reports: {past.playbook.kind.replace('-', ' ')}",
        "clients": list(past.alerted),
        "detected_before": span(past.detected_before),
    }


def _injects(past: Past) -> Iterator[dict[str, Any]]:
    titles = {
        "alert": ("A further alert of the same matter", "A tool reports more of the same matter."),
        "new_fact": ("Something more is known", "What became known at this point of the past incident."),
        "person_unavailable": ("Somebody is away", "Nobody of this role can be reached for a while."),
        "channel_lost": ("The channel is not to be trusted", "The channel was frozen then; use another way."),
    }
    for number, event in enumerate(sorted(past.events, key=lambda one: one.at)[:MOST_INJECTS], start=1):
        title, text = titles[event.kind]
        inject: dict[str, Any] = {"id": f"then-{number}", "kind": event.kind, "at": span(event.at)}
        inject |= {"title": title, "text": text}
        inject |= {"client": event.client} if event.client else {}
        inject |= {"facts": dict(event.facts)} if event.facts else {}
        inject |= {"role": event.role} if event.role else {}
        inject |= {"lasts": span(event.lasts)} if event.lasts else {}
        yield inject


def _truth(past: Past) -> dict[str, Any]:
    """What was known at the end; which clients, where some step asks it."""
    asked = {one.name for step in past.playbook.steps for one in step.fields}
    return {name: value for name, value in past.known.items() if name in DICTIONARY or name in asked}


def _answers(past: Past) -> dict[str, Any]:
    """What scripted responders answer, and in the time that was needed then."""
    found: dict[str, Any] = {}
    for key, group in groupby(sorted(past.answers, key=_key), key=_key):
        same = sorted(group, key=lambda one: one.at)
        last = same[-1]
        decision = _BY_KIND.get(key) or commonest([one.decision for one in same])
        answer: dict[str, Any] = {
            "after": span(timedelta(seconds=median(one.took.total_seconds() for one in same))),
            "decision": decision,
        }
        answer |= {"reason": AS_THEN} if decision in _WITH_REASON else {}
        answer |= {"fields": dict(last.values)} if last.values and key == last.step else {}
        found[key] = answer
    return found


def _key(one: PastAnswer) -> str:
    return one.step or one.kind


def _steps(past: Past) -> list[PastAnswer]:
    """The first answer to each step that will be asked again, in the order of the answers."""
    comes = {step.id for step in past.playbook.steps if _comes(step, past)}
    first: dict[str, PastAnswer] = {}
    for one in sorted(past.answers, key=lambda one: one.at):
        if one.step in comes:
            first.setdefault(one.step, one)
    return list(first.values())


def _comes(step: Step, past: Past) -> bool:
    """Whether a step is asked of whoever plays: by what is so, and not only where somebody wants it."""
    if step.optional or step.when is None or step.kind == "notice":
        return not step.optional  # whom a notice tells, the law says for each case
    facts = {name: parse_fact(name, value) for name, value in past.known.items() if name in DICTIONARY}
    holds = compile_condition(step.when).evaluate(FactView(facts, {_CASE: facts}), _CASE)
    return step.if_unknown == "open" if holds is UNKNOWN else holds


def _expected(past: Past) -> Iterator[dict[str, Any]]:
    for one in _steps(past)[:MOST_EXPECTED]:
        said = f"So it was decided then, {spoken(one.at)} after the start"
        late = f"; that was {spoken(one.late)} after its target" if one.late else ""
        choices = {name: value for name, value in one.values.items() if _is_choice(name, value)}
        yield {
            "id": one.step,
            "step": one.step,
            "decision": one.decision,
            **({"fields": choices} if choices else {}),
            "within": span(_within(one)),
            "speaks_for": f"{said}{late}.",
        }


def _is_choice(name: str, value: Any) -> bool:
    return value != "unknown" and name in DICTIONARY and DICTIONARY[name].type in ("yes_no", "choice")


def _within(one: PastAnswer) -> timedelta:
    """By when it is to be decided: as then, or by its target where it was late then."""
    needed = -(-one.at // _EASY) * _EASY
    return one.due if one.late and one.due is not None else needed


def _obligations(past: Past) -> dict[str, list[str]]:
    told = {one.recipient for one in past.duties if one.state == "met"}
    open_ = {one.recipient for one in past.duties if one.state not in ("met", "not_owed")}
    never = {one.recipient for one in past.duties} - told - open_
    return {
        "told": [one for one in RECIPIENTS if one in told],
        "not_told": [one for one in RECIPIENTS if one in never],
    }


def _objectives(past: Past) -> Iterator[dict[str, Any]]:
    told: list[dict[str, Any]] = [{"told": one} for one in _obligations(past)["told"]]
    if used := [one.used for one in past.duties if one.used is not None]:
        told.append({"window_used": max(50, min(100, -(-int(max(used)) // 10) * 10))})
    if told:
        yield {
            "id": "told-in-time",
            "title": "Everybody who had to be told, was, in time",
            "capability": "Notification",
            "measures": told[:MOST_MEASURES],
        }
    steps = _steps(past)
    contained = [
        one for one in steps if past.playbook.phase_of(one.step) == "contain" and one.decision == "done"
    ]
    if contained:
        yield {
            "id": "contained-as-fast",
            "title": "It was contained as fast as then, or faster",
            "capability": "Containment",
            "measures": [
                {"step": one.step, "within": span(_within(one))} for one in contained[:MOST_MEASURES]
            ],
        }
    yield {
        "id": "decided-well",
        "title": "Decisions were those of the past incident, or better reasoned",
        "capability": "Decisions",
        "measures": [{"expected": one.step} for one in steps[:MOST_MEASURES]],
    }
    yield {
        "id": "written-well",
        "title": "Notices went out with no more findings than then",
        "capability": "Wording of notices",
        "measures": [{"findings": min(past.findings, 100)}],
    }
