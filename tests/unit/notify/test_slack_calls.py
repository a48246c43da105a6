"""Answers to presses go to Slack, and to no other address that a request may name."""

from __future__ import annotations

import pytest

from notify.slack_calls import SlackCalls


@pytest.mark.parametrize(
    "address",
    [
        "http://hooks.slack.com/actions/T1/1/x",
        "https://hooks.slack.com.evil.example/actions",
        "https://hooks.slack.com@evil.example/",
        "https://user:word@hooks.slack.com/",
        "https://hooks.slack.com:8443/actions",
        "https://slack.com/api/",
        "http://127.0.0.1:9/actions",
        "http://169.254.169.254/latest",
        "file:///etc/passwd",
        "//hooks.slack.com/",
        "https://[hooks.slack.com/",
        "",
    ],
)
def test_no_address_but_slacks_own_is_told(address: str) -> None:
    calls = SlackCalls("xoxb-x")
    assert not calls.is_slacks(address)
    assert calls.reply(address, {"text": "x"}) == "not_an_address_of_slack"
    calls.close()


def test_slacks_own_address_is_one() -> None:
    calls = SlackCalls("xoxb-x")
    assert calls.is_slacks("https://hooks.slack.com/actions/T1/1/x")
    calls.close()
