"""Whatever a message holds, Slack takes it: sizes, numbers and shapes hold by construction."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from notify.blocks import ALL_TEXT, MOST_BLOCKS, bounded, context, fit, section
from notify.brief import BriefClock, BriefQuestion, BriefView, render_brief
from notify.kinds import KINDS
from notify.render import SlackMessage, render
from tests.fakes.slack_rules import refusal, texts_of

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
HOSTILE = st.one_of(
    st.text(max_size=60),
    st.sampled_from(
        [
            "<!channel>",
            "<@U1>|",
            "*" * 4_000,
            "&" * 9_000,
            "\u202e@everyone",
            "`" * 3_000,
            "https://a.example/" * 400,
        ]
    ),
    st.integers(min_value=1, max_value=40_000).map("\u00e9<".__mul__),
)
INSTANTS = st.just(NOON.isoformat())
NUMBERS = {
    *("alerts", "clients", "count", "elsewhere", "held", "left", "met", "opened", "over", "round"),
    *("silent_for", "told", "total", "window"),
}
TIMES = {"at", "due_at", "last_at", "since", "until"}
ASKED = st.fixed_dictionaries(
    {"title": HOSTILE, "role": HOSTILE, "due_at": INSTANTS, "link": HOSTILE, "question": HOSTILE},
    optional={"became": HOSTILE, "by": HOSTILE},
)
CLOCKS = st.fixed_dictionaries(
    {"recipient": HOSTILE, "rule": HOSTILE, "due_at": INSTANTS, "left": st.integers(0)}
)
PEOPLE = st.fixed_dictionaries({"handle": HOSTILE, "for": HOSTILE, "in_place_of": HOSTILE})


def value_of(name: str) -> st.SearchStrategy[Any]:
    if name == "questions":
        return st.lists(ASKED, max_size=70)
    if name == "clocks":
        return st.lists(CLOCKS, min_size=1, max_size=200)
    if name == "on_duty":
        return st.lists(PEOPLE, max_size=40)
    if name in TIMES:
        return INSTANTS
    return st.integers(0, 10**12) if name in NUMBERS else HOSTILE


OURS = ("incident_opened", "question_opened", "candidate_opened", "clock_digest", "note", "escalated",
        "channel_frozen", "channel_thawed", "real_incident", "incident_closed", "answer_refused",
        "clock_overdue", "clock_warning", "step_done", "run_repaired")  # fmt: skip


@st.composite
def messages(draw: st.DrawFn) -> SlackMessage:
    kind = draw(st.sampled_from(OURS))
    fields = {name: draw(value_of(name)) for name in sorted(KINDS[kind].needs | KINDS[kind].may)}
    common = {"ref": draw(HOSTILE), "exercise": draw(st.booleans()), "link": draw(HOSTILE)}
    return render(kind, {**fields, **common})


def refused(message: SlackMessage) -> object:
    return refusal({"text": message.text, "blocks": list(message.blocks)})


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(messages())
def test_slack_takes_every_kind_of_message_whatever_its_fields_hold(message: SlackMessage) -> None:
    assert refused(message) is None
    assert sum(map(len, texts_of(list(message.blocks)))) <= ALL_TEXT
    assert len(message.text) <= 3_000
    for shown in (message.text, *texts_of(list(message.blocks))):
        assert "<!" not in shown
        assert "<@" not in shown


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(HOSTILE, HOSTILE, st.integers(0, 200), st.integers(0, 200))
def test_slack_takes_every_brief(ref: str, words: str, clocks: int, questions: int) -> None:
    view = BriefView(
        ref=ref, exercise=True, state=words, severity=words, phases=(words,) * 20, commander=words, now=NOON,
        link=words, frozen=words,
        clocks=(BriefClock(words, words, NOON + timedelta(hours=3), presumed=True, policy=True),) * clocks,
        questions=(BriefQuestion(words, words, "https://desk.example/q/1", NOON),) * questions,
    )  # fmt: skip
    for one in (
        view,
        BriefView(**{name: getattr(view, name) for name in view.__slots__} | {"state": "open"}),
    ):
        assert refused(render_brief(one)) is None


@given(st.lists(st.integers(1, 4_000), max_size=200))
def test_what_does_not_fit_is_left_out_and_said(sizes: list[int]) -> None:
    blocks = bounded([section("x" * size) for size in sizes], context("the end"))
    assert len(blocks) <= MOST_BLOCKS
    assert refusal({"text": "t", "blocks": list(blocks)}) is None
    assert texts_of(list(blocks))[-1] == "the end"
    if len(blocks) < len(sizes) + 1:
        assert "there is more" in texts_of(list(blocks))[-2]


def test_a_cut_breaks_no_link_and_no_entity() -> None:
    assert fit("ab &amp; <https://a.example|one> cd", 10) == "ab &amp;\u2026"
    assert fit("ab <https://a.example|one> cd", 12) == "ab\u2026"
    assert fit("short", 10) == "short"
