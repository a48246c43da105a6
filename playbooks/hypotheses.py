"""How it may have happened: what is worth weighing in each kind of incident, and how the weighing stands.

The ranking is a reading aid and decides nothing. It follows the analysis of competing hypotheses (Heuer,
Psychology of Intelligence Analysis, ch. 8): look for what speaks against, and for what tells two apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Final, Literal, TypeAlias

from pydantic import AfterValidator, Field

from playbooks.documents import LARGEST_FILE, as_validation_error, read_document, validated
from playbooks.errors import Mend
from playbooks.fact_types import Frozen
from playbooks.facts import DICTIONARY
from playbooks.wording import Line, Slug

Speaks: TypeAlias = Literal["for", "against"]
HypothesisState: TypeAlias = Literal["open", "accepted", "set_aside"]

WORD: Final = 1
"""What a note weighs that rests on no evidence."""
BACKED: Final = 3
"""What a piece of evidence weighs, however often it is named for the same side."""
UNEXPLAINED: Final = "unknown_source"
"""The choice of the fact that explains nothing, and so is no hypothesis."""
KINDS: Final = tuple(kind for kind in DICTIONARY["source_kind"].values if kind != UNEXPLAINED)
"""The kinds of source that a hypothesis can name."""

_SHIPPED: Final = Path(__file__).parent / "hypotheses.yaml"
_RANKS: Final[Mapping[HypothesisState, int]] = {"accepted": 0, "open": 1, "set_aside": 2}
_NOTHING_FOR: Final = "nothing speaks for it yet"
_NO_EVIDENCE: Final = "what speaks for it rests on no evidence"
_UNSOUGHT: Final = "nobody has looked for what speaks against it"
_LATER: Final = "something was said against it after it was accepted"


def explaining(kind: str) -> str:
    """Return a kind of source that a hypothesis can name; ValueError otherwise."""
    if kind not in KINDS:
        raise as_validation_error(Mend("no kind of source that explains", mend=f"use {', '.join(KINDS)}"))
    return kind


class Proposal(Frozen):
    """An explanation worth weighing, in neutral words."""

    source_kind: Annotated[str, AfterValidator(explaining)]
    statement: Line


class _ProposalFile(Frozen):
    kinds: dict[Slug, Annotated[tuple[Proposal, ...], Field(min_length=2, max_length=4)]]


@dataclass(frozen=True, slots=True)
class NoteView:
    """One thing said for or against; `evidence` is its number, `late` where it came after the acceptance."""

    speaks: Speaks
    evidence: int | None = None
    late: bool = False


@dataclass(frozen=True, slots=True)
class HypothesisView:
    """A hypothesis with what was said of it."""

    number: int
    state: HypothesisState = "open"
    notes: tuple[NoteView, ...] = ()


@dataclass(frozen=True, slots=True)
class Ranked:
    """Where a hypothesis stands: its weight, the why of it, and what is still missing."""

    number: int
    state: HypothesisState
    weight: int
    why: str
    gaps: tuple[str, ...]


def starting_hypotheses(kind: str) -> tuple[Proposal, ...]:
    """What is worth weighing in incidents of this kind; none where nobody has written any."""
    return shipped_proposals().get(kind, ())


@cache
def shipped_proposals() -> Mapping[str, tuple[Proposal, ...]]:
    """The starting hypotheses of every kind of incident; raises FileFaults."""
    with _SHIPPED.open("rb") as file:
        document = read_document(file.read(LARGEST_FILE + 1), _SHIPPED.name)
    return validated(_ProposalFile, document).kinds


def weigh(hypotheses: Iterable[HypothesisView]) -> tuple[Ranked, ...]:
    """Rank by what was decided, then by what speaks for less what speaks against, with why and gaps."""
    listed = tuple(hypotheses)
    common = _common(listed)
    ranked = [_ranked(one, common) for one in listed]
    against = {one.number: _weight(one, "against") for one in listed}
    return tuple(sorted(ranked, key=lambda r: (_RANKS[r.state], -r.weight, against[r.number], r.number)))


def _ranked(one: HypothesisView, common: Sequence[int]) -> Ranked:
    weight = _weight(one, "for") - _weight(one, "against")
    why = f"for: {_counted(one, 'for')}; against: {_counted(one, 'against')}"
    return Ranked(one.number, one.state, weight, why, tuple(_gaps(one, common)))


def _gaps(one: HypothesisView, common: Sequence[int]) -> Iterator[str]:
    speaks_for = [note for note in one.notes if note.speaks == "for"]
    against = [note for note in one.notes if note.speaks == "against"]
    if one.state == "set_aside":
        return
    if not speaks_for:
        yield _NOTHING_FOR
    elif not _evidence(one, "for"):
        yield _NO_EVIDENCE
    if not against:
        yield _UNSOUGHT
    if one.state == "accepted" and any(note.late for note in against):
        yield _LATER
    named = [f"E{number}" for number in common if number in _evidence(one, "for")]
    if named:
        yield f"{', '.join(named)} speaks for every other explanation too, and tells none apart"


def _common(hypotheses: Sequence[HypothesisView]) -> list[int]:
    """The evidence that speaks for every explanation that is still weighed, where there are several."""
    weighed = [_evidence(one, "for") for one in hypotheses if one.state != "set_aside"]
    return sorted(frozenset.intersection(*weighed)) if len(weighed) > 1 else []


def _weight(one: HypothesisView, side: Speaks) -> int:
    return BACKED * len(_evidence(one, side)) + WORD * _words(one, side)


def _counted(one: HypothesisView, side: Speaks) -> str:
    evidence, words = sorted(_evidence(one, side)), _words(one, side)
    parts = [*(f"E{number}" for number in evidence)]
    if words:
        parts.append(f"{words} {'note' if words == 1 else 'notes'} without evidence")
    return ", ".join(parts) or "nothing"


def _evidence(one: HypothesisView, side: Speaks) -> frozenset[int]:
    return frozenset(n.evidence for n in one.notes if n.speaks == side and n.evidence is not None)


def _words(one: HypothesisView, side: Speaks) -> int:
    return sum(note.speaks == side and note.evidence is None for note in one.notes)
