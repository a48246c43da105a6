"""The pieces of work of one step: its answer and second words, or a notice's draft, reviews and way out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, get_args

from playbooks.models import Step
from playbooks.simulation.durations import Draw, Duration, drawn_by
from playbooks.simulation.model import DELIVERY, STAFFLESS, CaseTruth, Paces, Part

RECORDS: Final = CaseTruth()
TARGETS: Final[Mapping[str, timedelta]] = {
    "approve": timedelta(hours=1),
    "counsel": timedelta(hours=2),
    "release": timedelta(hours=1),
    "deliver": timedelta(hours=1),
}
"""How long the words after the first may take."""
CLIENT: Final = "client_controller"
FIRST: Final = frozenset({"do", "act", "draft"})
"""The parts with which a step begins: meant where a step is named alone."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of work: which part, which of several people's, by which role, until when."""

    part: Part
    place: int
    role: str
    target: timedelta

    @property
    def is_staffed(self) -> bool:
        """Whether somebody works on it."""
        return self.part not in STAFFLESS

    def draw(self, step: Step, paces: Paces) -> Draw:
        """From a number between 0 and 1 to how long it takes, in seconds."""
        return drawn_by(pace_of(paces, step.id, self.part, self.target))


def names_of(step: str, part: Part) -> tuple[str, ...]:
    """The names by which somebody may say how long a piece of work takes, the closest first."""
    is_first = part in FIRST and step not in get_args(Part)
    return (f"{step}/{part}", *((step,) if is_first else ()), part)


def pace_of(paces: Paces, step: str, part: Part, target: timedelta) -> Duration:
    """How long a piece of work takes, by what is said of it, else as assumed."""
    given = next((paces.by_name[name] for name in names_of(step, part) if name in paces.by_name), None)
    return given or DELIVERY.get(part) or paces.of_target.of(target)


def stages_of(step: Step, case: CaseTruth = RECORDS) -> tuple[tuple[Piece, ...], ...]:
    """What a step takes, one stage after the other; the pieces of one stage are put together."""
    match step.kind:
        case "automated":
            return ((Piece("act", 1, step.role, step.target),),)
        case "manual":
            words = tuple(_word("approve", place, role) for place, role in enumerate(step.approvals, 1))
            first = (Piece("do", 1, step.role, step.target),)
            return (first, words) if words else (first,)
        case "notice":
            return _of_notice(step, case)


def _of_notice(step: Step, case: CaseTruth) -> tuple[tuple[Piece, ...], ...]:
    to_client = step.recipient == CLIENT
    read = step.counsel or (to_client and case.counsel)
    wanted = max(1, case.approvals) if to_client else 1
    return (
        (Piece("draft", 1, step.role, step.target),),
        *(((_word("counsel", 1, "counsel"),),) if read else ()),
        tuple(_word("release", place, "approver") for place in range(1, wanted + 1)),
        (Piece("deliver", 1, step.role, TARGETS["deliver"]),),
    )


def _word(part: Part, place: int, role: str) -> Piece:
    return Piece(part, place, role, TARGETS[part])
