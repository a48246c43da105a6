"""The `guardduty` source: an AWS GuardDuty finding, in its EventBridge envelope, through SNS, or bare.

https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_findings_eventbridge.html
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AliasChoices, Field

from flows.intake.adapters.adapter import Adapter
from flows.intake.adapters.aws import buckets, carried, detail, messages
from flows.intake.adapters.hinting import category_of, clients_named, prefixed
from flows.intake.adapters.labels import as_labels
from flows.intake.adapters.picking import objects, seen, word
from flows.intake.adapters.reading import Levels, graded, observables, utc_instant
from flows.intake.adapters.shapes import MaybeWords, Shape, Words, read_shape
from flows.intake.adapters.spotting import in_camel_case, named, spoken
from flows.intake.claims import Claim, claim
from playbooks.alerts.view import Category
from playbooks.forensics.observable_kinds import Seen

_EVENTS = ("GuardDuty Finding",)
_LEVELS: Levels = ((9.0, "critical"), (7.0, "high"), (4.0, "medium"), (1.0, "low"))

_PURPOSES: tuple[tuple[str, Category], ...] = (
    ("Exfiltration:", "data_loss"), ("AttackSequence:S3", "data_loss"), ("AttackSequence:IAM", "credential"),
    ("UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration", "credential"),
    ("UnauthorizedAccess:IAMUser", "identity"), ("UnauthorizedAccess:S3", "data_access"),
    ("CredentialAccess:", "credential"), ("Discovery:S3", "data_access"), ("Discovery:RDS", "data_access"),
    ("Impact:S3", "data_access"), ("Policy:S3/BucketAnonymous", "exposure"),
    ("Policy:S3/BucketPublic", "exposure"), ("Policy:Kubernetes/Exposed", "exposure"), ("Policy:", "policy"),
    ("Stealth:", "policy"), ("InitialAccess:", "identity"), ("Persistence:", "identity"),
    ("PrivilegeEscalation:", "identity"), ("Backdoor:", "malware"), ("Trojan:", "malware"),
    ("CryptoCurrency:", "malware"), ("Execution:", "malware"), ("Object:S3/MaliciousFile", "malware"),
    ("DefenseEvasion:Runtime", "malware"), ("Recon:", "network"), ("PenTest:", "network"),
    ("Behavior:", "network"), ("Impact:EC2", "network"),
)  # fmt: skip
"""How a finding's type begins, in GuardDuty's own naming of threat purposes and resources."""

_REMOTE = ("ipAddressV4", "ipAddressV6")
_ACTIONS = ("networkConnectionAction", "awsApiCallAction", "kubernetesApiCallAction", "rdsLoginAttemptAction")
_FACES = "resource.instanceDetails.networkInterfaces.*"
_SEEN = {
    "account": (
        "resource.rdsDbUserDetails.user", "resource.kubernetesDetails.kubernetesUserDetails.username",
        "service.detection.sequence.actors.*.user.name",
    ),
    "host": ("resource.instanceDetails.instanceId",),
    "address": (
        *(f"service.action.{action}.remoteIpDetails.{ip}" for action in _ACTIONS for ip in _REMOTE),
        *(f"service.action.portProbeAction.portProbeDetails.*.remoteIpDetails.{ip}" for ip in _REMOTE),
        f"{_FACES}.privateIpAddress", f"{_FACES}.publicIp",
    ),
    "domain": ("service.action.dnsRequestAction.domain",),
    "file": (
        "service.ebsVolumeScanDetails.scanDetections.threatDetectedByName.threatNames.*.filePaths.*.filePath",
        "resource.s3BucketDetails.*.s3ObjectDetails.*.key",
    ),
    "hash": (
        "service.ebsVolumeScanDetails.scanDetections.threatDetectedByName.threatNames.*.filePaths.*.hash",
        "service.runtimeDetails.process.executableSha256",
    ),
}  # fmt: skip


class Service(Shape):
    """What GuardDuty says about its own finding; an archived one is put away by its owner."""

    archived: bool = Field(default=False, validation_alias=AliasChoices("archived", "Archived"))


class Finding(Shape):
    """A finding; EventBridge writes its names in camelCase, the GetFindings API in PascalCase."""

    id: Annotated[Words, Field(min_length=1, validation_alias=AliasChoices("id", "Id"))]
    account: Annotated[Words, Field(min_length=1, validation_alias=AliasChoices("accountId", "AccountId"))]
    title: Annotated[Words, Field(min_length=1, validation_alias=AliasChoices("title", "Title"))]
    severity: Annotated[float, Field(ge=0, le=10, validation_alias=AliasChoices("severity", "Severity"))]
    type: MaybeWords = Field(default="", validation_alias=AliasChoices("type", "Type"))
    service: Service = Field(default=Service(), validation_alias=AliasChoices("service", "Service"))


def read(body: Any) -> tuple[Claim, ...]:
    """The one claim of each finding; GuardDuty itself counts what belongs to the same one."""
    return tuple(_claim(event) for event in messages(body))


def _claim(event: Any) -> Claim:
    payload, path = detail(event, _EVENTS)
    finding = read_shape(Finding, payload, path)
    stated = in_camel_case(payload)
    return claim(
        [finding.account, finding.id],
        status="resolved" if finding.service.archived else "firing",
        severity=graded(finding.severity, _LEVELS),
        original_severity=f"{finding.severity:g}",
        title=finding.title,
        payload=payload,
        occurred_at=utc_instant(stated, "service.eventFirstSeen", "createdAt"),
        category=_category(finding),
        observables=(*_caller(finding.account, stated), *observables(stated, _SEEN)),
        ids=(finding.id, word(stated, "arn")),
        client_hints=_whose(finding.account, stated),
    )


def _caller(account: str, stated: dict[str, Any]) -> tuple[Seen, ...]:
    """Who called: a person by name; a role with its account, for every account has roles of that name."""
    name = word(stated, "resource.accessKeyDetails.userName")
    is_role = "Role" in word(stated, "resource.accessKeyDetails.userType")
    return seen("account", [f"{account}/{name}" if name and is_role else name])


def _category(finding: Finding) -> Category:
    known = (sort for prefix, sort in _PURPOSES if finding.type.startswith(prefix))
    return next(known, None) or category_of(finding.title, spoken(finding.type))


def _whose(account: str, stated: dict[str, Any]) -> tuple[str, ...]:
    tags = [*objects(stated, "resource.instanceDetails.tags")]
    for bucket in objects(stated, "resource.s3BucketDetails"):
        tags += objects(bucket, "tags")
    names = buckets(*named(stated, "resource.s3BucketDetails.*.name"))
    return (*prefixed("aws", account), *clients_named(as_labels(tags, "key", "value")), *names)


def _recognises(body: Any) -> bool:
    found = carried(body)
    return bool(found) and all(_is_finding(one) for one in found)


def _is_finding(event: Any) -> bool:
    stated = event.get("detail", event) if isinstance(event, dict) else None
    return isinstance(stated, dict) and (
        event.get("source") == "aws.guardduty"
        or (
            bool({"service", "Service"} & stated.keys())
            and ":guardduty:" in str(stated.get("arn", stated.get("Arn", "")))[:200]
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
