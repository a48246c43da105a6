"""What comes from Slack, read into values of our own; whatever has another shape is nothing. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

_LONGEST: Final = 4_000
_LONGEST_ID: Final = 200


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sent something, where, and how they are answered."""

    team: str
    user: str
    channel: str = ""
    channel_name: str = ""
    response_url: str = field(default="", repr=False)
    trigger: str = field(default="", repr=False)

    @property
    def place(self) -> str:
        """Where it came from, as the back of a window holds it."""
        return f"{self.channel}#{self.channel_name}"

    def placed(self, place: str) -> Sender:
        """The same sender there, where a window does not say where it was opened."""
        channel, _, name = place.partition("#")
        return self if self.channel else replace(self, channel=channel, channel_name=name)


@dataclass(frozen=True, slots=True)
class Press:
    """A button pressed: which, on what, and the instant that Slack gave the press."""

    sender: Sender
    action: str
    value: str
    at: str

    @property
    def key(self) -> str:
        """What this very press is known by, however often it is brought."""
        return key_of(self.sender, self.at or self.sender.trigger, self.action, self.value)


@dataclass(frozen=True, slots=True)
class Words:
    """A command typed, with the words behind it."""

    sender: Sender
    text: str

    @property
    def key(self) -> str:
        """What this very command is known by."""
        return key_of(self.sender, self.sender.trigger, "command", self.text)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A window handed in: which, what we wrote on its back, and what was filled in by field."""

    sender: Sender
    window: str
    back: str
    values: Mapping[str, Any] = field(repr=False)

    @property
    def key(self) -> str:
        """What this very handing in is known by."""
        return key_of(self.sender, self.sender.trigger, self.window, self.back)


Incoming = Press | Words | Sheet


def key_of(sender: Sender, at: str, what: str, value: str) -> str:
    """The digest by which a press, a command or a window counts once."""
    parts = (sender.team, sender.user, at, what, value)
    return hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()


def read_interaction(payload: Mapping[str, Any]) -> Press | Sheet | None:
    """A press or a window handed in, from the payload that both doors bring; None for anything else."""
    match payload.get("type"):
        case "block_actions":
            return _press(payload)
        case "view_submission":
            return _sheet(payload)
        case _:
            return None


def read_command(form: Mapping[str, Any]) -> Words | None:
    """A slash command, from the flat form that both doors bring."""
    sender = Sender(
        team=_word(form, "team_id"),
        user=_word(form, "user_id"),
        channel=_word(form, "channel_id"),
        channel_name=_word(form, "channel_name"),
        response_url=_word(form, "response_url", 2_000),
        trigger=_word(form, "trigger_id"),
    )
    return Words(sender, _word(form, "text", _LONGEST)) if sender.user and sender.team else None


def read_envelope(kind: str, payload: Mapping[str, Any]) -> Incoming | None:
    """What an envelope of Socket Mode holds."""
    match kind:
        case "interactive":
            return read_interaction(payload)
        case "slash_commands":
            return read_command(payload)
        case _:
            return None


def _press(payload: Mapping[str, Any]) -> Press | None:
    sender, actions = _sender(payload), payload.get("actions")
    if (
        sender is None
        or not isinstance(actions, Sequence)
        or not actions
        or not isinstance(actions[0], Mapping)
    ):
        return None
    one = actions[0]
    chosen = one.get("selected_option")
    value = _word(chosen, "value", 2_000) if isinstance(chosen, Mapping) else _word(one, "value", 2_000)
    return Press(sender, _word(one, "action_id", 255), value, _word(one, "action_ts"))


def _sheet(payload: Mapping[str, Any]) -> Sheet | None:
    sender, view = _sender(payload), payload.get("view")
    if sender is None or not isinstance(view, Mapping):
        return None
    state = view.get("state")
    held = state.get("values") if isinstance(state, Mapping) else None
    values = {
        str(block): _value(next(iter(inputs.values()), None))
        for block, inputs in (held.items() if isinstance(held, Mapping) else ())
        if isinstance(inputs, Mapping)
    }
    given = {name: value for name, value in values.items() if value not in (None, "", [])}
    return Sheet(sender, _word(view, "callback_id", 255), _word(view, "private_metadata", 3_000), given)


def _sender(payload: Mapping[str, Any]) -> Sender | None:
    user, team = _part(payload, "user"), _part(payload, "team")
    channel, container = _part(payload, "channel"), _part(payload, "container")
    sender = Sender(
        team=_word(user, "team_id") or _word(team, "id"),  # in a shared channel, whose member it is
        user=_word(user, "id"),
        channel=_word(channel, "id") or _word(container, "channel_id"),
        channel_name=_word(channel, "name"),
        response_url=_word(payload, "response_url", 2_000),
        trigger=_word(payload, "trigger_id"),
    )
    return sender if sender.user and sender.team else None


def _value(given: Any) -> Any:
    """What an input holds: a text, the value of an option, or the values of several."""
    if not isinstance(given, Mapping):
        return None
    if isinstance(several := given.get("selected_options"), list):
        return [_word(one, "value") for one in several[:100] if isinstance(one, Mapping)]
    if isinstance(one := given.get("selected_option"), Mapping):
        return _word(one, "value")
    return _word(given, "value", _LONGEST)


def _part(given: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = given.get(name)
    return part if isinstance(part, Mapping) else {}


def _word(given: Mapping[str, Any], name: str, longest: int = _LONGEST_ID) -> str:
    """A text of at most that length without what no database takes; empty for any other value."""
    value = given.get(name)
    if not isinstance(value, str):
        return ""
    return value[:longest].encode("utf-8", "replace").decode().replace("\0", "\N{REPLACEMENT CHARACTER}")
