"""The sentences of an after-action report that are made from its numbers: what a board reads first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from notify.after_action_view import AfterAction
from playbooks.exercises.judging import RUNNING
from playbooks.exercises.rating import MAJOR, SOME
from playbooks.exercises.score import ASPECTS, RATINGS, WEIGHTS, Aspect, Rating, Verdict
from playbooks.vocabulary import whom

VERDICTS: Final[Mapping[Verdict, str]] = MappingProxyType(
    {
        "met": "as it should",
        "late": "too late",
        "missed": "missed",
        "wrong": "otherwise",
        "open": "not judged",
    }
)
VERDICTS_OF: Final[Mapping[Aspect, Mapping[Verdict, str]]] = MappingProxyType(
    {
        "duties": MappingProxyType({"met": "in time", "wrong": "wrongly"}),
        "decisions": MappingProxyType({"met": "as expected", "wrong": "other decision"}),
        "targets": MappingProxyType({"met": "in time", "missed": "not answered"}),
        "windows": MappingProxyType({"met": "calm", "late": "no reserve", "missed": "over"}),
        "injects": MappingProxyType({"met": "handled", "missed": "not handled", "wrong": "passed by"}),
        "content": MappingProxyType({"met": "clean", "late": "one finding", "missed": "findings"}),
        "handovers": MappingProxyType({"met": "nothing lost", "late": "work lost"}),
    }
)
KINDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "start": "the alert that it begins with",
        "alert": "alert",
        "client_message": "message from a client",
        "press_question": "question from the press",
        "regulator_call": "call from an authority",
        "new_fact": "new fact",
        "person_unavailable": "person unavailable",
        "channel_lost": "channel lost",
    }
)


def verdict_words(verdict: Verdict, aspect: Aspect | None = None) -> str:
    """How a point was judged, in the words of its aspect."""
    of_aspect = VERDICTS_OF.get(aspect, {}) if aspect else {}
    return of_aspect.get(verdict) or VERDICTS[verdict]


def headline(report: AfterAction) -> str:
    """The whole exercise in one sentence."""
    duties = report.score.part("duties").judged
    if report.is_stopped:
        return "The exercise was stopped before its end; what is judged here is what was played until then."
    if not duties:
        return "The response was rehearsed; no duty to tell somebody came to its end."
    missed = {point.about for point in duties if point.verdict in ("missed", "wrong")}
    if missed:
        told = " and ".join(f"the {whom(one)}" for one in sorted(missed))
        return f"The response failed where it counts: it did not do right by {told}."
    late = [point for point in duties if point.verdict == "late"]
    if left := _still_running(report):
        rest = "not all of it in time" if late else "in time"
        what = "1 duty" if left == 1 else f"{left} duties"
        return (
            f"{what} to tell somebody still ran when it ended; what had come to its end was settled, {rest}."
        )
    if late:
        return (
            f"Everybody who had to be told was told, but {_of(len(late), len(duties))} duties were met late."
        )
    return "Everybody who had to be told was told in time."


def _still_running(report: AfterAction) -> int:
    """How many duties nobody had met, whose time was not over, when the exercise ended."""
    ended_at = report.record.ended_at
    return sum(
        one.state in RUNNING and one.due_at is not None and one.due_at > ended_at
        for one in report.record.duties
    )


def summary(report: AfterAction) -> Iterator[str]:
    """What a board wants to know, each a sentence: duties, windows, decisions, targets, injects."""
    yield from _duties(report)
    yield from _windows(report)
    yield from _decisions(report)
    yield from _in_time(report, "targets", "decisions with a time target were taken")
    yield from _in_time(report, "injects", "injects that asked somebody were handled")
    if report.score.refused:
        count = report.score.refused
        yield f"{count} answer{'s' if count > 1 else ''} did not count and had to be given again."


def _duties(report: AfterAction) -> Iterator[str]:
    judged = report.score.part("duties").judged
    if not judged:
        return
    count = Counter(point.verdict for point in judged)
    named: tuple[tuple[Verdict, str], ...] = (
        ("late", "late"),
        ("missed", "missed"),
        ("wrong", "wrongly raised or waived"),
    )
    amiss = [f"{count[verdict]} {words}" for verdict, words in named if count[verdict]]
    yield f"{_of(count['met'], len(judged))} duties to tell somebody were settled in time" + (
        f"; {', '.join(amiss)}." if amiss else "."
    )


def _windows(report: AfterAction) -> Iterator[str]:
    if (widest := report.widest) is not None:
        if (widest.percent or 0) > 100:
            yield f"At least one legal window ran out: {widest.title}."
        else:
            yield f"At most {widest.percent} % of any legal window was used: {widest.title}."


def _decisions(report: AfterAction) -> Iterator[str]:
    judged = report.score.part("decisions").judged
    if judged:
        right = sum(point.verdict in ("met", "late") for point in judged)
        yield f"{_of(right, len(judged))} decisions were taken as the scenario's authors expected."


def _in_time(report: AfterAction, aspect: Aspect, what: str) -> Iterator[str]:
    judged = report.score.part(aspect).judged
    if judged:
        yield f"{_of(sum(point.verdict == 'met' for point in judged), len(judged))} {what} in time."


def _of(some: int, count: int) -> str:
    if some == count and count > 1:
        return "both" if count == 2 else f"all {count}"
    return f"{some} of {count}"


def rating_words(rating: Rating) -> str:
    """A rating in HSEEP's words."""
    return RATINGS[rating]


def how_weighed() -> str:
    """How the score comes about."""
    weights = ", ".join(f"{ASPECTS[aspect].lower()} {weight}" for aspect, weight in WEIGHTS.items())
    return (
        "Each point is worth one, half where it came too late, nothing where it was missed or "
        "decided otherwise than the story wants; what had not come to its end counts neither way, and "
        "a duty that the story does not ask for can lose a point and earns none."
        f" A part is the share of its points earned, the whole their mean by weight: {weights}. "
        "Parts that the exercise did not show are left out. The weights are a judgement of the "
        "makers of this software, not of any standard: compare a number with one of the same "
        "scenario only."
    )


def how_rated() -> str:
    """How an objective's rating comes about."""
    return (
        f"An objective is P where every measure was met, S from {SOME:.0%} of them on, M from "
        f"{MAJOR:.0%}, else U; too late is half a measure. The ratings are those of the Homeland "
        "Security Exercise and Evaluation Program (HSEEP), which gives words and no numbers; the "
        "numbers are ours."
    )
