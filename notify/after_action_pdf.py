"""The after-action report as PDF: the same bytes for the same report, what an auditor files."""

from __future__ import annotations

from contextlib import closing
from typing import Final

from notify.after_action import day
from notify.after_action_pdf_course import OF_VERDICT, draw_annexes, draw_course, used_colour
from notify.after_action_view import AfterAction
from notify.after_action_words import headline, rating_words, summary, verdict_words
from notify.paper import ACCENT, CALM, INK, MARGIN, OVER, QUIET, SOON, WIDTH, Cell, Paper
from notify.report import first_letter_up, flowing, span, when
from notify.timeline_pdf import draw_timeline
from playbooks.exercises.score import ASPECTS, WEIGHTS, Rating, Verdict

MARK: Final = "EXERCISE \u00b7 nothing in this report happened"
OF_RATING: Final[dict[Rating, str]] = {"P": CALM, "S": ACCENT, "M": SOON, "U": OVER, "": QUIET}
LEGEND: Final = (
    "Bars are phases, dots answers and injects (hollow: refused, or handled by nobody), lines"
    " clocks: green while in time, red past their due instant (diamond); a tick says met, "
    "amber strokes are warnings. All times are UTC, on the exercise's clock."
)
_GOOD, _FAIR = 90, 60


def after_action_pdf(report: AfterAction) -> bytes:
    """The report as PDF, marked as an exercise on every page."""
    paper = Paper(
        title=f"{report.name}: after-action report",
        mark=MARK,
        foot=f"{report.organisation} \u00b7 {report.name} \u00b7 after-action report \u00b7 {report.marking}",
        made_at=report.prepared_at,
        needs=repr(report),
    )
    with closing(paper):
        _front(paper, report)
        _overview(paper, report)
        _analysis(paper, report)
        draw_course(paper, report)
        _plan(paper, report)
        draw_annexes(paper, report)
        return bytes(paper.output())


def _front(paper: Paper, report: AfterAction) -> None:
    kind = f"{report.organisation} \u00b7 After-action report and improvement plan \u00b7 {report.marking}"
    paper.text_block(kind, size=8.5, colour=QUIET, after=1.5)
    paper.headline(report.scenario.title)
    paper.text_block(f"{report.name} \u00b7 {report.playbook}", size=10.5, colour=QUIET, after=3)
    _cards(paper, report)
    paper.text_block(headline(report), size=12, bold=True, after=2.5)
    for line in summary(report):
        paper.bullet(first_letter_up(line))
    paper.lower_heading("What to mend first")
    for place, one in enumerate(report.score.improvements[:3], 1):
        paper.bullet(f"{first_letter_up(one.title)}: {one.action}", sign=f"{place}.")
    if not report.score.improvements:
        paper.text_block("Nothing was found that must be mended.")


def _cards(paper: Paper, report: AfterAction) -> None:
    y, width = paper.get_y(), (WIDTH - 9) / 4
    percent, duties = report.score.percent, report.score.part("duties").judged
    met = sum(point.verdict == "met" for point in duties)
    widest = report.widest
    whole = "not scored" if percent is None else f"{percent} of 100"
    paper.card(MARGIN, y, width, whole, "the whole, by the weights in annex C", _shade(percent))
    told = f"{met} of {len(duties)}" if duties else "none"
    paper.card(
        MARGIN + width + 3, y, width, told, "duties to tell somebody settled in time",
        CALM if met == len(duties) else OVER,
    )  # fmt: skip
    share = "No window" if widest is None else first_letter_up(widest.words)
    what = "the most that was used of any legal window"
    if widest is not None and widest.met_at is None:
        what = "a legal window, with nobody told"
    tight = used_colour(widest.percent if widest else None)
    paper.card(MARGIN + 2 * (width + 3), y, width, share, what, tight)
    last = MARGIN + 3 * (width + 3)
    paper.card(last, y, width, "", "objectives, as HSEEP rates them", ACCENT)
    for place, one in enumerate(report.score.objectives):
        size = min(6.0, (width - 4) / len(report.score.objectives) - 1)
        paper.badge(last + 2 + place * (size + 1), y + 3, one.rating or "-", OF_RATING[one.rating], size=size)
    paper.set_xy(MARGIN, y + 23)


def _shade(percent: int | None) -> str:
    if percent is None:
        return QUIET
    return CALM if percent >= _GOOD else SOON if percent >= _FAIR else OVER


