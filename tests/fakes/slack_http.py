"""The HTTP side of the stand-in for Slack: forms in, JSON or a broken connection out."""

from __future__ import annotations

import json
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol
from urllib.parse import parse_qs


class Answering(Protocol):
    """What the server needs of the stand-in."""

    connections: int
    scopes: str

    def answer(self, method: str, form: dict[str, Any], token: str) -> tuple[Any, Any]: ...


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128


def serve(fake: Answering, port: int) -> ThreadingHTTPServer:
    """A server on `port` (0 for a free one) that asks `fake` for each answer."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def setup(self) -> None:
            super().setup()
            fake.connections += 1

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            token = self.headers.get("authorization", "").removeprefix("Bearer ")
            method = self.path.partition("?")[0].removeprefix("/api/")
            answer, trouble = fake.answer(method, _form(self.headers.get("content-type", ""), body), token)
            if trouble.hang:
                time.sleep(trouble.hang)
            if trouble.lose_answer:
                self.close_connection = True
                return
            self._tell(answer, trouble)

        def _tell(self, answer: dict[str, Any] | str, trouble: Any) -> None:
            is_html = isinstance(answer, str)
            told = (answer if isinstance(answer, str) else json.dumps(answer)).encode()
            lines = [
                f"HTTP/1.1 {trouble.status} {'OK' if trouble.status == 200 else 'Trouble'}",
                f"Content-Type: {'text/html' if is_html else 'application/json'}; charset=utf-8",
                f"Content-Length: {len(told)}",
                "X-Slack-Req-Id: fake",
                f"X-OAuth-Scopes: {fake.scopes}",
                *([f"Retry-After: {trouble.retry_after}"] if trouble.retry_after is not None else []),
            ]
            self.wfile.write("\r\n".join([*lines, "", ""]).encode() + told)

        def log_message(self, *_: Any) -> None:
            """Say nothing: the calls are kept in `fake.calls`."""

    return _Server(("127.0.0.1", port), Handler)


def _form(content_type: str, body: bytes) -> dict[str, Any]:
    """The arguments of a call, from JSON or from a form whose complex values are JSON."""
    if content_type.startswith("application/json"):
        parsed = json.loads(body or b"{}")
        assert isinstance(parsed, dict)
        return parsed
    form: dict[str, Any] = {name: values[-1] for name, values in parse_qs(body.decode()).items()}
    for name in ("blocks", "metadata", "view"):
        if name in form:
            form[name] = json.loads(form[name])
    return form
