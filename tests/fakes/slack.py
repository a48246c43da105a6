"""A stand-in for Slack's Web API that speaks real HTTP, with Slack's limits and its shapes of refusal.

    with FakeSlack() as slack:
        SlackSender(slack.token, slack.url).post("#ir", ...)
        slack.expect("Incident opened", channel="#ir")
        slack.expect_silence()                 # fails on any message that no test expected

Trouble is switched on by `slack.trouble(...)`, for the next calls of a method, in one channel or in all.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Self

from tests.fakes.slack_http import serve
from tests.fakes.slack_rules import Bucket, refusal, texts_of

TOKEN = "xoxb-fake"
WAIT = 60.0
HTML = "<html><head><title>Server Error</title></head><body>Oops</body></html>"


@dataclass(slots=True)
class Posted:
    """A message as Slack keeps it."""

    channel: str
    ts: str
    text: str
    blocks: list[dict[str, Any]]
    metadata: dict[str, Any]
    thread_ts: str | None
    received_at: float
    expected: bool = False
    edits: int = 0

    @property
    def is_brief(self) -> bool:
        """Whether it is the brief of an incident, which comes and changes by itself."""
        return str(self.metadata.get("event_payload", {}).get("key", "")).startswith("brief-")

    @property
    def buttons(self) -> list[tuple[str, str]]:
        """The action id and the value of each button, in order."""
        rows = [block.get("elements", ()) for block in self.blocks if block.get("type") == "actions"]
        return [(each["action_id"], each["value"]) for row in rows for each in row]

    @property
    def shown(self) -> str:
        """Everything a reader sees, on one line per block."""
        return "\n".join([self.text, *texts_of(self.blocks)])

    def as_slack_tells(self, *, metadata: bool) -> dict[str, Any]:
        told: dict[str, Any] = {"type": "message", "ts": self.ts, "text": self.text, "blocks": self.blocks}
        told |= {"thread_ts": self.thread_ts} if self.thread_ts else {}
        return told | ({"metadata": self.metadata} if metadata and self.metadata else {})


@dataclass(slots=True)
class Trouble:
    """What goes wrong: an error code, an HTTP status, a lost answer or a hang; `times` counts down."""

    method: str
    channel: str | None
    times: float
    code: str = ""
    status: int = 200
    retry_after: int | None = None
    lose_answer: bool = False
    hang: float = 0.0


@dataclass
class FakeSlack:
    """Slack on a free port of this machine; `rate` (messages a second and channel) is off when none."""

    token: str = TOKEN
    rate: float | None = None
    burst: int = 5
    page: int = 100
    port: int = 0
    posted: list[Posted] = field(default_factory=list)
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    connections: int = 0
    pins: dict[str, list[str]] = field(default_factory=dict)
    scopes: str = "chat:write"

    def __post_init__(self) -> None:
        self._changed = threading.Condition()
        self._troubles: list[Trouble] = []
        self._buckets: dict[str, Bucket] = {}
        self._ids: dict[str, str] = {}
        self._last_ts = 0
        self._server = serve(self, self.port)
        self.port = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}/api/"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop answering; further calls are refused by the machine."""
        self._server.shutdown()
        self._server.server_close()

    def trouble(self, code: str = "", *, method: str = "chat.postMessage", channel: str | None = None,
                times: float = 1, **how: Any) -> None:  # fmt: skip
        """Let the next `times` calls of `method` fail (in `channel` only, if given)."""
        with self._changed:
            self._troubles.append(Trouble(method, channel, times, code=code, **how))

    def mend(self) -> None:
        """End every trouble."""
        with self._changed:
            self._troubles.clear()

    def messages(self, channel: str | None = None) -> list[Posted]:
        """What was posted, in order, without the briefs."""
        with self._changed:
            return [each for each in self.posted if channel in {None, each.channel} and not each.is_brief]

    def briefs(self, channel: str | None = None) -> list[Posted]:
        """The briefs that were posted, as they read by now."""
        with self._changed:
            return [each for each in self.posted if channel in {None, each.channel} and each.is_brief]

    def delete(self, posted: Posted) -> None:
        """Let somebody delete a message."""
        with self._changed:
            self.posted.remove(posted)

    def expect(self, text: str, *, channel: str | None = None, timeout: float = WAIT) -> Posted:
        """Wait for a message not yet expected that shows `text`; fails saying what was there instead."""
        found: list[Posted] = []

        def arrived() -> bool:
            found[:] = [
                each
                for each in self.posted
                if not each.expected
                and not each.is_brief
                and text in each.shown
                and channel in {None, each.channel}
            ]
            return bool(found)

        with self._changed:
            if not self._changed.wait_for(arrived, timeout):
                raise AssertionError(f"no message with {text!r}; there are {[m.text for m in self.posted]}")
            found[0].expected = True
            return found[0]

    def expect_silence(self) -> None:
        """Fail if a message was posted that no one expected."""
        unexpected = [each.text for each in self.messages() if not each.expected]
        assert not unexpected, f"messages nobody expected: {unexpected}"

    def wait_for(self, arrived: Callable[[], bool], timeout: float = WAIT) -> None:
        """Wait until `arrived`, looked at after each call, is true."""
        with self._changed:
            assert self._changed.wait_for(arrived, timeout), f"still not so; {len(self.posted)} messages"

    def id_of(self, channel: str) -> str:
        """The id of a channel given by name or id."""
        if not channel.startswith("#"):
            return channel
        return self._ids.setdefault(channel, f"C{len(self._ids) + 1:08d}")

    def answer(self, method: str, form: dict[str, Any], token: str) -> tuple[dict[str, Any] | str, Trouble]:
        """Slack's answer to one call, and the trouble it meets on its way back."""
        with self._changed:
            self.calls.append((method, form))
            self.id_of(str(form.get("channel", "")))  # a channel that is named is there
            trouble = self._next_trouble(method, form.get("channel"))
            answer = self._answer(method, form, token, trouble)
            self._changed.notify_all()
            return answer, trouble

    def _answer(
        self, method: str, form: dict[str, Any], token: str, trouble: Trouble
    ) -> dict[str, Any] | str:
        if token != self.token:
            return {"ok": False, "error": "invalid_auth" if token else "not_authed"}
        if trouble.status >= 500 and not trouble.lose_answer:
            return HTML
        if trouble.code:
            return {"ok": False, "error": trouble.code}
        called: dict[str, Callable[[], dict[str, Any]]] = {
            "chat.postMessage": lambda: self._post(form, trouble),
            "chat.update": lambda: self._edit(form),
            "pins.add": lambda: self._pin(form),
            "pins.remove": lambda: self._unpin(form),
            "conversations.history": lambda: self._read(form, lambda each: each.thread_ts is None),
            "conversations.replies": lambda: self._read(
                form, lambda each: form["ts"] in {each.ts, each.thread_ts}
            ),
            "conversations.list": self._list,
            "auth.test": lambda: {"ok": True, "url": self.url, "team": "Fake", "user": "seventytwo"},
        }
        return called[method]() if method in called else {"ok": False, "error": "unknown_method"}

    def _list(self) -> dict[str, Any]:
        channels = [{"id": value, "name": name[1:]} for name, value in self._ids.items()]
        return {"ok": True, "channels": channels, "response_metadata": {"next_cursor": ""}}

    def _post(self, form: dict[str, Any], trouble: Trouble) -> dict[str, Any]:
        now, name = time.time(), str(form.get("channel", ""))
        if not name:
            return {"ok": False, "error": "channel_not_found"}
        if self.rate and not self._buckets.setdefault(name, Bucket(self.rate, self.burst, now)).take(now):
            trouble.status, trouble.retry_after = 429, 1
            return {"ok": False, "error": "ratelimited"}
        refused = refusal(form)
        if refused:
            return refused
        self._last_ts = max(self._last_ts + 1, int(now * 1_000_000))
        ts = f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06d}"
        blocks, metadata = form.get("blocks") or [], form.get("metadata") or {}
        kept = Posted(name, ts, str(form.get("text", "")), blocks, metadata, form.get("thread_ts"), now)
        self.posted.append(kept)
        message = kept.as_slack_tells(metadata=True)
        return {"ok": True, "channel": self.id_of(name), "ts": ts, "message": message}

    def _found(self, form: dict[str, Any], name: str) -> tuple[str, Posted | None]:
        """The channel's id if it is one, and the message a call is about."""
        channel = str(form.get("channel", ""))
        if channel.startswith("#"):
            return "", None
        at = str(form.get(name, ""))
        return channel, next(
            (one for one in self.posted if one.ts == at and self.id_of(one.channel) == channel), None
        )

    def _edit(self, form: dict[str, Any]) -> dict[str, Any]:
        channel, found = self._found(form, "ts")
        if not channel:
            return {"ok": False, "error": "channel_not_found"}
        if found is None:
            return {"ok": False, "error": "message_not_found"}
        if refused := refusal(form):
            return refused
        found.text, found.blocks = str(form.get("text", "")), form.get("blocks") or []
        found.edits += 1
        message = found.as_slack_tells(metadata=True)
        return {"ok": True, "channel": channel, "ts": found.ts, "text": found.text, "message": message}

    def _pin(self, form: dict[str, Any]) -> dict[str, Any]:
        channel, found = self._found(form, "timestamp")
        pinned = self.pins.setdefault(channel, [])
        if not channel:
            return {"ok": False, "error": "channel_not_found"}
        if found is None:
            return {"ok": False, "error": "message_not_found"}
        if found.ts in pinned:
            return {"ok": False, "error": "already_pinned"}
        pinned.append(found.ts)
        return {"ok": True}

    def _unpin(self, form: dict[str, Any]) -> dict[str, Any]:
        channel, ts = str(form.get("channel", "")), str(form.get("timestamp", ""))
        if ts not in self.pins.get(channel, []):
            return {"ok": False, "error": "no_pin"}
        self.pins[channel].remove(ts)
        return {"ok": True}

    def _read(self, form: dict[str, Any], belongs: Callable[[Posted], bool]) -> dict[str, Any]:
        if form.get("channel", "").startswith("#"):
            return {"ok": False, "error": "channel_not_found"}
        found = [each for each in reversed(self.posted) if self.id_of(each.channel) == form.get("channel")]
        found = [each for each in found if belongs(each) and float(each.ts) >= float(form.get("oldest") or 0)]
        start = int(form.get("cursor") or 0)
        end = start + min(self.page, int(form.get("limit") or 100))
        tell_metadata = str(form.get("include_all_metadata", "")).lower() in {"1", "true"}
        page = [each.as_slack_tells(metadata=tell_metadata) for each in found[start:end]]
        cursor = str(end) if end < len(found) else ""
        return {"ok": True, "messages": page, "has_more": bool(cursor),
                "response_metadata": {"next_cursor": cursor}}  # fmt: skip

    def _next_trouble(self, method: str, channel: str | None) -> Trouble:
        for trouble in self._troubles:
            if trouble.method == method and trouble.times > 0 and self._is_for(trouble, channel):
                trouble.times -= 1
                return trouble
        return Trouble(method, channel, 0)

    def _is_for(self, trouble: Trouble, channel: str | None) -> bool:
        return trouble.channel is None or self.id_of(trouble.channel) == self.id_of(channel or "")
