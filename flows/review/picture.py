"""The incident drawn: phases, clocks, warnings and answers, whole, and the dense first part once more."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from flows.review.durations import contained_moment, fact_moment
from flows.review.material import ACCEPTED, Material
from flows.review.telling import COUNTED
from notify.timeline_picture import Band, Clock, Dot, Milestone, Picture, Tick
from store.tables import Obligation

DENSE = 0.3
"""A first part shorter than this share of the whole is drawn once more by itself."""

LEAD = "lead"


def pictures(material: Material) -> tuple[Picture, ...]:
    """The whole incident, and where it is much shorter the part until containment."""
    bands, milestones, clocks = _bands(material), _milestones(material), _clocks(material)
    dots = tuple(_dots(material, {band.label for band in bands}))
    marks = [mark.at for mark in milestones] + [clock.due for clock in clocks]
    start, end = min([material.incident.opened_at, *marks]), max([material.until, *marks])
    margin = (end - start) * 0.02
    whole = Picture("The whole incident", start - margin, end + margin, bands, dots, clocks, milestones)
    early = _early_end(material, start)
    if early is None or (early - start) / (end - start) > DENSE:
        return (whole,)
    margin = (early - start) * 0.03
    begun = tuple(band for band in bands if band.start <= early)
    part = Picture("Until it was contained", start - margin, early + margin, begun, dots, clocks, milestones)
    return whole, part


def _early_end(material: Material, start: datetime) -> datetime | None:
    contained = contained_moment(material).at
    ends = [row.ended_at for row in material.steps if material.phase(row) == "contain" and row.ended_at]
    early = max([at for at in (contained, *ends) if at is not None], default=None)
    return early if early is not None and early - start > timedelta(minutes=1) else None


def _bands(material: Material) -> tuple[Band, ...]:
    found = []
    for phase in [*(phase.id for phase in material.plan.phases), "added"]:
        rows = [row for row in material.steps if material.phase(row) == phase and row.opened_at]
        opened = [row.opened_at for row in rows if row.opened_at]
        if opened:
            found.append(
                Band(phase.capitalize(), min(opened), max(row.ended_at or material.until for row in rows))
            )
    return tuple(found)


def _dots(material: Material, bands: set[str]) -> Iterator[Dot]:
    questions = {question.id: question for question in material.questions}
    for answer in material.answers:
        question = questions[answer.question_id]
        row = material.row_of(question)
        band = material.phase(row).capitalize() if row else LEAD
        if band in bands:
            refused = answer.verdict != ACCEPTED
            told = f"{material.title(question)}: {answer.handle}{' (refused)' if refused else ''}"
            yield Dot(band, answer.answered_at, told, refused)


def _clocks(material: Material) -> tuple[Clock, ...]:
    rows = [duty for duty in material.duties if duty.state in (*COUNTED, "waived")]
    return tuple(
        clock
        for duty in sorted(rows, key=lambda one: (one.case_ref, one.id))
        for clock in _clock(material, duty)
    )


def _clock(material: Material, duty: Obligation) -> Iterator[Clock]:
    if duty.anchor_at is None or duty.due_at is None:
        return
    client = material.client(duty.case_ref)
    end = duty.met_at or (duty.due_at if duty.state == "waived" else material.until)
    yield Clock(
        label=f"Tell the {duty.recipient.replace('_', ' ')}",
        note=" · ".join(part for part in (duty.rule_id, client) if part),
        anchor=duty.anchor_at,
        due=duty.due_at,
        met=duty.met_at,
        end=end,
        ticks=tuple(
            Tick(warning.fired_at, f"warning {warning.threshold}")
            for warning in material.warnings
            if warning.subject == f"obligation:{duty.id}" and warning.fired_at is not None
        ),
    )


def _milestones(material: Material) -> tuple[Milestone, ...]:
    moments = (
        ("detected", fact_moment(material, "detected_at", "").at),
        ("aware", fact_moment(material, "aware_at", "").at),
        ("contained", contained_moment(material).at),
        ("recovered", fact_moment(material, "recovered_at", "").at),
        ("closed", material.incident.closed_at),
    )
    return tuple(Milestone(label, at) for label, at in moments if at is not None)
