"""The hypotheses of an incident, with what was said of each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import cast

from sqlmodel import Session, col, select

from playbooks.hypotheses import HypothesisState, HypothesisView, NoteView, Ranked, Speaks, weigh
from store.tables import Hypothesis, HypothesisNote


@dataclass(frozen=True, slots=True)
class Weighed:
    """A hypothesis and its notes, in the order they were written."""

    hypothesis: Hypothesis
    notes: tuple[HypothesisNote, ...]

    @property
    def view(self) -> HypothesisView:
        """The same as the weighing takes it."""
        row, decided = self.hypothesis, self.hypothesis.decided_at
        notes = (
            NoteView(cast("Speaks", n.speaks), n.evidence, late=decided is not None and n.at > decided)
            for n in self.notes
        )
        return HypothesisView(row.number, cast("HypothesisState", row.state), tuple(notes))


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


def ranking(found: Iterable[Weighed]) -> list[tuple[Ranked, Weighed]]:
    """The hypotheses as the weighing ranks them, each with its why and its gaps."""
    by_number = {one.hypothesis.number: one for one in found}
    return [(ranked, by_number[ranked.number]) for ranked in weigh(one.view for one in by_number.values())]
