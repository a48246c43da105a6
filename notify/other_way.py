"""The other way to the responders, while a channel is not to be trusted: a Slack channel, mail, a webhook."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import httpx

from notify import text
from notify.delivery.outcomes import Bounced
from notify.delivery.parcel import Parcel, Way
from notify.loopback import is_loopback, trusted
from notify.render import SlackMessage
from notify.sending import Absent, Dead, Outcome, Search, Sender, Sent, TryLater, Unknown

TIMEOUT: Final = 10.0
_TRIES: Final = 3
"""How often one recipient of several is tried before the message counts as told."""

log = logging.getLogger("seventytwo.dispatch")


@dataclass(frozen=True, slots=True)
class OtherWay:
    """A way beside the channels, and its own channel where it is one of the same workspace."""

    sender: Sender
    slack_channel: str = ""


class OneChannel:
    """Another channel of the same workspace, whichever channel a message was meant for."""

    def __init__(self, sender: Sender, channel: str) -> None:
        self._sender, self._channel = sender, channel

    def post(self, channel: str, message: SlackMessage, *, thread: str | None, key: str) -> Outcome:  # noqa: ARG002 - Sender
        """Post it there, in no thread."""
        return self._sender.post(self._channel, message, thread=None, key=key)

    def find(self, channel: str, *, thread: str | None, key: str, since: datetime) -> Search:  # noqa: ARG002 - Sender
        """Look for it there."""
        return self._sender.find(self._channel, thread=None, key=key, since=since)

    def edit(self, channel: str, external_id: str, message: SlackMessage) -> Outcome:  # noqa: ARG002 - Sender
        """What was told elsewhere is not edited: what became of it is on the desk."""
        return Sent(external_id)

    def close(self) -> None:
        """Close the sender."""
        self._sender.close()


class Webhook:
    """Another chat's webhook, which takes `{"text": …}` as JSON over HTTPS."""

    def __init__(self, url: str) -> None:
        self._url = url
        outside = not is_loopback(url)
        trust = trusted(by_environment=outside)
        self._http = httpx.Client(timeout=TIMEOUT, trust_env=outside, verify=trust)

    def post(self, channel: str, message: SlackMessage, *, thread: str | None, key: str) -> Outcome:  # noqa: ARG002 - Sender
        """Post the message's one plain line; a repeat carries the same Idempotency-Key."""
        try:
            answer = self._http.post(
                self._url, json={"text": _lines(message)}, headers={"Idempotency-Key": key}
            )
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            return TryLater(f"not reached: {type(error).__name__}")
        except httpx.HTTPError as error:
            return Unknown(f"no answer: {type(error).__name__}")
        if answer.is_success:
            return Sent(key)
        asked = answer.headers.get("retry-after", "")
        if answer.status_code == httpx.codes.TOO_MANY_REQUESTS or answer.is_server_error:
            return TryLater(f"HTTP {answer.status_code}", float(asked) if asked.isdecimal() else None)
        return Dead(f"HTTP {answer.status_code}")

    def find(self, channel: str, *, thread: str | None, key: str, since: datetime) -> Search:  # noqa: ARG002 - Sender
        """A webhook cannot be searched: better told twice than not at all."""
        return Absent()

    def edit(self, channel: str, external_id: str, message: SlackMessage) -> Outcome:  # noqa: ARG002 - Sender
        """What was told elsewhere is not edited: what became of it is on the desk."""
        return Sent(external_id)

    def close(self) -> None:
        """Close the kept connections."""
        self._http.close()


class Mail:
    """Plain mail to the responders' own addresses, one for each, through the house's mail server."""

    def __init__(
        self, way: Way, organisation: str, recipients: Sequence[str], wall: Callable[[], datetime]
    ) -> None:
        self._way, self._organisation, self._to, self._wall = way, organisation, tuple(recipients), wall
        self._waiting: dict[str, tuple[int, frozenset[int]]] = {}

    def post(self, channel: str, message: SlackMessage, *, thread: str | None, key: str) -> Outcome:  # noqa: ARG002 - Sender
        """Send it to each of them; a repeat carries the same Message-IDs, which mail programs show once.

        Whoever is turned away for now is tried again alone, a few times: one mailbox holds up no message.
        """
        tries, missing = self._waiting.pop(key, (0, frozenset(range(len(self._to)))))
        outcomes = {number: self._to_one(message, key, number) for number in sorted(missing)}
        wrong = {number: one for number, one in outcomes.items() if not isinstance(one, Sent)}
        if len(wrong) == len(self._to):
            return next((one for one in wrong.values() if not isinstance(one, Dead)), wrong[0])
        later = {number: one for number, one in wrong.items() if isinstance(one, TryLater)}
        if not later or tries + 1 == _TRIES:
            return Sent(key)  # somebody has it; whom it did not reach the log says
        self._waiting[key] = (tries + 1, frozenset(later))
        return next(iter(later.values()))

    def find(self, channel: str, *, thread: str | None, key: str, since: datetime) -> Search:  # noqa: ARG002 - Sender
        """Mail cannot be searched: better told twice than not at all."""
        return Absent()

    def edit(self, channel: str, external_id: str, message: SlackMessage) -> Outcome:  # noqa: ARG002 - Sender
        """What was told elsewhere is not edited: what became of it is on the desk."""
        return Sent(external_id)

    def close(self) -> None:
        """Close the way of the mails."""
        self._way.close()

    def _to_one(self, message: SlackMessage, key: str, number: int) -> Outcome:
        address = self._to[number]
        parcel = Parcel(
            key=f"{key}-{number}",
            ref="",
            sender=self._organisation,
            name=address,
            address=address,
            subject=text.clip(message.plain, 120),
            text=_lines(message),
            queued_at=self._wall(),
        )
        match self._way.send(parcel, 1):
            case TryLater() | Unknown() | Dead() as outcome:
                log.error("message %s was not mailed to recipient %d: %s", key, number + 1, outcome.why)
                return outcome
            case Bounced(why=why):
                log.error("message %s came back from recipient %d: %s", key, number + 1, why)
                return Dead(why)
            case _:
                return Sent(key)


def _lines(message: SlackMessage) -> str:
    return "\n".join([message.plain.replace(" | ", "\n"), *([message.link] if message.link else [])])
