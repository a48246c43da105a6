"""The `macie` source: an Amazon Macie finding, in its EventBridge envelope, through SNS, or bare.

https://docs.aws.amazon.com/macie/latest/user/findings-publish-event-schemas.html
"""

from __future__ import annotations

from typing import Any, TypeAlias

from flows.intake.adapters.adapter import Adapter
from flows.intake.adapters.aws import buckets, carried, detail, messages
from flows.intake.adapters.hinting import clients_named, prefixed
from flows.intake.adapters.labels import as_labels
from flows.intake.adapters.macie_data import data_found
from flows.intake.adapters.picking import at, number, objects, word
from flows.intake.adapters.reading import Levels, graded, observables, utc_instant
from flows.intake.adapters.shapes import must_be_list, must_be_object
from flows.intake.adapters.spotting import must_say, named
from flows.intake.claims import Claim, claim, on_scale
from playbooks.alerts.view import Category, DataHint, Severity

Path: TypeAlias = tuple[str | int, ...]

_EVENTS = ("Macie Finding",)
_LEVELS: Levels = ((3.0, "high"), (2.0, "medium"), (1.0, "low"))
_OPEN = ("S3BucketPublic", "S3BucketShared", "S3BucketReplicated", "S3BlockPublicAccess")
_SEEN = {
    "account": (
        "policyDetails.actor.userIdentity.iamUser.userName",
        "policyDetails.actor.userIdentity.assumedRole.sessionContext.sessionIssuer.userName",
        "policyDetails.actor.userIdentity.federatedUser.sessionContext.sessionIssuer.userName",
    ),
    "address": ("policyDetails.actor.ipAddressDetails.ipAddressV4",),
    "file": ("resourcesAffected.s3Object.path",),
}  # fmt: skip


def read(body: Any) -> tuple[Claim, ...]:
    """The claims of an event, or of the findings of the API's answer."""
    found = [one for event in messages(body) for one in _findings(event)]
    return tuple(_claim(*one) for one in must_be_list(found, ("findings",)))


def _findings(event: Any) -> list[tuple[dict[str, Any], Path]]:
    stated, path = detail(event, _EVENTS)
    if "findings" not in stated:
        return [(stated, path)]
    listed = must_be_list(stated["findings"], (*path, "findings"))
    places: list[Path] = [(*path, "findings", index) for index in range(len(listed))]
    return [(must_be_object(one, place), place) for one, place in zip(listed, places, strict=True)]


def _claim(finding: dict[str, Any], path: Path) -> Claim:
    account, finding_id = must_say(finding, path, "accountId"), must_say(finding, path, "id")
    found = data_found(at(finding, "classificationDetails.result"))
    return claim(
        [account, finding_id],
        status="resolved" if at(finding, "archived") is True else "firing",
        severity=_severity(finding),
        original_severity=word(finding, "severity.description", "severity.score"),
        title=must_say(finding, path, "title"),
        payload=finding,
        occurred_at=utc_instant(finding, "createdAt", "updatedAt"),
        category=_category(finding, found),
        observables=observables(finding, _SEEN),
        ids=(finding_id, word(finding, "classificationDetails.jobId")),
        data_hints=found,
        client_hints=_whose(account, finding),
    )


def _severity(finding: dict[str, Any]) -> Severity:
    told = word(finding, "severity.description")
    return on_scale(told) if told else graded(number(finding, "severity.score"), _LEVELS)


def _category(finding: dict[str, Any], found: tuple[DataHint, ...]) -> Category:
    """A finding of data is an exposure only where the bucket or object is public; else a matter of policy."""
    kind = word(finding, "type").removeprefix("Policy:IAMUser/")
    is_public = (
        at(finding, "resourcesAffected.s3Object.publicAccess") is True
        or word(finding, "resourcesAffected.s3Bucket.publicAccess.effectivePermission") == "PUBLIC"
    )
    if is_public or kind.startswith(_OPEN):
        return "exposure"
    if "credentials" in found:
        return "secret_leak"
    return "cardholder" if "card" in found else "policy"


def _whose(account: str, finding: dict[str, Any]) -> tuple[str, ...]:
    tags = [
        *objects(finding, "resourcesAffected.s3Object.tags"),
        *objects(finding, "resourcesAffected.s3Bucket.tags"),
    ]
    names = buckets(*named(finding, "resourcesAffected.s3Bucket.name"))
    return (*prefixed("aws", account), *clients_named(as_labels(tags, "key", "value")), *names)


def _recognises(body: Any) -> bool:
    found = carried(body)
    return bool(found) and all(_is_finding(one) for one in found)


def _is_finding(event: Any) -> bool:
    if not isinstance(event, dict):
        return False
    listed = event.get("findings")
    stated = listed[0] if isinstance(listed, list) and listed else event
    return event.get("source") == "aws.macie" or (
        isinstance(stated, dict)
        and {"resourcesAffected", "accountId", "type"} <= stated.keys()
        and not stated.keys().isdisjoint({"classificationDetails", "policyDetails"})
    )


ADAPTER = Adapter(
    kind="macie",
    product="Amazon Macie",
    docs="https://docs.aws.amazon.com/macie/latest/user/findings-publish-event-schemas.html",
    recognises=_recognises,
    read=read,
    severity="High, Medium or Low by its word; by its score (3, 2, 1) where no word is given",
    same_alert="same account and finding id",
    auth="bearer",
)
