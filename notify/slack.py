"""Messages posted to Slack through slack-sdk, with each answer sorted by what may be done about it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import httpx
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from notify.render import SlackMessage
from notify.sending import Absent, Dead, Outcome, Search, Sent, TryLater, Unknown
from notify.slack_http import KeptAliveClient

EVENT_TYPE = "seventytwo_message"
LONGEST_ASKED = 3600.0  # seconds of Retry-After that are believed
PAGE = 200  # messages asked for at once; Slack allows 999

LATER = frozenset({"ratelimited", "rate_limited", "message_limit_exceeded", "team_added_to_org"})
IN_DOUBT = frozenset({"internal_error", "fatal_error", "service_unavailable", "request_timeout", "not_json"})
REFUSED_BLOCKS = frozenset({"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long"})
REFUSED_THREAD = frozenset(
    {
        "cannot_reply_to_message",
        "restricted_action_non_threadable_channel",
        "restricted_action_thread_locked",
        "thread_not_found",
    }
)

log = logging.getLogger("seventytwo.slack")


class SlackSender:
    """One Slack workspace; safe to use from several threads, which share its kept-alive connections."""

    def __init__(self, token: str, base_url: str = WebClient.BASE_URL, *, timeout: float = 10.0) -> None:
        self._client = KeptAliveClient(token, base_url, timeout)
        self._ids: dict[str, str] = {}  # a channel is posted to by name or id, but searched by id only

    def post(self, channel: str, message: SlackMessage, *, thread: str | None, key: str) -> Outcome:
        """Post the message; blocks or a thread that Slack refuses are left out rather than the message."""
        arguments = _arguments(channel, message, thread, key)
        outcome = self._post(arguments)
        while isinstance(outcome, Dead):
            superfluous = _superfluous(outcome.why, arguments)
            if superfluous is None:
                return outcome
            log.error("slack refused the %s of a message (%s): sent without", superfluous, outcome.why)
            del arguments[superfluous]
            outcome = self._post(arguments)
        return outcome

    def post_whole(self, channel: str, message: SlackMessage, *, thread: str | None, key: str) -> Outcome:
        """Post the message as it is or not at all: a notice without its blocks would say nothing."""
        return self._post(_arguments(channel, message, thread, key))

    def find(self, channel: str, *, thread: str | None, key: str, since: datetime) -> Search:
        """Look for the message by its metadata, in its thread if it had one; needs a `history` scope."""
        try:
            asked: dict[str, Any] = {"channel": self._id_of(channel), "include_all_metadata": True}
            asked |= {"oldest": f"{since.timestamp():.6f}", "inclusive": True}
            asked |= {"ts": thread} if thread else {}
            for message in self._pages(
                f"conversations.{'replies' if thread else 'history'}", "messages", asked
            ):
                if _is_marked(message, key):
                    return Sent(str(message["ts"]))
        except (SlackApiError, httpx.HTTPError) as error:
            return _search_refused(error)
        return Absent()

    def edit(self, channel: str, external_id: str, message: SlackMessage) -> Outcome:
        """Let the message say something else; whatever its answer, it may be asked for again."""
        return self._ask(
            "chat.update",
            channel,
            ts=external_id,
            text=message.text,
            blocks=list(message.blocks),
            parse="none",
            link_names=False,
        )

    def names_of(self, channel: str) -> frozenset[str]:
        """A channel's name and id, as far as Slack can be asked; at least what it was given by."""
        try:
            listed = self._pages(
                "conversations.list", "channels", {"types": "public_channel,private_channel"}
            )
            for each in listed:
                named = frozenset({f"#{each['name']}", str(each["id"])})
                if channel in named:
                    return named
        except (SlackApiError, httpx.HTTPError) as error:
            log.warning("slack does not say what %s is called besides: %s", channel, type(error).__name__)
        return frozenset({channel})

    def pin(self, channel: str, external_id: str) -> Outcome:
        """Pin the message to its channel; needs the scope `pins:write`."""
        outcome = self._ask("pins.add", channel, timestamp=external_id)
        return Sent(external_id) if outcome == Dead("already_pinned") else outcome

    def unpin(self, channel: str, external_id: str) -> Outcome:
        """Take the message off the channel's pins."""
        outcome = self._ask("pins.remove", channel, timestamp=external_id)
        return Sent(external_id) if outcome in (Dead("no_pin"), Dead("not_pinned")) else outcome

    def close(self) -> None:
        """Close the kept-alive connections."""
        self._client.close()

    def _id_of(self, channel: str) -> str:
        if channel.startswith("#") and channel not in self._ids:
            listed = self._pages(
                "conversations.list", "channels", {"types": "public_channel,private_channel"}
            )
            self._ids |= {f"#{each['name']}": str(each["id"]) for each in listed}
        return self._ids.get(channel, channel)

    def _pages(self, method: str, part: str, asked: dict[str, Any]) -> Iterator[dict[str, Any]]:
        cursor = ""
        while True:
            page = self._client.api_call(method, params={**asked, "limit": PAGE, "cursor": cursor}).data
            assert isinstance(page, dict)
            yield from page.get(part, ())
            cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return

    def _ask(self, method: str, channel: str, **arguments: Any) -> Outcome:
        """A call about a message that is there; it needs the channel's id, and may be repeated."""
        try:
            self._client.api_call(method, json={"channel": self._id_of(channel), **arguments})
        except SlackApiError as error:
            return _refused(error)
        except httpx.HTTPError as error:
            return TryLater(f"no answer: {type(error).__name__}")
        return Sent(str(arguments.get("ts") or arguments.get("timestamp")))

    def _post(self, arguments: dict[str, Any]) -> Outcome:
        try:
            answer = self._client.chat_postMessage(**arguments)
        except SlackApiError as error:
            return _refused(error)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            return TryLater(f"not reached: {type(error).__name__}")  # nothing left this machine
        except httpx.HTTPError as error:
            return Unknown(f"no answer: {type(error).__name__}")
        self._ids[arguments["channel"]] = str(answer.get("channel", arguments["channel"]))
        ts = answer.get("ts")
        return Sent(str(ts)) if ts else Unknown("an answer without ts")


