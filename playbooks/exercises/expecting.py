"""Expected decisions held against what was decided. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from playbooks.exercises.judging import spoken
from playbooks.exercises.record import Decided, Record
from playbooks.exercises.scenario import Expected
from playbooks.exercises.score import Point, Verdict

_BY_KIND: Final = frozenset({"command", "approval", "release", "counsel", "proof"})
"""Questions that are asked many times: one right answer among them counts."""


def expected_point(expected: Expected, record: Record) -> Point:
    """An expected decision against what was decided; late is worth half, another decision nothing."""
    asked = _asked(expected, record)
    due_at = record.began_at + expected.within if expected.within else None
    verdict, why, last = _judged(expected, asked, due_at)
    if verdict == "missed" and record.still_ran(due_at):
        verdict, why = "open", "its time still ran when the exercise ended"
    return Point(
        key=f"expected:{expected.id}",
        aspect="decisions",
        what=asked[0].title if asked else record.titles.get(expected.step, expected.step),
        verdict=verdict,
        why=why,
        role=(last or asked[0]).role if asked else "",
        at=last.answered_at if last else None,
        due_at=due_at,
    )


def _asked(expected: Expected, record: Record) -> list[Decided]:
    """The questions that it is about; a step's as the incident of the story asked them, where it did.

    Another one, opened by a further alert, is about other data until it is merged.
    """
    asked = [one for one in record.decided if expected.step in (one.step, one.kind)]
    own = [one for one in asked if not one.is_beside]
    return asked if expected.step in _BY_KIND else own or asked


def _judged(
    expected: Expected, asked: Sequence[Decided], due_at: datetime | None
) -> tuple[Verdict, str, Decided | None]:
    if not asked:
        return "missed", "the response never came to this question", None
    answers = [one for one in asked if one.answered_at is not None]
    if not answers:
        return "missed", "asked, and never answered", None
    settled = {one.case for one in answers}
    left = sorted({one.case for one in asked if not one.is_withdrawn} - settled)
    if left and expected.step not in _BY_KIND:
        return "missed", f"never answered in case {', '.join(left)}", answers[-1]
    return _compared(expected, answers, due_at)


def _compared(
    expected: Expected, answers: Sequence[Decided], due_at: datetime | None
) -> tuple[Verdict, str, Decided]:
    latest = {one.case: one for one in sorted(answers, key=_answered_at)}.values()
    among = list(answers) if expected.step in _BY_KIND else list(latest)
    right = [one for one in among if not _difference(expected, one)]
    wrong = [] if expected.step in _BY_KIND and right else [one for one in among if one not in right]
    if wrong:
        said = _difference(expected, wrong[-1])
        where = f" in case {wrong[-1].case}" if wrong[-1].case else ""
        return "wrong", f"{said}{where}", wrong[-1]
    first = min(right, key=_answered_at) if expected.step in _BY_KIND else _last_case(expected, answers)
    at = _answered_at(first)
    if due_at is not None and at > due_at:
        return "late", f"as expected, but {spoken(at - due_at)} later than a good team", first
    return "met", "as expected", first


def _last_case(expected: Expected, answers: Sequence[Decided]) -> Decided:
    """Where each case has its first right answer, the last of them: asked again is not decided late."""
    firsts: dict[str, Decided] = {}
    for one in sorted(answers, key=_answered_at):
        if not _difference(expected, one):
            firsts.setdefault(one.case, one)
    return max(firsts.values(), key=_answered_at)


def _difference(expected: Expected, one: Decided) -> str:
    """What an answer says otherwise than expected; empty where it says the same."""
    if expected.decision is not None and one.decision != expected.decision:
        return f"decided {one.decision!r}, where {expected.decision!r} was expected"
    for name, value in expected.fields.items():
        if _same(one.fields.get(name)) != _same(value):
            return f"answered {name} otherwise than expected"
    return ""


def _same(value: Any) -> Any:
    """A value as it is compared: yes and true, a list and its order, letter case make no difference."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (list, tuple, set, frozenset)):
        return frozenset(_same(one) for one in value)
    return "" if value is None else str(value).strip().casefold()


def _answered_at(one: Decided) -> datetime:
    assert one.answered_at is not None
    return one.answered_at
