"""What Prefect's REST API says about runs and forms, read into values of our own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

REHEARSED: Final = "exercise"
"""The tag of a run of an exercise: a worker takes what is real first."""


@dataclass(frozen=True, slots=True)
class Keyset:
    """The keys under which Prefect keeps the form and the answer of one suspension."""

    schema: str
    description: str
    response: str


@dataclass(frozen=True, slots=True)
class RunView:
    """One flow run as the server tells it; instants are aware UTC."""

    id: str
    name: str
    state_type: str
    state_name: str
    state_at: datetime | None
    expected_start_at: datetime | None
    pause_key: str | None
    keyset: Keyset | None
    tags: frozenset[str]
    parameters: Mapping[str, Any]

    @property
    def is_suspended(self) -> bool:
        """Whether the run waits for a person and costs no process."""
        return self.state_type == "PAUSED"

    @property
    def is_over(self) -> bool:
        """Whether the run will never go on by itself."""
        return self.state_type in {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}


@dataclass(frozen=True, slots=True)
class Form:
    """What a suspended run asks: JSON schema, Markdown above it, defaults, and the keys of its parts."""

    schema: Mapping[str, Any]
    description: str
    initial_values: Mapping[str, Any]
    keyset: Keyset


@dataclass(frozen=True, slots=True)
class Accepted:
    """The server did as asked."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """The server refused, and why, in its own words."""

    reason: str


def read_run(told: Mapping[str, Any]) -> RunView:
    """A run as the API writes it, read into a RunView."""
    state = told.get("state") or {}
    details = state.get("state_details") or {}
    keyset = details.get("run_input_keyset")
    return RunView(
        id=str(told["id"]),
        name=told["name"],
        state_type=told.get("state_type") or "",
        state_name=told.get("state_name") or "",
        state_at=read_instant(state.get("timestamp")),
        expected_start_at=read_instant(told.get("expected_start_time")),
        pause_key=details.get("pause_key"),
        keyset=Keyset(**keyset) if keyset else None,
        tags=frozenset(told.get("tags") or ()),
        parameters=told.get("parameters") or {},
    )


def read_instant(text: str | None) -> datetime | None:
    """An instant as the API writes it, aware UTC."""
    return datetime.fromisoformat(text).astimezone(UTC) if text else None


def read_outcome(told: Mapping[str, Any]) -> Accepted | Rejected:
    """The server's answer to a change of state, which says REJECT, ABORT or WAIT under HTTP 200."""
    if told["status"] == "ACCEPT":
        return Accepted()
    return Rejected((told.get("details") or {}).get("reason") or told["status"])
