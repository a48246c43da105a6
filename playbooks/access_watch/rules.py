"""The rules of the watch, as data: what is usual at most, how grave it is when there is more.

Every limit is what is usual at most: exactly as much is usual, one more is told.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal, Self, TypeAlias

from pydantic import Field, model_validator

from playbooks.alerts.view import Category, Severity
from playbooks.fact_types import Frozen
from playbooks.forensics.hours_file import Stretch
from playbooks.wording import Line, Period, Slug

Count = Annotated[int, Field(ge=0, lt=10**15)]
By = Literal["account", "client"]


class Rule(Frozen):
    """What every rule has."""

    id: Slug
    severity: Severity = "medium"
    logs: Annotated[tuple[Slug, ...], Field(max_length=500)] = ()
    """The logs that it looks at, by the ids of their sources; none named means all."""


class Bulk(Rule):
    """More records or bytes in one stretch than work explains: of an account, of a client, or of both."""

    kind: Literal["bulk"]
    category: Category = "data_access"
    by: Annotated[tuple[By, ...], Field(min_length=1, max_length=2)] = ("account",)
    records: Count | None = None
    bytes: Count | None = None
    within: Stretch = timedelta(hours=1)

    @model_validator(mode="after")
    def _limits_something(self) -> Self:
        if self.records is None and self.bytes is None:
            raise ValueError("name `records`, `bytes` or both")
        if len(set(self.by)) < len(self.by):
            raise ValueError("name account and client once each")
        return self


class AfterHours(Rule):
    """Accesses outside the person's own roster, in one of their days."""

    kind: Literal["after_hours"]
    category: Category = "insider"
    accesses: Count = 10


class NotAssigned(Rule):
    """Accesses to a client that the person is not assigned, in one of their days."""

    kind: Literal["not_assigned"]
    category: Category = "insider"
    accesses: Count = 0


class Travel(Rule):
    """Two accesses of one account at places that nobody travels between in the time."""

    kind: Literal["impossible_travel"]
    category: Category = "credential"
    kilometres: Annotated[int, Field(ge=1, le=20_000)] = 500
    """What is nearer than that is no journey."""
    kilometres_per_hour: Annotated[int, Field(ge=1, le=100_000)] = 900


class Dormant(Rule):
    """An account that is used again after a long time without any use."""

    kind: Literal["dormant"]
    category: Category = "credential"
    unused_for: Period = timedelta(days=60)


class Privileged(Rule):
    """Use of a break-glass account, or of a privileged action, in one of the account's days.

    Whoever is described as `admin` may take those actions within their hours.
    """

    kind: Literal["privileged"]
    category: Category = "insider"
    actions: Annotated[tuple[Line, ...], Field(max_length=500)] = ()
    accesses: Count = 0


class Leaver(Rule):
    """Accesses by the account of somebody whose last day is over, in one of their days."""

    kind: Literal["leaver"]
    category: Category = "identity"
    accesses: Count = 0


AnyRule: TypeAlias = Bulk | AfterHours | NotAssigned | Travel | Dormant | Privileged | Leaver
