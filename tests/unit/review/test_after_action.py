"""The after-action report: its words, its golden files, and that no outside string has any power in it."""

from __future__ import annotations

import io
import os
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from pypdf import PdfReader

from notify.after_action import after_action_html, after_action_markdown
from notify.after_action_pdf import after_action_pdf
from notify.after_action_view import AfterAction
from notify.after_action_words import headline, summary
from notify.report_view import Proof
from playbooks.exercises.record import Record, Said
from tests.harness.after_action_views import after_action_of, poisoned
from tests.harness.exercise_records import ENDED, GOOD, SCENARIO, forgetful, slow

HOUR = timedelta(hours=1)
REWRITE = "REWRITE_GOLDEN"
GOLDEN = Path(__file__).parents[2] / "golden" / "exercises"
POISON = (
    "</td></script><script>alert(1)</script><img src=x onerror=alert(1)> {{ 7*7 }} {% raw %} [a](https://evil.example)"
    " | @channel `x` \x1b[31m\u202egnp.exe\u0007 &lt;b&gt; <!-- ]]> -->"
)
TAG = re.compile(r"<\s*(/?[a-z][a-z0-9]*)", re.IGNORECASE)


@pytest.mark.parametrize(("kind", "render"), [("md", after_action_markdown), ("html", after_action_html)])
def test_the_report_reads_as_its_golden_file(kind: str, render: object) -> None:
    assert callable(render)
    golden, written = GOLDEN / f"after-action.{kind}", render(after_action_of(slow()))
    if os.environ.get(REWRITE):
        golden.parent.mkdir(parents=True, exist_ok=True)
        golden.write_text(written, "utf-8")
    assert golden.read_text("utf-8") == written


@pytest.mark.parametrize(
    ("record", "said"),
    [
        (GOOD, "Everybody who had to be told was told in time."),
        (slow(), "Everybody who had to be told was told, but 1 of 2 duties were met late."),
        (
            forgetful(),
            "The response failed where it counts: it did not do right by the client whose data it is.",
        ),
        (replace(GOOD, state="stopped"), "The exercise was stopped before its end"),
        (
            replace(
                GOOD,
                duties=(
                    replace(GOOD.duties[0], state="owed", met_at=None, due_at=ENDED + HOUR),
                    GOOD.duties[1],
                ),
            ),
            "1 duty to tell somebody still ran when it ended; what had come to its end was settled, in time.",
        ),
    ],
)
def test_the_whole_is_said_in_one_sentence(record: Record, said: str) -> None:
    assert headline(after_action_of(record)).startswith(said)


def test_a_board_reads_duties_windows_decisions_and_injects_in_brief() -> None:
    lines = list(summary(after_action_of(slow())))
    assert lines[0] == "1 of 2 duties to tell somebody were settled in time; 1 late."
    assert lines[1] == "At least one legal window ran out: Tell the client (contract)."
    assert "1 of 2 injects that asked somebody were handled in time." in lines


@pytest.mark.parametrize("render", [after_action_markdown, after_action_html])
def test_what_an_auditor_looks_for_stands_in_it(render: object) -> None:
    assert callable(render)
    said = render(after_action_of(forgetful()))
    for words in (
        "Exercise",
        "Objectives and their ratings",
        "Strengths",
        "Areas for improvement",
        "Observation",
        "Analysis",
        "Recommendation",
        "improvement plan",
        "Public information and warning",
        "nobody told the client whose data it is",
        "The call list.",
        "client-7, as example-bank",
        "ab" * 32,
    ):
        assert words in said


def test_the_facilitators_notes_stand_in_no_file() -> None:
    report = after_action_of(slow())
    pages = (after_action_html(report), after_action_markdown(report), text_of(after_action_pdf(report)))
    for page in pages:
        assert "plays for time" not in page
        assert "They know no number" not in page


@pytest.mark.parametrize("words", ["so\n" * 900, "\n" * 3_000 + "so", "W" * 5_000, "W\u00a0" * 2_000])
def test_no_words_are_too_many_for_the_paper(words: str) -> None:
    """Whoever answers with line ends alone would else keep everybody from the report."""
    press, second = slow().happened
    late = slow()
    record = replace(
        late, why=words, happened=(replace(press, said=words), replace(second, title=words[:300]))
    )
    expected = tuple(
        one.model_copy(update={"speaks_for": words, "speaks_against": words}) for one in SCENARIO.expected
    )
    report = after_action_of(record)
    report = replace(report, scenario=SCENARIO.model_copy(update={"expected": expected, "story": words}))
    said = tuple(Said("kept", "it-1", words[:2_000]) for _ in range(5))
    report = replace(report, record=replace(report.record, hot_wash=said))
    assert 3 < len(PdfReader(io.BytesIO(after_action_pdf(report))).pages) < 30


