"""What is asked of Slack beside posting: who we are there, windows, and words to one person alone.

None of it is a duty: what fails is told by Slack's code for it, and never raised.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import SplitResult, urlsplit

import httpx
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from notify.loopback import is_loopback, trusted
from notify.slack_http import KeptAliveClient

HOOKS: Final = "hooks.slack.com"
"""Where Slack takes answers to what was pressed or typed, and nowhere else."""

log = logging.getLogger("seventytwo.slack")


class SlackCalls:
    """One workspace, asked by a bot token; safe to use from several threads."""

    def __init__(self, token: str, base_url: str = WebClient.BASE_URL, *, timeout: float = 8.0) -> None:
        self._client = KeptAliveClient(token, base_url, timeout)
        self._base = urlsplit(base_url)
        outside = not is_loopback(base_url)
        trust = trusted(by_environment=outside)
        self._hooks = httpx.Client(timeout=timeout, follow_redirects=False, trust_env=outside, verify=trust)

    def close(self) -> None:
        """Close the kept-alive connections."""
        self._client.close()
        self._hooks.close()

    def team(self) -> str:
        """The id of our workspace, or nothing while Slack does not say."""
        answer, _ = self._call("auth.test", {})
        return str(answer.get("team_id", ""))

    def open_view(self, trigger: str, view: Mapping[str, Any]) -> str:
        """Open a window for whoever pressed; Slack's code for why not, or nothing."""
        return self._call("views.open", {"trigger_id": trigger, "view": dict(view)})[1]

    def whisper(self, channel: str, user: str, message: Mapping[str, Any]) -> str:
        """Say something in a channel that one person alone sees; Slack's code for why not, or nothing."""
        return self._call("chat.postEphemeral", {"channel": channel, "user": user, **message})[1]

    def reply(self, address: str, message: Mapping[str, Any]) -> str:
        """Post to the address that came with a press; why not, or nothing. No other host is ever told."""
        if not self.is_slacks(address):
            return "not_an_address_of_slack"
        try:
            told = self._hooks.post(address, json={"response_type": "ephemeral", **message})
        except httpx.HTTPError as error:
            return type(error).__name__
        return "" if told.is_success else f"http_{told.status_code}"

    def is_slacks(self, address: str) -> bool:
        """Whether an address is one at which Slack itself takes answers."""
        try:
            parts = urlsplit(address)
            port = parts.port
        except ValueError:
            return False
        if parts.username is not None or parts.password is not None or not address.isprintable():
            return False
        if parts.scheme == "https" and parts.hostname == HOOKS and port in (None, 443):
            return True
        return is_loopback(self._base.geturl()) and _origin(parts) == _origin(self._base)

    def _call(self, method: str, arguments: dict[str, Any]) -> tuple[dict[str, Any], str]:
        try:
            answer = self._client.api_call(method, json=arguments).data
        except SlackApiError as error:
            told = error.response.data if isinstance(error.response.data, dict) else {}
            return {}, str(told.get("error", "no_code"))[:80]
        except httpx.HTTPError as error:
            return {}, type(error).__name__
        return (answer, "") if isinstance(answer, dict) else ({}, "no_json")


def _origin(parts: SplitResult) -> tuple[str, str | None, int | None]:
    return parts.scheme, parts.hostname, parts.port
