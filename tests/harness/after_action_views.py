"""After-action reports of the small scenario, as their readers get them."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from pydantic import BaseModel

from notify.after_action_view import AfterAction, Chained, Participant, PlanLine
from notify.report_view import Proof
from notify.timeline_picture import Band, Clock, Dot, Milestone, Picture, Tick
from playbooks.exercises.record import Record
from playbooks.exercises.scoring import score
from tests.harness.exercise_records import BEGAN, ENDED, SCENARIO, at

PICTURE = Picture(
    title="The whole incident",
    start=BEGAN - timedelta(hours=2),
    end=ENDED,
    bands=(Band("Injects", BEGAN, ENDED), Band("Triage", BEGAN, at(5)), Band("Contain", at(1), at(20))),
    dots=(Dot("Triage", at(1), "it-1", refused=False), Dot("Injects", at(5), "press", refused=True)),
    clocks=(
        Clock("Tell the client", "contract-24h", BEGAN, at(24), at(26), at(26), (Tick(at(12), "50"),)),
        Clock("Tell the authority", "policy", BEGAN, at(72), None, ENDED, ()),
    ),
    milestones=(Milestone("detected", BEGAN), Milestone("aware", at(1)), Milestone("closed", ENDED)),
)


def after_action_of(record: Record) -> AfterAction:
    """The report of a record, its plan filed."""
    result = score(SCENARIO, record)
    return AfterAction(
        name=record.name,
        organisation="Example Services",
        marking="TLP:AMBER",
        playbook="Breach at a vendor, version 1.2",
        pace="with the stepped clock",
        team="slow",
        facilitator="lead-1",
        scenario=SCENARIO,
        record=record,
        score=result,
        started_at=BEGAN,
        ended_at=at(3),
        prepared_at=at(4),
        clients={"B": "client-7, as example-bank"},
        participants=(
            Participant("it-1", ("it",), 2, is_scripted=False),
            Participant("ex-2026-0001-counsel", ("counsel",), 1, is_scripted=True),
        ),
        plan=tuple(
            PlanLine(f"A-{place}", one.action, one.title, one.capability, "it-1", at(24 * one.days), "open")
            for place, one in enumerate(result.improvements)
        ),
        pictures=(PICTURE,),
        chains=(
            Chained("INC-2026-0001", Proof(is_whole=True, entries=120, erased=0, head="ab" * 32, why="")),
        ),
    )


def poisoned(value: Any, poison: str) -> Any:
    """The same value with every free text in it followed by `poison`, keys and words of ours left alone."""
    if isinstance(value, str):
        return value + poison
    if isinstance(value, tuple):
        return tuple(poisoned(one, poison) for one in value)
    if isinstance(value, BaseModel):
        texts = {name: poisoned(getattr(value, name), poison) for name in OUTSIDE if hasattr(value, name)}
        nested = {
            name: poisoned(getattr(value, name), poison)
            for name in ("objectives", "expected", "hot_wash", "injects")
            if hasattr(value, name)
        }
        return value.model_copy(update={k: v for k, v in (texts | nested).items() if v is not None})
    if isinstance(value, dict):
        return {key: poisoned(one, poison) for key, one in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        changed = {
            one.name: poisoned(getattr(value, one.name), poison)
            for one in fields(value)
            if one.name not in OURS and not isinstance(getattr(value, one.name), (datetime, bool, int, Proof))
        }
        return replace(value, **changed)
    return value


OUTSIDE = ("title", "text", "story", "speaks_for", "speaks_against", "capability")
OURS = frozenset(
    (
        *("aspect", "verdict", "key", "rating", "id", "kind", "question", "step", "recipient"),
        *("state", "case", "band", "label", "about"),
    )
)
"""What is a word of ours wherever it stands: nobody outside writes it."""
