"""The `securityhub` source: AWS Security Hub findings (ASFF), in EventBridge's envelope, in batches, or bare.

https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-findings-format.html
"""

from __future__ import annotations

from typing import Any, TypeAlias

from flows.intake.adapters.adapter import Adapter
from flows.intake.adapters.aws import bucket_arns, buckets, carried, detail, messages, principals
from flows.intake.adapters.hinting import category_of, clients_named, prefixed
from flows.intake.adapters.macie_data import data_called
from flows.intake.adapters.picking import number, objects, seen, word
from flows.intake.adapters.reading import Levels, graded, observables, utc_instant
from flows.intake.adapters.shapes import must_be_list, must_be_object
from flows.intake.adapters.spotting import every, must_say, named, spoken
from flows.intake.claims import Claim, Status, claim, on_scale
from playbooks.alerts.view import Category, DataHint, Severity
from playbooks.forensics.observable_kinds import Seen

Path: TypeAlias = tuple[str | int, ...]

_EVENTS = (
    "Security Hub Findings - Imported", "Security Hub Findings - Custom Action",
    "Security Hub Insight Results",
)  # fmt: skip
_BATCHES = ("findings", "Findings")
_NORMALIZED: Levels = ((90.0, "critical"), (70.0, "high"), (40.0, "medium"), (1.0, "low"))
_TYPES: tuple[tuple[str, Category], ...] = (
    ("Effects/Data Exfiltration", "data_loss"), ("Effects/Data Exposure", "exposure"),
    ("TTPs/Credential Access", "credential"), ("TTPs/Initial Access", "identity"),
    ("TTPs/Privilege Escalation", "identity"), ("TTPs/Persistence", "identity"),
    ("TTPs/Command and Control", "malware"), ("TTPs/Discovery", "network"),
    ("Unusual Behaviors/User", "identity"), ("Unusual Behaviors/Data", "data_access"),
    ("Unusual Behaviors/Network Flow", "network"),
    ("Sensitive Data Identifications/Passwords", "secret_leak"),
    ("Sensitive Data Identifications", "policy"), ("Software and Configuration Checks", "policy"),
)  # fmt: skip
"""How a finding's type begins, in ASFF's own taxonomy."""

_INDICATORS = {
    "IPV4_ADDRESS": "address", "IPV6_ADDRESS": "address", "DOMAIN": "domain", "EMAIL_ADDRESS": "email",
    "HASH_MD5": "md5", "HASH_SHA1": "sha1", "HASH_SHA256": "sha256", "URL": "url",
}  # fmt: skip
_REMOTE = "RemoteIpDetails.IpAddressV4"
_SEEN = {
    "account": (
        "Resources.*.Details.AwsIamAccessKey.UserName", "Resources.*.Details.AwsIamAccessKey.PrincipalName",
        "Resources.*.Details.AwsIamUser.UserName",
    ),
    "address": (
        f"Action.AwsApiCallAction.{_REMOTE}", f"Action.NetworkConnectionAction.{_REMOTE}",
        f"Action.PortProbeAction.PortProbeDetails.*.{_REMOTE}",
        "Network.SourceIpV4", "Network.DestinationIpV4", "Network.SourceIpV6", "Network.DestinationIpV6",
        "Resources.*.Details.AwsEc2Instance.IpV4Addresses",
        "ProductFields.action/awsApiCallAction/remoteIpDetails/ipAddressV4",
        "ProductFields.action/networkConnectionAction/remoteIpDetails/ipAddressV4",
    ),
    "domain": ("Action.DnsRequestAction.Domain", "Network.SourceDomain", "Network.DestinationDomain"),
    "file": ("Malware.*.Path", "Process.Path"),
}  # fmt: skip
_DATA = "Resources.*.DataClassification.Result"


def read(body: Any) -> tuple[Claim, ...]:
    """The claims of all findings that an event, a batch, a list or a finding holds."""
    found = [one for event in _events(body) for one in _findings(event)]
    return tuple(_claim(*one) for one in must_be_list(found, ("findings",)))


def _events(body: Any) -> list[Any]:
    return [must_be_list(body)] if isinstance(body, list) else messages(body)


