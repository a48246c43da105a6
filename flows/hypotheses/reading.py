"""The hypotheses of an incident, with what was said of each."""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import Session, col, select

from store.tables import Hypothesis, HypothesisNote


@dataclass(frozen=True, slots=True)
class Weighed:
    """A hypothesis and its notes, in the order they were written."""

    hypothesis: Hypothesis
    notes: tuple[HypothesisNote, ...]


def hypotheses_of(session: Session, incident_id: int) -> list[Weighed]:
    """Every hypothesis of the incident by number, whatever became of it."""
    asked = select(Hypothesis).where(Hypothesis.incident_id == incident_id).order_by(col(Hypothesis.number))
    rows = list(session.exec(asked))
    by_id: dict[int, list[HypothesisNote]] = {}
    ids = [row.id for row in rows if row.id is not None]
    said = select(HypothesisNote).where(col(HypothesisNote.hypothesis_id).in_(ids))
    for note in session.exec(said.order_by(col(HypothesisNote.seq))) if ids else ():
        by_id.setdefault(note.hypothesis_id, []).append(note)
    return [Weighed(row, tuple(by_id.get(row.id or 0, ()))) for row in rows]
