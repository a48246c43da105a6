"""Trouble on the way: refusals, outages, lost answers and crashes neither lose a message nor double it."""

from __future__ import annotations

from datetime import datetime
from typing import Self

import pytest
from sqlalchemy import text as text_sql
from sqlmodel import select

from flows.clock import wall_now
from flows.dispatching import LEASE, Dispatcher, dispatch_once
from notify.slack import SlackSender
from store.database import Store
from store.tables import TimelineEntry
from tests.fakes.slack import FakeSlack
from tests.harness.outbox import Clock, open_incident, row, running, say, states


def test_a_dead_letter_is_told_and_does_not_block(
    store: Store, slack: FakeSlack, sender: SlackSender, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    ref = open_incident(store)
    say(store, ref, "one", clock())
    say(store, ref, "two", clock())
    slack.trouble("is_archived")
    assert dispatch_once(store, sender, clock) == 1
    assert states(store) == ["dead", "sent"]
    assert row(store, "one").error == "is_archived"
    assert "cannot be delivered: is_archived" in caplog.text
    assert slack.messages()[0].thread_ts is None
    with store.reading() as session:
        (entry,) = session.exec(select(TimelineEntry).where(TimelineEntry.chain == ref))
    assert (entry.kind, entry.at) == ("message_undeliverable", clock())


def test_a_revoked_token_is_not_tried_for_ever(
    store: Store, slack: FakeSlack, sender: SlackSender, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    say(store, open_incident(store), "one", clock())
    slack.token = "xoxb-rotated"
    dispatch_once(store, sender, clock)
    clock.forward(hours=1)
    dispatch_once(store, sender, clock)
    assert (states(store), len(slack.calls)) == (["dead"], 1)
    assert "invalid_auth" in caplog.text


def test_a_message_that_no_key_opens_holds_up_no_other(
    store: Store, slack: FakeSlack, sender: SlackSender, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    ref = open_incident(store)
    for text in ("one", "two"):
        say(store, ref, text, clock())
    with store.writing() as session:
        session.execute(text_sql("UPDATE message SET fields = :junk WHERE sequence = 1"), {"junk": b"junk"})
    assert dispatch_once(store, sender, clock) == 1
    assert slack.messages()[0].text.endswith("two")
    assert "cannot be delivered" in caplog.text


def test_the_loop_goes_on_after_a_fault_nobody_foresaw(
    store: Store, slack: FakeSlack, sender: SlackSender, caplog: pytest.LogCaptureFixture
) -> None:
    faults = iter([ZeroDivisionError("a clock that broke")])

    def broken_once() -> datetime:
        for fault in faults:
            raise fault
        return wall_now()

    say(store, open_incident(store), "one", wall_now())
    with running(store, sender, broken_once):
        slack.expect("one")
    assert "a turn of the dispatcher failed" in caplog.text


def test_a_message_that_cannot_be_rendered_is_told_barely(
    store: Store, slack: FakeSlack, sender: SlackSender, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    say(store, open_incident(store), "one", clock(), kind="clock_warning")
    dispatch_once(store, sender, clock)
    assert "read the details on the desk" in slack.messages()[0].text
    assert "without its details" in caplog.text


def test_slack_asking_to_wait_is_obeyed_for_its_channel_only(
    store: Store, slack: FakeSlack, sender: SlackSender, clock: Clock
) -> None:
    dispatcher = Dispatcher(store, sender)
    for ref, channel in (("INC-2026-0001", "#busy"), ("INC-2026-0002", "#calm")):
        say(store, open_incident(store, ref, channel=channel), "one", clock())
    slack.trouble("ratelimited", channel="#busy", status=429, retry_after=20)
    assert dispatcher.drain(clock) == 1
    say(store, open_incident(store, "INC-2026-0003", channel="#busy"), "other", clock())
    clock.forward(seconds=19)
    assert dispatcher.drain(clock) == 0
    assert [each.channel for each in slack.messages()] == ["#calm"]
    clock.forward(seconds=2)
    assert dispatcher.drain(clock) >= 1
    clock.forward(seconds=2)
    dispatcher.drain(clock)
    assert sorted(states(store)) == ["sent"] * 3
    dispatcher.close()


def test_an_outage_costs_patience_and_nothing_else(
    store: Store, slack: FakeSlack, sender: SlackSender, clock: Clock
) -> None:
    ref = open_incident(store)
    for number in range(4):
        say(store, ref, f"m{number}", clock())
    slack.trouble(status=503, times=5)
    slack.trouble(status=503, times=2, method="conversations.history")
    for _ in range(30):
        dispatch_once(store, sender, clock)
        clock.forward(seconds=31)
    assert states(store) == ["sent"] * 4
    assert [each.text[-2:] for each in slack.messages()] == ["m0", "m1", "m2", "m3"]


def test_a_lost_answer_is_looked_for_and_not_sent_twice(
    store: Store, slack: FakeSlack, sender: SlackSender, clock: Clock
) -> None:
    ref = open_incident(store)
    say(store, ref, "one", clock())
    say(store, ref, "two", clock())
    slack.trouble(lose_answer=True)
    dispatch_once(store, sender, clock)
    assert states(store) == ["unknown", "queued"]
    clock.forward(seconds=6)
    assert dispatch_once(store, sender, clock) == 2
    first, second = slack.messages()
    assert (row(store, "one").external_id, second.thread_ts) == (first.ts, first.ts)


@pytest.mark.parametrize("arrived", [True, False])
def test_a_crash_between_sending_and_recording_is_resolved_by_looking(
    store: Store, slack: FakeSlack, sender: SlackSender, clock: Clock, arrived: bool
) -> None:
    say(store, open_incident(store), "one", clock())
    crashed = Dispatcher(store, sender)
    if not arrived:
        slack.trouble("service_unavailable")
    crashed.turn(clock())  # its intent is stored, the message goes out
    crashed.close()  # and nobody records what came back
    assert states(store) == ["sending"]
    assert dispatch_once(store, sender, clock) == 0  # its lease still holds
    clock.forward(seconds=LEASE.total_seconds() + 1)
    assert dispatch_once(store, sender, clock) == 1
    assert (len(slack.messages()), states(store)) == (1, ["sent"])


def test_slack_down_then_up_loses_nothing(store: Store, slack: FakeSlack) -> None:
    slack.close()
    ref = open_incident(store)
    with SlackDownThenUp(slack) as again:
        with running(store, again.sender):
            say(store, ref, "one", wall_now())
            say(store, ref, "two", wall_now())
            again.up()
            again.fake.expect("one")
            again.fake.expect("two")
        again.fake.expect_silence()


class SlackDownThenUp:
    """Slack that answers at the address of one that was closed, once it is up."""

    def __init__(self, closed: FakeSlack) -> None:
        self.port, self.sender = closed.port, SlackSender(closed.token, closed.url)

    def up(self) -> None:
        self.fake = FakeSlack(port=self.port)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.fake.close()
        self.sender.close()
