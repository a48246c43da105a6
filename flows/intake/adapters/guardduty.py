"""The `guardduty` source: an AWS GuardDuty finding, in its EventBridge envelope or bare.

https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_findings_eventbridge.html
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AliasChoices, Field

from flows.intake.adapters.adapter import Adapter
from flows.intake.adapters.shapes import MaybeWords, Shape, Words, must_be_object, read_shape, wrong_field
from flows.intake.claims import Claim, Severity, claim, instant_or_none

EVENT = "GuardDuty Finding"

_LEVELS: tuple[tuple[float, Severity], ...] = (
    (9.0, "critical"),
    (7.0, "high"),
    (4.0, "medium"),
    (1.0, "low"),
)


class Service(Shape):
    """What GuardDuty says about its own finding; an archived one is put away by its owner."""

    archived: bool = Field(default=False, validation_alias=AliasChoices("archived", "Archived"))
    first_seen: MaybeWords = Field(
        default="", validation_alias=AliasChoices("eventFirstSeen", "EventFirstSeen")
    )


class Finding(Shape):
    """A finding; EventBridge writes its names in camelCase, the GetFindings API in PascalCase."""

    id: Annotated[Words, Field(min_length=1, validation_alias=AliasChoices("id", "Id"))]
    account: Annotated[Words, Field(min_length=1, validation_alias=AliasChoices("accountId", "AccountId"))]
    title: Annotated[Words, Field(min_length=1, validation_alias=AliasChoices("title", "Title"))]
    severity: Annotated[float, Field(ge=0, le=10, validation_alias=AliasChoices("severity", "Severity"))]
    service: Service = Field(default=Service(), validation_alias=AliasChoices("service", "Service"))


def read(body: Any) -> tuple[Claim, ...]:
    """The one claim of a finding; GuardDuty itself counts what belongs to the same one."""
    stated, path = _unwrap(must_be_object(body))
    finding = read_shape(Finding, stated, path)
    return (
        claim(
            [finding.account, finding.id],
            status="resolved" if finding.service.archived else "firing",
            severity=level(finding.severity),
            title=finding.title,
            payload=stated,
            occurred_at=instant_or_none(finding.service.first_seen),
        ),
    )


def level(number: float) -> Severity:
    """GuardDuty's number on our scale, by the bounds in its user guide."""
    return next((severity for least, severity in _LEVELS if number >= least), "info")


def _unwrap(body: dict[str, Any]) -> tuple[dict[str, Any], tuple[str, ...]]:
    if "detail" not in body:
        return body, ()
    if body.get("detail-type") != EVENT:
        raise wrong_field(("detail-type",), f"{EVENT!r} is wanted")
    return must_be_object(body["detail"], ("detail",)), ("detail",)


def _recognises(body: Any) -> bool:
    stated = body.get("detail", body) if isinstance(body, dict) else None
    return (
        isinstance(stated, dict)
        and bool({"service", "Service"} & stated.keys())
        and (
            body.get("source") == "aws.guardduty"
            or ":guardduty:" in str(stated.get("arn", stated.get("Arn", "")))
        )
    )


ADAPTER = Adapter(
    kind="guardduty",
    product="AWS GuardDuty",
    docs="https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_findings_eventbridge.html",
    recognises=_recognises,
    read=read,
    severity="9 critical, 7 high, 4 medium, 1 low, below info",
    same_alert="same account and finding id",
    auth="bearer",
)
