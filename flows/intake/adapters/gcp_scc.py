"""The `gcp-scc` source: findings of Google's Security Command Center, pushed by Pub/Sub or bare.

https://cloud.google.com/security-command-center/docs/how-to-api-manage-notifications
"""

from __future__ import annotations

import re
from typing import Any

from flows.intake.adapters.adapter import Adapter
from flows.intake.adapters.gcp import carried, message, projects
from flows.intake.adapters.hinting import category_of, prefixed
from flows.intake.adapters.picking import at, seen, word
from flows.intake.adapters.reading import observables, utc_instant
from flows.intake.adapters.shapes import must_be_object
from flows.intake.adapters.spotting import must_say, named, spoken
from flows.intake.claims import Claim, claim, on_scale
from playbooks.alerts.view import Category
from playbooks.forensics.observable_kinds import Seen

_DETECTED = "threatdetection.googleapis.com"
_CATEGORIES: tuple[tuple[str, Category], ...] = (
    ("PUBLIC_", "exposure"), ("OPEN_", "exposure"), ("Exfiltration", "data_loss"), ("Malware", "malware"),
    ("C2", "malware"), ("Execution", "malware"), ("Impact: Cryptomining", "malware"),
    ("Brute Force", "credential"), ("Credential Access", "credential"), ("Persistence", "identity"),
    ("Privilege Escalation", "identity"), ("Initial Access", "identity"), ("Discovery", "data_access"),
    ("Defense Evasion", "policy"),
)  # fmt: skip
"""How a finding's category begins, in the names of Security Health Analytics and Event Threat Detection."""

_CLASSES: dict[str, Category] = {
    "MISCONFIGURATION": "policy", "VULNERABILITY": "policy", "POSTURE_VIOLATION": "policy",
    "SENSITIVE_DATA_RISK": "exposure", "TOXIC_COMBINATION": "exposure",
}  # fmt: skip
_ATTEMPTS = "sourceProperties.properties.attempts.*"
_SEEN = {
    "account": (
        "access.principalEmail", "access.userName", "sourceProperties.properties.principalEmail",
        f"{_ATTEMPTS}.username",
    ),
    "host": (f"{_ATTEMPTS}.vmName", "sourceProperties.properties.instanceId"),
    "address": (
        "access.callerIp", f"{_ATTEMPTS}.sourceIp", "connections.*.sourceIp", "connections.*.destinationIp",
        "indicator.ipAddresses", "sourceProperties.properties.ipConnection.destIp",
    ),
    "domain": ("indicator.domains",),
    "url": ("indicator.uris",),
    "file": ("files.*.path", "processes.*.binary.path"),
    "hash": ("files.*.sha256",),
}  # fmt: skip
_MEMBERS = ("iamBindings.*.member", "sourceProperties.properties.externalMembers")
_MEMBER = re.compile(r"^(?:user|group|serviceAccount|domain):")
_INSTANCE = "sourceProperties.properties.instanceDetails"
_PROJECTS = (
    "sourceProperties.ProjectId", "sourceProperties.properties.project_id",
    "sourceProperties.properties.projectId", "sourceProperties.properties.network.project",
    "properties.network.project",
)  # fmt: skip
_RESOURCES = ("resourceName", "resource.name", "sourceProperties.ResourcePath", "logName")


def read(body: Any) -> tuple[Claim, ...]:
    """The claim of a notification, of a bare finding, or of Event Threat Detection's log entry."""
    event = message(body)
    if _DETECTED in word(event, "logName"):
        return (_of_log_entry(event),)
    if "finding" in event:
        return (_claim(event, must_be_object(event["finding"], ("finding",)), ("finding",)),)
    return (_claim(event, event, ()),)


