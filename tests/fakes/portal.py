"""A client's portal that takes notices over real HTTP(S), checks who signed them, and fails as it is told.

with FakePortal() as portal:                     # https, its certificate issued by the stand-ins' authority
    WebhookWay(trust=portal.trust, near=True)    # sends to portal.url with portal.secret
    portal.trouble(status=500)                   # once
    portal.trouble(lose_answer=True)             # kept, and the connection cut
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import json
import socket
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

from tests.fakes.smtp import authority, client_context, server_context

WAIT = 60.0
SECRET = "whsec_" + base64.b64encode(b"a secret of thirty-two bytes ...").decode()
TOLERANCE = 300.0


@dataclass(frozen=True, slots=True)
class Received:
    """A notice as the portal keeps it."""

    key: str
    headers: dict[str, str]
    body: dict[str, Any]
    reference: str

    def document(self, name: str) -> bytes:
        """The bytes of one of its documents."""
        return next(
            base64.b64decode(each["content"]) for each in self.body["documents"] if each["name"] == name
        )


@dataclass(slots=True)
class Trouble:
    """What goes wrong with the next requests: `kept` says whether the notice is kept nevertheless."""

    status: int = 0
    times: float = 1
    kept: bool = False
    retry_after: str | None = None
    location: str | None = None
    body: bytes | None = None
    media_type: str = "application/json"
    lose_answer: bool = False
    wait: float = 0.0
    drip: bool = False


@dataclass
class FakePortal:
    """A portal on a free port of this machine; `acknowledges` says so in each answer."""

    secret: str = SECRET
    tls: bool = True
    acknowledges: bool = False
    conflict: bool = False
    """Whether a repeated key is answered with 409 instead of the first answer."""
    mutual: bool = False
    """Whether a client without a certificate of the stand-ins' authority is turned away."""
    port: int = 0
    received: list[Received] = field(default_factory=list)
    requests: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._changed = threading.Condition()
        self._troubles: list[Trouble] = []
        self._server = _Server(self)
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """Where notices are posted."""
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}/notices"

    @property
    def trust(self) -> ssl.SSLContext:
        """A client's context that trusts its certificate."""
        return client_context()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop listening; further connections are refused by the machine."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def trouble(self, status: int = 0, **how: Any) -> None:
        """Let the next request (or the next `times`) fail."""
        with self._changed:
            self._troubles.append(Trouble(status, **how))

    def mend(self) -> None:
        """End every trouble."""
        with self._changed:
            self._troubles.clear()

    def expect(self, key: str, *, timeout: float = WAIT) -> Received:
        """Wait for the notice of one key."""
        self.wait_for(lambda: key in {each.key for each in self.received}, timeout)
        return next(each for each in self.received if each.key == key)

    def wait_for(self, arrived: Callable[[], bool], timeout: float = WAIT) -> None:
        """Wait until `arrived`, looked at after each request, is true."""
        with self._changed:
            assert self._changed.wait_for(arrived, timeout), f"still not so; {len(self.received)} notices"

    def answer(self, headers: dict[str, str], path: str, body: bytes) -> tuple[int, bytes, Trouble]:
        """What is answered to one request, and the trouble it meets on its way back."""
        with self._changed:
            self.requests.append((path, headers))
            trouble = self._next_trouble()
            try:
                return self._answer(headers, body, trouble)
            finally:
                self._changed.notify_all()

    def _answer(self, headers: dict[str, str], body: bytes, trouble: Trouble) -> tuple[int, bytes, Trouble]:
        fault = self._fault(headers, body)
        if fault:
            self.refused.append(fault)
            return 401, json.dumps({"error": fault}).encode(), trouble
        if trouble.status and not trouble.kept:
            return trouble.status, trouble.body or b'{"error": "trouble"}', trouble
        known = next((each for each in self.received if each.key == headers["idempotency-key"]), None)
        if known is not None and self.conflict:
            return 409, json.dumps({"reference": known.reference}).encode(), trouble
        if known is None:
            reference = f"PORTAL-{len(self.received) + 1:04d}"
            known = Received(headers["idempotency-key"], headers, json.loads(body), reference)
            self.received.append(known)
        told = {"reference": known.reference} | ({"acknowledged": True} if self.acknowledges else {})
        answered = json.dumps(told).encode() if trouble.body is None else trouble.body
        return trouble.status or 200, answered, trouble

    def _fault(self, headers: dict[str, str], body: bytes) -> str:
        """Why the request is none of ours, or nothing; as Standard Webhooks says."""
        key, at = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
        if not key or headers.get("idempotency-key") != key:
            return "no key"
        if not at.isdecimal() or abs(time.time() - int(at)) > TOLERANCE:
            return "too old"
        secret = base64.b64decode(self.secret.removeprefix("whsec_"))
        right = hmac.new(secret, f"{key}.{at}.".encode() + body, hashlib.sha256).digest()
        said = f"v1,{base64.b64encode(right).decode()}"
        return "" if said in headers.get("webhook-signature", "").split() else "wrong signature"

    def _next_trouble(self) -> Trouble:
        for trouble in self._troubles:
            if trouble.times > 0:
                trouble.times -= 1
                return trouble
        return Trouble()


def client_certificate(folder: Path, name: str = "seventytwo.provider.example") -> Path:
    """A PEM file with a certificate and its key, issued by the stand-ins' authority."""
    issued = authority().issue_cert(name)
    file = folder / "client.pem"
    file.write_bytes(
        issued.private_key_pem.bytes() + b"".join(part.bytes() for part in issued.cert_chain_pems)
    )
    return file


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, fake: FakePortal) -> None:
        self.fake = fake
        self.context = server_context() if fake.tls else None
        if self.context is not None and fake.mutual:
            self.context.verify_mode = ssl.CERT_REQUIRED
            authority().configure_trust(self.context)
        super().__init__(("127.0.0.1", fake.port), _Handler)

    def finish_request(self, request: Any, client_address: Any) -> None:
        """The handshake is made in the request's own thread, so that a slow one delays nobody."""
        if self.context is not None:
            request = self.context.wrap_socket(request, server_side=True)
        with contextlib.closing(request):
            super().finish_request(request, client_address)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: a client that goes away, or is turned away, is the point of a test."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        status, told, trouble = self.server.fake.answer(headers, self.path, body)
        time.sleep(trouble.wait)
        if trouble.lose_answer:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        with contextlib.suppress(OSError):  # whoever waits no longer is the point of a test
            self._tell(status, told, trouble)

    def _tell(self, status: int, told: bytes, trouble: Trouble) -> None:
        self.send_response(status)
        self.send_header("content-type", trouble.media_type)
        self.send_header("content-length", str(len(told)))
        if trouble.retry_after is not None:
            self.send_header("retry-after", trouble.retry_after)
        if trouble.location is not None:
            self.send_header("location", trouble.location)
        self.end_headers()
        if not trouble.drip:
            self.wfile.write(told)
            return
        for each in told:
            self.wfile.write(bytes([each]))
            time.sleep(0.05)

    def log_message(self, *_: Any) -> None:
        """Say nothing: the requests are kept in `fake.requests`."""
