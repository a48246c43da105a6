"""slack-sdk's client over kept-alive connections.

The SDK opens a connection per call and, by default, repeats a call whose connection broke, which would post
a message twice. Here httpx keeps the connections, and nothing is repeated behind our back.
"""

from __future__ import annotations

import logging
from typing import Any
from urllib.request import Request

import httpx
from slack_sdk import WebClient

from notify.loopback import is_loopback, trusted

CONNECT_SECONDS = 5.0
KEPT = 32

quiet = logging.getLogger("seventytwo.slack.sdk")
quiet.setLevel(logging.CRITICAL)  # outcomes are logged by us; the SDK would write whole messages


class KeptAliveClient(WebClient):
    """A WebClient whose requests go through one pool of connections; raises httpx's errors."""

    def __init__(self, token: str, base_url: str, timeout: float) -> None:
        super().__init__(token, base_url, timeout=int(timeout), retry_handlers=[], logger=quiet)
        outside = not is_loopback(base_url)  # a proxy of the environment is for the world outside
        self._http = httpx.Client(
            timeout=httpx.Timeout(timeout, connect=min(timeout, CONNECT_SECONDS)),
            limits=httpx.Limits(max_connections=KEPT, max_keepalive_connections=KEPT, keepalive_expiry=4.0),
            trust_env=outside,
            verify=trusted(by_environment=outside),
        )

    def close(self) -> None:
        """Close every connection."""
        self._http.close()

    def _perform_urllib_http_request_internal(self, url: str, req: Request) -> dict[str, Any]:
        assert isinstance(req.data, bytes | None)
        answer = self._http.request(req.get_method(), url, content=req.data, headers=dict(req.header_items()))
        body = answer.text if answer.text.lstrip().startswith("{") else '{"ok": false, "error": "not_json"}'
        return {"status": answer.status_code, "headers": dict(answer.headers), "body": body}
