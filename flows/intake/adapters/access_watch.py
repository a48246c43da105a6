"""The `access-watch` source: what our own watch of access logs has found (docs/access-watch.md)."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, Field

from flows.intake.adapters.adapter import Adapter
from flows.intake.adapters.picking import seen
from flows.intake.adapters.shapes import MaybeWords, Shape, Words, must_be_list, read_shape
from flows.intake.claims import Claim, Severity, Status, claim
from playbooks.alerts.view import Category

KIND = "access-watch"


class WatchFinding(Shape):
    """One finding: what was expected, what was seen, of whose account and which clients."""

    access_watch: Literal[1]
    identity: Annotated[Words, Field(min_length=1)]
    title: Annotated[Words, Field(min_length=1)]
    status: Status = "firing"
    severity: Severity
    category: Category
    log: MaybeWords = ""
    rule: MaybeWords = ""
    first: AwareDatetime | None = None
    accounts: Annotated[tuple[str, ...], Field(max_length=100)] = ()
    clients: Annotated[tuple[str, ...], Field(max_length=100)] = ()


def read(body: Any) -> tuple[Claim, ...]:
    """The claims of one finding, or of a list of them."""
    if not isinstance(body, list):
        return (_claim(body, ()),)
    return tuple(_claim(item, (index,)) for index, item in enumerate(must_be_list(body)))


def _claim(body: Any, path: tuple[int, ...]) -> Claim:
    found = read_shape(WatchFinding, body, path)
    return claim(
        [KIND, found.identity],
        status=found.status,
        severity=found.severity,
        original_severity=found.severity,
        title=found.title,
        payload=body,
        occurred_at=found.first,
        category=found.category,
        observables=seen("account", found.accounts),
        ids=(found.identity, found.rule, found.log),
        client_hints=found.clients,
    )


ADAPTER = Adapter(
    kind=KIND,
    product="Our own watch of access logs",
    docs="",
    recognises=lambda _: False,
    read=read,
    severity="that of the rule",
    same_alert="same log, rule, account, client and stretch",
)
"""Nobody posts these: the watch hands them in within the process."""
