"""The `crowdstrike` source: Falcon's detections, incidents and audit events, and CEF rows that name Falcon.

Event streams, Falcon Data Replicator, the alerts and incidents API, and Sentinel's CommonSecurityLog.
https://falcon.crowdstrike.com/documentation (event streams, alerts API)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flows.intake.adapters.adapter import Adapter
from flows.intake.adapters.crowdstrike_names import IDS, accessed, audited, identity_of, link_of, title_of
from flows.intake.adapters.hinting import category_of, prefixed
from flows.intake.adapters.picking import number, seen, word
from flows.intake.adapters.reading import Levels, first_item, graded, items, observables, utc_instant
from flows.intake.claims import Claim, Severity, claim, on_scale
from playbooks.forensics.observable_kinds import Seen

_PERCENT: Levels = ((80, "critical"), (60, "high"), (40, "medium"), (20, "low"))
_FIVE: Levels = ((5, "critical"), (4, "high"), (3, "medium"), (2, "low"))
_CLOSED = frozenset({"closed", "resolved", "true_positive", "false_positive", "ignored", "40"})
_SCORES = ("FineScore", "fine_score")
_SEVERITIES = ("Severity", "severity", "LogSeverity")
_TIMES = (
    *("UTCTimestamp", "IncidentStartTime", "StartTime", "start", "created_timestamp", "timestamp"),
    *("DeviceCustomDate1", "TimeGenerated [UTC]", "TimeGenerated"),
)
_SEEN = {
    "account": ("UserName", "user_name", "UserId", "SourceAccountName", "users", "DestinationUserName"),
    "host": (
        *("Hostname", "ComputerName", "device.hostname", "hosts.*.hostname", "EndpointName"),
        *("SourceEndpointHostName", "DestinationHostName", "HostNames"),
    ),
    "address": ("LocalIP", "device.local_ip", "UserIp", "EndpointIp", "SourceIP", "DestinationIP"),
    "file": ("FilePath", "filepath", "FileName", "filename"),
    "hash": ("SHA256String", "sha256", "SHA1String", "sha1", "MD5String", "md5"),
}


def read(body: Any) -> tuple[Claim, ...]:
    """The claim of one event, or of each of a list or of an answer's `resources`."""
    return tuple(_claim(one) for one in items(body, "resources"))


def _claim(body: dict[str, Any]) -> Claim:
    event = body["event"] if isinstance(body.get("event"), dict) else body
    title = title_of(event)
    state = word(event, "State", "status", "state").lower()
    told = (word(event, path) for path in ("Tactic", "tactic", "Technique", "technique"))
    customer = word(body, "metadata.customerIDString") or word(
        event, "CustomerIdString", "cid", "customer_id"
    )
    return claim(
        identity_of(event),
        status="resolved" if state in _CLOSED else "firing",
        severity=_severity(event),
        original_severity=word(event, "SeverityName", "severity_name", *_SEVERITIES, *_SCORES),
        title=title,
        payload=body,
        occurred_at=utc_instant(event, *_TIMES)
        or utc_instant(body, "metadata.eventCreationTime", "timestamp"),
        category=category_of(title, *told),
        observables=_observables(event),
        ids=(word(event, *IDS), word(event, "EventUUID", "aggregate_id")),
        client_hints=prefixed("crowdstrike", customer),
        link=link_of(event),
    )


def _observables(event: dict[str, Any]) -> tuple[Seen, ...]:
    """What the event names; a hash of zeros stands for one that was not computed."""
    named = (one for one in observables(event, _SEEN) if set(one.value) != {"0"})
    return (*named, *seen("account", audited(event, "target_name")), *seen("file", accessed(event)))


def _severity(event: dict[str, Any]) -> Severity:
    """Its name if it has one; else 1 to 5 of older streams and CEF, or 0 to 100; or an incident's score."""
    if name := word(event, "SeverityName", "severity_name"):
        return on_scale(name)
    value = number(event, *_SEVERITIES)
    if value is None:
        return graded(number(event, *_SCORES), _PERCENT)
    return graded(value, _FIVE if value <= 5 else _PERCENT)


def _is_falcon(event: Mapping[str, Any]) -> bool:
    inner = event.get("event")
    if isinstance(inner, dict):
        meta = event.get("metadata")
        return (
            isinstance(meta, dict) and {"customerIDString", "eventType"} <= meta.keys()
        ) or "fdr_event_type" in event
    return (
        event.get("DeviceVendor") == "CrowdStrike"
        or {"ExternalApiType", "cid"} <= event.keys()
        or {"composite_id", "cid"} <= event.keys()
        or {"incident_id", "cid", "fine_score"} <= event.keys()
    )


def _recognises(body: Any) -> bool:
    """Falcon names its customer (`cid`, `customerIDString`) beside its own event type or id."""
    return _is_falcon(first_item(body, "resources"))


ADAPTER = Adapter(
    kind="crowdstrike",
    product="CrowdStrike Falcon",
    docs="https://falcon.crowdstrike.com/documentation",
    recognises=_recognises,
    read=read,
    severity="its name; else of 1 to 5, or of 100: 80 critical, 60 high, 40 medium, 20 low; medium without",
    same_alert="same detection or incident id; an audit event by operation, service and user",
    auth="bearer",
)
