"""What was told is edited where it stands: latest words only, after what is new, never before it was sent."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from flows.dispatching import LEASE, Dispatcher, dispatch_once
from notify.slack import SlackSender
from store.database import Store
from store.outbox_edits import renew
from tests.fakes.slack import FakeSlack
from tests.harness.outbox import Clock, open_incident, row, say


def reword(store: Store, ref: str, text: str, at: datetime, *, to: str) -> int:
    def change(fields: Any) -> dict[str, Any]:
        return {**fields, "text": to}

    with store.deciding(ref) as (session, _):
        return renew(session, [f"{ref}/{text}"], change, at=at)


def test_a_storm_of_edits_merges_into_one_that_shows_the_last(
    store: Store, slack: FakeSlack, sender: SlackSender, clock: Clock
) -> None:
    ref = open_incident(store)
    say(store, ref, "one", clock())
    dispatch_once(store, sender, clock)
    for number in range(50):
        reword(store, ref, "one", clock(), to=f"edit {number}")
    assert dispatch_once(store, sender, clock) == 0
    (told,) = slack.messages()
    assert (told.edits, told.text.endswith("edit 49")) == (1, True)
    assert row(store, "one").edited_at is None
    dispatch_once(store, sender, clock)
    assert told.edits == 1


def test_what_is_not_sent_yet_goes_out_as_it_reads_then(
    store: Store, slack: FakeSlack, sender: SlackSender, clock: Clock
) -> None:
    ref = open_incident(store)
    say(store, ref, "one", clock())
    reword(store, ref, "one", clock(), to="the last word")
    dispatch_once(store, sender, clock)
    (told,) = slack.messages()
    assert (told.edits, told.text.endswith("the last word")) == (0, True)
    assert row(store, "one").edited_at is None


def test_what_was_renewed_while_it_was_on_its_way_is_edited_afterwards(
    store: Store, slack: FakeSlack, sender: SlackSender, clock: Clock
) -> None:
    ref, dispatcher = open_incident(store), Dispatcher(store, sender)
    say(store, ref, "one", clock())
    dispatcher.turn(clock())
    reword(store, ref, "one", clock(), to="the last word")
    dispatcher.drain(clock)
    dispatcher.drain(clock)
    dispatcher.close()
    (told,) = slack.messages()
    assert (told.edits, told.text.endswith("the last word")) == (1, True)


def test_an_edit_never_delays_what_is_new(
    store: Store, slack: FakeSlack, sender: SlackSender, clock: Clock
) -> None:
    ref, dispatcher = open_incident(store), Dispatcher(store, sender)
    for number in range(4):
        say(store, ref, f"m{number}", clock())
    dispatcher.drain(clock)
    for number in range(4):
        reword(store, ref, f"m{number}", clock(), to=f"edited {number}")
    dispatcher.drain(clock)  # the last place of the burst is left free
    assert sum(each.edits for each in slack.messages()) == 0
    say(store, ref, "new", clock())
    assert dispatcher.drain(clock) == 1
    for _ in range(12):
        clock.forward(seconds=2)
        dispatcher.drain(clock)
    dispatcher.close()
    assert [each.edits for each in slack.messages()] == [1, 1, 1, 1, 0]


@pytest.mark.parametrize("how", [{"lose_answer": True}, {"status": 503}, {"code": "ratelimited"}])
def test_an_edit_in_doubt_is_made_again(
    store: Store, slack: FakeSlack, sender: SlackSender, clock: Clock, how: dict[str, Any]
) -> None:
    ref = open_incident(store)
    say(store, ref, "one", clock())
    dispatch_once(store, sender, clock)
    reword(store, ref, "one", clock(), to="the last word")
    slack.trouble(method="chat.update", **how)
    dispatch_once(store, sender, clock)
    assert row(store, "one").edited_at is not None
    clock.forward(seconds=31)
    dispatch_once(store, sender, clock)
    assert slack.messages()[0].text.endswith("the last word")
    assert (row(store, "one").edited_at, row(store, "one").state) == (None, "sent")


def test_a_crash_between_an_edit_and_its_record_costs_one_more_edit(
    store: Store, slack: FakeSlack, sender: SlackSender, clock: Clock
) -> None:
    ref = open_incident(store)
    say(store, ref, "one", clock())
    dispatch_once(store, sender, clock)
    reword(store, ref, "one", clock(), to="the last word")
    crashed = Dispatcher(store, sender)
    crashed.turn(clock())
    crashed.close()
    dispatch_once(store, sender, clock)
    assert row(store, "one").edited_at is not None  # its lease still holds
    clock.forward(seconds=LEASE.total_seconds() + 1)
    dispatch_once(store, sender, clock)
    assert (slack.messages()[0].edits, row(store, "one").edited_at) == (2, None)


@pytest.mark.parametrize("code", ["edit_window_closed", "cant_update_message", ""])
def test_what_cannot_be_edited_is_recorded_and_left(
    store: Store,
    slack: FakeSlack,
    sender: SlackSender,
    clock: Clock,
    caplog: pytest.LogCaptureFixture,
    code: str,
) -> None:
    ref = open_incident(store)
    say(store, ref, "one", clock())
    dispatch_once(store, sender, clock)
    reword(store, ref, "one", clock(), to="the last word")
    if code:
        slack.trouble(code, method="chat.update")
    else:
        slack.delete(slack.messages()[0])
    dispatch_once(store, sender, clock)
    assert row(store, "one").error == f"not edited: {code or 'message_not_found'}"
    assert (row(store, "one").state, row(store, "one").edited_at) == ("sent", None)
    assert "stays as it was sent" in caplog.text
    calls = len(slack.calls)
    clock.forward(hours=1)
    dispatch_once(store, sender, clock)
    assert len(slack.calls) == calls


def test_no_more_edits_a_minute_than_slack_takes(
    store: Store, slack: FakeSlack, sender: SlackSender, clock: Clock
) -> None:
    dispatcher = Dispatcher(store, sender)
    for number in range(1, 31):
        ref = open_incident(store, f"INC-2026-{number:04}", channel=f"#c{number}")
        say(store, ref, "one", clock())
    dispatcher.drain(clock)
    for number in range(1, 31):
        reword(store, f"INC-2026-{number:04}", "one", clock(), to="the last word")
    dispatcher.drain(clock)
    assert sum(each.edits for each in slack.messages()) == 10
    for _ in range(40):
        clock.forward(seconds=1.2)
        dispatcher.drain(clock)
    dispatcher.close()
    assert [each.edits for each in slack.messages()] == [1] * 30
