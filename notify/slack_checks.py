"""What Slack says about our app: the token and its scopes, a channel, the way by which presses come."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import httpx
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from notify.slack_http import KeptAliveClient

SCOPES: Final = {
    "chat:write": "posting, editing, and words to one person alone",
    "commands": "the command /incident",
    "pins:write": "pinning each incident's brief",
    "channels:read": "finding a public channel by its name",
    "groups:read": "the same for a private one",
    "channels:history": "finding out whether a message arrived, in a public channel",
    "groups:history": "the same in a private one",
}
"""Every scope that the app asks for, and what it is for."""


@dataclass(frozen=True, slots=True)
class Found:
    """One thing looked at: whether it is as it must be, and what to do where it is not."""

    what: str
    is_good: bool
    mend: str = ""


def check_token(token: str, base_url: str = WebClient.BASE_URL) -> list[Found]:
    """Whether the bot token is good, and which scopes are missing."""
    answer, code, headers = _ask(token, base_url, "auth.test")
    if code:
        return [Found("bot token", is_good=False, mend=f"Slack says {code}: set SEVENTYTWO_SLACK_TOKEN anew")]
    held = {one.strip() for one in headers.get("x-oauth-scopes", "").split(",")}
    team = str(answer.get("team_id", ""))[:20]
    found = [Found(f"bot token, workspace {team}", is_good=True)]
    return found + [
        Found(f"scope {name}", is_good=name in held, mend=f"for {use}: add it and install the app again")
        for name, use in SCOPES.items()
    ]


def check_channel(token: str, channel: str, base_url: str = WebClient.BASE_URL) -> list[Found]:
    """Whether the channel is there, the app a member of it, and its history can be read."""
    named = f"channel {channel[:80]}"
    found, code = _id_of(token, channel, base_url)
    if not found:
        return [
            Found(named, is_good=False, mend=f"{code or 'channel_not_found'}: give its id, invite the app")
        ]
    answer, code, _ = _ask(token, base_url, "conversations.info", channel=found)
    told = answer.get("channel") or {}
    if code:
        return [Found(named, is_good=False, mend=f"Slack says {code}")]
    _, unread, _ = _ask(token, base_url, "conversations.history", channel=found, limit=1)
    return [
        Found(f"{named} is there", is_good=not told.get("is_archived"), mend="it is archived: name another"),
        Found(f"{named} has the app", is_good=bool(told.get("is_member")), mend="invite the app into it"),
        Found(
            f"{named} can be read",
            is_good=not unread,
            mend=f"Slack says {unread}: what was lost is not found",
        ),
    ]


def check_socket(app_token: str, base_url: str = WebClient.BASE_URL) -> Found:
    """Whether the app-level token opens a connection."""
    _, code, _ = _ask(app_token, base_url, "apps.connections.open")
    mend = f"Slack says {code}: it needs connections:write; set SEVENTYTWO_SLACK_APP_TOKEN anew"
    return Found("Socket Mode", is_good=not code, mend=mend)


def _id_of(token: str, channel: str, base_url: str) -> tuple[str, str]:
    if not channel.startswith("#"):
        return channel, ""
    cursor = ""
    while True:
        asked = {"types": "public_channel,private_channel", "limit": 200, "cursor": cursor}
        answer, code, _ = _ask(token, base_url, "conversations.list", **asked)
        if code:
            return "", code
        for one in answer.get("channels", ()):
            if f"#{one.get('name')}" == channel:
                return str(one["id"]), ""
        cursor = (answer.get("response_metadata") or {}).get("next_cursor") or ""
        if not cursor:
            return "", ""


def _ask(token: str, base_url: str, method: str, **given: Any) -> tuple[dict[str, Any], str, dict[str, str]]:
    """Slack's answer, its code for a refusal, and the headers by lower-case name."""
    client = KeptAliveClient(token, base_url, 10.0)
    try:
        answer = client.api_call(method, params=given)
    except SlackApiError as error:
        told = error.response.data if isinstance(error.response.data, dict) else {}
        return {}, str(told.get("error", "no_code"))[:80], {}
    except httpx.HTTPError as error:
        return {}, type(error).__name__, {}
    finally:
        client.close()
    data = answer.data if isinstance(answer.data, dict) else {}
    return data, "", {str(k).lower(): str(v) for k, v in answer.headers.items()}
