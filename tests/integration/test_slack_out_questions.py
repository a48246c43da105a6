"""A question is told with its buttons, and says what became of it once it is asked no more."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from flows.clock import wall_now
from flows.deciding import deciding
from flows.dispatching import dispatch_once
from flows.questions import announce
from notify.blocks import QUESTION_BUTTONS
from notify.slack import SlackSender
from store.database import Store
from store.tables import Question
from tests.fakes.slack import FakeSlack, Posted
from tests.harness.matters import Matters, begin_matters
from tests.harness.outbox import Clock
from tests.harness.walks import Walk

ACTIONS = [action for action, _ in QUESTION_BUTTONS]


@pytest.fixture
def matters(sqlite_store: Store, tmp_path: Path) -> Matters:
    return begin_matters(sqlite_store, tmp_path)


def tell(walk: Walk, slack: FakeSlack) -> None:
    """Everything told and edited, however long it takes."""
    clock = Clock()
    clock.now = wall_now()
    with closing(SlackSender(slack.token, slack.url)) as sender:
        for _ in range(30):
            clock.forward(seconds=10)
            dispatch_once(walk.house.store, sender, clock)


def asking(slack: FakeSlack, question: Question) -> list[Posted]:
    """The messages that can be pressed about a question."""
    return [one for one in slack.messages() if any(value == question.ref for _, value in one.buttons)]


def announced(walk: Walk, kind: str) -> Question:
    """A question of a kind, told by a message of its own."""
    question = walk.asked(kind)
    with deciding(walk.house, walk.ref) as decision:
        announce(decision, [decision.session.get_one(Question, question.id)])
    return question


def test_what_is_asked_at_the_opening_can_be_pressed(matters: Matters, slack: FakeSlack) -> None:
    walk = matters.matter()
    tell(walk, slack)
    question = walk.asked("step")
    (told,) = asking(slack, question)
    assert [action for action, value in told.buttons if value == question.ref] == ACTIONS
    assert f"/q/{question.ref}" in told.shown


def test_an_answered_question_is_edited_and_says_by_whom(matters: Matters, slack: FakeSlack) -> None:
    walk = matters.matter()
    question = announced(walk, "step")
    tell(walk, slack)
    opening, own = asking(slack, question)
    assert not walk.answer("step")
    tell(walk, slack)
    assert not asking(slack, question)
    assert "Answered by" in own.text
    assert own.buttons == []
    assert "answered by" in opening.shown
    assert f"/q/{question.ref}" in own.shown


def test_a_question_given_to_somebody_else_is_pressed_at_its_new_message_alone(
    matters: Matters, slack: FakeSlack
) -> None:
    walk = matters.matter()
    question = announced(walk, "step")
    tell(walk, slack)
    asked_before = asking(slack, question)
    assert not walk.command("reassign", about=f"{question.title}", to_whom="it")
    tell(walk, slack)
    (told,) = asking(slack, question)
    assert told not in asked_before
    assert all("given to it" in one.shown.lower().replace("*", "") for one in asked_before)


def test_a_closed_incident_leaves_nothing_to_press(matters: Matters, slack: FakeSlack) -> None:
    walk = matters.matter(state="candidate")
    tell(walk, slack)
    question = walk.asked("candidate")
    (told,) = asking(slack, question)
    assert not walk.answer("candidate", "dismiss", reason="It is nothing.")
    tell(walk, slack)
    assert told.buttons == []
    assert "Candidate answered by" in told.text
    assert not [one for one in slack.messages() if one.buttons and walk.ref in one.shown]
