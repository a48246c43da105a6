"""What an exercise showed that is worth keeping, and what is to be mended, by whom, within how long. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from playbooks.exercises.judging import spoken
from playbooks.exercises.scenario import Expected, Scenario
from playbooks.exercises.score import (
    ASPECTS,
    Aspect,
    Improvement,
    ObjectiveScore,
    Part,
    Point,
    Strength,
    Window,
)
from playbooks.vocabulary import whom

GRAVE: Final = 30
"""Days for what would have missed a duty or gone against the story."""
LESSER: Final = 90
"""Days for what came too late or was done less well."""
MOST_NAMED: Final = 3
_KEEPER: Final = "commander"
_OF_RECIPIENT: Final = {"client_controller": "client_lead"}


def strengths(
    scenario: Scenario,
    parts: Sequence[Part],
    clocks: Sequence[Window],
    objectives: Sequence[ObjectiveScore],
) -> Iterator[Strength]:
    """What went as it should: objectives, whole aspects, reserve, what was forestalled."""
    for one in objectives:
        if one.rating == "P":
            judged = [each for each in one.measures if each.verdict != "open"]
            yield Strength(
                one.title, "; ".join(f"{each.what} ({each.why})" for each in judged), one.capability
            )
    for part in parts:
        if part.judged and not any(point.is_lost for point in part.judged):
            count = len(part.judged)
            earned = "its one point was earned" if count == 1 else f"all {count} points were earned"
            yield Strength(ASPECTS[part.aspect], earned)
    used = [one.percent for one in clocks if one.percent is not None and not one.policy]
    if used and max(used) <= 50:
        yield Strength("Reserve on every legal clock", f"at most {max(used)} % of any legal window was used")
    forestalled = [
        point for part in parts for point in part.points if point.why.startswith("did not have to")
    ]
    for point in forestalled:
        yield Strength(f"Forestalled: {point.what}", point.why, _capability(scenario, point))


def improvements(scenario: Scenario, points: Sequence[Point]) -> Iterator[Improvement]:
    """What is to be mended, the gravest first; what has the same cause is one area."""
    found = [
        *_duties(scenario, points),
        *_decisions(scenario, points),
        *_targets(scenario, points),
        *_windows(scenario, points),
        *(_inject(scenario, point) for point in points if point.aspect == "injects" and point.is_lost),
        *_content(scenario, points),
        *_handovers(points),
    ]
    yield from sorted(found, key=lambda one: one.days)


def _lost(points: Sequence[Point], aspect: Aspect) -> dict[str, list[Point]]:
    """The lost points of an aspect by what they have in common."""
    groups: dict[str, list[Point]] = {}
    for point in points:
        if point.aspect == aspect and point.is_lost:
            groups.setdefault(point.about, []).append(point)
    return groups


def _duties(scenario: Scenario, points: Sequence[Point]) -> Iterator[Improvement]:
    for recipient, lost in _lost(points, "duties").items():
        needless = [one for one in lost if one.verdict == "wrong"]
        grave = any(one.verdict in ("missed", "wrong") for one in lost)
        told = whom(recipient)
        if needless and len(needless) == len(lost):
            title = f"Whether to tell: the {told}"
            action = (
                f"Settle with counsel when the {told} must be told and when not, and write it into the plan"
            )
        elif grave:
            title = f"Not told: the {told}"
            action = f"Find out why nobody told the {told}, and close the gap in plan, contacts or staffing"
        else:
            title = f"Told too late: the {told}"
            action = f"Draft the notice to the {told} beforehand, and name who sends it at any hour"
        yield Improvement(
            key=f"duties:{recipient}",
            title=title,
            observation=_named(lost),
            analysis="A duty to tell somebody that passes unseen is what this exercise exists to find.",
            action=action,
            role=_OF_RECIPIENT.get(recipient, "privacy"),
            days=GRAVE if grave else LESSER,
            capability=_capability(scenario, *lost),
        )


def _decisions(scenario: Scenario, points: Sequence[Point]) -> Iterator[Improvement]:
    """Each decision that was not taken as expected; those that were only late, together by role."""
    lost = [point for point in points if point.aspect == "decisions" and point.is_lost]
    yield from (_decision(scenario, point) for point in lost if point.verdict != "late")
    late: dict[str, list[Point]] = {}
    for point in lost:
        if point.verdict == "late":
            late.setdefault(point.role, []).append(point)
    for role, own in late.items():
        yield Improvement(
            key=f"decisions:{role}",
            title=f"Right decisions that took long: {role_words(role)}",
            observation=_named(own),
            analysis=" ".join(
                f"For {one.what!r} speaks: {_expected(scenario, one).speaks_for}" for one in own[:2]
            ),
            action=f"Rehearse with {role_words(role)} what is known early enough to decide on it",
            role=role or _KEEPER,
            days=LESSER,
            capability=_capability(scenario, *own),
        )


def _decision(scenario: Scenario, point: Point) -> Improvement:
    expected = _expected(scenario, point)
    against = f" Against it speaks: {expected.speaks_against}" if expected.speaks_against else ""
    return Improvement(
        key=point.key,
        title=point.what,
        observation=point.why[:1].upper() + point.why[1:] + ".",
        analysis=f"For it speaks: {expected.speaks_for}{against}",
        action=f"Talk this decision through with who takes it, and rehearse it again: {point.what}",
        role=point.role or _KEEPER,
        days=GRAVE,
        capability=_capability(scenario, point),
    )


def _targets(scenario: Scenario, points: Sequence[Point]) -> Iterator[Improvement]:
    for role, lost in _lost(points, "targets").items():
        asked = [one for one in points if one.aspect == "targets" and one.about == role and one.is_judged]
        over = sorted(one.at - one.due_at for one in lost if one.at is not None and one.due_at is not None)
        typical = f", typically {spoken(over[len(over) // 2])} past the target" if over else ""
        yield Improvement(
            key=f"targets:{role}",
            title=f"Answers that come late: {role_words(role)}",
            observation=f"{len(lost)} of {len(asked)} answers{typical}. {_named(lost)}",
            analysis="Every late answer moves all that waits for it, and the clocks do not wait.",
            action=f"See who is on duty as {role_words(role)}, who stands in, and if targets can be kept",
            role=_KEEPER,
            days=LESSER,
            capability=_capability(scenario, *lost),
        )


def _windows(scenario: Scenario, points: Sequence[Point]) -> Iterator[Improvement]:
    """Little reserve; a window that was over is told among the duties."""
    for recipient, lost in _lost(points, "windows").items():
        tight = [one for one in lost if one.verdict == "late"]
        if tight:
            yield Improvement(
                key=f"windows:{recipient}",
                title=f"Little reserve in telling the {whom(recipient)}",
                observation=_named(tight),
                analysis="What is told in the last quarter of its window has no room for a fault.",
                action=f"Begin the draft for the {whom(recipient)} while facts are still being gathered",
                role=_OF_RECIPIENT.get(recipient, "privacy"),
                days=LESSER,
                capability=_capability(scenario, *tight),
            )


def _inject(scenario: Scenario, point: Point) -> Improvement:
    return Improvement(
        key=point.key,
        title=point.what,
        observation=point.why[:1].upper() + point.why[1:] + ".",
        analysis="Whoever asks during an incident will ask again, elsewhere, where nobody answers.",
        action=f"Agree who answers and within what time: {point.what}",
        role=point.role or _KEEPER,
        days=LESSER if point.verdict == "late" else GRAVE,
        capability=_capability(scenario, point),
    )


def _content(scenario: Scenario, points: Sequence[Point]) -> Iterator[Improvement]:
    for recipient, lost in _lost(points, "content").items():
        yield Improvement(
            key=f"content:{recipient}",
            title=f"The notice to the {whom(recipient)}",
            observation=_named(lost),
            analysis="What the check finds, its reader finds too.",
            action=f"Go through the findings of the notice to the {whom(recipient)}, and mend its template",
            role="privacy",
            days=LESSER,
            capability=_capability(scenario, *lost),
        )


def _handovers(points: Sequence[Point]) -> Iterator[Improvement]:
    lost = [one for one in points if one.aspect == "handovers" and one.is_lost]
    if lost:
        yield Improvement(
            key="handovers",
            title="Work lost between shifts",
            observation=_named(lost),
            analysis="What is open at a change of shift is nobody's until somebody takes it.",
            action="Let each shift confirm the open questions that it takes over",
            role=_KEEPER,
            days=LESSER,
        )


def role_words(role: str) -> str:
    """A role as people say it."""
    return {"it": "IT", "": "nobody in particular"}.get(role, role.replace("_", " "))


def _named(points: Sequence[Point]) -> str:
    """The first few points in words, and how many more there are."""
    said = [
        f"{one.what}{f' (case {one.case})' if one.case else ''}: {one.why}" for one in points[:MOST_NAMED]
    ]
    more = len(points) - MOST_NAMED
    return "; ".join(said) + (f"; and {more} more." if more > 0 else ".")


def _expected(scenario: Scenario, point: Point) -> Expected:
    return next(one for one in scenario.expected if f"expected:{one.id}" == point.key)


def _capability(scenario: Scenario, *points: Point) -> str:
    """The capability of the first objective that measures one of the points."""
    keys = {point.key for point in points} | {f"{point.aspect}:{point.about}" for point in points}
    for objective in scenario.objectives:
        for measure in objective.measures:
            wanted = {
                f"expected:{measure.expected}",
                f"inject:{measure.handled}",
                f"duties:{measure.told}",
                f"windows:{measure.told}",
                f"content:{measure.told}",
            }
            if keys & wanted:
                return objective.capability
    return ""