def _arguments(channel: str, message: SlackMessage, thread: str | None, key: str) -> dict[str, Any]:
    arguments: dict[str, Any] = {
        "channel": channel,
        "text": message.text,
        "blocks": list(message.blocks),
        "metadata": {"event_type": EVENT_TYPE, "event_payload": {"key": key}},
        "parse": "none",
        "link_names": False,
        "unfurl_links": False,
        "unfurl_media": False,
    }
    return arguments | ({"thread_ts": thread} if thread else {})


def _superfluous(why: str, arguments: dict[str, Any]) -> str | None:
    """The argument that the message can do without, if Slack's refusal is about one."""
    if why in REFUSED_BLOCKS and "blocks" in arguments:
        return "blocks"
    return "thread_ts" if why in REFUSED_THREAD and "thread_ts" in arguments else None


def _refused(error: SlackApiError) -> Outcome:
    code, status, after = _answer(error)
    if status == httpx.codes.TOO_MANY_REQUESTS or code in LATER:
        return TryLater(code, after)
    if status >= httpx.codes.INTERNAL_SERVER_ERROR or code in IN_DOUBT:
        return Unknown(f"{code} (HTTP {status})")
    return Dead(code)


def _search_refused(error: SlackApiError | httpx.HTTPError) -> Search:
    """A search changes nothing, so whatever is no plain refusal may be asked again."""
    if isinstance(error, httpx.HTTPError):
        return TryLater(f"search: {type(error).__name__}")
    match _refused(error):
        case Dead(why):
            return Dead(f"outcome unknown, search refused: {why}")
        case TryLater(why, after):
            return TryLater(f"search: {why}", after)
        case Unknown(why) | Sent(why):
            return TryLater(f"search: {why}")


def _answer(error: SlackApiError) -> tuple[str, int, float | None]:
    """Slack's error code, the HTTP status, and the seconds that Retry-After asks for."""
    response = error.response
    told = response.data if isinstance(response.data, dict) else {}
    asked = response.headers.get("retry-after", "")
    code = str(told.get("error", "no_code"))[:80]
    return code, response.status_code, min(float(asked), LONGEST_ASKED) if asked.isdecimal() else None


def _is_marked(message: dict[str, Any], key: str) -> bool:
    metadata = message.get("metadata") or {}
    return (
        metadata.get("event_type") == EVENT_TYPE and (metadata.get("event_payload") or {}).get("key") == key
    )
