"""A channel that is not to be trusted is told nothing; what is said goes another way, in order and once."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from flows.channel_freeze import frozen_words, is_frozen
from flows.clock import wall_now
from flows.dispatching import Dispatcher, dispatch_once
from flows.freezing import Frozen, freeze, read_channel, refuse_dead_end, tell_frozen, tell_thawed, thaw
from flows.house import House
from flows.out_of_band import other_way
from notify.other_way import OneChannel, OtherWay, Webhook
from notify.slack import SlackSender
from playbooks.errors import Mend, NotFound, Refused, SetupFault
from store.database import Store
from store.outbox import EVERYWHERE
from store.outbox_edits import renew
from store.tables import Responder, TimelineEntry
from tests.fakes.slack import FakeSlack
from tests.harness.desks import house_on
from tests.harness.outbox import Clock, open_incident, row, say, states


class Hooked:
    """Another chat's webhook over real HTTP: what it heard, and how often it loses its answer."""

    def __init__(self) -> None:
        self.heard: list[dict[str, Any]] = []
        self.keys: list[str] = []
        self.statuses: list[int] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                status = outer.statuses.pop(0) if outer.statuses else 200
                if status == 200:
                    outer.heard.append(json.loads(body))
                    outer.keys.append(self.headers["idempotency-key"])
                self.send_response(status)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/hook"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def texts(self) -> list[str]:
        return [one["text"] for one in self.heard]


@pytest.fixture
def hook() -> Iterator[Hooked]:
    made = Hooked()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def house(store: Store, tmp_path: Path) -> House:
    with store.writing() as session:
        for handle, role in (("commander-1", "commander"), ("it-1", "it"), ("approver-1", "approver")):
            session.add(
                Responder(
                    handle=handle, name=handle, roles=[role], clients=[], secret="x", enrolled_at=wall_now()
                )
            )
    return house_on(store, tmp_path, SEVENTYTWO_CHANNEL="#house")


def hold(house: House, *channels: str, at: Any, other: bool = True) -> Frozen:
    with house.store.writing() as session:
        frozen = freeze(session, channels, "the token leaked", "commander-1", at)
    tell_frozen(house, frozen, "commander-1", at, other=other)
    return frozen


def release(house: House, channel: str, at: Any) -> None:
    with house.store.writing() as session:
        frozen = thaw(session, channel, ("commander-1", "approver-1"), at)
    tell_thawed(house, frozen, ("commander-1", "approver-1"), at)


def test_a_frozen_channel_is_told_nothing_and_what_waits_comes_in_order_once_it_is_thawed(
    house: House, slack: FakeSlack, sender: SlackSender, clock: Clock
) -> None:
    ref = open_incident(house.store)
    say(house.store, ref, "one", clock())
    dispatch_once(house.store, sender, clock)
    with house.store.deciding(ref) as (session, _):
        renew(session, [f"{ref}/one"], lambda fields: {**fields, "text": "edited"}, at=clock())
    hold(house, "#ir", at=clock(), other=False)
    for text in ("two", "three"):
        say(house.store, ref, text, clock())
    clock.forward(hours=1)
    dispatch_once(house.store, sender, clock)
    assert [each.text[-3:] for each in slack.messages("#ir")] == ["one"]
    assert len(slack.messages("#house")) == 1
    release(house, "#ir", clock())
    for _ in range(9):
        dispatch_once(house.store, sender, clock)
        clock.forward(seconds=2)
    told = [each.text.replace("*", "") for each in slack.messages("#ir")]
    of_incident = [one.rsplit(" ", 1)[1] for one in told if ref in one]
    assert of_incident == ["edited", "two", "three"]
    assert "0 messages went elsewhere" in slack.expect("used again", channel="#ir").shown


