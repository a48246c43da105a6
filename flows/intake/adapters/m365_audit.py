"""The `m365-audit` source: records of Microsoft 365's unified audit log, alerts and DLP matches among them.

https://learn.microsoft.com/office/office-365-management-api/office-365-management-activity-api-schema
"""

from __future__ import annotations

from typing import Any

from flows.intake.adapters.adapter import Adapter
from flows.intake.adapters.hinting import category_of, data_hints, prefixed
from flows.intake.adapters.microsoft import Path, batch, first, status_of
from flows.intake.adapters.picking import seen, word
from flows.intake.adapters.reading import observables, utc_instant
from flows.intake.adapters.shapes import must_be_object
from flows.intake.adapters.spotting import must_say, named, spoken
from flows.intake.claims import Claim, Status, claim, on_scale
from playbooks.alerts.view import Category
from playbooks.forensics.observable_kinds import Seen

_SIGNS = frozenset({"CreationTime", "Operation", "OrganizationId", "RecordType", "Workload"})
_OPERATIONS: tuple[tuple[str, Category], ...] = (
    ("DlpRule", "data_loss"), ("DLPRule", "data_loss"), ("AddedToSecureLink", "exposure"),
    ("AnonymousLink", "exposure"), ("SharingInvitation", "exposure"), ("SharingSet", "exposure"),
    ("CompanyLink", "exposure"), ("InboxRule", "mailbox"), ("Set-Mailbox", "mailbox"),
    ("Add-MailboxPermission", "mailbox"), ("MailItemsAccessed", "mailbox"), ("TransportRule", "mailbox"),
    ("FileDownloaded", "data_access"), ("FileSyncDownloaded", "data_access"), ("FileAccessed", "data_access"),
    ("UserLogin", "identity"), ("Add member to role", "identity"), ("Reset user password", "credential"),
    ("FileMalware", "malware"), ("TIMailData", "phishing"), ("TIUrlClick", "phishing"),
)  # fmt: skip
"""What an operation's name has in it."""

_RULES = "PolicyDetails.*.Rules.*"
_TYPES = f"{_RULES}.ConditionsMatched.SensitiveInformation.*.SensitiveInformationTypeName"
_PEOPLE = ("UserId", "MailboxOwnerUPN", "TargetUserOrGroupName", "AlertEntityId")
_SEEN = {
    "address": ("ClientIP", "ClientIPAddress", "ActorIpAddress", "SenderIp"),
    "url": ("SiteUrl", "Url", "SharePointMetaData.FilePathUrl"),
    "email": ("P2Sender", "Recipients", "ExchangeMetaData.From", "ExchangeMetaData.To"),
    "file": ("SourceFileName", "SharePointMetaData.FileName"),
}  # fmt: skip


def read(body: Any) -> tuple[Claim, ...]:
    """The claims of one record, or of a list of them as the activity API hands out."""
    return tuple(_claim(must_be_object(one, path), path) for one, path in batch(body))


def _claim(record: dict[str, Any], path: Path) -> Claim:
    record_id, operation = must_say(record, path, "Id"), must_say(record, path, "Operation")
    severity = _severity(record)
    name = word(record, "Name", "PolicyDetails.0.PolicyName")
    return claim(
        word(record, "AlertId", "IncidentId") or record_id,
        status=_status(record),
        severity=on_scale(severity or "medium"),
        original_severity=severity,
        title=name or _in_words(record, operation),
        payload=record,
        occurred_at=utc_instant(record, "CreationTime"),
        category=_category(record, operation, name),
        observables=_observables(record),
        ids=(record_id, word(record, "AlertId"), word(record, "IncidentId")),
        data_hints=data_hints(*named(record, _TYPES)),
        client_hints=prefixed("azure", word(record, "OrganizationId")),
        link=word(record, "AlertLinks.0.AlertLinkHref"),
    )


def _observables(record: dict[str, Any]) -> tuple[Seen, ...]:
    """People are named as `name@domain`; what else stands under a user's key is a service of Microsoft's."""
    people = [one for one in named(record, *_PEOPLE) if "@" in one and one != "app@sharepoint"]
    return (*seen("account", people), *observables(record, _SEEN))


def _severity(record: dict[str, Any]) -> str:
    """Only alerts and matches of DLP rules have one: an audit record says what was done."""
    return word(record, "Severity") or next(iter(named(record, f"{_RULES}.Severity")), "")


def _status(record: dict[str, Any]) -> Status:
    return "resolved" if word(record, "Operation") == "DlpRuleUndo" else status_of(word(record, "Status"))


def _in_words(record: dict[str, Any], operation: str) -> str:
    about = word(record, "SourceFileName") or word(record, "ObjectId").rpartition("/")[2]
    where = f" ({word(record, 'Workload')})" if word(record, "Workload") else ""
    return f"{spoken(operation)}{': ' + about if about else ''}{where}"


def _category(record: dict[str, Any], operation: str, name: str) -> Category:
    known = (sort for part, sort in _OPERATIONS if part in operation)
    return next(known, None) or category_of(name, word(record, "Category"), spoken(operation))


def _recognises(body: Any) -> bool:
    return first(body).keys() >= _SIGNS


ADAPTER = Adapter(
    kind="m365-audit",
    product="Microsoft 365 audit log",
    docs=(
        "https://learn.microsoft.com/office/office-365-management-api/"
        "office-365-management-activity-api-schema"
    ),
    recognises=_recognises,
    read=read,
    severity="an alert's or DLP rule's `Severity` by its word; other records have none: medium",
    same_alert="same alert or DLP incident; else same record",
    auth="bearer",
)
