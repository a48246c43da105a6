"""The `crowdstrike` source: Falcon's detections, incidents and audit events, and CEF rows that name Falcon.

Event streams, Falcon Data Replicator, the alerts and incidents API, and Sentinel's CommonSecurityLog.
https://falcon.crowdstrike.com/documentation (event streams, alerts API)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from flows.intake.adapters.adapter import Adapter
from flows.intake.adapters.hinting import category_of, prefixed
from flows.intake.adapters.picking import number, objects, seen, word
from flows.intake.adapters.reading import Levels, first_item, graded, items, observables, utc_instant
from flows.intake.adapters.shapes import wrong_field
from flows.intake.claims import Claim, Severity, claim, on_scale

_PERCENT: Levels = ((80, "critical"), (60, "high"), (40, "medium"), (20, "low"))
_FIVE: Levels = ((5, "critical"), (4, "high"), (3, "medium"), (2, "low"))
_CLOSED = frozenset({"closed", "resolved", "true_positive", "false_positive", "ignored", "40"})
_IDS = (
    *("CompositeId", "composite_id", "DetectId", "detection_id", "IncidentID", "IncidentId", "incident_id"),
    "IdentityProtectionIncidentId",
)
_NAMES = ("DetectName", "Name", "display_name", "name", "IncidentType", "incident_type")
_TOLD = ("DetectDescription", "Description", "description", "IncidentDescription")
_SEVERITIES = ("Severity", "severity", "FineScore", "fine_score", "LogSeverity")
_TIMES = (
    *("UTCTimestamp", "IncidentStartTime", "StartTime", "start", "created_timestamp", "timestamp"),
    *("DeviceCustomDate1", "TimeGenerated [UTC]", "TimeGenerated"),
)
_SEEN = {
    "account": ("UserName", "user_name", "UserId", "SourceAccountName", "users", "DestinationUserName"),
    "host": (
        *(
            "Hostname",
            "ComputerName",
            "device.hostname",
            "hosts.*.hostname",
            "EndpointName",
            "SourceEndpointHostName",
        ),
        *("DestinationHostName", "HostNames"),
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
    title = _title(event)
    severity = word(event, "SeverityName", "severity_name") or word(event, *_SEVERITIES)
    return claim(
        _identity(event),
        status="resolved" if word(event, "State", "status", "state").lower() in _CLOSED else "firing",
        severity=_severity(event),
        original_severity=severity,
        title=title,
        payload=body,
        occurred_at=utc_instant(event, *_TIMES)
        or utc_instant(body, "metadata.eventCreationTime", "timestamp"),
        category=category_of(
            title, *(word(event, path) for path in ("Tactic", "tactic", "Technique", "technique"))
        ),
        observables=(
            *(one for one in observables(event, _SEEN) if set(one.value) != {"0"}),
            *seen("account", _targets(event)[:1]),
            *seen("file", _accessed(event)),
        ),
        ids=(word(event, *_IDS), word(event, "EventUUID", "aggregate_id")),
        client_hints=prefixed(
            "crowdstrike",
            word(body, "metadata.customerIDString") or word(event, "CustomerIdString", "cid", "customer_id"),
        ),
        link=_link(event),
    )


def _title(event: dict[str, Any]) -> str:
    if "DeviceVendor" in event:
        parts = [word(event, "Activity"), word(event, "DeviceEventClassID")]
    elif operation := word(event, "OperationName"):
        parts = [word(event, "ServiceName"), operation]
    else:
        parts = [word(event, *_NAMES), word(event, *_TOLD)]
    found = ": ".join(dict.fromkeys(part for part in parts if part))
    if not found:
        raise wrong_field(("event", "Name"), "text is wanted")
    return found


def _identity(event: dict[str, Any]) -> object:
    """Falcon's id of the detection or incident; it stands in the link too; an audit event is who did what."""
    if found := word(event, *_IDS) or _link(event).partition("?")[0]:
        return found
    acted = word(event, "OperationName") or (word(event, "Activity") if "DeviceVendor" in event else "")
    if not acted:
        raise wrong_field(("event", "CompositeId"), "text is wanted")
    by, where = word(event, "UserId", "DestinationUserName"), word(event, "ServiceName", "DeviceEventClassID")
    return [acted, by, where, *_targets(event)]


def _targets(event: dict[str, Any]) -> list[str]:
    """Whom an audit event was done to, and with which roles."""
    pairs = objects(event, "AuditKeyValues")
    return [word(one, "ValueString") for one in pairs if one.get("Key") in ("target_name", "roles")]


def _accessed(event: dict[str, Any]) -> Iterator[str]:
    """The documents that a detection in CEF names under its numbered fields."""
    for n in range(1, 7):
        if word(event, f"DeviceCustomString{n}Label").endswith("FileName"):
            yield word(event, f"DeviceCustomString{n}")


def _severity(event: dict[str, Any]) -> Severity:
    """Its name if it has one; else 1 to 5 of older streams and CEF, or 0 to 100 of all others."""
    if name := word(event, "SeverityName", "severity_name"):
        return on_scale(name)
    value = number(event, *_SEVERITIES)
    return graded(value, _FIVE if value is not None and value <= 5 else _PERCENT)


def _link(event: dict[str, Any]) -> str:
    labelled = (
        "DeviceCustomString6"
        if event.get("DeviceCustomString6Label") == "FalconHostLink"
        else "falcon_host_link"
    )
    return word(event, "FalconHostLink", labelled).replace("\\=", "=")


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
    first = first_item(body, "resources")
    return _is_falcon(first)


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
