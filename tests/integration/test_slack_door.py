"""What comes to the signed doors counts only as Slack signed it, just now and once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from store.database import Store
from tests.harness.slack_desks import MEMBERS, SlackDesk, slack_desk

NEUTRAL = "nothing of that name here"


@pytest.fixture
def room(sqlite_store: Store, tmp_path: Path) -> Iterator[SlackDesk]:
    with slack_desk(sqlite_store, tmp_path) as found:
        yield found


def press_of(room: SlackDesk) -> tuple[bytes, dict[str, str]]:
    payload = room.slack.press(MEMBERS["it-1"], "ack", room.question().ref)
    return room.slack.signed(payload, room.desk.wall.timestamp())


def test_a_signed_press_counts(room: SlackDesk) -> None:
    assert room.post("interactions", *press_of(room)).status_code == 200
    room.slack.expect_whisper("Noted", user=MEMBERS["it-1"])
    assert [entry.author for entry in room.history("seen")] == ["it-1"]


@pytest.mark.parametrize("missing", ["X-Slack-Signature", "X-Slack-Request-Timestamp"])
def test_what_is_not_signed_is_refused_without_a_word(room: SlackDesk, missing: str) -> None:
    body, headers = press_of(room)
    answer = room.post("interactions", body, {k: v for k, v in headers.items() if k != missing})
    assert (answer.status_code, answer.content) == (401, b"")


def test_another_secret_is_refused(room: SlackDesk) -> None:
    payload = room.slack.press(MEMBERS["it-1"], "ack", room.question().ref)
    assert room.send(payload, secret="not-the-secret").status_code == 401


def test_a_body_changed_on_its_way_is_refused(room: SlackDesk) -> None:
    body, headers = press_of(room)
    assert room.post("interactions", body.replace(b"ack", b"take"), headers).status_code == 401


@pytest.mark.parametrize("late", [301, -301])
def test_a_stamp_beyond_five_minutes_is_refused(room: SlackDesk, late: int) -> None:
    request = press_of(room)
    room.desk.later(seconds=late)
    assert room.post("interactions", *request).status_code == 401
    assert not room.acts()


@pytest.mark.parametrize("stamp", ["soon", "", "9" * 400, "-5", "1e9"])
def test_a_stamp_that_is_no_time_is_refused(room: SlackDesk, stamp: str) -> None:
    body, headers = press_of(room)
    headers["X-Slack-Request-Timestamp"] = stamp
    assert room.post("interactions", body, headers).status_code == 401


def test_the_same_request_again_is_refused(room: SlackDesk) -> None:
    request = press_of(room)
    assert [room.post("interactions", *request).status_code for _ in range(2)] == [200, 401]


def test_a_body_that_is_too_long_is_refused(room: SlackDesk) -> None:
    body, headers = room.slack.signed_body(b"payload=" + b"x" * 600_000, room.desk.wall.timestamp())
    assert room.post("interactions", body, headers).status_code == 413


@pytest.mark.parametrize(
    "body",
    [
        b"", b"payload=", b"payload=%5B%5D", b"payload={", b"payload=null", b"payload=%7B%22type%22%3A7%7D",
        b'payload={"type":"block_actions","user":[],"team":7,"actions":{}}',
        b'payload={"type":"view_submission","user":{"id":"U1"},"team":{"id":"T1"},"view":[]}',
        b"\xff\xfe&payload=\x00",
    ],
)  # fmt: skip
def test_what_has_no_shape_does_nothing(room: SlackDesk, body: bytes) -> None:
    for path in ("interactions", "commands"):
        signed = room.slack.signed_body(body + b" " * len(path), room.desk.wall.timestamp())
        assert room.post(path, *signed).status_code == 200
    assert not room.acts()


def test_slack_finds_out_that_the_address_is_ours(room: SlackDesk) -> None:
    body = b'{"type":"url_verification","challenge":"3eZbrw1a","token":"old"}'
    request = room.slack.signed_body(body, room.desk.wall.timestamp())
    answer = room.post("events", *request)
    assert (answer.status_code, answer.text) == (200, "3eZbrw1a")
    assert room.post("events", body, {}).status_code == 401


def test_slack_finds_out_that_we_speak_tls(room: SlackDesk) -> None:
    answer = room.post(
        "commands", b"ssl_check=1&token=old", {"Content-Type": "application/x-www-form-urlencoded"}
    )
    assert (answer.status_code, answer.content) == (200, b"")


def test_without_a_secret_there_is_no_door(sqlite_store: Store, tmp_path: Path) -> None:
    with slack_desk(sqlite_store, tmp_path, SEVENTYTWO_SLACK_SIGNING_SECRET="") as room:
        for path in ("interactions", "commands", "events"):
            assert room.post(path, b"ssl_check=1", {}).status_code == 404


def test_another_workspace_is_refused(room: SlackDesk) -> None:
    payload = room.slack.press(MEMBERS["it-1"], "ack", room.question().ref)
    payload["team"] = payload["user"]["team_id"] = "T0OTHER"
    payload["team"] = {"id": "T0OTHER"}
    assert room.send(payload).status_code == 200
    room.slack.expect_whisper(NEUTRAL, user=MEMBERS["it-1"])
    assert not room.history("seen")


def test_no_other_host_is_ever_told(room: SlackDesk) -> None:
    with httpx.Client() as _:
        payload = room.slack.press(
            MEMBERS["it-1"], "ack", room.question().ref, response_url="http://127.0.0.1:9/elsewhere"
        )
        room.send(payload)
    told = room.slack.expect_whisper("Noted", user=MEMBERS["it-1"])
    assert told.by == "ephemeral"


def test_a_guest_of_a_shared_channel_is_nobody_whatever_their_id(room: SlackDesk) -> None:
    payload = room.slack.press(MEMBERS["it-1"], "ack", room.question().ref)
    payload["user"]["team_id"] = "T0CLIENT"  # the channel's workspace is ours, the member is not
    assert room.send(payload).status_code == 200
    room.slack.expect_whisper(NEUTRAL, user=MEMBERS["it-1"])
    assert not room.history("seen")


def test_a_window_is_acknowledged_however_slowly_slack_takes_words(room: SlackDesk) -> None:
    room.send(room.slack.press(MEMBERS["it-1"], "note", room.question().ref))
    sheet = room.slack.submission(MEMBERS["it-1"], room.slack.expect_view(), text="a remark")
    room.slack.trouble(method="chat.postEphemeral", hang=4.0)
    answer = room.send(sheet)
    assert (answer.status_code, answer.content) == (200, b"")
    room.slack.expect_whisper("Written", user=MEMBERS["it-1"])