def _findings(event: Any) -> list[tuple[dict[str, Any], Path]]:
    path: Path = ()
    if not isinstance(event, list):
        event, path = detail(event, _EVENTS)
        batch = next((name for name in _BATCHES if name in event), None)
        if batch is None:
            return [(event, path)]
        event, path = must_be_list(event[batch], (*path, batch)), (*path, batch)
    return [(must_be_object(one, (*path, index)), (*path, index)) for index, one in enumerate(event)]


def _claim(finding: dict[str, Any], path: Path) -> Claim:
    finding_id, title = must_say(finding, path, "Id"), must_say(finding, path, "Title")
    return claim(
        [must_say(finding, path, "ProductArn"), finding_id],
        status=_status(finding),
        severity=_severity(finding),
        original_severity=word(
            finding, "Severity.Label", "FindingProviderFields.Severity.Label", "Severity.Normalized"
        ),
        title=title,
        payload=finding,
        occurred_at=utc_instant(finding, "FirstObservedAt", "CreatedAt", "UpdatedAt"),
        category=_category(finding, title),
        observables=_observables(finding),
        ids=(finding_id, word(finding, "GeneratorId")),
        data_hints=_data(finding),
        client_hints=_whose(finding),
        link=word(finding, "SourceUrl"),
    )


def _status(finding: dict[str, Any]) -> Status:
    """An archived finding, one worked through or suppressed, and a check that passes are no more firing."""
    is_over = (
        word(finding, "RecordState") == "ARCHIVED"
        or word(finding, "Workflow.Status", "WorkflowState") in {"RESOLVED", "SUPPRESSED"}
        or word(finding, "Compliance.Status") == "PASSED"
    )
    return "resolved" if is_over else "firing"


def _severity(finding: dict[str, Any]) -> Severity:
    label = word(finding, "Severity.Label", "FindingProviderFields.Severity.Label")
    return on_scale(label) if label else graded(number(finding, "Severity.Normalized"), _NORMALIZED)


def _category(finding: dict[str, Any], title: str) -> Category:
    types = named(finding, "Types", "FindingProviderFields.Types")
    known = (sort for one in types for prefix, sort in _TYPES if one.startswith(prefix))
    return next(known, None) or category_of(title, *map(spoken, types))


def _observables(finding: dict[str, Any]) -> list[Seen]:
    resources = named(finding, "Resources.*.Id")
    instances = (one.rpartition("/")[2] for one in resources if ":instance/" in one)
    found = [*observables(finding, _SEEN), *seen("account", principals(*resources)), *seen("host", instances)]
    for indicator in objects(finding, "ThreatIntelIndicators"):
        kind = _INDICATORS.get(word(indicator, "Type"))
        found += seen(kind, [word(indicator, "Value")]) if kind else ()
    return list(dict.fromkeys(found))


def _data(finding: dict[str, Any]) -> tuple[DataHint, ...]:
    found = named(finding, f"{_DATA}.SensitiveData.*.Category", f"{_DATA}.SensitiveData.*.Detections.*.Type")
    return data_called(*found, custom=named(finding, f"{_DATA}.CustomDataIdentifiers.Detections.*.Name"))


def _whose(finding: dict[str, Any]) -> tuple[str, ...]:
    tags = [one for tags in every(finding, "Resources.*.Tags") for one in clients_named(tags)]
    in_s3 = buckets(*bucket_arns(*named(finding, "Resources.*.Id")))
    return (*prefixed("aws", word(finding, "AwsAccountId")), *tags, *in_s3)


def _recognises(body: Any) -> bool:
    found = body if isinstance(body, list) else carried(body)
    return bool(found) and all(_is_event(one) for one in found)


def _is_event(event: Any) -> bool:
    if not isinstance(event, dict):
        return False
    if event.get("source") == "aws.securityhub":
        return str(event.get("detail-type")) in _EVENTS
    listed = next((event[name] for name in _BATCHES if name in event), [event])
    first = listed[0] if isinstance(listed, list) and listed else None
    return isinstance(first, dict) and {"ProductArn", "AwsAccountId", "GeneratorId"} <= first.keys()


ADAPTER = Adapter(
    kind="securityhub",
    product="AWS Security Hub",
    docs="https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-findings-format.html",
    recognises=_recognises,
    read=read,
    severity="`Severity.Label`; without one `Normalized`: 90 critical, 70 high, 40 medium, 1 low, 0 info",
    same_alert="same product and finding id",
    auth="bearer",
)
