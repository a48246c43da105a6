"""The websocket side of the stand-in: hello, envelopes to be acknowledged, and hanging up."""

from __future__ import annotations

import json
import threading
import time
from typing import Any
from uuid import uuid4

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import Server, ServerConnection, serve

ACK_SECONDS = 3.0


class FakeSocket:
    """Slack's end of Socket Mode on a free port; what is not acknowledged is sent again."""

    def __init__(self) -> None:
        self.acks: dict[str, dict[str, Any]] = {}
        self.late: list[str] = []
        self.sent: dict[str, float] = {}
        self.hellos = 0
        self._changed = threading.Condition()
        self._open: list[ServerConnection] = []
        self._server: Server | None = None

    @property
    def url(self) -> str:
        """The address of one connection; the server starts when it is first asked for."""
        if self._server is None:
            self._server = serve(self._serve, "127.0.0.1", 0)
            threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return f"ws://127.0.0.1:{self._server.socket.getsockname()[1]}/link/?ticket={uuid4()}"

    def close(self) -> None:
        """Hang up for good."""
        if self._server is not None:
            for connection in list(self._open):
                connection.close()
            self._server.shutdown()

    def connected(self, times: int = 1, timeout: float = 60) -> None:
        """Wait until so many connections have been opened, and one is open."""
        with self._changed:
            found = self._changed.wait_for(lambda: self.hellos >= times and bool(self._open), timeout)
            assert found, f"{self.hellos} connections, {len(self._open)} open"

    def send(self, kind: str, payload: dict[str, Any], envelope: str = "", *, answers: bool = False) -> str:
        """Send an envelope over one of the open connections; its id."""
        envelope = envelope or str(uuid4())
        told = {
            "envelope_id": envelope, "type": kind, "payload": payload, "accepts_response_payload": answers,
        }  # fmt: skip
        deadline = time.monotonic() + 60
        while True:
            try:
                self._last().send(json.dumps(told))
            except (ConnectionClosed, IndexError):
                assert time.monotonic() < deadline, "no connection is open"
                time.sleep(0.05)
            else:
                self.sent[envelope] = time.monotonic()
                return envelope

    def acknowledged(self, envelope: str, timeout: float = 60) -> dict[str, Any]:
        """What an envelope was acknowledged with."""
        with self._changed:
            assert self._changed.wait_for(lambda: envelope in self.acks, timeout), "never acknowledged"
            assert envelope not in self.late, "acknowledged after three seconds"
            return self.acks[envelope]

    def hang_up(self, *, warn: bool = True) -> None:
        """End the newest connection, by Slack's word for it or without one."""
        connection = self._last()
        if warn:
            connection.send(json.dumps({"type": "disconnect", "reason": "refresh_requested"}))
        else:
            connection.close()

    def _last(self) -> ServerConnection:
        with self._changed:
            return self._open[-1]

    def _serve(self, connection: ServerConnection) -> None:
        connection.send(json.dumps({
            "type": "hello", "num_connections": 1, "connection_info": {"app_id": "A0FAKE"},
            "debug_info": {"host": "fake", "build_number": 10, "approximate_connection_time": 18060},
        }))  # fmt: skip
        with self._changed:
            self.hellos += 1
            self._open.append(connection)
            self._changed.notify_all()
        try:
            for message in connection:
                self._take(json.loads(message))
        except ConnectionClosed:
            pass
        finally:
            with self._changed:
                self._open.remove(connection)
                self._changed.notify_all()

    def _take(self, told: dict[str, Any]) -> None:
        envelope = told["envelope_id"]
        with self._changed:
            if time.monotonic() - self.sent.get(envelope, time.monotonic()) > ACK_SECONDS:
                self.late.append(envelope)
            self.acks[envelope] = told.get("payload") or {}
            self._changed.notify_all()
