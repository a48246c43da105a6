"""A notice in a shared channel: whole, in order, once, over Slack's real HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from notify.delivery.outcomes import Absent, Dead, Dispatched, TryLater, Unknown
from notify.delivery.parcel import Parcel
from notify.delivery.slack_connect import SlackConnectWay, parts_of
from notify.slack import EVENT_TYPE, SlackSender
from tests.fakes.slack import FakeSlack, Posted
from tests.harness.parcels import TEXT, parcel

CHANNEL = "C0SHARED1"
LONG = "".join(
    f"{number:04}: what is known of this breach, and what is not. & <b>\n" for number in range(400)
)


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    with FakeSlack() as fake:
        yield fake


@pytest.fixture
def way(slack: FakeSlack) -> Iterator[SlackConnectWay]:
    made = SlackConnectWay(SlackSender(slack.token, slack.url))
    yield made
    made.close()


def notice(**how: object) -> Parcel:
    return parcel(**{"address": CHANNEL, "queued_at": datetime.now(UTC)} | how)


def text_in(messages: list[Posted]) -> str:
    """The notice's text as the channel shows it: every plain section but the hash."""
    sections = [block["text"] for each in messages for block in each.blocks if block["type"] == "section"]
    told = [text["text"] for text in sections if text["type"] == "plain_text"]
    return "".join(each for each in told if not each.startswith("SHA-256"))


def marks(slack: FakeSlack) -> list[str]:
    return [each.metadata["event_payload"]["key"] for each in slack.messages(CHANNEL)]


def test_a_short_notice_is_one_message(slack: FakeSlack, way: SlackConnectWay) -> None:
    outcome = way.send(notice(), 1)
    (message,) = slack.messages(CHANNEL)
    assert outcome == Dispatched(message.ts, "1 in the channel")
    assert text_in([message]) == TEXT
    assert parcel().sha256 in message.shown
    assert f"<{parcel().acknowledge_url}|Confirm that you have this notice>" in message.shown
    assert message.metadata == {"event_type": EVENT_TYPE, "event_payload": {"key": "d-7-1/1"}}


def test_a_long_notice_goes_on_in_the_thread_and_is_whole(slack: FakeSlack, way: SlackConnectWay) -> None:
    outcome = way.send(notice(text=LONG), 1)
    messages = slack.messages(CHANNEL)
    assert len(messages) > 2
    assert text_in(messages) == LONG
    assert [each.thread_ts for each in messages] == [None, *[messages[0].ts] * (len(messages) - 1)]
    assert outcome == Dispatched(messages[0].ts, f"{len(messages)} in the channel")
    assert ["SHA-256" in each.shown for each in messages] == [*[False] * (len(messages) - 1), True]


