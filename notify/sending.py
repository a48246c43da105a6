"""What a sender of messages promises, and the one that needs no server: our own log."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from notify.render import SlackMessage

log = logging.getLogger("seventytwo.messages")


@dataclass(frozen=True, slots=True)
class Sent:
    """The message is there; `external_id` is what the channel calls it (Slack's `ts`)."""

    external_id: str


@dataclass(frozen=True, slots=True)
class TryLater:
    """The message was not taken; `after` seconds is when the channel asked for the next try, if it did."""

    why: str
    after: float | None = None


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nobody can say whether the message is there: it must be looked for before it is sent again."""

    why: str


@dataclass(frozen=True, slots=True)
class Dead:
    """The message will never be taken as it is: a person has to act."""

    why: str


@dataclass(frozen=True, slots=True)
class Absent:
    """The message was looked for and is not there."""


Outcome = Sent | TryLater | Unknown | Dead
Search = Sent | Absent | TryLater | Dead


class Sender(Protocol):
    """A way to tell people something, and to find out whether they were told."""

    def post(self, channel: str, message: SlackMessage, *, thread: str | None, key: str) -> Outcome:
        """Send the message into the thread, or as the first of a new one; `key` marks it to be found."""

    def find(self, channel: str, *, thread: str | None, key: str, since: datetime) -> Search:
        """Look for the message marked `key` among those sent at or after `since`."""

    def edit(self, channel: str, external_id: str, message: SlackMessage) -> Outcome:
        """Let what was sent say something else; doing so twice changes nothing."""

    def close(self) -> None:
        """Give back the connections."""


class Board(Sender, Protocol):
    """A sender whose channel can keep a message in view."""

    def pin(self, channel: str, external_id: str) -> Outcome:
        """Keep the message in view; one that is pinned already stays so."""

    def unpin(self, channel: str, external_id: str) -> Outcome:
        """Keep it in view no longer."""


class LogSender:
    """Messages as calm lines of our own log, for a house without a chat."""

    def post(self, channel: str, message: SlackMessage, *, thread: str | None, key: str) -> Outcome:
        """Write one line."""
        log.info("%s %s", channel, message.plain)
        return Sent(external_id=thread or key)

    def find(self, channel: str, *, thread: str | None, key: str, since: datetime) -> Search:  # noqa: ARG002 - Sender
        """A line may stand twice in a log, so it is simply written again."""
        return Absent()

    def edit(self, channel: str, external_id: str, message: SlackMessage) -> Outcome:  # noqa: ARG002 - Sender
        """A line of a log stays as it was written; what became of it stands in a later one."""
        return Sent(external_id)

    def close(self) -> None:
        """Nothing is held."""
