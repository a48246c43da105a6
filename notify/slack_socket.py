"""Socket Mode: Slack's requests over a connection that we open, by slack-sdk's built-in client.

Each envelope is acknowledged within three seconds, by what the house answers or by nothing. A connection that
ends is opened anew; what was not acknowledged Slack sends again.
"""

from __future__ import annotations

import contextlib
import logging
import socket
import threading
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import httpx
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.socket_mode.builtin import SocketModeClient
from slack_sdk.socket_mode.builtin.connection import Connection
from slack_sdk.socket_mode.client import BaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse

from notify.loopback import is_loopback
from notify.slack_http import KeptAliveClient, quiet

Heard = Callable[[str, Mapping[str, Any]], Mapping[str, Any] | None]
"""What the house does with an envelope, by its type and payload; returns what the acknowledgement holds."""

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
LOOK_EVERY = 5.0

log = logging.getLogger("seventytwo.slack")


class _Client(SocketModeClient):
    """The SDK's client, but that a new connection is read from as soon as it is open.

    The SDK ends the old one first, and waits with that for a read of up to three seconds: as long as there is
    to acknowledge what comes. Shutting the socket down ends the read at once.
    """

    def connect(self) -> None:
        """Open a connection, then end the one before it."""
        if (old := self.current_session) is not None:
            old.close = partial(_end, old)  # type: ignore[method-assign]
        super().connect()


def _end(session: Connection) -> None:
    held = session.sock
    if held is not None:
        with contextlib.suppress(OSError):
            held.shutdown(socket.SHUT_RDWR)
    session.disconnect()


class SlackSocket:
    """A connection to Slack that a thread of its own opens, keeps and opens again."""

    def __init__(
        self, app_token: str, heard: Heard, base_url: str = WebClient.BASE_URL, *, ping: float = LOOK_EVERY
    ) -> None:
        self._heard, self._ended, self._ping = heard, threading.Event(), ping
        self._web = KeptAliveClient(app_token, base_url, 10.0)
        self._token, self._is_near = app_token, is_loopback(base_url)
        self._client: SocketModeClient | None = None
        self._thread = threading.Thread(target=self._keep, name="slack-socket", daemon=True)

    def start(self) -> None:
        """Begin to listen; returns at once."""
        self._thread.start()

    def stop(self) -> None:
        """End the connection and its threads."""
        self._ended.set()
        self._thread.join(20)
        self._web.close()

    @property
    def is_connected(self) -> bool:
        """Whether Slack can reach us now."""
        return self._client is not None and self._client.is_connected()

    def _keep(self) -> None:
        client = self._client = self._new_client()
        try:
            if self._first_connection(client):
                self._look_after(client)
        finally:
            client.close()

    def _new_client(self) -> SocketModeClient:
        client = _Client(self._token, logger=quiet, web_client=self._web, ping_interval=self._ping)
        if self._is_near:
            client.proxy = None  # a proxy of the environment is for the world outside
        client.socket_mode_request_listeners.append(self._take)
        return client

    def _first_connection(self, client: SocketModeClient) -> bool:
        """Connect, again and again at growing distances; False when told to end before."""
        pause = FIRST_PAUSE
        while not self._ended.is_set():
            try:
                client.connect()
            except (SlackClientError, SlackApiError, httpx.HTTPError, OSError) as error:
                log.warning("socket mode: not connected (%s), again in %d s", _why(error), pause)
                self._ended.wait(pause)
                pause = min(LONGEST_PAUSE, pause * 2)
            else:
                log.info("socket mode: connected")
                return True
        return False

    def _look_after(self, client: SocketModeClient) -> None:
        """Say in the log when the connection is gone for longer than a moment, and when it is back."""
        away = 0
        while not self._ended.wait(LOOK_EVERY):
            if client.is_connected():
                if away > 1:
                    log.warning("socket mode: connected again")
                away = 0
            else:
                away += 1
                if away == 2:
                    log.warning(
                        "socket mode: the connection is gone; it is opened again as soon as it can be"
                    )

    def _take(self, client: BaseSocketModeClient, request: SocketModeRequest) -> None:
        """Let the house hear an envelope, and acknowledge it whatever becomes of it."""
        told: Mapping[str, Any] | None = None
        try:
            told = self._heard(request.type, request.payload if isinstance(request.payload, dict) else {})
        finally:
            payload = dict(told) if told and request.accepts_response_payload else None
            try:
                client.send_socket_mode_response(SocketModeResponse(request.envelope_id, payload))
            except (SlackClientError, OSError) as error:
                log.info("socket mode: an acknowledgement was lost (%s): it comes again", _why(error))


def _why(error: Exception) -> str:
    """Slack's code for it, or what kind of failure it was; never an address, which holds a ticket."""
    if isinstance(error, SlackApiError) and isinstance(error.response.data, dict):
        return str(error.response.data.get("error", "no_code"))[:80]
    return type(error).__name__
