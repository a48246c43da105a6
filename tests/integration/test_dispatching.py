"""What is in the outbox is told: once, in order, in one thread, at a pace each channel bears."""

from __future__ import annotations

import logging
import subprocess
import sys
from datetime import timedelta

import pytest

from flows.clock import wall_now
from flows.dispatching import Dispatcher, dispatch_once
from notify.sending import LogSender
from notify.slack import SlackSender
from store import outbox, outbox_edits
from store.database import Store
from tests.fakes.slack import FakeSlack
from tests.harness.outbox import Clock, open_incident, row, running, say


def test_an_incidents_messages_come_in_order_and_in_one_thread(
    store: Store, slack: FakeSlack, sender: SlackSender, clock: Clock
) -> None:
    ref = open_incident(store)
    for text in ("one", "two", "three"):
        say(store, ref, text, clock())
    assert dispatch_once(store, sender, clock) == 3
    first, *others = slack.messages("#ir")
    assert [each.text.rsplit(" ", 1)[1] for each in (first, *others)] == ["one", "two", "three"]
    assert (first.thread_ts, {each.thread_ts for each in others}) == (None, {first.ts})
    assert row(store, "one").external_id == first.ts
    assert dispatch_once(store, sender, clock) == 0


def test_a_later_dispatcher_goes_on_in_the_same_thread(
    store: Store, slack: FakeSlack, sender: SlackSender, clock: Clock
) -> None:
    ref = open_incident(store)
    for text in ("one", "two"):
        say(store, ref, text, clock())
        dispatch_once(store, sender, clock)
    assert slack.messages()[1].thread_ts == slack.messages()[0].ts


def test_each_incident_has_a_thread_of_its_own_even_in_one_channel(
    store: Store, slack: FakeSlack, sender: SlackSender, clock: Clock
) -> None:
    for ref in ("INC-2026-0001", "INC-2026-0002"):
        open_incident(store, ref)
        say(store, ref, "one", clock())
        say(store, ref, "two", clock())
    dispatch_once(store, sender, clock)
    threads = {each.text[:15]: each.thread_ts or each.ts for each in slack.messages()}
    assert len(set(threads.values())) == 2


def test_an_exercise_is_marked_whatever_the_message_says(
    store: Store, slack: FakeSlack, sender: SlackSender, clock: Clock
) -> None:
    ref = open_incident(store, kind="exercise")
    say(store, ref, "one", clock(), exercise=False)
    dispatch_once(store, sender, clock)
    assert slack.messages()[0].text.startswith("[EXERCISE INC-2026-0001]")


def test_a_message_of_the_house_belongs_to_no_thread(
    store: Store, slack: FakeSlack, sender: SlackSender, clock: Clock
) -> None:
    for number in range(2):
        with store.writing() as session:
            fields = {"ref": "house", "exercise": False, "silent_for": 30}
            outbox.enqueue(session, incident=None, key=f"watch/{number}", kind="watch_silent", fields=fields,
                           channel="#ir", at=clock())  # fmt: skip
    assert dispatch_once(store, sender, clock) == 2
    assert [each.thread_ts for each in slack.messages()] == [None, None]


def test_two_dispatchers_send_each_message_once(store: Store, slack: FakeSlack, sender: SlackSender) -> None:
    refs = [f"INC-2026-{number:04}" for number in range(1, 13)]
    for ref in refs:
        open_incident(store, ref, channel=f"#c{ref[-2:]}")
    with running(store, sender), running(store, sender):
        for ref in refs:
            for text in ("one", "two", "three"):
                say(store, ref, text, wall_now())
        slack.wait_for(lambda: len(slack.posted) >= 36)
    assert len({each.metadata["event_payload"]["key"] for each in slack.posted}) == len(slack.posted) == 36
    for ref in refs:
        texts = [each.text.rsplit(" ", 1)[1] for each in slack.messages(f"#c{ref[-2:]}")]
        assert texts == ["one", "two", "three"]


def test_more_than_a_channel_bears_is_put_off_in_order(
    store: Store, slack: FakeSlack, sender: SlackSender, clock: Clock
) -> None:
    ref, dispatcher = open_incident(store), Dispatcher(store, sender)
    for number in range(8):
        say(store, ref, f"m{number}", clock())
    assert dispatcher.drain(clock) == 5
    for _ in range(3):
        clock.forward(seconds=1)
        dispatcher.drain(clock)
    assert [each.text[-2:] for each in slack.messages()] == [f"m{number}" for number in range(8)]
    dispatcher.close()


def test_what_is_real_waits_behind_no_exercise_that_has_much_to_say(
    store: Store, slack: FakeSlack, sender: SlackSender, clock: Clock
) -> None:
    drill, dispatcher = open_incident(store, kind="exercise"), Dispatcher(store, sender)
    for number in range(12):
        say(store, drill, f"m{number}", clock())
    assert dispatcher.drain(clock) == 5
    clock.forward(seconds=0.5)
    ref = open_incident(store, "INC-2026-0002")
    say(store, ref, "real", clock())
    with store.writing() as session:
        fields = {"ref": "house", "exercise": False, "incident": ref}
        outbox.enqueue(session, incident=None, key="told", kind="real_incident", fields=fields,
                       channel="#ir", at=clock())  # fmt: skip
    dispatcher.drain(clock)
    for _ in range(3):
        clock.forward(seconds=1)
        dispatcher.drain(clock)
    later = slack.messages()[5:]
    assert sum("EXERCISE" in each.text for each in later[:2]) == 0
    assert "m5" in later[2].text
    dispatcher.close()


def test_edits_of_what_is_real_go_before_those_of_an_exercise(store: Store, clock: Clock) -> None:
    for ref, kind in (("INC-2026-0001", "exercise"), ("INC-2026-0002", "real")):
        open_incident(store, ref, kind=kind)
        say(store, ref, "one", clock())
        with store.writing() as session:
            (message,) = outbox.claim_due(session, clock(), limit=1, lease=timedelta(minutes=1))
            outbox.mark_sent(session, message, at=clock(), external_id=ref)
        clock.forward(seconds=1)
        with store.writing() as session:
            outbox_edits.renew(session, [f"{ref}/one"], lambda fields: {**fields, "text": "two"}, at=clock())
    with store.writing() as session:
        claimed = outbox_edits.claim_edits(session, clock(), limit=1, lease=timedelta(minutes=1))
        assert [one.key for one in claimed] == ["INC-2026-0002/one"]


def test_what_is_in_slack_names_no_key_of_ours(
    store: Store, slack: FakeSlack, sender: SlackSender, clock: Clock
) -> None:
    say(store, open_incident(store), "one", clock())
    dispatch_once(store, sender, clock)
    assert "INC-" not in str(slack.messages()[0].metadata)


def test_without_slack_every_message_is_a_line_of_the_log(
    store: Store, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="seventytwo.messages")
    ref = open_incident(store)
    say(store, ref, "one", clock())
    say(store, ref, "two", clock())
    assert dispatch_once(store, LogSender(), clock) == 2
    assert [record.getMessage()[-3:] for record in caplog.records] == ["one", "two"]


def test_without_a_chat_the_log_of_the_watch_has_what_is_said() -> None:
    said = (
        "from flows.watch_loop import keep_log; keep_log()\n"
        "from notify.render import render\n"
        "from notify.sending import LogSender\n"
        "note = render('note', {'ref': 'INC-2026-0001', 'exercise': False, 'text': 'said'})\n"
        "LogSender().post('#ir', note, thread=None, key='k')"
    )
    found = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True)
    assert "seventytwo.messages #ir" in found.stderr
    assert "said" in found.stderr
