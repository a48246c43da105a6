"""One HTTP request to a stranger: bounded in time and size, followed nowhere, not into our own network."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Any, TypeAlias
from urllib.request import getproxies, proxy_bypass

import httpx

from notify.loopback import is_loopback

Network: TypeAlias = IPv4Network | IPv6Network
LONGEST_BODY = 64 * 1024
CONNECT_SECONDS = 10.0
_NAT64 = IPv6Network("64:ff9b::/96")
_TURNED_AWAY = ("CERTIFICATE", "UNKNOWN_CA", "ACCESS_DENIED")
"""In the name of an alert by which a server refuses our certificate; TLS 1.3 sends it after we began."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered; the body is whole or empty."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class NotSent:
    """It broke before the other side could have taken anything."""

    why: str


@dataclass(frozen=True, slots=True)
class NotAnswered:
    """It was sent, at least in part, and no answer came."""

    why: str


@dataclass(frozen=True, slots=True)
class OwnNetwork:
    """The address leads to this machine or into our own network; nothing was sent."""


def post(
    url: httpx.URL,
    headers: Mapping[str, str],
    content: bytes,
    *,
    trust: ssl.SSLContext,
    near: bool,
    timeout: float,
    networks: Sequence[Network] = (),
) -> Answer | NotSent | NotAnswered | OwnNetwork:
    """Post once, in `timeout` seconds at most; `near` lets it reach this machine and our own network.

    Of our own network, `networks` may be reached besides.
    """
    proxy = _proxy_for(url)
    watched = _Watched(allows_own=near or proxy is not None, seconds=timeout, networks=networks)
    limits = dict.fromkeys(("read", "write", "pool"), timeout) | {"connect": min(timeout, CONNECT_SECONDS)}
    request = httpx.Request(
        "POST", url, headers=headers, content=content, extensions={"timeout": limits, "trace": watched.seen}
    )
    with httpx.HTTPTransport(verify=trust, proxy=proxy) as transport, watched:
        try:
            response = transport.handle_request(request)
        except _IsOwn:
            return OwnNetwork()
        except httpx.HTTPError as error:
            return _broken(error, begun=watched.begun)
        try:
            return Answer(response.status_code, response.headers, _read(response))
        finally:
            response.close()


class _IsOwn(Exception):
    """Ends a connection that has just been made."""


class _Watched:
    """Looks at a connection when it is made, and cuts it when its time is up."""

    def __init__(self, *, allows_own: bool, seconds: float, networks: Sequence[Network]) -> None:
        self.begun = False
        self._networks = networks
        self._allows_own = allows_own
        self._socket: socket.socket | None = None
        self._is_over = False
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True

    def __enter__(self) -> None:
        self._timer.start()

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()

    def seen(self, event: str, told: Mapping[str, Any]) -> None:
        """An event of httpcore's `trace`."""
        if event.endswith(("connect_tcp.complete", "start_tls.complete")):
            stream = told["return_value"]
            self._socket = stream.get_extra_info("socket")
            if self._is_over:  # many addresses that do not answer, then one that does
                stream.close()
                raise httpx.ConnectTimeout("its time is up")
            if not self._allows_own and not may_reach(
                stream.get_extra_info("server_addr")[0], self._networks
            ):
                stream.close()
                raise _IsOwn
        self.begun = self.begun or event.endswith("send_request_headers.started")

    def _cut(self) -> None:
        """End whatever waits, by the plain socket's call: TLS's own would first drop its protection."""
        self._is_over = True
        try:
            if self._socket is not None:
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)
        except OSError:  # it ended by itself meanwhile
            return


def may_reach(address: str, networks: Sequence[Network]) -> bool:
    """Whether an IP address is of the world outside, or of a network that is allowed."""
    ip = ip_address(address.partition("%")[0])
    ip = (ip.ipv4_mapped or ip) if isinstance(ip, IPv6Address) else ip
    return is_outside(address) or any(ip in network for network in networks)


def is_outside(address: str) -> bool:
    """Whether an IP address is of the world outside: public, and no private one in another form."""
    ip: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
    if isinstance(ip, IPv6Address):
        inner = (
            ip.ipv4_mapped or ip.sixtofour or (IPv4Address(int(ip) & 0xFFFFFFFF) if ip in _NAT64 else None)
        )
        ip = inner or ip
    return ip.is_global and not ip.is_multicast


def _proxy_for(url: httpx.URL) -> str | None:
    """The environment's proxy for the world outside; then it is the proxy that looks where it leads."""
    if is_loopback(str(url)) or proxy_bypass(url.host):
        return None
    return getproxies().get(url.scheme)


def _broken(error: httpx.HTTPError, *, begun: bool) -> NotSent | NotAnswered:
    """Whether it may have been taken; a refusal of TLS says why."""
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, ssl.SSLError):
        cause = cause.__cause__ or cause.__context__
    if isinstance(cause, ssl.SSLCertVerificationError):
        return NotSent(f"its certificate is not accepted: {cause.verify_message}")
    reason = (cause.reason or "") if cause is not None else ""
    if any(word in reason for word in _TURNED_AWAY):
        return NotSent(f"it refuses our certificate: {reason}")
    return (NotAnswered if begun else NotSent)(type(error).__name__)


def _read(response: httpx.Response) -> bytes:
    """The body, or nothing where it is too long or broken off: the status has said enough."""
    body = bytearray()
    try:
        for piece in response.iter_raw():
            body += piece
            if len(body) > LONGEST_BODY:
                return b""
    except httpx.HTTPError:
        return b""
    return bytes(body)