def _claim(event: dict[str, Any], finding: dict[str, Any], path: tuple[str, ...]) -> Claim:
    name, category = must_say(finding, path, "name", "canonicalName"), must_say(finding, path, "category")
    severity = _severity(finding)
    return claim(
        name,
        status="resolved" if word(finding, "state") == "INACTIVE" else "firing",
        severity=on_scale(severity),
        original_severity=severity,
        title=_title(event, finding, category),
        payload=event,
        occurred_at=utc_instant(finding, "eventTime", "createTime"),
        category=_category(finding, category),
        observables=_observables(finding),
        ids=(name.rpartition("/")[2], name),
        client_hints=_whose(event, finding),
        link=word(finding, "externalUri"),
    )


def _of_log_entry(entry: dict[str, Any]) -> Claim:
    stated = must_be_object(at(entry, "jsonPayload"), ("jsonPayload",))
    rule = must_say(stated, ("jsonPayload",), "detectionCategory.ruleName")
    severity = word(stated, "detectionPriority") or word(entry, "severity")
    return claim(
        word(entry, "insertId") or [word(entry, "logName"), rule, at(stated, "properties")],
        status="firing",
        severity=on_scale(severity or "medium"),
        original_severity=severity,
        title=_titled(spoken(rule).capitalize(), word(stated, "properties.instanceDetails")),
        payload=entry,
        occurred_at=utc_instant(entry, "timestamp", "receiveTimestamp"),
        category=category_of(spoken(rule), otherwise="network"),
        observables=_observables({"sourceProperties": stated}),
        ids=(word(entry, "insertId"),),
        client_hints=_whose(entry, stated),
    )


def _title(event: dict[str, Any], finding: dict[str, Any], category: str) -> str:
    """The category in words, and the resource: a finding has no title of its own."""
    told = spoken(category).capitalize() if category.isupper() else category
    resource = word(event, "resource.displayName") or word(
        finding, "resource.display_name", "assetDisplayName", "resourceName"
    )
    return _titled(told, resource)


def _titled(told: str, resource: str) -> str:
    name = resource.rpartition("/")[2]
    return f"{told} ({name})" if name and not name.isdecimal() else told


def _severity(finding: dict[str, Any]) -> str:
    told = word(finding, "severity")
    is_told = told and told != "SEVERITY_UNSPECIFIED"
    return (
        told
        if is_told
        else word(finding, "sourceProperties.SeverityLevel", "sourceProperties.detectionPriority")
    )


def _category(finding: dict[str, Any], category: str) -> Category:
    known = (sort for prefix, sort in _CATEGORIES if category.startswith(prefix))
    scanned: Category = "policy" if word(finding, "sourceProperties.ScannerName") else "other"
    classed = _CLASSES.get(word(finding, "findingClass"), scanned)
    return next(known, None) or category_of(spoken(category), otherwise=classed)


def _observables(finding: dict[str, Any]) -> list[Seen]:
    members = (_MEMBER.sub("", one) for one in named(finding, *_MEMBERS))
    instances = (one.rpartition("/")[2] for one in named(finding, _INSTANCE))
    found = (*observables(finding, _SEEN), *seen("account", members), *seen("host", instances))
    return list(dict.fromkeys(found))


def _whose(event: dict[str, Any], finding: dict[str, Any]) -> tuple[str, ...]:
    shown = word(event, "resource.projectDisplayName") or word(finding, "resource.project_display_name")
    told = (*prefixed("gcp", shown), *prefixed("gcp", *named(finding, *_PROJECTS)))
    return (*told, *projects(*named(finding, *_RESOURCES), *named(event, *_RESOURCES)))


def _recognises(body: Any) -> bool:
    if not isinstance(body, dict):
        return False
    event = carried(body)
    finding = event.get("finding", event)
    return _DETECTED in str(event.get("logName", ""))[:300] or (
        isinstance(finding, dict)
        and {"name", "category", "state"} <= finding.keys()
        and "/findings/" in str(finding["name"])[:300]
    )


ADAPTER = Adapter(
    kind="gcp-scc",
    product="Google Security Command Center",
    docs="https://cloud.google.com/security-command-center/docs/how-to-api-manage-notifications",
    recognises=_recognises,
    read=read,
    severity="`severity` by its word; without one the source's `SeverityLevel` or `detectionPriority`",
    same_alert="same finding name",
    auth="bearer",
)
