"""A stand-in for Slack as responders meet it: windows, words to one person, answers to presses, Socket Mode.

    with FakeWorkspace() as slack:
        press = slack.press("U0ABC", "ack", question)     # as Slack would send it, with a trigger of its own
        slack.signed(press)                               # body and headers for the signed door
        slack.expect_whisper("Noted", user="U0ABC")

A trigger opens one window, for three seconds of the stand-in's clock (`slack.expire()` ends them all).
"""

from __future__ import annotations

import itertools
import json
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from flows.intake.authentication.stamped import SLACK
from tests.fakes.slack import FakeSlack, Trouble
from tests.fakes.slack_socket import FakeSocket
from tests.fakes.slack_views import view_refusal

SIGNING = "a-signing-secret-of-the-tests"
TEAM = "T0FAKE"
SCOPES = "chat:write,commands,channels:read,channels:history,groups:read,groups:history,pins:write"
REPLIES = 5
TRIGGER_SECONDS = 3.0


@dataclass
class Whispered:
    """What one member alone was told, and by which way."""

    user: str
    channel: str
    message: dict[str, Any]
    by: str

    @property
    def shown(self) -> str:
        return json.dumps(self.message, ensure_ascii=False)


@dataclass
class FakeWorkspace(FakeSlack):
    """A workspace with its app installed; channels that are named are there, and the app is a member."""

    team: str = TEAM
    signing: str = SIGNING
    app_token: str = "xapp-fake"
    scopes: str = SCOPES
    members: set[str] = field(default_factory=set)
    """The channels the app is a member of; empty: all."""
    whispers: list[Whispered] = field(default_factory=list)
    views: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__post_init__()
        self._count = itertools.count(1)
        self._triggers: dict[str, float] = {}
        self._addresses: dict[str, tuple[str, str, int]] = {}
        self.socket = FakeSocket()

    def close(self) -> None:
        self.socket.close()
        super().close()

    def expire(self) -> None:
        """Let every trigger be too old."""
        with self._changed:
            self._triggers = dict.fromkeys(self._triggers, 0.0)

    def press(
        self, user: str, action: str, value: str, channel: str = "C0HOUSE", **more: Any
    ) -> dict[str, Any]:
        """A button pressed, as both doors bring it."""
        number = next(self._count)
        one = {
            "action_id": action, "block_id": "b", "type": "button", "value": value,
            "text": {"type": "plain_text", "text": action}, "action_ts": f"{1_700_000_000 + number}.000100",
        }  # fmt: skip
        return {
            "type": "block_actions",
            "user": {"id": user, "username": user.lower(), "team_id": self.team},
            "team": {"id": self.team, "domain": "fake"},
            "container": {"type": "message", "message_ts": "1700000000.000100", "channel_id": channel},
            "channel": {"id": channel, "name": "ir"},
            "message": {"type": "message", "ts": "1700000000.000100", "text": "a message"},
            "response_url": self.address(user, channel),
            "trigger_id": self.trigger(),
            "actions": [one],
        } | more

    def command(self, user: str, text: str, channel: str = "C0HOUSE", **more: Any) -> dict[str, Any]:
        """A slash command typed, flat as both doors bring it."""
        return {
            "token": "legacy", "team_id": self.team, "channel_id": channel, "channel_name": "ir",
            "user_id": user, "user_name": user.lower(), "command": "/incident", "text": text,
            "response_url": self.address(user, channel), "trigger_id": self.trigger(),
        } | more  # fmt: skip

    def submission(self, user: str, view: dict[str, Any], /, **values: Any) -> dict[str, Any]:
        """A window handed in with these values by field."""
        asked = {block["block_id"]: block for block in view["blocks"] if block["type"] == "input"}
        state = {
            name: {"given": _state(asked[name]["element"]["type"], given)} for name, given in values.items()
        }
        return {
            "type": "view_submission",
            "user": {"id": user, "username": user.lower(), "team_id": self.team},
            "team": {"id": self.team, "domain": "fake"},
            "trigger_id": self.trigger(),
            "view": {**view, "id": f"V{next(self._count)}", "state": {"values": state}, "hash": "1.a"},
            "response_urls": [],
        }

    def signed(self, payload: dict[str, Any], now: float, secret: str = "") -> tuple[bytes, dict[str, str]]:
        """Body and headers as Slack would send them at `now`."""
        form = payload if "command" in payload else {"payload": json.dumps(payload)}
        return self.signed_body(urlencode(form).encode(), now, secret)

    def signed_body(self, body: bytes, now: float, secret: str = "") -> tuple[bytes, dict[str, str]]:
        """Headers for any body."""
        stamp = str(int(now))
        return body, {
            "X-Slack-Request-Timestamp": stamp,
            "X-Slack-Signature": SLACK.sign(secret or self.signing, stamp, body),
            "Content-Type": "application/x-www-form-urlencoded",
        }

    def trigger(self) -> str:
        """A fresh trigger, good for one window."""
        with self._changed:
            name = f"{next(self._count)}.trigger"
            self._triggers[name] = time.monotonic() + TRIGGER_SECONDS * 20  # tests never depend on being fast
            return name

    def address(self, user: str, channel: str) -> str:
        """A response_url: five answers to one member."""
        with self._changed:
            path = f"/actions/{self.team}/{next(self._count)}/secret"
            self._addresses[path] = (user, channel, REPLIES)
            return f"http://127.0.0.1:{self.port}{path}"

    def expect_whisper(self, text: str, *, user: str, timeout: float = 60.0) -> Whispered:
        """Wait for words to one member; those that were expected are taken away."""
        found: list[Whispered] = []

        def arrived() -> bool:
            found[:] = [one for one in self.whispers if one.user == user and text in one.shown]
            return bool(found)

        with self._changed:
            arrived_in_time = self._changed.wait_for(arrived, timeout)
            assert arrived_in_time, f"{user} was not told {text!r}; told: {[w.shown for w in self.whispers]}"
            self.whispers.remove(found[0])
            return found[0]

    def expect_view(self, number: int = 1, timeout: float = 60.0) -> dict[str, Any]:
        """The window that was opened as the n-th."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.views) >= number, timeout), self.whispers
            return self.views[number - 1]

    def answer(self, method: str, form: dict[str, Any], token: str) -> tuple[dict[str, Any] | str, Trouble]:
        if method.startswith("/actions/"):
            return self._hook(method, form)
        return super().answer(method, form, token)

    def _answer(self, method: str, form: dict[str, Any], token: str, trouble: Trouble) -> Any:
        if method == "apps.connections.open" and not trouble.code:
            if token != self.app_token:
                return {"ok": False, "error": "invalid_auth"}
            return {"ok": True, "url": self.socket.url}
        called = {
            "auth.test": lambda: {
                "ok": True, "url": self.url, "team": "Fake", "user": "seventytwo",
                "team_id": self.team, "user_id": "U0BOT", "bot_id": "B0BOT",
            },
            "views.open": lambda: self._open(form),
            "views.update": lambda: self._update(form),
            "chat.postEphemeral": lambda: self._whisper(form),
            "users.info": lambda: {"ok": True, "user": {"id": form.get("user"), "team_id": self.team}},
            "conversations.info": lambda: self._info(form),
            "conversations.join": lambda: self._join(form),
            "conversations.members": lambda: {"ok": True, "members": ["U0BOT"]},
        }  # fmt: skip
        if method not in called or token != self.token or trouble.code or trouble.status >= 500:
            return super()._answer(method, form, token, trouble)
        return called[method]()

    def _open(self, form: dict[str, Any]) -> dict[str, Any]:
        good_until = self._triggers.pop(str(form.get("trigger_id")), None)
        if good_until is None:
            return {"ok": False, "error": "exchanged_trigger_id"}
        if good_until < time.monotonic():
            return {"ok": False, "error": "expired_trigger_id"}
        view = _json(form.get("view"))
        if refused := view_refusal(view):
            return refused
        kept = {**view, "id": f"V{next(self._count)}"}
        self.views.append(kept)
        return {"ok": True, "view": kept}

    def _update(self, form: dict[str, Any]) -> dict[str, Any]:
        view = _json(form.get("view"))
        return view_refusal(view) or {"ok": True, "view": view}

    def _whisper(self, form: dict[str, Any]) -> dict[str, Any]:
        if self.members and str(form.get("channel")) not in self.members:
            return {"ok": False, "error": "not_in_channel"}
        self.whispers.append(Whispered(str(form.get("user")), str(form.get("channel")), form, "ephemeral"))
        return {"ok": True, "message_ts": "1700000000.000200"}

    def _hook(self, path: str, form: dict[str, Any]) -> tuple[dict[str, Any] | str, Trouble]:
        with self._changed:
            user, channel, left = self._addresses.get(path, ("", "", 0))
            trouble = Trouble("hook", None, 0)
            if left <= 0:
                trouble.status = 404
                return {"ok": False, "error": "used_url"}, trouble
            self._addresses[path] = (user, channel, left - 1)
            self.whispers.append(Whispered(user, channel, form, "response_url"))
            self._changed.notify_all()
            return {"ok": True}, trouble

    def _info(self, form: dict[str, Any]) -> dict[str, Any]:
        asked = str(form.get("channel", ""))
        if asked.startswith("#") or not asked:
            return {"ok": False, "error": "channel_not_found"}
        is_member = not self.members or asked in self.members
        return {"ok": True, "channel": {"id": asked, "is_member": is_member, "is_archived": False}}

    def _join(self, form: dict[str, Any]) -> dict[str, Any]:
        self.members.add(str(form.get("channel")))
        return {"ok": True, "channel": {"id": form.get("channel")}}


def _state(kind: str, given: Any) -> dict[str, Any]:
    if kind == "multi_static_select":
        return {"type": kind, "selected_options": [{"value": one} for one in given]}
    if kind == "static_select":
        return {"type": kind, "selected_option": {"value": given}}
    return {"type": kind, "value": given}


def _json(value: Any) -> dict[str, Any]:
    read = json.loads(value) if isinstance(value, str) else value
    assert isinstance(read, dict)
    return read