def test_what_is_said_meanwhile_goes_the_other_way_in_order_and_never_to_the_channel(
    house: House, slack: FakeSlack, sender: SlackSender, clock: Clock, hook: Hooked
) -> None:
    ref, other = open_incident(house.store), OtherWay(Webhook(hook.url))
    say(house.store, ref, "waited", clock())
    hold(house, "#ir", at=clock())
    for number in range(3):
        say(house.store, ref, f"m{number}", clock())
    hook.statuses = [503, 500]
    for _ in range(40):
        dispatch_once(house.store, sender, clock, other=other)
        clock.forward(seconds=5)
    mine = [text.rsplit(" ", 1)[1] for text in hook.texts if ref in text]
    assert mine == ["waited", "m0", "m1", "m2"]
    assert len(hook.keys) == len(set(hook.keys)) == 5
    assert any("not to be trusted" in text for text in hook.texts)
    assert not slack.messages("#ir")
    assert row(house.store, "m2").elsewhere
    release(house, "#ir", clock())
    dispatch_once(house.store, sender, clock, other=other)
    (line,) = slack.messages("#ir")
    assert "5 messages went elsewhere" in line.shown
    assert "m0" not in line.shown
    other.sender.close()


def test_a_thread_begins_anew_where_its_first_message_went_elsewhere(
    house: House, slack: FakeSlack, sender: SlackSender, clock: Clock, hook: Hooked
) -> None:
    ref, other = open_incident(house.store), OtherWay(Webhook(hook.url))
    hold(house, "#ir", at=clock())
    say(house.store, ref, "elsewhere", clock())
    dispatch_once(house.store, sender, clock, other=other)
    release(house, "#ir", clock())
    say(house.store, ref, "here", clock())
    dispatch_once(house.store, sender, clock, other=other)
    assert slack.expect("here", channel="#ir").thread_ts is None


def test_a_freeze_of_everything_uses_a_way_outside_slack(
    house: House, slack: FakeSlack, sender: SlackSender, clock: Clock, hook: Hooked
) -> None:
    for number, channel in enumerate(("#ir", "#other"), start=1):
        say(house.store, open_incident(house.store, f"INC-2026-000{number}", channel=channel), "one", clock())
    hold(house, EVERYWHERE, at=clock())
    inside = OtherWay(OneChannel(sender, "#safe"), "#safe")
    dispatch_once(house.store, sender, clock, other=inside)
    assert not slack.messages()
    dispatch_once(house.store, sender, clock, other=OtherWay(Webhook(hook.url)))
    assert not slack.messages()
    assert len(hook.heard) == 3
    release(house, EVERYWHERE, clock())
    dispatch_once(house.store, sender, clock)
    assert {each.channel for each in slack.messages()} == {"#ir", "#other", "#house"}


def test_another_channel_of_the_workspace_may_be_the_other_way(
    house: House, slack: FakeSlack, sender: SlackSender, clock: Clock
) -> None:
    ref = open_incident(house.store)
    hold(house, "#ir", at=clock())
    say(house.store, ref, "one", clock(), kind="question_opened", phase="p", title="Is it?", role="it",
        question="0123456789abcdef", link="https://desk.example/q/0123456789abcdef")  # fmt: skip
    slack.trouble(lose_answer=True, channel="#safe")
    for _ in range(5):
        dispatch_once(house.store, sender, clock, other=OtherWay(OneChannel(sender, "#safe"), "#safe"))
        clock.forward(seconds=6)
    assert not slack.messages("#ir")
    told = [each for each in slack.messages("#safe") if ref in each.text]
    assert len(told) == 1
    assert not told[0].buttons
    assert "/q/0123456789abcdef" in told[0].shown


def test_an_exercise_waits_for_its_own_channel(
    house: House, slack: FakeSlack, sender: SlackSender, clock: Clock, hook: Hooked
) -> None:
    say(house.store, open_incident(house.store, kind="exercise"), "one", clock())
    hold(house, "#ir", at=clock())
    dispatch_once(house.store, sender, clock, other=OtherWay(Webhook(hook.url)))
    assert not [text for text in hook.texts if "EXERCISE" in text]
    release(house, "#ir", clock())
    dispatch_once(house.store, sender, clock)
    assert slack.expect("one", channel="#ir")


