"""The watch over a stepped clock: every threshold is told once, whoever looks."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from flows.watching import fire_due
from tests.harness.world import World

pytestmark = pytest.mark.prefect

AUTHORITY, CLIENT = "EU-GDPR-33-1", "EU-GDPR-33-2"
LADDER = ["50", "75", "90", "1h", "overdue"]


def told(world: World, rule: str) -> list[str]:
    """The thresholds of a rule's clock that were told, alone or with others, in order."""
    lines: list[dict[str, Any]] = []
    for message in world.messages():
        if message.kind in ("clock_warning", "clock_overdue"):
            lines.append(message.fields)
        if message.kind == "clock_digest":
            lines += message.fields["clocks"]
    return [str(line.get("threshold", "overdue")) for line in lines if line["rule"] == rule]


def watch_twice(world: World) -> None:
    """Let two watchers look at the same moment."""
    at_once = threading.Barrier(2)

    def look() -> None:
        at_once.wait()
        fire_due(world.house)

    watchers = [threading.Thread(target=look) for _ in range(2)]
    for watcher in watchers:
        watcher.start()
    for watcher in watchers:
        watcher.join()


def test_each_warning_of_a_clock_is_told_once_though_two_watchers_look(idle_world: World) -> None:
    world = idle_world
    world.raise_alert()
    for seen, hours in enumerate(
        (36, 18, 10.8, 6.2, 1), start=1
    ):  # 50, 75, 90 %, one hour left, and the end of 72 hours
        world.step(hours=hours)
        watch_twice(world)
        assert told(world, AUTHORITY) == LADDER[:seen]
        if seen == 1:
            assert told(world, CLIENT) == ["overdue"], "of what fell due in one step, the latest says it all"
    world.fast_forward(hours=200)
    assert told(world, AUTHORITY) == [*LADDER, "overdue"], "reminded of once, however many days nobody looked"


def test_a_clock_that_runs_out_is_told_in_slack_and_the_duty_stands(idle_world: World) -> None:
    world = idle_world
    world.raise_alert()
    world.fast_forward(hours=60)
    world.slack.expect("12 h")
    world.fast_forward(hours=13)
    world.slack.expect("The duty stands")
    assert {duty.state for duty in world.duties()} == {"presumed"}


def test_nothing_is_told_before_its_time(idle_world: World) -> None:
    world = idle_world
    world.raise_alert()
    world.fast_forward(hours=11.9)
    assert told(world, AUTHORITY) == told(world, CLIENT) == []


def test_a_question_left_unanswered_names_the_next_role_and_is_never_answered_by_time(
    idle_world: World,
) -> None:
    world = idle_world
    world.raise_alert()
    world.fast_forward(minutes=61)  # the engineer's hour for the trace
    world.slack.expect("not answered by")
    asked = world.question("keep-message")
    assert (asked.role, asked.escalations, asked.state) == ("it", 1, "open")
    world.fast_forward(days=3)
    again = world.again(asked)
    assert (again.role, again.state) == ("it", "open")


def test_a_moved_anchor_moves_the_clock_and_says_only_the_highest_threshold_passed(world: World) -> None:
    world.raise_alert()
    world.answer("confirm-misdirection")
    world.answer("keep-message")
    world.answer(
        "triage", clients=["own-staff"], our_role="controller", aware_at=f"{_hours_before(world, 70)}"
    )
    world.fast_forward(seconds=1)
    assert told(world, AUTHORITY) == ["90"], "of 50, 75 and 90 %, all passed, the highest"
    world.fast_forward(hours=1)
    assert told(world, AUTHORITY) == ["90", "1h"]


def _hours_before(world: World, hours: float) -> str:
    from datetime import timedelta  # noqa: PLC0415

    return f"{world.now - timedelta(hours=hours):%Y-%m-%dT%H:%M:%SZ}"
