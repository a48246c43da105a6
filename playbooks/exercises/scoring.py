"""An exercise scored: a pure function of the scenario and of what was done, every point with its reason."""

from __future__ import annotations

from collections.abc import Iterator

from playbooks.exercises.advising import improvements, strengths
from playbooks.exercises.expecting import expected_point
from playbooks.exercises.judging import (
    content_points,
    duty_points,
    handover_points,
    inject_point,
    target_points,
    window_points,
    windows,
)
from playbooks.exercises.rating import rate
from playbooks.exercises.record import Record
from playbooks.exercises.scenario import Scenario
from playbooks.exercises.score import ASPECTS, Part, Point, Score

__all__ = ["Score", "score"]


def score(scenario: Scenario, record: Record) -> Score:
    """What an exercise is worth; the same for the same scenario and record, wherever it is reckoned."""
    points = tuple(_points(scenario, record))
    parts = tuple(
        Part(aspect, tuple(point for point in points if point.aspect == aspect)) for aspect in ASPECTS
    )
    clocks = tuple(windows(record))
    objectives = tuple(rate(one, scenario, record, points, clocks) for one in scenario.objectives)
    return Score(
        parts=parts,
        windows=clocks,
        objectives=objectives,
        strengths=tuple(strengths(scenario, parts, clocks, objectives)),
        improvements=tuple(improvements(scenario, points)),
        refused=sum(one.refused for one in record.decided),
        escalations=sum(one.escalations for one in record.decided),
    )


def _points(scenario: Scenario, record: Record) -> Iterator[Point]:
    yield from duty_points(scenario, record)
    for expected in scenario.expected:
        yield expected_point(expected, record)
    yield from target_points(record)
    yield from window_points(scenario, record)
    for happened in record.happened:
        yield inject_point(happened, record.ended_at)
    yield from content_points(record)
    yield from handover_points(record)
