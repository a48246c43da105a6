"""The `generic` source: our own small shape, for any tool that can be told what to send."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AliasChoices, AwareDatetime, BeforeValidator, Field

from flows.intake.adapters.adapter import Adapter
from flows.intake.adapters.shapes import Labels, MaybeWords, Shape, Words, must_be_list, read_shape
from flows.intake.claims import Claim, Status, claim, on_scale


def _absent_is_empty(value: Any) -> Any:
    return {} if value is None else value


class GenericAlert(Shape):
    """One alert: a title, and whatever else is known."""

    title: Annotated[Words, Field(min_length=1, validation_alias=AliasChoices("title", "name"))]
    status: Status = "firing"
    severity: MaybeWords = "medium"
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
        occurred_at=alert.occurred_at,
    )


def _recognises(body: Any) -> bool:
    """Our own shape names itself by a title and one of our own words."""
    first = body[0] if isinstance(body, list) and body else body
    return (
        isinstance(first, dict)
        and "title" in first
        and {"status", "severity", "fingerprint"} & first.keys() != set()
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