def test_a_message_on_its_way_when_the_channel_freezes_is_not_looked_for_there(
    house: House, slack: FakeSlack, sender: SlackSender, clock: Clock, hook: Hooked
) -> None:
    say(house.store, open_incident(house.store), "one", clock())
    slack.trouble("internal_error")
    crashed = Dispatcher(house.store, sender)
    crashed.drain(clock)
    crashed.close()
    assert states(house.store)[0] == "unknown"
    hold(house, "#ir", at=clock())
    calls = len(slack.calls)
    for _ in range(4):
        clock.forward(seconds=6)
        dispatch_once(house.store, sender, clock, other=OtherWay(Webhook(hook.url)))
    assert {form["channel"] for _, form in slack.calls[calls:]} == {"#house"}
    assert len([text for text in hook.texts if "INC-" in text]) == 1


def test_it_is_said_in_other_channels_on_every_surface_and_in_each_open_timeline(
    house: House, slack: FakeSlack, sender: SlackSender, clock: Clock
) -> None:
    open_incident(house.store)
    open_incident(house.store, "INC-2026-0002", channel="#other")
    hold(house, "#ir", "C00000001", at=clock(), other=False)
    dispatch_once(house.store, sender, clock)
    assert {each.channel for each in slack.messages()} == {"#house", "#other"}
    assert "leaked" not in slack.messages("#other")[0].shown
    with house.store.reading() as session:
        assert "#ir" in frozen_words(session)
        assert is_frozen(session, "C00000001")
        assert is_frozen(session, "#ir")
        assert not is_frozen(session, "#other")
        kinds = session.exec(select(TimelineEntry.chain).where(TimelineEntry.kind == "channel_frozen"))
        assert sorted(kinds) == ["INC-2026-0001", "INC-2026-0002", "house"]
    release(house, "C00000001", clock())
    with house.store.reading() as session:
        assert not frozen_words(session)


def test_who_may_freeze_and_who_may_thaw(house: House, clock: Clock) -> None:
    with house.store.writing() as session:
        with pytest.raises(Refused, match="a commander"):
            freeze(session, ["#ir"], "why", "it-1", clock())
        with pytest.raises(Mend, match="reason"):
            freeze(session, ["#ir"], " ", "commander-1", clock())
        freeze(session, ["#ir"], "why", "commander-1", clock())
        with pytest.raises(Refused, match="already"):
            freeze(session, ["#ir"], "why", "commander-1", clock())
        for by in (("commander-1",), ("commander-1", "commander-1"), ("it-1", "approver-1")):
            with pytest.raises(Refused, match="two people"):
                thaw(session, "#ir", by, clock())
        with pytest.raises(NotFound):
            thaw(session, "#other", ("commander-1", "it-1"), clock())


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ("", "no other way"),
        ("#ir", "itself to be frozen"),
        ("http://elsewhere.example/hook", "no way to the responders"),
        ("mailto:nobody", "no mail addresses"),
        ("mailto:a@b.example", "no mail server"),
        ("#safe place", "no way to the responders"),
    ],
)
def test_a_dead_end_is_refused_with_what_to_do(store: Store, tmp_path: Path, said: str, fault: str) -> None:
    house = house_on(store, tmp_path, SEVENTYTWO_OUT_OF_BAND=said, SEVENTYTWO_SLACK_TOKEN="xoxb-1")
    with pytest.raises((Refused, SetupFault), match=fault):
        refuse_dead_end(house, {"#ir"}, no_other=False)


def test_a_dead_end_may_be_wanted(store: Store, tmp_path: Path) -> None:
    assert refuse_dead_end(house_on(store, tmp_path), {"#ir"}, no_other=True) is False
    assert read_channel("all") == EVERYWHERE
    assert other_way(house_on(store, tmp_path).settings) is None
    for wrong in ("", "*", "#a b", "#" + "x" * 90, "a\nb"):
        with pytest.raises(Mend):
            read_channel(wrong)
