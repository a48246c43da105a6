"""The `generic` source: our own small shape, for any tool that can be told what to send.

What makes an alert must be as it must be; what only hints never refuses one: texts and numbers are taken,
anything else is passed over. It is the busiest path of the door.
"""

from __future__ import annotations

from typing import Annotated, Any, get_args

from pydantic import AliasChoices, AwareDatetime, BeforeValidator, Field

from flows.intake.adapters.adapter import Adapter
from flows.intake.adapters.picking import LONGEST, seen
from flows.intake.adapters.shapes import Labels, MaybeWords, Shape, Words, must_be_list, read_shape
from flows.intake.claims import Claim, Status, claim, on_scale
from playbooks.alerts.view import Category, DataHint

_MOST_HINTS = 50
_CATEGORIES = frozenset(get_args(Category))
_DATA_HINTS = frozenset(get_args(DataHint))
_OBSERVABLES = ("account", "host", "address")
_HINTS_AS = {
    "account": "account", "accounts": "account", "user": "account",
    "host": "host", "hosts": "host",
    "address": "address", "addresses": "address",
    "client": "client", "clients": "client",
    "id": "ids", "ids": "ids",
    "category": "category", "data_hints": "data_hints", "link": "link",
}  # fmt: skip
_HINTS = frozenset(_HINTS_AS)
_LABELLED = frozenset(("account", "user", "host", "client"))
_OWN = _HINTS | {
    *("title", "name", "status", "severity", "fingerprint", "occurred_at", "lastReceived"),
    *("service", "environment", "labels"),
}
_OURS_ALONE = frozenset(("fingerprint", "occurred_at", "data_hints"))


def _absent_is_empty(value: Any) -> Any:
    return {} if value is None else value


class GenericAlert(Shape):
    """One alert: a title, and whatever else is known."""

    title: Annotated[Words, Field(min_length=1, validation_alias=AliasChoices("title", "name"))]
    status: Status = "firing"
    severity: MaybeWords = ""
    fingerprint: MaybeWords = ""
    occurred_at: AwareDatetime | None = Field(
        default=None, validation_alias=AliasChoices("occurred_at", "lastReceived")
    )
    service: MaybeWords = ""
    environment: MaybeWords = ""
    labels: Annotated[Labels, BeforeValidator(_absent_is_empty)] = Field(default_factory=dict)


def read(body: Any) -> tuple[Claim, ...]:
    """The claims of one object, or of a list of them."""
    if not isinstance(body, list):
        return (_claim(body, ()),)
    return tuple(_claim(item, (index,)) for index, item in enumerate(must_be_list(body)))


def _claim(body: Any, path: tuple[int, ...]) -> Claim:
    alert = read_shape(GenericAlert, body, path)
    return claim(
        alert.fingerprint or [alert.title, alert.service, alert.environment, alert.labels],
        status=alert.status,
        severity=on_scale(alert.severity),
        title=alert.title,
        payload=body,
        original_severity=alert.severity,
        occurred_at=alert.occurred_at,
        **_hints(body, alert.labels),
    )


def _hints(body: dict[str, Any], labels: dict[str, Any]) -> dict[str, Any]:
    """What a body says beside the alert itself, as arguments of a claim."""
    told = [(name, body[name]) for name in _HINTS.intersection(body)]
    told += [(name, labels[name]) for name in _LABELLED.intersection(labels)]
    if not told:
        return {}
    texts: dict[str, list[str]] = {}
    for name, value in sorted(told, key=_by_name):
        texts.setdefault(_HINTS_AS[name], []).extend(_texts(value))
    return {
        "observables": [one for kind in _OBSERVABLES if kind in texts for one in seen(kind, texts[kind])],
        "client_hints": texts.get("client", ()),
        "ids": texts.get("ids", ()),
        "data_hints": [text for text in texts.get("data_hints", ()) if text in _DATA_HINTS],
        "category": next((text for text in texts.get("category", ()) if text in _CATEGORIES), "other"),
        "link": next(iter(texts.get("link", ())), ""),
    }


def _by_name(one: tuple[str, Any]) -> str:
    return one[0]


def _texts(value: Any) -> list[str]:
    """The texts and numbers of a value, one or a list of them."""
    return [_text(one) for one in (value[:_MOST_HINTS] if isinstance(value, list) else (value,))]


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value[:LONGEST]
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return str(value) if is_number and abs(value) < 1e300 else ""


def is_ours(body: Any) -> bool:
    """Whether a body is of our own shape: a title, and no word that is not ours."""
    first = body[0] if isinstance(body, list) and body else body
    return isinstance(first, dict) and ("title" in first or "name" in first) and first.keys() <= _OWN


def _recognises(body: Any) -> bool:
    """Our own shape, or one with words beside it that has at least one of ours alone."""
    first = body[0] if isinstance(body, list) and body else body
    return is_ours(body) or (
        isinstance(first, dict) and "title" in first and not _OURS_ALONE.isdisjoint(first)
    )


ADAPTER = Adapter(
    kind="generic",
    product="Any tool that can be told what to send",
    docs="",
    recognises=_recognises,
    read=read,
    severity="`severity`, by its word",
    same_alert="same `fingerprint`; without one, same title, service, environment and labels",
)