def _overview(paper: Paper, report: AfterAction) -> None:
    record, scenario = report.record, report.scenario
    paper.heading("Exercise overview")
    lasted = span(record.ended_at - record.began_at)
    clients = ", ".join(f"{case}: {who}" for case, who in report.clients.items())
    capabilities = dict.fromkeys(one.capability for one in scenario.objectives)
    players = (
        ", ".join(
            f"{one.handle} ({', '.join(one.roles)}{', scripted' if one.is_scripted else ''})"
            for one in report.participants
        )
        or "nobody answered"
    )
    rows = [
        ("Exercise", f"{report.name}, scenario {scenario.id}, version {scenario.version}"),
        ("In the story", f"{when(record.began_at)} to {when(record.ended_at)} ({lasted})"),
        ("Played", f"{when(report.started_at)} to {when(report.ended_at, 'not ended')}, {report.pace}"),
        ("State", f"{record.state}: {record.why}" if record.why else record.state),
        ("Plan exercised", report.playbook),
        ("Capabilities", "; ".join(capabilities)),
        ("Facilitator", report.facilitator or "none: played by scripted teams alone"),
        ("Players", players + (f"; scripted roles as the team {report.team!r}" if report.team else "")),
        ("Clients in the story", clients or "none named"),
        *((f"Proof of {one.incident}", _proof(report, one.incident)) for one in report.chains),
    ]  # fmt: skip
    paper.grid((), (20, 80), [(Cell(label, QUIET), words) for label, words in rows])
    paper.lower_heading("The story")
    paper.text_block(flowing(scenario.story))
    paper.heading("Objectives and their ratings")
    paper.grid(
        ("Objective", "Capability", "", "Rating"),
        (46, 28, 5, 25),
        [
            (Cell(one.title, bold=True), one.capability,
             Cell(one.rating or "-", OF_RATING[one.rating], bold=True),
             first_letter_up(rating_words(one.rating)))
            for one in report.score.objectives
        ],
    )  # fmt: skip
    paper.heading("The exercise at a glance")
    for picture in report.pictures:
        draw_timeline(paper, picture)
    paper.text_block(LEGEND, size=8, colour=QUIET)


def _proof(report: AfterAction, incident: str) -> str:
    proof = next(one.proof for one in report.chains if one.incident == incident)
    stands = "verified" if proof.is_whole else f"BROKEN: {proof.why}"
    return f"timeline {stands}, {proof.entries} entries, head {proof.head}"


def _analysis(paper: Paper, report: AfterAction) -> None:
    paper.heading("Analysis by objective")
    for one in report.score.objectives:
        paper.lower_heading(f"{one.rating or '-'}  \u00b7  {one.title}")
        paper.text_block(
            f"{one.capability}: {rating_words(one.rating)}", size=8.5, colour=OF_RATING[one.rating]
        )
        paper.grid(
            ("Measured by", "Result", "Why"),
            (45, 15, 40),
            [(first_letter_up(each.what), _verdict(each.verdict), each.why) for each in one.measures],
        )
    paper.heading("Strengths")
    for strength in report.score.strengths:
        paper.bullet(f"{first_letter_up(strength.title)}: {strength.observation}.")
    if not report.score.strengths:
        paper.text_block("The scoring found none that stands out; the hot wash below may name some.")
    paper.heading("Areas for improvement")
    for place, area in enumerate(report.score.improvements, 1):
        paper.lower_heading(f"{place}. {first_letter_up(area.title)}")
        rows = (
            ("Observation", area.observation),
            ("Analysis", area.analysis),
            ("Recommendation", f"{area.action}."),
        )
        paper.grid((), (18, 82), [(Cell(label, QUIET), words) for label, words in rows])
    if not report.score.improvements:
        paper.text_block("Nothing was found that must be mended.")
    _parts(paper, report)


def _verdict(verdict: Verdict) -> Cell:
    return Cell(verdict_words(verdict), OF_VERDICT[verdict], bold=True)


def _parts(paper: Paper, report: AfterAction) -> None:
    paper.heading("The score, part by part")
    for part in report.score.parts:
        paper.room(7)
        y = paper.get_y()
        paper.set_font_size(9)
        shown = "not shown" if part.percent is None else f"{part.earned:g} of {len(part.judged)}"
        for x, width, words in (
            (0, 62, ASPECTS[part.aspect]),
            (62, 16, f"{WEIGHTS[part.aspect]}"),
            (78, 24, shown),
        ):
            paper.set_xy(MARGIN + x, y)
            paper.label(width, words)
        if part.percent is not None:
            paper.set_xy(MARGIN + 102, y)
            paper.label(14, f"{part.percent} %", bold=True)
            paper.bar(MARGIN + 118, y + 1.3, WIDTH - 118, part.percent, _shade(part.percent))
        paper.set_xy(MARGIN, y + 6)
    paper.text_block("What is judged, its weight, the points earned, their share.", size=8, colour=QUIET)


def _plan(paper: Paper, report: AfterAction) -> None:
    paper.heading("Annex A: improvement plan", new_page=True)
    if not report.plan:
        paper.text_block("Nothing has to be mended, so nobody has anything to do.")
    else:
        paper.grid(
            ("Item", "Capability", "Area for improvement", "Corrective action", "Owner", "Due", "State"),
            (12, 14, 18, 29, 13, 11, 9),
            [
                (Cell(one.ref, QUIET), one.capability, first_letter_up(one.area), one.title,
                 one.owner, day(one.due_at), one.state)
                for one in report.plan
            ],
        )  # fmt: skip
        paper.text_block(
            "These items stand in the same list as those of real reviews, where their owners close them.",
            size=8, colour=QUIET,
        )  # fmt: skip
    paper.room(26)
    y, width = paper.get_y() + 16, (WIDTH - 16) / 3
    for place, who in enumerate(
        ("Facilitator, date", "Owner of the playbook, date", "Accepted for the management, date")
    ):
        paper.rule(MARGIN + place * (width + 8), y, width, INK)
        paper.set_xy(MARGIN + place * (width + 8), y + 1)
        paper.label(width, who, size=8, colour=QUIET)
    paper.set_xy(MARGIN, y + 8)
