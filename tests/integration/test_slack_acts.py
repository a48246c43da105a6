"""Buttons: who may press, what they do, and that each press counts once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import select

from flows.clock import wall_now
from flows.deciding import deciding
from flows.settling.closing import close_as
from store.database import Store
from store.tables import ChannelFreeze, Exclusion, Responder, Snooze
from tests.harness.slack_desks import MEMBERS, SlackDesk, slack_desk

NEUTRAL = "nothing of that name here"


@pytest.fixture
def room(store: Store, tmp_path: Path) -> Iterator[SlackDesk]:
    with slack_desk(store, tmp_path) as found:
        yield found


def keep_out(room: SlackDesk, handle: str) -> None:
    with room.store.writing() as session:
        incident_id = room.walk.incident(session).id
        assert incident_id is not None
        session.add(Exclusion(incident_id=incident_id, handle=handle, by="commander-1", at=wall_now()))


def test_seen_is_noted_once_for_each_who_saw(room: SlackDesk) -> None:
    question = room.question()
    for who in ("it-1", "it-1", "commander-1"):
        assert "Noted" in room.press(who, "ack", question.ref)
    assert [entry.author for entry in room.history("seen")] == ["it-1", "commander-1"]


def test_a_question_is_taken_by_one_who_may_answer_it(room: SlackDesk) -> None:
    question = room.question()
    assert "for the role it" in room.press("privacy-1", "take", question.ref)
    assert "yours" in room.press("it-1", "take", question.ref)
    assert "somebody has it" in room.press("it-2", "take", question.ref)
    assert room.again(question).assignee == "it-1"
    assert [entry.author for entry in room.history("taken")] == ["it-1"]


def test_whoever_must_not_decide_does_not_take_it(room: SlackDesk) -> None:
    question = room.question()
    with room.store.writing() as session:
        session.merge(question).excluded = ["it-1"]
    assert "second person" in room.press("it-1", "take", question.ref)
    assert not room.again(question).assignee


def test_reminders_are_put_off_for_one_person_and_for_so_long(room: SlackDesk) -> None:
    question = room.question()
    offered = room.press("it-1", "snooze", question.ref)
    assert all(f"snooze_{minutes}" in offered for minutes in (15, 30, 60))
    before = room.walk.now
    assert "30 min" in room.press("it-1", "snooze_30", question.ref)
    assert "15 min" in room.press("it-1", "snooze_15", question.ref)
    with room.store.reading() as session:
        (row,) = session.exec(select(Snooze)).all()
    assert row.handle == "it-1"
    assert 14 * 60 < (row.until - before).total_seconds() < 30 * 60
    assert room.again(question).due_at == question.due_at


def test_a_remark_goes_into_the_timeline(room: SlackDesk) -> None:
    question = room.question()
    room.send(room.slack.press(MEMBERS["it-1"], "note", question.ref))
    window = room.slack.expect_view()
    room.send(room.slack.submission(MEMBERS["it-1"], window, text="the log server was full"))
    room.slack.expect_whisper("Written", user=MEMBERS["it-1"])
    (entry,) = room.history("remark")
    assert (entry.author, (entry.payload or {})["text"]) == ("it-1", "the log server was full")


def test_a_number_that_may_not_be_kept_is_not_written(room: SlackDesk) -> None:
    room.send(room.slack.press(MEMBERS["it-1"], "note", room.question().ref))
    window = room.slack.expect_view()
    room.send(room.slack.submission(MEMBERS["it-1"], window, text="card 4111 1111 1111 1111 was seen"))
    told = room.slack.expect_whisper("leave the number out", user=MEMBERS["it-1"])
    assert "4111" not in told.shown
    assert not room.history("remark")


def test_it_is_escalated_by_its_role_or_the_commander_and_not_twice_in_a_breath(room: SlackDesk) -> None:
    question = room.question()
    assert "may escalate" in room.press("privacy-1", "escalate", question.ref)
    assert "Escalated" in room.press("it-1", "escalate", question.ref)
    assert "a moment ago" in room.press("commander-1", "escalate", question.ref)
    assert [entry.author for entry in room.history("escalated")] == ["it-1"]
    assert room.again(question).escalations == 1


def test_a_press_brought_twice_counts_once_and_gets_the_first_reply(room: SlackDesk) -> None:
    question = room.question()
    press = room.slack.press(MEMBERS["it-1"], "escalate", question.ref)
    for _ in range(2):
        room.send(press)
        room.desk.later(seconds=1)  # another stamp, so another signature
    for _ in range(2):
        room.slack.expect_whisper("Escalated", user=MEMBERS["it-1"])
    assert room.again(question).escalations == 1
    assert len(room.acts()) == 1


@pytest.mark.parametrize("who", ["U0NOBODY", "it-off", "it-theirs"])
@pytest.mark.parametrize("action", ["ack", "take", "snooze", "note", "escalate", "answer"])
def test_whoever_may_not_know_hears_what_a_wrong_reference_hears(
    room: SlackDesk, who: str, action: str
) -> None:
    told = room.press(who, action, room.question().ref)
    nothing = room.press(who, action, "0123456789abcdef")
    assert NEUTRAL in told
    assert told == nothing
    assert not room.history("seen", "taken", "snoozed", "escalated", "remark")
    assert not room.slack.views


def test_whoever_is_kept_out_learns_nothing_and_is_recorded(room: SlackDesk) -> None:
    question = room.question()
    keep_out(room, "it-1")
    told = [room.press("it-1", action, question.ref) for action in ("ack", "take", "answer", "note")]
    assert {*told} == {room.press("U0NOBODY", "ack", question.ref)}
    kept = [(entry.author, (entry.payload or {})["what"]) for entry in room.history("reader_kept_out")]
    assert kept == [("it-1", what) for what in ("ack", "take", "answer", "note")]
    assert room.history("channel_refused", chain="house")


def test_a_member_id_that_two_bear_is_nobodys(room: SlackDesk) -> None:
    with room.store.writing() as session:
        session.exec(select(Responder).where(Responder.handle == "it-2")).one().slack_id = MEMBERS["it-1"]
    assert NEUTRAL in room.press("it-1", "ack", room.question().ref)


def test_a_question_that_is_settled_stays_as_it_is(room: SlackDesk) -> None:
    question = room.question()
    room.walk.settle(question)
    for action in ("ack", "take", "snooze_15", "escalate"):
        assert "answered already" in room.press("it-1", action, question.ref)
    assert "nothing left to answer" in room.press("it-1", "answer", question.ref)
    assert not room.history("seen", "taken", "snoozed", "escalated")


def test_a_closed_incident_stays_closed(room: SlackDesk) -> None:
    question = room.question()
    with deciding(room.walk.house, room.ref) as decision:
        close_as(decision, "closed", "commander-1", "")
    assert "is closed: nothing was changed" in room.press("it-1", "take", question.ref)


def test_nothing_counts_from_a_channel_that_is_held_to_be_compromised(room: SlackDesk) -> None:
    with room.store.writing() as session:
        session.add(ChannelFreeze(channel="*", why="w", by="commander-1", at=wall_now()))
    assert NEUTRAL in room.press("it-1", "take", room.question().ref)
    assert not room.again(room.question()).assignee


def test_a_window_that_slack_opens_no_more_is_told(room: SlackDesk) -> None:
    press = room.slack.press(MEMBERS["it-1"], "note", room.question().ref)
    room.slack.expire()
    room.send(press)
    room.slack.expect_whisper("Press again", user=MEMBERS["it-1"])


@pytest.mark.parametrize(
    "value", ["", "../etc", "\u202egnp", "<!channel>", "x" * 1900, "ref:15", "0' OR 1=1", "\0"]
)
def test_a_hostile_value_names_nothing(room: SlackDesk, value: str) -> None:
    assert NEUTRAL in room.press("it-1", "take", value)


def test_hostile_words_are_kept_as_words(room: SlackDesk) -> None:
    hostile = "<!channel> *bold* {{7*7}} =1+1 \u202e\x1b[31m" + "\0"
    room.send(room.slack.press(MEMBERS["it-1"], "note", room.question().ref))
    window = room.slack.expect_view()
    room.send(room.slack.submission(MEMBERS["it-1"], window, text=hostile))
    told = room.slack.expect_whisper("Written", user=MEMBERS["it-1"])
    assert "<!channel>" not in told.shown
    assert "\0" not in (room.history("remark")[0].payload or {})["text"]


def test_a_freeze_by_name_holds_though_slack_calls_the_channel_otherwise(room: SlackDesk) -> None:
    question = room.question()
    room.send(room.slack.press(MEMBERS["it-1"], "note", question.ref))
    window = room.slack.expect_view()
    with room.store.writing() as session:
        channel = room.walk.incident(session).channel
        session.add(ChannelFreeze(channel=channel, why="w", by="commander-1", at=wall_now()))
    private = {"channel": {"id": "G0UNKNOWN", "name": "privategroup"}}
    for action in ("ack", "take", "snooze_30", "escalate", "answer"):
        assert NEUTRAL in room.press("it-1", action, question.ref, **private)
    room.send(room.slack.submission(MEMBERS["it-1"], window, text="from there"))
    room.slack.expect_whisper(NEUTRAL, user=MEMBERS["it-1"])
    assert not room.history("remark")
    assert not room.again(question).assignee