@pytest.mark.parametrize(
    "text", ["x" * 30_000, "&<>" * 6_000, "\U0001d518" * 9_000, "\n" * 9_000 + "end", "a\n\n" * 5_000]
)
def test_every_part_is_within_the_limits(slack: FakeSlack, way: SlackConnectWay, text: str) -> None:
    assert isinstance(way.send(notice(text=text, subject="&" * 400, ref="<" * 40), 1), Dispatched)
    for each in slack.messages(CHANNEL):
        texts = [block["text"]["text"] for block in each.blocks if block["type"] == "section"]
        escaped = [one.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") for one in texts]
        sizes = [len(one.encode("utf-16-le")) // 2 for one in escaped]
        assert max(sizes) <= 3_000
        assert sum(sizes) <= 9_000
    assert text_in(slack.messages(CHANNEL)).strip() == text.strip()


def test_nothing_in_a_notice_is_obeyed(slack: FakeSlack, way: SlackConnectWay) -> None:
    hostile = "<!channel> <@U123> *bold* <https://evil.example|bank> :bomb: @here"
    way.send(notice(text=hostile, subject=hostile, ref=hostile), 1)
    (message,) = slack.messages(CHANNEL)
    assert not [mark for mark in ("<!", "<@", "<https", "@here") if mark in message.text]
    texts = [block["text"] for block in message.blocks if "text" in block]
    marked = [each["text"] for each in texts if each["type"] != "plain_text"]
    assert marked == [f"<{parcel().acknowledge_url}|Confirm that you have this notice>"]


def let_pass(slack: FakeSlack, messages: int) -> None:
    """Let so many messages pass, and the next one meet what is switched on after this."""
    for _ in range(messages):
        slack.trouble(status=200)


def test_a_repeat_posts_only_what_is_missing(slack: FakeSlack, way: SlackConnectWay) -> None:
    whole = len(list(parts_of(notice(text=LONG))))
    for attempt in range(1, whole):
        let_pass(slack, 1)
        slack.trouble("ratelimited", status=429)
        assert isinstance(way.send(notice(text=LONG), attempt), TryLater)
        assert marks(slack) == [f"d-7-1/{number}" for number in range(1, attempt + 1)]
    assert isinstance(way.send(notice(text=LONG), whole), Dispatched)
    assert text_in(slack.messages(CHANNEL)) == LONG
    assert isinstance(way.send(notice(text=LONG), whole + 1), Dispatched)
    assert len(slack.messages(CHANNEL)) == whole


@pytest.mark.parametrize("before", [0, 1, 2])
def test_a_lost_answer_is_found_again_and_not_doubled(
    slack: FakeSlack, way: SlackConnectWay, before: int
) -> None:
    let_pass(slack, before)
    slack.trouble(lose_answer=True)
    assert isinstance(way.send(notice(text=LONG), 1), Unknown)
    assert way.find(notice(text=LONG)) == Absent()
    assert isinstance(way.send(notice(text=LONG), 2), Dispatched)
    assert text_in(slack.messages(CHANNEL)) == LONG


def test_what_is_whole_is_found_and_what_is_not_is_absent(slack: FakeSlack, way: SlackConnectWay) -> None:
    assert way.find(notice(text=LONG)) == Absent()
    outcome = way.send(notice(text=LONG), 1)
    assert way.find(notice(text=LONG)) == outcome
    slack.posted.pop(1)
    assert way.find(notice(text=LONG)) == Absent()


@pytest.mark.parametrize(
    "code", ["channel_not_found", "invalid_blocks", "not_in_channel", "thread_not_found"]
)
def test_a_refusal_is_final_and_nothing_is_left_out(
    slack: FakeSlack, way: SlackConnectWay, code: str
) -> None:
    slack.trouble(code)
    assert way.send(notice(), 1) == Dead(f"part 1: {code}")
    assert not slack.messages(CHANNEL)


def test_a_rate_limit_says_when_to_come_back(slack: FakeSlack, way: SlackConnectWay) -> None:
    slack.trouble("ratelimited", status=429, retry_after=7)
    assert way.send(notice(), 1) == TryLater("part 1: ratelimited", 7.0)


def test_a_search_that_fails_posts_nothing(slack: FakeSlack, way: SlackConnectWay) -> None:
    slack.trouble("ratelimited", method="conversations.history", status=429, retry_after=3)
    assert isinstance(way.send(notice(), 2), TryLater)
    slack.trouble("missing_scope", method="conversations.history")
    assert isinstance(way.find(notice()), Dead)
    assert not slack.messages(CHANNEL)


@pytest.mark.parametrize("address", ["", "privacy@client.example", "#", "U0123", "C0\n", "https://x"])
def test_what_is_no_channel_is_said_before_anything_is_sent(
    slack: FakeSlack, way: SlackConnectWay, address: str
) -> None:
    assert isinstance(way.send(notice(address=address), 1), Dead)
    assert isinstance(way.find(notice(address=address)), Dead)
    assert not slack.calls


@pytest.mark.parametrize("how", [{"text": " \n"}, {"key": "a b"}, {"acknowledge_url": "javascript:x"}])
def test_what_cannot_be_a_notice_is_said_before_anything_is_sent(
    slack: FakeSlack, way: SlackConnectWay, how: dict[str, str]
) -> None:
    assert isinstance(way.send(notice(**how), 1), Dead)
    assert not slack.calls


def test_nothing_of_an_exercise_leaves(slack: FakeSlack, way: SlackConnectWay) -> None:
    assert isinstance(way.send(notice(exercise=True), 1), Dead)
    assert not slack.calls