def test_a_broken_timeline_is_cried_out() -> None:
    report = after_action_of(GOOD)
    broken = replace(
        report.chains[0], proof=Proof(is_whole=False, entries=7, erased=0, head="", why="entry 7: hash")
    )
    report = replace(report, chains=(broken,))
    assert "BROKEN, entry 7: hash" in after_action_html(report)
    assert "BROKEN: entry 7: hash" in after_action_markdown(report)


def test_hostile_words_are_inert_on_the_page() -> None:
    calm, hostile = (after_action_html(report()) for report in (_calm, _hostile))
    assert TAG.findall(calm) == TAG.findall(hostile)
    assert hostile.count("{{ 7*7 }}") > 40
    assert not {tag.lower() for tag in TAG.findall(hostile)} & {
        "script",
        "img",
        "iframe",
        "a",
        "form",
        "link",
    }
    assert "\u202e" not in hostile
    assert "\x1b" not in hostile
    assert "default-src 'none'" in hostile
    assert not re.search(r"(?:src|href|url)\s*[=(]", TAG.sub("", calm))


def test_hostile_words_are_inert_in_markdown() -> None:
    calm, hostile = (after_action_markdown(report()) for report in (_calm, _hostile))
    assert hostile.count("\n") == calm.count("\n")
    bare = re.sub(r"\\.", "", hostile)
    assert "<script" not in bare
    assert "](" not in bare
    assert "@channel" not in hostile
    assert "\u202e" not in hostile
    tables = [line for line in calm.splitlines() if line.startswith("|")]
    poisoned_tables = [line for line in bare.splitlines() if line.startswith("|")]
    assert [line.count("|") for line in tables] == [line.count("|") for line in poisoned_tables]


def test_hostile_words_and_walls_of_text_do_not_stop_the_pdf() -> None:
    assert after_action_pdf(_hostile()).startswith(b"%PDF")
    wall = replace(GOOD, hot_wash=tuple(Said("kept", "it-1", "word " * 400) for _ in range(8)))
    report = replace(after_action_of(wall), organisation="\U0001f4a3" * 300)
    assert after_action_pdf(report).startswith(b"%PDF")
    endless = SCENARIO.model_copy(update={"title": "W" * 300, "story": "x" * 4_000})
    assert after_action_pdf(replace(report, scenario=endless)).startswith(b"%PDF")


def test_the_pdf_says_what_the_page_says_and_on_every_page_that_it_is_an_exercise() -> None:
    document = after_action_pdf(after_action_of(forgetful()))
    said = text_of(document)
    for words in (
        "Tell clients in time on a holiday",
        "Not told: the client whose data it is",
        "client-7, as example-bank",
        "The call list. (it-1)",
        "Annex C: how this was reckoned",
    ):
        assert words in said
    for page in PdfReader(io.BytesIO(document)).pages:
        assert "EXERCISE" in page.extract_text()


def test_the_same_report_is_the_same_pdf() -> None:
    assert after_action_pdf(after_action_of(slow())) == after_action_pdf(after_action_of(slow()))


def test_an_exercise_of_which_nothing_came_is_reported_all_the_same() -> None:
    empty = replace(GOOD, decided=(), duties=(), happened=(), told=(), handovers=(), hot_wash=())
    report = replace(
        after_action_of(empty), pictures=(), chains=(), participants=(), clients={}, ended_at=None
    )
    assert "Nobody has answered yet." in after_action_html(report)
    assert "no incident was opened" in after_action_html(report)
    assert after_action_markdown(report).endswith("by Seventytwo.\n")
    assert after_action_pdf(report).startswith(b"%PDF")


def _calm() -> AfterAction:
    return poisoned(after_action_of(slow()), " calm")


def _hostile() -> AfterAction:
    return poisoned(after_action_of(slow()), f" {POISON}")


def text_of(pdf: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).split())
