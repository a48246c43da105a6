"""Plain answers to whatever a form asks, but for what a test says of a fact or a field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from playbooks.exercises.part import plain_answer
from playbooks.exercises.part import written as stamp
from playbooks.models import Field

__all__ = ["plain_answers", "stamp"]

BY_NAME: Mapping[str, Any] = {"action_owner": "it-1"}


def plain_answers(
    fields: Sequence[Field], facts: Mapping[str, Any], now: datetime, clients: Sequence[str]
) -> dict[str, Any]:
    """An answer to each field: what `facts` say of it, else something plain of its type."""
    said = {**BY_NAME, **facts}
    return {
        one.name: said[one.name] if one.name in said else plain_answer(one, now, clients) for one in fields
    }
