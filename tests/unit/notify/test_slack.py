"""Each answer of Slack is sorted by what may be done about it, over real HTTP."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from notify.render import render
from notify.sending import Absent, Dead, LogSender, Sent, TryLater, Unknown
from notify.slack import SlackSender
from tests.fakes.slack import FakeSlack

NOTE = render("note", {"ref": "INC-2026-0007", "exercise": False, "text": "Logs are preserved."})
SINCE = datetime.now(UTC) - timedelta(minutes=5)


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    with FakeSlack() as fake:
        yield fake


@pytest.fixture
def sender(slack: FakeSlack) -> Iterator[SlackSender]:
    made = SlackSender(slack.token, slack.url)
    yield made
    made.close()


def post(sender: SlackSender, *, channel: str = "#ir", thread: str | None = None, key: str = "k1") -> Any:
    return sender.post(channel, NOTE, thread=thread, key=key)


def test_a_message_arrives_in_its_thread_with_its_mark(slack: FakeSlack, sender: SlackSender) -> None:
    root = post(sender)
    assert isinstance(post(sender, thread=root.external_id, key="k2"), Sent)
    first, second = slack.messages("#ir")
    assert (first.ts, first.thread_ts, second.thread_ts) == (root.external_id, None, first.ts)
    assert second.metadata == {"event_type": "seventytwo_message", "event_payload": {"key": "k2"}}
    assert "Logs are preserved." in slack.expect("Note").shown


def test_nothing_is_unfurled_parsed_or_linked_behind_our_back(slack: FakeSlack, sender: SlackSender) -> None:
    post(sender)
    form = slack.calls[0][1]
    assert (form["parse"], form["link_names"], form["unfurl_links"], form["unfurl_media"]) == (
        "none", *["0" if isinstance(form["link_names"], str) else False] * 3,
    )  # fmt: skip


def test_connections_are_kept_between_messages(slack: FakeSlack, sender: SlackSender) -> None:
    for number in range(10):
        post(sender, key=f"k{number}")
    assert slack.connections == 1


@pytest.mark.parametrize(
    "code",
    ["invalid_auth", "token_revoked", "missing_scope", "is_archived", "not_in_channel", "never_heard_of"],
)
def test_a_plain_refusal_is_final(slack: FakeSlack, sender: SlackSender, code: str) -> None:
    slack.trouble(code)
    assert post(sender) == Dead(code)
    assert len(slack.calls) == 1


def test_a_wrong_token_is_final(slack: FakeSlack) -> None:
    with closing(SlackSender("xoxb-wrong", slack.url)) as stranger:
        assert post(stranger) == Dead("invalid_auth")


def test_a_rate_limit_says_when_to_come_back(slack: FakeSlack, sender: SlackSender) -> None:
    slack.trouble("ratelimited", status=429, retry_after=7)
    assert post(sender) == TryLater("ratelimited", 7.0)
    slack.trouble("rate_limited")
    assert post(sender) == TryLater("rate_limited", None)


@pytest.mark.parametrize(
    "how", [{"status": 503}, {"status": 500}, {"code": "internal_error"}, {"lose_answer": True}]
)
def test_an_outage_in_the_middle_leaves_the_outcome_unknown(
    slack: FakeSlack, sender: SlackSender, how: dict[str, Any]
) -> None:
    slack.trouble(**how)
    assert isinstance(post(sender), Unknown)


def test_a_lost_answer_is_not_repeated_behind_our_back(slack: FakeSlack, sender: SlackSender) -> None:
    slack.trouble(lose_answer=True)
    assert isinstance(post(sender), Unknown)
    assert len(slack.messages("#ir")) == 1


def test_an_answer_that_takes_too_long_leaves_the_outcome_unknown(slack: FakeSlack) -> None:
    slack.trouble(hang=1.0)
    with closing(SlackSender(slack.token, slack.url, timeout=0.2)) as hasty:
        assert isinstance(post(hasty), Unknown)


def test_a_slack_that_is_not_there_is_tried_later() -> None:
    gone = FakeSlack()
    gone.close()
    with closing(SlackSender(gone.token, gone.url)) as hopeful:
        assert isinstance(post(hopeful), TryLater)


@pytest.mark.parametrize("threaded", [False, True])
def test_a_message_is_found_again_by_its_mark(slack: FakeSlack, sender: SlackSender, threaded: bool) -> None:
    root = post(sender).external_id if threaded else None
    slack.trouble(lose_answer=True)
    post(sender, thread=root, key="lost")
    slack.page = 2
    for number in range(5):
        post(sender, thread=root, key=f"later-{number}")
    lost = slack.messages("#ir")[1 if threaded else 0]
    assert sender.find("#ir", thread=root, key="lost", since=SINCE) == Sent(lost.ts)
    assert sender.find("#ir", thread=root, key="never", since=SINCE) == Absent()


def test_a_new_process_finds_a_channel_by_its_name(slack: FakeSlack, sender: SlackSender) -> None:
    sent = post(sender)
    with closing(SlackSender(slack.token, slack.url)) as restarted:
        assert restarted.find("#ir", thread=None, key="k1", since=SINCE) == sent


def test_a_search_that_fails_says_whether_to_search_again(slack: FakeSlack, sender: SlackSender) -> None:
    post(sender)
    for how in (
        {"status": 503},
        {"code": "ratelimited", "status": 429, "retry_after": 3},
        {"lose_answer": True},
    ):
        slack.trouble(method="conversations.history", **how)
        assert isinstance(sender.find("#ir", thread=None, key="k", since=SINCE), TryLater)
    slack.trouble("missing_scope", method="conversations.history")
    assert isinstance(sender.find("#ir", thread=None, key="k", since=SINCE), Dead)


@pytest.mark.parametrize("code", ["invalid_blocks", "msg_blocks_too_long", "thread_not_found"])
def test_a_message_goes_without_the_blocks_or_the_thread_that_slack_refuses(
    slack: FakeSlack, sender: SlackSender, caplog: pytest.LogCaptureFixture, code: str
) -> None:
    slack.trouble(code)
    assert isinstance(post(sender, thread="1.000001"), Sent)
    (kept,) = slack.messages("#ir")
    assert (kept.blocks == []) == ("blocks" in code)
    assert (kept.thread_ts is None) == (code == "thread_not_found")
    assert code in caplog.text


def test_no_message_text_reaches_the_log_when_slack_fails(
    slack: FakeSlack, sender: SlackSender, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="seventytwo")
    slack.trouble(status=503)
    post(sender)
    assert "preserved" not in caplog.text
    assert slack.token not in caplog.text


def test_without_a_token_a_message_is_one_calm_line_of_the_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="seventytwo.messages")
    hostile = render("note", {"ref": "INC-2026-0007", "exercise": True, "text": "\x1b[2J{0} %s\nforged line"})
    assert LogSender().post("#ir", hostile, thread=None, key="k") == Sent("k")
    (record,) = caplog.records
    assert record.getMessage() == "#ir [EXERCISE INC-2026-0007] Note: {0} %s forged line"


def test_the_stand_in_refuses_what_slack_would(slack: FakeSlack, sender: SlackSender) -> None:
    long = {"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3001}}
    answer, _ = slack.answer(
        "chat.postMessage", {"channel": "#ir", "text": "x", "blocks": [long]}, slack.token
    )
    assert answer["error"] == "invalid_blocks"
    assert "less than 3001 characters [json-pointer:/blocks/0/text/text]" in json.dumps(answer)
    slack.rate, slack.burst = 0.001, 2
    answers = [post(sender, key=str(number)) for number in range(3)]
    assert [type(each) for each in answers] == [Sent, Sent, TryLater]


def test_a_message_nobody_expected_is_noticed(slack: FakeSlack, sender: SlackSender) -> None:
    post(sender)
    with pytest.raises(AssertionError, match="nobody expected"):
        slack.expect_silence()
    slack.expect("preserved")
    slack.expect_silence()
