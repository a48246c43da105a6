"""The `sentinelone` source: threats, custom-rule alerts and activities of SentinelOne's API 2.0 and 2.1.

https://usea1-partners.sentinelone.net/docs/en/threats.html
"""

from __future__ import annotations

from typing import Any

from flows.intake.adapters.adapter import Adapter
from flows.intake.adapters.hinting import category_of, prefixed
from flows.intake.adapters.picking import at, number, word
from flows.intake.adapters.reading import Levels, first_item, graded, items, observables, utc_instant
from flows.intake.adapters.shapes import wrong_field
from flows.intake.claims import Claim, Severity, Status, claim, on_scale

_RANK: Levels = ((7, "high"), (4, "medium"), (1, "low"))
_OVER = frozenset({"resolved", "false_positive"})
_STATES = ("threatInfo.incidentStatus", "alertInfo.incidentStatus", "threatInfo.analystVerdict")
_NAMES = ("threatInfo.threatName", "threatName", "fileDisplayName", "ruleInfo.name", "primaryDescription")
_IDS = ("threatInfo.threatId", "alertInfo.alertId")
_SEEN = {
    "account": (
        *(
            "username",
            "threatInfo.processUser",
            "agentDetectionInfo.agentLastLoggedInUserName",
            "data.username",
        ),
        *("sourceProcessInfo.user", "data.realUser"),
    ),
    "host": (
        *("agentComputerName", "agentRealtimeInfo.agentComputerName", "agentDetectionInfo.name"),
        "data.computerName",
    ),
    "address": (
        *("agentIp", "agentDetectionInfo.agentIpV4", "agentDetectionInfo.externalIp", "data.externalIp"),
        *("data.ipAddress", "alertInfo.srcIp", "alertInfo.dstIp"),
    ),
    "domain": ("alertInfo.dnsRequest",),
    "file": ("filePath", "threatInfo.filePath", "sourceProcessInfo.filePath", "data.filePath"),
    "hash": (
        *("fileContentHash", "fileSha256", "threatInfo.sha256", "threatInfo.sha1", "threatInfo.md5"),
        *("sourceProcessInfo.fileHashSha256", "sourceProcessInfo.fileHashSha1", "data.fileContentHash"),
    ),
}


def read(body: Any) -> tuple[Claim, ...]:
    """The claim of one threat, alert or activity, or of each of a list or of an answer's `data`."""
    return tuple(_claim(one) for one in items(body, "data"))


def _claim(body: dict[str, Any]) -> Claim:
    classification = word(body, "threatInfo.classification", "classification")
    title = _title(body, classification)
    agent = ("agentRealtimeInfo.", "agentDetectionInfo.", "")
    return claim(
        _identity(body),
        status=_status(body),
        severity=_severity(body),
        original_severity=word(body, "ruleInfo.severity", "threatInfo.confidenceLevel", "rank"),
        title=title,
        payload=body,
        occurred_at=utc_instant(
            body, "threatInfo.identifiedAt", "threatInfo.createdAt", "alertInfo.createdAt"
        )
        or utc_instant(body, "createdDate", "createdAt"),
        category=category_of(
            title, classification, otherwise="other" if "activityType" in body else "malware"
        ),
        observables=observables(body, _SEEN),
        ids=(word(body, *_IDS, "id"), word(body, "threatId"), word(body, "threatInfo.storyline")),
        client_hints=prefixed(
            "sentinelone",
            *(word(body, *(f"{of}{name}" for of in agent)) for name in ("accountId", "siteId", "siteName")),
        ),
    )


def _title(body: dict[str, Any], classification: str) -> str:
    name = word(body, *_NAMES)
    if not name:
        raise wrong_field(("threatInfo", "threatName"), "text is wanted")
    return f"{classification}: {name}" if classification else name


def _identity(body: dict[str, Any]) -> object:
    """A threat's or alert's own id; an activity is what was done, to which threat or agent or by whom."""
    if "activityType" in body:
        whose = word(body, "threatId") or word(body, "agentId") or word(body, "userId", "data.username")
        return ["activity", word(body, "activityType"), whose]
    found = word(body, *_IDS, "id")
    if not found:
        raise wrong_field(("threatInfo", "threatId"), "text is wanted")
    return found


def _status(body: dict[str, Any]) -> Status:
    is_over = any(word(body, path).lower() in _OVER for path in _STATES) or at(body, "resolved") is True
    return "resolved" if is_over or at(body, "markedAsBenign") is True else "firing"


def _severity(body: dict[str, Any]) -> Severity:
    """A rule's own; else malicious high and suspicious medium; else the rank of older consoles."""
    if stated := word(body, "ruleInfo.severity"):
        return on_scale(stated)
    if confidence := word(body, "threatInfo.confidenceLevel", "confidenceLevel").lower():
        return "high" if confidence == "malicious" else "medium"
    if "activityType" in body:
        return "medium" if word(body, "threatId") else "info"
    return graded(number(body, "rank"), _RANK)


def _recognises(body: Any) -> bool:
    """Only SentinelOne writes these pairs of names."""
    first = first_item(body, "data")
    return any(
        names <= first.keys()
        for names in (
            {"threatInfo", "agentRealtimeInfo"},
            {"threatInfo", "agentDetectionInfo"},
            {"alertInfo", "ruleInfo"},
            {"agentComputerName", "agentId", "mitigationStatus"},
            {"activityType", "primaryDescription", "siteId"},
        )
    )


ADAPTER = Adapter(
    kind="sentinelone",
    product="SentinelOne",
    docs="https://usea1-partners.sentinelone.net/docs/en/threats.html",
    recognises=_recognises,
    read=read,
    severity="a rule's word; malicious high, suspicious medium; else rank: 7 high, 4 medium; activities info",
    same_alert="same threat or alert id; an activity by its type and the threat, agent or user it is about",
    auth="bearer",
)
