"""A house whose desk hears Slack: an exercise about two clients, responders with member ids, a workspace."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from sqlmodel import Session, col, select

from flows.clock import wall_now
from flows.gathering import find_question
from store.database import Store
from store.tables import ChannelAct, Client, Question, Responder, TimelineEntry
from tests.fakes.slack_workspace import FakeWorkspace
from tests.harness.desks import PLAIN, DeskUnderTest, desk_on, house_on
from tests.harness.walks import THEIRS, Walk, begin_walk

MEMBERS = {
    "commander-1": "U0COMMANDER",
    "it-1": "U0IT",
    "privacy-1": "U0PRIVACY",
    "approver-1": "U0APPROVER",
    "it-2": "U0IT2",
    "it-off": "U0OFF",
    "it-theirs": "U0THEIRS",
}
CAST = {
    "commander-1": ["commander"],
    "it-1": ["it", "forensics"],
    "it-2": ["it"],
    "it-off": ["it"],
    "it-theirs": ["it"],
    "privacy-1": ["privacy", "client_lead"],
    "approver-1": ["approver"],
}
TITLE = "TOOL SAID <!channel> secret-title"


@dataclass
class SlackDesk:
    """What a test does in Slack, and what it sees of it."""

    slack: FakeWorkspace
    desk: DeskUnderTest
    walk: Walk

    @property
    def store(self) -> Store:
        return self.desk.store

    @property
    def ref(self) -> str:
        return self.walk.ref

    def post(self, path: str, body: bytes, headers: dict[str, str]) -> httpx.Response:
        """Send a request to a door as it is."""
        url = f"{self.desk.url}/slack/{path}"
        return httpx.post(url, content=body, headers=headers, timeout=60, verify=PLAIN)

    def send(self, payload: dict[str, Any], *, secret: str = "") -> httpx.Response:
        """Send a press, a window or a command, signed now."""
        path = "commands" if "command" in payload else "interactions"
        return self.post(path, *self.slack.signed(payload, self.desk.wall.timestamp(), secret))

    def press(self, who: str, action: str, value: str, **more: Any) -> str:
        """Press a button; what the presser, and nobody else, was told."""
        user = MEMBERS.get(who, who)
        assert self.send(self.slack.press(user, action, value, **more)).status_code == 200
        return self.slack.expect_whisper("", user=user).shown

    def command(self, who: str, text: str) -> str:
        """Type a command; what was told."""
        user = MEMBERS.get(who, who)
        assert self.send(self.slack.command(user, text)).status_code == 200
        return self.slack.expect_whisper("", user=user).shown

    def question(self, step: str = "preserve-logs") -> Question:
        """The open question of a step."""
        return self.walk.question(step)

    def again(self, question: Question) -> Question:
        with self.store.reading() as session:
            found = find_question(session, question.ref)
        assert found is not None
        return found

    def history(self, *kinds: str, chain: str = "") -> list[TimelineEntry]:
        """The incident's entries of these kinds."""
        with self.store.reading() as session:
            query = select(TimelineEntry).where(TimelineEntry.chain == (chain or self.ref))
            return [row for row in session.exec(query.order_by(col(TimelineEntry.seq))) if row.kind in kinds]

    def acts(self) -> list[ChannelAct]:
        with self.store.reading() as session:
            return list(session.exec(select(ChannelAct)))


def give_members(session: Session) -> None:
    """Let every responder have a member id, one be disabled and one see the other client alone."""
    for responder in session.exec(select(Responder)):
        responder.slack_id = MEMBERS[responder.handle]
        if responder.handle == "it-off":
            responder.disabled_at = datetime(2026, 1, 1, tzinfo=UTC)
        if responder.handle == "it-theirs":
            responder.clients = [THEIRS]


@contextmanager
def slack_desk(
    store: Store, folder: Path, playbook: str = "data-exfiltration", **env: str
) -> Iterator[SlackDesk]:
    """A desk that hears a workspace; its incident is an exercise with one client."""
    walk = begin_walk(store, folder, title=TITLE, alert=TITLE, playbook=playbook, cast=CAST)
    with store.writing() as session:
        give_members(session)
    with FakeWorkspace() as slack:
        settings = {
            "SEVENTYTWO_SLACK_TOKEN": slack.token,
            "SEVENTYTWO_SLACK_URL": slack.url,
            "SEVENTYTWO_SLACK_SIGNING_SECRET": slack.signing,
            "SEVENTYTWO_CHANNEL": "C0HOUSE",
        }
        with desk_on(house_on(store, folder, **settings | env)) as desk:
            desk.wall = wall_now()
            yield SlackDesk(slack, desk, walk)


def clients(store: Store) -> list[Client]:
    with store.reading() as session:
        return list(session.exec(select(Client)))
