"""Plain answers to whatever a form asks, but for what a test says of a fact or a field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from playbooks.models import Field

BY_TYPE: Mapping[str, Any] = {"yes_no": "yes", "range": "120", "integer": "5", "text": "some words"}
BY_NAME: Mapping[str, Any] = {
    "action_owner": "it-1",
    "information_missing": "no",
    "evidence_number": "",
    "way": "",
    "privileged": "no",
    "admits_more": "no",
    "names_third": "no",
}
"""What is answered to a field of that name: here everything is said in the first notice."""


def stamp(at: datetime) -> str:
    """An instant as a responder writes it."""
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def plain_answers(
    fields: Sequence[Field], facts: Mapping[str, Any], now: datetime, clients: Sequence[str]
) -> dict[str, Any]:
    """An answer to each field: what `facts` say of it, else something plain of its type."""
    said = {**BY_NAME, **facts}
    return {one.name: said.get(one.name, _of_type(one, now, clients)) for one in fields}


def _of_type(one: Field, now: datetime, clients: Sequence[str]) -> Any:
    match one.spec.type:
        case "choice":
            return one.spec.values[0]
        case "choices":
            return [one.spec.values[0]]
        case "instant":
            return stamp(now)
        case "clients":
            return list(clients)
        case plain:
            return BY_TYPE[plain]
