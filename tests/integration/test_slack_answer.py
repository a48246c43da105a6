"""An answer in a window goes to the very run that asks, and is judged there like any other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlmodel import select

from flows.clock import wall_now
from flows.house import House
from flows.settings import Settings
from store.tables import Responder
from tests.fakes.slack_workspace import FakeWorkspace
from tests.harness.desks import DeskUnderTest, desk_on
from tests.harness.world import World

pytestmark = pytest.mark.prefect

STEP = "keep-message"


class Answering:
    """A world whose responders answer in windows."""

    def __init__(self, world: World, slack: FakeWorkspace, desk: DeskUnderTest) -> None:
        self.world, self.slack, self.desk = world, slack, desk

    def send(self, payload: dict[str, Any]) -> dict[str, Any]:
        # each under a stamp of its own, so another signature
        self.desk.wall = max(wall_now(), self.desk.wall + timedelta(seconds=1))
        body, headers = self.slack.signed(payload, self.desk.wall.timestamp())
        answer = httpx.post(f"{self.desk.url}/slack/interactions", content=body, headers=headers, timeout=60)
        assert answer.status_code == 200
        return dict(answer.json()) if answer.content else {}

    def window(self, user: str, ref: str) -> dict[str, Any]:
        before = len(self.slack.views)
        self.send(self.slack.press(user, "answer", ref))
        return self.slack.expect_view(before + 1)

    def verdict(self, user: str, told: dict[str, Any]) -> str:
        """What the window was refused with, or what was said beside it."""
        if "errors" in told:
            return str(told["errors"])
        return self.slack.expect_whisper("", user=user).shown


@contextmanager
def answering(world: World, prefect_url: str = "") -> Iterator[Answering]:
    with world.store.writing() as session:
        for number, responder in enumerate(session.exec(select(Responder)), start=1):
            responder.slack_id = f"U0{number:04d}"
    with FakeWorkspace() as slack:
        env = world.env | {
            "SEVENTYTWO_SLACK_TOKEN": slack.token,
            "SEVENTYTWO_SLACK_URL": slack.url,
            "SEVENTYTWO_SLACK_SIGNING_SECRET": slack.signing,
        }
        env |= {"PREFECT_API_URL": prefect_url} if prefect_url else {}
        house = House(Settings.from_env(env), world.store)
        with desk_on(house) as desk:
            yield Answering(world, slack, desk)
        house.api.close()


def member(world: World, handle: str) -> str:
    with world.store.reading() as session:
        return session.exec(select(Responder).where(Responder.handle == handle)).one().slack_id


def test_a_step_is_answered_in_a_window_after_a_wrong_code(world: World) -> None:
    world.raise_alert()
    world.answer("confirm-misdirection")
    question, _, _ = world.asked(STEP)
    handle = world.holder(question)
    with answering(world) as room:
        user = member(world, handle)
        window = room.window(user, question.ref)
        asked = {block["block_id"] for block in window["blocks"] if "block_id" in block}
        assert {"decision", "code", "copy_kept", "delivery_state", "reason"} <= asked
        assert window["title"]["text"] == world.ref
        said: dict[str, Any] = {"decision": "done", "copy_kept": "yes", "delivery_state": "unknown"}

        wrong = room.slack.submission(user, window, **said, code=world.cast.wrong_code(handle))
        assert "the code does not fit" in room.verdict(user, room.send(wrong))
        assert world.again(question).state == "open"

        right = room.slack.submission(user, window, **said, code=world.cast.code(handle))
        verdict = room.verdict(user, room.send(right))
        for _ in range(4):  # the form may still be on its way after the wrong code, or the wait not over
            if "Taken" in verdict:
                break
            right = room.slack.submission(user, window, **said, code=world.cast.code(handle))
            verdict = room.verdict(user, room.send(right))
        assert "Taken" in verdict

        assert world.again(question).state == "answered"
        again = room.verdict(user, room.send(right))
        assert "Taken" in again
    verdicts = [answer.verdict for answer in world.answers(question)]
    assert verdicts[0] == "wrong_code"
    assert verdicts[-1] == "accepted"
    assert [answer.handle for answer in world.answers(question)] == [handle] * len(verdicts)


def test_with_prefect_away_nothing_is_taken(world: World) -> None:
    world.raise_alert()
    world.answer("confirm-misdirection")
    question, _, _ = world.asked(STEP)
    handle = world.holder(question)
    with answering(world, "http://127.0.0.1:9/api") as room:
        user = member(world, handle)
        window = room.window(user, question.ref)
        sheet = room.slack.submission(user, window, decision="done", copy_kept="yes",
                                      delivery_state="unknown", code=world.cast.code(handle))  # fmt: skip
        assert "nothing was taken" in room.verdict(user, room.send(sheet))
    assert not world.answers(question)
    assert world.again(question).attempt == question.attempt


def test_what_moves_a_duty_is_answered_in_its_form_alone(world: World) -> None:
    world.raise_alert()
    question = world.question("confirm-misdirection")
    handle = world.holder(question)
    with answering(world) as room:
        user = member(world, handle)
        room.send(room.slack.press(user, "answer", question.ref))
        told = room.slack.expect_whisper("/q/", user=user)
        assert question.ref in told.shown
        assert not room.slack.views
