"""Slack away for an hour: nothing lost, the order kept, and the dispatcher remembers none of it."""

from __future__ import annotations

from flows.dispatching import Dispatcher
from notify.slack import SlackSender
from store.database import Store
from store.outbox_edits import renew
from tests.fakes.slack import FakeSlack
from tests.harness.outbox import Clock, open_incident, say, states

CHANNELS = ("#one", "#two", "#three")


def test_an_hour_without_slack_loses_nothing_and_keeps_the_order(store: Store, slack: FakeSlack) -> None:
    clock, sender = Clock(), SlackSender(slack.token, slack.url)
    dispatcher = Dispatcher(store, sender)
    refs = {
        name: open_incident(store, f"INC-2026-000{at}", channel=name)
        for at, name in enumerate(CHANNELS, start=1)
    }
    for ref in refs.values():
        say(store, ref, "first", clock())
    dispatcher.drain(clock)
    slack.trouble(status=503, times=10**9)
    slack.trouble(status=503, times=10**9, method="chat.update")
    slack.trouble(status=503, times=10**9, method="conversations.history")
    slack.trouble(status=503, times=10**9, method="conversations.replies")
    slack.trouble(status=503, times=10**9, method="conversations.list")
    for minute in range(60):
        if minute % 6 == 0:
            for ref in refs.values():
                say(store, ref, f"m{minute:02}", clock())
                with store.deciding(ref) as (session, _):
                    renew(session, [f"{ref}/first"], lambda told, m=minute: {**told, "text": f"edit {m}"},
                          at=clock())  # fmt: skip
        dispatcher.drain(clock)
        clock.forward(minutes=1)
    assert len(slack.messages()) == len(CHANNELS)
    slack.mend()
    for _ in range(60):
        dispatcher.drain(clock)
        clock.forward(seconds=2)
    dispatcher.close()
    sender.close()
    assert set(states(store)) == {"sent"}
    expected = ["edit 54", *(f"m{minute:02}" for minute in range(0, 60, 6))]
    for channel in CHANNELS:
        told = slack.messages(channel)
        assert [one.text.partition(": ")[2] for one in told] == expected
        assert told[0].edits == 1
    assert not dispatcher._back
    assert not dispatcher._in_flight
