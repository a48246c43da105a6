"""The longer tables of the after-action report on paper: what was told, decided, brought and said."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from notify.after_action_view import AfterAction
from notify.after_action_words import KINDS, how_rated, how_weighed, verdict_words
from notify.paper import CALM, OVER, QUIET, SOON, Cell, Paper
from notify.report import first_letter_up, span, when
from playbooks.exercises.score import Aspect, Point, Verdict

OF_VERDICT: Final[dict[Verdict, str]] = {
    "met": CALM,
    "late": SOON,
    "missed": OVER,
    "wrong": OVER,
    "open": QUIET,
}


def draw_course(paper: Paper, report: AfterAction) -> None:
    """Duties, windows, expected decisions, injects, notices and hand-overs, and the hot wash."""
    paper.heading("Duties to tell somebody")
    paper.grid(
        ("Duty", "Client", "Result", "Why", "Due", "Met"),
        (26, 16, 11, 25, 15, 15),
        [
            (point.what, report.client(point.case), _mark(point, "duties"), point.why, when(point.due_at),
             when(point.at))
            for point in report.score.part("duties").points
        ],
    )  # fmt: skip
    paper.heading("How much of each window was used")
    paper.grid(
        ("Clock", "Client", "Used", "Due"),
        (52, 18, 12, 18),
        [
            (f"{one.title}{' (policy, not law)' if one.policy else ''}", report.client(one.case),
             Cell(first_letter_up(one.words), used_colour(one.percent), bold=True),
             when(one.due_at))
            for one in report.score.windows
        ],
    )  # fmt: skip
    _chosen(paper, report)
    _brought(paper, report)
    _released(paper, report)
    paper.heading("Hot wash")
    for question, said in report.hot_wash:
        paper.lower_heading(question)
        for handle, words in said:
            paper.bullet(f"{words} ({handle})")
        if not said:
            paper.text_block("Nobody has answered yet.", colour=QUIET)


def draw_annexes(paper: Paper, report: AfterAction) -> None:
    """Every decision with its time, and how the score was reckoned."""
    paper.heading("Annex B: every decision with a time target", new_page=True)
    paper.grid(
        ("Decision", "Client", "Role", "Result", "Time", "Answered", "By"),
        (29, 10, 10, 10, 19, 13, 11),
        [
            (point.what, report.client(point.case), point.role, _mark(point, "targets"),
             first_letter_up(point.why), when(point.at), _handle(report, point))
            for point in report.score.part("targets").points
        ],
    )  # fmt: skip
    paper.heading("Annex C: how this was reckoned")
    paper.text_block(how_weighed())
    paper.text_block(how_rated())
    paper.text_block(f"Written {when(report.prepared_at)} by Seventytwo.", size=8, colour=QUIET)


def _chosen(paper: Paper, report: AfterAction) -> None:
    paper.heading("Expected decisions, and what was decided")
    rows = []
    for one in report.chosen:
        within = f"\nwithin {span(one.expected.within)} of the start" if one.expected.within else ""
        against = f"\nAgainst it: {one.expected.speaks_against}" if one.expected.speaks_against else ""
        at = f"\n{when(one.point.at)}, {one.point.role}" if one.point.at else ""
        rows.append(
            (
                f"{one.point.what}{within}",
                _mark(one.point, "decisions"),
                f"{first_letter_up(one.point.why)}{at}",
                f"{one.expected.speaks_for}{against}",
            )
        )
    paper.grid(
        ("Decision", "Result", "What was decided", "What speaks for the expected one"), (26, 12, 26, 40), rows
    )


def _brought(paper: Paper, report: AfterAction) -> None:
    paper.heading("Injects, and what was done about them")
    rows = []
    for one in report.brought:
        kind = KINDS.get(one.happened.kind, one.happened.kind)
        to = f", to the role {one.happened.to}" if one.happened.to else ""
        by_hand = ", by hand" if one.is_by_hand else ""
        said = f"\n\u201c{one.happened.said}\u201d" if one.happened.said else ""
        rows.append(
            (
                when(one.happened.delivered_at, "never"),
                f"{one.happened.title}\n{first_letter_up(kind)}{by_hand}{to}",
                _mark(one.point, "injects"),
                f"{first_letter_up(one.point.why)}{said}",
            )
        )
    if rows:
        paper.grid(("Came", "Inject", "Result", "What was done"), (16, 36, 12, 40), rows)
    else:
        paper.text_block("None was brought.")


def _released(paper: Paper, report: AfterAction) -> None:
    paper.heading("Notices released, and hand-overs")
    rows = [*_lines(report, report.released, "content")]
    rows += _lines(report, report.score.part("handovers").points, "handovers")
    if rows:
        paper.grid(("At", "What", "Client", "Result", "Why"), (17, 30, 14, 13, 32), rows)
    else:
        paper.text_block("No notice was released, and no shift changed.")


def _lines(report: AfterAction, points: Sequence[Point], aspect: Aspect) -> list[Sequence[object]]:
    return [
        (
            when(point.at),
            point.what,
            report.client(point.case),
            _mark(point, aspect),
            first_letter_up(point.why),
        )
        for point in points
    ]


def _mark(point: Point, aspect: Aspect) -> Cell:
    return Cell(verdict_words(point.verdict, aspect), OF_VERDICT[point.verdict], bold=True)


def used_colour(percent: int | None) -> str:
    """Green while there is reserve in a window, amber with none, red past its end; quiet for no window."""
    if percent is None:
        return QUIET
    return CALM if percent <= 75 else SOON if percent <= 100 else OVER


def _handle(report: AfterAction, point: Point) -> str:
    answer = report.answered(point)
    return answer.handle if answer else ""
