"""The brief: one pinned message of an incident, kept current in place, found again after any crash."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import col, select

from flows.briefs.keeping import LEASE, BriefKeeper
from flows.clock import wall_now
from flows.dispatching import dispatch_once
from flows.freezing import freeze
from notify.brief import coarse_left
from notify.render import SlackMessage
from notify.sending import Outcome
from notify.slack import SlackSender
from store.database import Store
from store.tables import Brief, ChannelFreeze, Incident, Message, Responder
from tests.fakes.slack import FakeSlack, Posted
from tests.harness.matters import Matters, begin_matters
from tests.harness.outbox import Clock
from tests.harness.walks import Walk

CHANNEL = "#incidents"


@pytest.fixture
def matters(store: Store, tmp_path: Path) -> Matters:
    return begin_matters(store, tmp_path)


@pytest.fixture
def clock() -> Clock:
    made = Clock()
    made.now = wall_now() + timedelta(seconds=1)
    return made


@pytest.fixture
def keeper(matters: Matters, sender: SlackSender, clock: Clock) -> BriefKeeper:
    """The keeper of a house whose incidents have been told of."""
    for _ in range(12):
        dispatch_once(matters.first.house.store, sender, clock)
        clock.forward(seconds=5)
    return BriefKeeper(matters.first.house, sender)


def brief(slack: FakeSlack, walk: Walk) -> Posted:
    (found,) = [one for one in slack.briefs() if walk.ref in one.text]
    return found


def rows(store: Store) -> list[Brief]:
    with store.reading() as session:
        return list(session.exec(select(Brief).order_by(Brief.id)))


def keep(keeper: BriefKeeper, clock: Clock, times: int = 3) -> int:
    """Several rounds with time between them; how many briefs changed."""
    changed = 0
    for _ in range(times):
        clock.forward(seconds=6)
        changed += keeper.keep(clock())
    return changed


def test_a_brief_is_posted_pinned_and_says_what_counts(
    matters: Matters, slack: FakeSlack, keeper: BriefKeeper, clock: Clock
) -> None:
    walk = matters.first
    keep(keeper, clock)
    told = brief(slack, walk)
    assert told.ts in slack.pins[slack.id_of(CHANNEL)]
    assert told.thread_ts is None
    for word in ("EXERCISE", "severity", "Commander", "Clocks", "left", "Open questions", f"/i/{walk.ref}"):
        assert word in told.shown
    assert f"/q/{walk.asked('step').ref}" in told.shown
    assert [row.state for row in rows(walk.house.store)] == ["shown"]


def test_an_idle_incident_is_not_edited_each_minute(
    matters: Matters, slack: FakeSlack, keeper: BriefKeeper, clock: Clock
) -> None:
    keep(keeper, clock)
    for _ in range(30):
        clock.forward(minutes=1)
        keeper.keep(clock())
    assert brief(slack, matters.first).edits == 0


def test_what_happens_is_shown_in_place_once_in_five_seconds(
    matters: Matters, slack: FakeSlack, keeper: BriefKeeper, clock: Clock
) -> None:
    walk = matters.first
    keep(keeper, clock)
    asked = walk.asked("step")
    assert not walk.answer("step")
    for _ in range(4):
        clock.forward(seconds=1)
        keeper.keep(clock())
    assert brief(slack, walk).edits <= 1
    keep(keeper, clock)
    told = brief(slack, walk)
    assert f"/q/{asked.ref}" not in told.shown
    assert told.edits == 1


def test_a_closed_incident_says_so_and_is_unpinned(
    matters: Matters, slack: FakeSlack, sender: SlackSender, keeper: BriefKeeper, clock: Clock
) -> None:
    walk = matters.matter(state="candidate")
    clock.now = max(clock.now, wall_now())
    for _ in range(6):
        clock.forward(seconds=5)
        dispatch_once(walk.house.store, sender, clock)
    keep(keeper, clock)
    told = brief(slack, walk)
    assert told.ts in slack.pins[slack.id_of(CHANNEL)]
    assert not walk.answer("candidate", "dismiss", reason="It is nothing.")
    keep(keeper, clock)
    assert "dismissed" in told.shown
    assert "Open questions" not in told.shown
    assert told.ts not in slack.pins[slack.id_of(CHANNEL)]
    edits = told.edits
    keep(keeper, clock, 5)
    assert told.edits == edits


@pytest.mark.parametrize("arrived", [True, False])
def test_a_crash_between_post_and_record_leaves_one_brief(
    matters: Matters, slack: FakeSlack, keeper: BriefKeeper, clock: Clock, arrived: bool
) -> None:
    store = matters.first.house.store
    slack.trouble(**({"lose_answer": True} if arrived else {"code": "internal_error"}))
    clock.forward(seconds=6)
    keeper.keep(clock())
    assert [row.state for row in rows(store)] == ["unknown"]
    with store.writing() as session:  # as a crash leaves it
        row = session.exec(select(Brief)).one()
        row.state = "sending"
        session.add(row)
    again = BriefKeeper(matters.first.house, keeper.board)
    keep(again, clock, 2)
    assert [row.state for row in rows(store)] == ["sending"]
    clock.forward(seconds=LEASE.total_seconds())
    keep(again, clock, 4)
    assert len(slack.briefs()) == 1
    assert [(row.state, row.is_pinned) for row in rows(store)] == [("shown", True)]


@pytest.mark.parametrize("code", ["no_permission", "too_many_pins", "missing_scope"])
def test_a_pin_that_is_refused_is_said_once_and_hinders_nothing(
    matters: Matters,
    slack: FakeSlack,
    keeper: BriefKeeper,
    clock: Clock,
    caplog: pytest.LogCaptureFixture,
    code: str,
) -> None:
    slack.trouble(code, method="pins.add", times=99)
    keep(keeper, clock)
    assert not matters.first.answer("step")
    keep(keeper, clock)
    assert brief(slack, matters.first).edits == 1
    assert caplog.text.count("not pinned") == 1


def test_a_brief_that_people_deleted_is_left(
    matters: Matters, slack: FakeSlack, keeper: BriefKeeper, clock: Clock
) -> None:
    keep(keeper, clock)
    slack.delete(brief(slack, matters.first))
    assert not matters.first.answer("step")
    keep(keeper, clock)
    calls = len(slack.calls)
    keep(keeper, clock, 5)
    assert len(slack.calls) == calls
    assert [row.state for row in rows(matters.first.house.store)] == ["lost"]


def test_a_frozen_channel_keeps_the_brief_it_has(
    matters: Matters, slack: FakeSlack, keeper: BriefKeeper, clock: Clock
) -> None:
    keep(keeper, clock)
    with matters.first.house.store.writing() as session:
        session.add(
            Responder(handle="c", name="c", roles=["commander"], clients=[], secret="x", enrolled_at=clock())
        )
        session.flush()
        freeze(session, [CHANNEL], "why", "c", clock())
    assert not matters.first.answer("step")
    calls = len(slack.calls)
    keep(keeper, clock, 5)
    assert len(slack.calls) == calls


def test_two_watches_keep_one_brief(
    matters: Matters, slack: FakeSlack, keeper: BriefKeeper, clock: Clock
) -> None:
    other = BriefKeeper(matters.first.house, keeper.board)
    for _ in range(4):
        clock.forward(seconds=6)
        keeper.keep(clock())
        other.keep(clock())
    assert len(slack.briefs()) == 1


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (timedelta(days=3, hours=5), "at least 3 d left"),
        (timedelta(hours=71), "at least 2 d 18 h left"),
        (timedelta(hours=12), "at least 12 h left"),
        (timedelta(hours=11, minutes=59), "at least 11 h left"),
        (timedelta(minutes=119), "at least 1 h 30 min left"),
        (timedelta(minutes=29), "at least 20 min left"),
        (timedelta(minutes=9), "under 10 min left"),
        (timedelta(seconds=-1), "OVERDUE"),
    ],
)
def test_time_left_is_told_in_steps_that_grow_with_it(left: timedelta, words: str) -> None:
    assert coarse_left(left) == words


def test_a_token_that_was_changed_loses_no_brief(
    matters: Matters, slack: FakeSlack, keeper: BriefKeeper, clock: Clock
) -> None:
    keep(keeper, clock)
    slack.trouble("token_revoked", method="chat.update", times=float("inf"))
    assert not matters.first.answer("step")
    calls = len(slack.calls)
    keep(keeper, clock, 10)
    assert len(slack.calls) - calls == 1, "a refusal is not asked for each five seconds"
    slack.mend()
    clock.forward(minutes=3)
    assert keep(keeper, clock) == 1
    assert brief(slack, matters.first).edits == 1


def test_a_freeze_counts_for_the_next_brief_of_a_long_round(
    matters: Matters, slack: FakeSlack, keeper: BriefKeeper, clock: Clock
) -> None:
    other, store = matters.matter(), matters.first.house.store
    with store.writing() as session:
        session.exec(select(Incident).where(Incident.ref == other.ref)).one().channel = "#other"
        for message in session.exec(select(Message).where(col(Message.key).startswith(other.ref))):
            message.channel, message.state, message.external_id = "#other", "sent", "1.0"

    class Slow(SlackSender):
        """While the first brief is posted, everything is frozen."""

        def post(self, channel: str, message: SlackMessage, *, thread: str | None, key: str) -> Outcome:
            with store.writing() as session:
                session.add(ChannelFreeze(channel="*", why="w", by="c", at=clock()))
            return super().post(channel, message, thread=thread, key=key)

    slow = Slow(slack.token, slack.url)
    BriefKeeper(matters.first.house, slow).keep(clock())
    slow.close()
    assert len(slack.briefs()) == 1


def test_a_channel_whose_turn_is_not_yet_is_not_read(
    matters: Matters, slack: FakeSlack, sender: SlackSender, keeper: BriefKeeper, clock: Clock
) -> None:
    for _ in range(3):
        matters.matter()
    for _ in range(12):
        dispatch_once(matters.first.house.store, sender, clock)
        clock.forward(seconds=5)
    for shown in (1, 1, 2):
        keeper.keep(clock())
        clock.forward(seconds=3)
        assert len(keeper.seen) == len(slack.briefs()) == shown
