"""The `ocsf` source: findings and other events of the Open Cybersecurity Schema Framework, from any product.

https://schema.ocsf.io/categories/findings
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flows.intake.adapters.adapter import Adapter
from flows.intake.adapters.hinting import category_of, clients_named, data_hints, prefixed
from flows.intake.adapters.picking import at, must_word, objects, seen, word
from flows.intake.adapters.reading import first_item, items, observables, utc_instant
from flows.intake.adapters.shapes import wrong_field
from flows.intake.adapters.spotting import MOST_TEXTS, every, named
from flows.intake.claims import Claim, Severity, Status, claim, on_scale
from playbooks.alerts.view import Category, DataHint
from playbooks.forensics.observable_kinds import Seen

_SEVERITIES: Mapping[str, Severity] = {
    "1": "info", "2": "low", "3": "medium", "4": "high", "5": "critical", "6": "critical",
}  # fmt: skip
_OVER_STATES = frozenset({"3", "4", "5", "6"})
"""Of a finding: suppressed, resolved, archived, deleted."""
_CLASSES: Mapping[str, Category] = {"2002": "exposure", "2003": "policy", "2006": "data_loss"}
_GROUPS: Mapping[str, Category] = {"3": "identity", "4": "network"}
_TYPE_KINDS: Mapping[str, str] = {
    "1": "host", "2": "address", "4": "account", "5": "email", "6": "url", "7": "file", "8": "hash",
}  # fmt: skip
_DATA: Mapping[str, DataHint] = {"1": "personal_data", "3": "financial"}
_CLASSIFIED = ("data_security", "data_classifications.*", "resources.*.data_classification")
_CLASSIFIED_MORE = (
    "resources.*.data_classifications.*",
    "file.data_classification",
    "database.data_classification",
)
_SEEN = {
    "account": ("actor.user.name", "user.name", "evidences.*.actor.user.name", "resources.*.owner.name"),
    "email": ("actor.user.email_addr", "user.email_addr", "evidences.*.actor.user.email_addr"),
    "host": ("device.hostname", "evidences.*.device.hostname", "src_endpoint.hostname"),
    "address": (
        *("device.ip", "src_endpoint.ip", "dst_endpoint.ip"),
        *("evidences.*.src_endpoint.ip", "evidences.*.dst_endpoint.ip", "evidences.*.device.ip"),
    ),
    "domain": ("dst_endpoint.domain", "evidences.*.dst_endpoint.domain", "evidences.*.query.hostname"),
    "url": ("url.url_string", "evidences.*.url.url_string"),
    "file": ("file.path", "file.name", "evidences.*.file.path", "evidences.*.file.name"),
    "hash": (
        "file.hashes.*.value",
        "evidences.*.file.hashes.*.value",
        "evidences.*.process.file.hashes.*.value",
    ),
}


def read(body: Any) -> tuple[Claim, ...]:
    """The claim of one event, or of each of a list."""
    return tuple(_claim(one) for one in items(body))


def _claim(event: dict[str, Any]) -> Claim:
    title = word(event, "finding_info.title", "finding.title", "message", "activity_name")
    if not title:
        raise wrong_field(("finding_info", "title"), "text is wanted")
    uid = must_word(event, "finding_info.uid", "finding.uid", "metadata.uid", "metadata.correlation_uid")
    return claim(
        [word(event, "metadata.product.name"), word(event, "metadata.event_code"), uid],
        status=_status(event),
        severity=_SEVERITIES.get(word(event, "severity_id")) or on_scale(word(event, "severity")),
        original_severity=word(event, "severity", "severity_id"),
        title=title,
        payload=event,
        occurred_at=utc_instant(
            event, "finding_info.first_seen_time", "finding_info.created_time", "start_time"
        )
        or utc_instant(event, "finding_info.created_time_dt", "time", "time_dt"),
        category=_category(event, title),
        observables=(*observables(event, _SEEN), *_listed(event)),
        ids=(uid, word(event, "metadata.uid"), word(event, "metadata.event_code")),
        data_hints=_data(event),
        client_hints=_clients(event),
        link=word(event, "finding_info.src_url", "finding.src_url", "data_security.src_url"),
    )


def _category(event: dict[str, Any], title: str) -> Category:
    """By its class where that says enough; a posture check that says no more is a matter of policy."""
    is_check = word(event, "status_code").upper() in ("PASS", "FAIL", "MANUAL")
    group = "policy" if is_check else _GROUPS.get(word(event, "category_uid"), "other")
    told = named(event, "finding_info.types", "unmapped.categories", "finding_info.attacks.*.tactic.name")
    return _CLASSES.get(word(event, "class_uid")) or category_of(title, *told, otherwise=group)


def _status(event: dict[str, Any]) -> Status:
    """A check that passes (`status_code` of posture tools) is over, as is a closed finding."""
    is_closed = (
        word(event, "activity_id") == "3" or word(event, "status_code", "compliance.status").upper() == "PASS"
    )
    is_finding = word(event, "category_uid") == "2"
    is_over = word(event, "status_id") in _OVER_STATES or is_closed
    return "resolved" if is_finding and is_over else "firing"


def _listed(event: dict[str, Any]) -> tuple[Seen, ...]:
    """Its own list of observables, whose type is a number."""
    found = objects(event, "observables")[:MOST_TEXTS]
    return tuple(
        seen_one
        for one in found
        if (kind := _TYPE_KINDS.get(word(one, "type_id")))
        for seen_one in seen(kind, (word(one, "value"),))
    )


def _data(event: dict[str, Any]) -> tuple[DataHint, ...]:
    """What data security and data classifications say: category, types found, policy."""
    paths = (*_CLASSIFIED, *_CLASSIFIED_MORE)
    ids = (str(at(one, "category_id")) for path in paths for one in every(event, path))
    inner = ("category", "discovery_details.*.type", "policy.name", "detection_pattern")
    told = named(event, *(f"{path}.{name}" for path in paths for name in inner))
    stated = [_DATA[one] for one in ids if one in _DATA]
    return (*stated, *data_hints(*(text.replace("_", " ") for text in told)))


def _clients(event: dict[str, Any]) -> tuple[str, ...]:
    provider = word(event, "cloud.provider").lower()
    return (
        *prefixed(
            provider if provider in ("aws", "azure", "gcp") else "ocsf", word(event, "cloud.account.uid")
        ),
        *prefixed("ocsf", word(event, "metadata.tenant_uid"), word(event, "cloud.org.uid")),
        *clients_named(at(event, "cloud.account.labels")),
        *clients_named(list(named(event, "resources.*.labels", "metadata.labels"))),
    )


def _recognises(body: Any) -> bool:
    """Every OCSF event has its class, category and severity as numbers, and metadata with a version."""
    first = first_item(body)
    meta = first.get("metadata")
    return {"class_uid", "category_uid", "severity_id"} <= first.keys() and isinstance(meta, dict)


ADAPTER = Adapter(
    kind="ocsf",
    product="OCSF: findings of Prowler, AWS Security Lake and others",
    docs="https://schema.ocsf.io/categories/findings",
    recognises=_recognises,
    read=read,
    severity="severity id: 6 and 5 critical, 4 high, 3 medium, 2 low, 1 info; else its word",
    same_alert="same product, check and finding uid",
    auth="bearer",
)
