"""The `splunk` source: Splunk's webhook alert action, and notable events of Splunk Enterprise Security.

https://docs.splunk.com/Documentation/Splunk/latest/Alert/Webhooks
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flows.intake.adapters.adapter import Adapter
from flows.intake.adapters.hinting import category_of, clients_named, prefixed
from flows.intake.adapters.picking import instant, word, words
from flows.intake.adapters.reading import observables
from flows.intake.adapters.shapes import must_be_object, wrong_field
from flows.intake.claims import Claim, Severity, claim, on_scale
from playbooks.alerts.view import Category

_LEVELS: Mapping[str, Severity] = {
    "6": "critical", "5": "critical", "severe": "critical",
    "4": "high", "3": "medium", "2": "info", "1": "info",
}  # fmt: skip
_CLOSED = frozenset({"4", "5", "resolved", "closed"})
_DOMAINS: Mapping[str, Category] = {"access": "credential", "identity": "identity", "network": "network"}
_SEEN = {
    "account": ("user", "src_user", "dest_user"),
    "host": ("host", "src", "dest", "dvc", "src_host", "dest_host"),
    "address": ("src_ip", "dest_ip", "sender", "recipient"),
    "domain": ("query", "dest_dns", "url_domain"),
    "url": ("url",),
    "file": ("file_path", "file_name"),
    "hash": ("file_hash", "process_hash"),
}
_ENTITIES = ("host", "src", "dest", "src_ip", "dest_ip", "user")


def read(body: Any) -> tuple[Claim, ...]:
    """The one claim of an alert action, whose `result` is the search's first row; or of a bare notable."""
    stated = must_be_object(body)
    row = must_be_object(stated["result"], ("result",)) if "result" in stated else stated
    title = (
        word(row, "rule_title") or word(stated, "search_name") or word(row, "rule_name", "signature", "_raw")
    )
    if not title:
        raise wrong_field(("search_name",), "text is wanted")
    return (_claim(stated, row, title),)


def _claim(stated: dict[str, Any], row: dict[str, Any], title: str) -> Claim:
    search = word(stated, "search_name") or word(row, "rule_name") or title
    severity = word(row, "urgency", "severity")
    entities = ("|".join(words(row, path)) for path in _ENTITIES)
    return claim(
        word(row, "event_id") or [word(stated, "app"), search, *entities],
        status="resolved" if "event_id" in row and _state(row) in _CLOSED else "firing",
        severity=_LEVELS.get(severity.lower()) or on_scale(severity),
        original_severity=severity,
        title=title,
        payload=stated,
        occurred_at=instant(row, "first_time", "firstTime", "orig_time", "_time"),
        category=category_of(title, search, otherwise=_DOMAINS.get(word(row, "security_domain"), "other")),
        observables=observables(row, _SEEN),
        ids=(word(row, "event_id"), word(stated, "sid"), word(row, "orig_sid")),
        client_hints=(*clients_named(row), *prefixed("aws", word(row, "aws_account_id", "vendor_account"))),
        link=word(stated, "results_link") or word(row, "drilldown_link"),
    )


def _state(notable: dict[str, Any]) -> str:
    return word(notable, "status_label", "status").lower()


def _recognises(body: Any) -> bool:
    """The alert action always names search id, owner and result; a notable its rule, urgency and event."""
    if not isinstance(body, dict):
        return False
    return ({"sid", "owner"} <= body.keys() and isinstance(body.get("result"), dict)) or {
        "event_id",
        "rule_name",
        "urgency",
        "security_domain",
    } <= body.keys()


ADAPTER = Adapter(
    kind="splunk",
    product="Splunk alert action and Enterprise Security notable",
    docs="https://docs.splunk.com/Documentation/Splunk/latest/Alert/Webhooks",
    recognises=_recognises,
    read=read,
    severity="the row's `urgency` or `severity`: its word; 5 critical, 4 high, 3 medium; medium without",
    same_alert="same notable event id; else same app, search, host, source, destination and user",
    auth="bearer",
)
