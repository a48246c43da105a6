"""Socket Mode: acknowledged in time, opened anew when it ends, and what comes again counts once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from store.database import Store
from tests.harness.slack_desks import MEMBERS, SlackDesk, slack_desk

APP_TOKEN = "xapp-fake"


@pytest.fixture
def room(sqlite_store: Store, tmp_path: Path) -> Iterator[SlackDesk]:
    with slack_desk(
        sqlite_store, tmp_path, SEVENTYTWO_SLACK_APP_TOKEN=APP_TOKEN, SEVENTYTWO_SLACK_SIGNING_SECRET=""
    ) as found:
        found.slack.socket.connected()
        yield found


def test_a_press_comes_over_the_socket_as_over_the_door(room: SlackDesk) -> None:
    press = room.slack.press(MEMBERS["it-1"], "take", room.question().ref)
    assert room.slack.socket.acknowledged(room.slack.socket.send("interactive", press)) == {}
    room.slack.expect_whisper("yours", user=MEMBERS["it-1"])
    assert room.again(room.question()).assignee == "it-1"


def test_a_command_comes_over_the_socket(room: SlackDesk) -> None:
    command = room.slack.command(MEMBERS["it-1"], "list")
    room.slack.socket.acknowledged(room.slack.socket.send("slash_commands", command))
    assert room.ref in room.slack.expect_whisper("", user=MEMBERS["it-1"]).shown


def test_a_window_comes_back_with_the_acknowledgement(room: SlackDesk) -> None:
    user = MEMBERS["commander-1"]
    room.slack.socket.send("slash_commands", room.slack.command(user, "open phishing"))
    window = room.slack.expect_view()
    sheet = room.slack.submission(user, window, playbook="phishing", title="x", severity="high", code="1")
    told = room.slack.socket.acknowledged(room.slack.socket.send("interactive", sheet, answers=True))
    assert told["response_action"] == "errors"


def test_what_comes_again_counts_once(room: SlackDesk) -> None:
    question = room.question()
    press = room.slack.press(MEMBERS["it-1"], "escalate", question.ref)
    for _ in range(2):
        room.slack.socket.acknowledged(room.slack.socket.send("interactive", press))
    for _ in range(2):
        room.slack.expect_whisper("Escalated", user=MEMBERS["it-1"])
    assert room.again(question).escalations == 1


@pytest.mark.parametrize("warn", [True, False])
def test_a_connection_that_ends_is_opened_anew(room: SlackDesk, warn: bool) -> None:
    room.slack.socket.hang_up(warn=warn)
    room.slack.socket.connected(times=2)
    press = room.slack.press(MEMBERS["it-1"], "ack", room.question().ref)
    room.slack.socket.acknowledged(room.slack.socket.send("interactive", press))
    room.slack.expect_whisper("Noted", user=MEMBERS["it-1"])


def test_what_we_do_not_know_is_acknowledged_and_does_nothing(room: SlackDesk) -> None:
    for kind, payload in (("events_api", {"event": {}}), ("interactive", {"type": "x"}), ("new", {})):
        assert room.slack.socket.acknowledged(room.slack.socket.send(kind, payload)) == {}
    assert not room.acts()
