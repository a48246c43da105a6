"""The `elastic` source: detection alerts of Elastic Security, and the body of a Kibana rule's action.

https://www.elastic.co/guide/en/security/current/alert-schema.html
https://www.elastic.co/guide/en/kibana/current/rule-action-variables.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flows.intake.adapters.adapter import Adapter
from flows.intake.adapters.hinting import category_of, clients_named, prefixed
from flows.intake.adapters.picking import at, must_word, number, word, words
from flows.intake.adapters.reading import Levels, graded, observables, utc_instant
from flows.intake.adapters.shapes import must_be_list, must_be_object
from flows.intake.adapters.spotting import named
from flows.intake.claims import Claim, claim, on_scale
from playbooks.alerts.view import Status

_RISK: Levels = ((74, "critical"), (48, "high"), (22, "medium"), (1, "low"))
_SEEN = {
    "account": ("user.name", "user.email", "user.target.name"),
    "host": ("host.name", "host.hostname"),
    "address": ("source.ip", "destination.ip", "client.ip", "server.ip", "host.ip"),
    "domain": ("dns.question.name", "url.domain", "destination.domain"),
    "url": ("url.full", "url.original"),
    "file": ("file.path", "process.executable"),
    "hash": tuple(
        f"{of}.hash.{how}" for of in ("file", "process", "dll") for how in ("md5", "sha1", "sha256")
    ),
}
_CLOUDS: Mapping[str, str] = {"aws": "aws", "azure": "azure", "gcp": "gcp", "google": "gcp"}


def read(body: Any) -> tuple[Claim, ...]:
    """The claims of detection alerts (bare, as hits, in an action's `context.alerts`), or of an action."""
    if isinstance(body, list):
        return tuple(_detection(item, (index,)) for index, item in enumerate(must_be_list(body)))
    stated = must_be_object(body)
    for path in ("context.alerts", "alerts", "hits.hits"):
        if isinstance(listed := at(stated, path), list) and listed:
            where = tuple(path.split("."))
            return tuple(_detection(item, (*where, n)) for n, item in enumerate(must_be_list(listed, where)))
    if _is_action(stated):
        return (_action(stated),)
    return (_detection(stated, ()),)


def _detection(item: Any, path: tuple[str | int, ...]) -> Claim:
    hit = must_be_object(item, path)
    alert = hit["_source"] if isinstance(hit.get("_source"), dict) else hit
    title = must_word(alert, "kibana.alert.rule.name")
    severity = word(alert, "kibana.alert.severity", "kibana.alert.rule.severity")
    told = named(alert, "threat.*.tactic.name", "threat.tactic.name", "event.category", "event.action")
    return claim(
        word(alert, "kibana.alert.uuid") or must_word(hit, "_id", "kibana.alert.uuid"),
        status=_status(alert),
        severity=on_scale(severity) if severity else graded(number(alert, "kibana.alert.risk_score"), _RISK),
        original_severity=severity or word(alert, "kibana.alert.risk_score"),
        title=title,
        payload=hit,
        occurred_at=utc_instant(alert, "kibana.alert.original_time", "kibana.alert.start", "@timestamp"),
        category=category_of(title, *told),
        observables=observables(alert, _SEEN),
        ids=(word(alert, "kibana.alert.uuid"), word(hit, "_id"), word(alert, "kibana.alert.rule.uuid")),
        client_hints=_clients(alert),
        link=word(alert, "kibana.alert.url"),
    )


def _action(body: dict[str, Any]) -> Claim:
    severity = word(body, "context.severity", "rule.params.severity", "severity")
    title = must_word(body, "rule.name")
    return claim(
        [must_word(body, "rule.id"), word(body, "alert.id", "alert.uuid")],
        status="resolved" if word(body, "alert.actionGroup").lower() == "recovered" else "firing",
        severity=on_scale(severity),
        original_severity=severity,
        title=title,
        payload=body,
        occurred_at=utc_instant(body, "context.timestamp", "date"),
        category=category_of(title, *words(body, "rule.tags")),
        observables=observables(at(body, "context.hits.0._source") or at(body, "context"), _SEEN),
        ids=(word(body, "alert.uuid"), word(body, "alert.id"), word(body, "rule.id")),
        client_hints=clients_named(at(body, "rule.tags")),
        link=word(body, "context.alertDetailsUrl", "context.results_link", "context.link", "rule.url"),
    )


def _status(alert: dict[str, Any]) -> Status:
    is_over = word(alert, "kibana.alert.workflow_status") == "closed"
    return "resolved" if is_over or word(alert, "kibana.alert.status") == "recovered" else "firing"


def _clients(alert: dict[str, Any]) -> tuple[str, ...]:
    cloud = _CLOUDS.get(word(alert, "cloud.provider").lower(), "elastic")
    return (
        *prefixed(cloud, word(alert, "cloud.account.id")),
        *prefixed("elastic", word(alert, "organization.id")),
        *clients_named(at(alert, "labels")),
        *clients_named(at(alert, "kibana.alert.rule.tags")),
    )


def _is_action(body: dict[str, Any]) -> bool:
    rule, alert = body.get("rule"), body.get("alert")
    return isinstance(rule, dict) and isinstance(alert, dict) and "actionGroup" in alert


def _is_detection(body: dict[str, Any]) -> bool:
    alert = body["_source"] if isinstance(body.get("_source"), dict) else body
    return any(key.startswith("kibana.alert.") for key in alert) or isinstance(
        at(alert, "kibana.alert"), dict
    )


def _recognises(body: Any) -> bool:
    """Only Kibana writes `kibana.alert.*`, and an action's alert with its `actionGroup`."""
    first = body[0] if isinstance(body, list) and body else body
    if not isinstance(first, dict):
        return False
    inner = at(first, "context.alerts.0") or at(first, "alerts.0") or at(first, "hits.hits.0") or first
    return _is_action(first) or (isinstance(inner, dict) and _is_detection(inner))


ADAPTER = Adapter(
    kind="elastic",
    product="Elastic Security detection alert and Kibana rule action",
    docs="https://www.elastic.co/guide/en/security/current/alert-schema.html",
    recognises=_recognises,
    read=read,
    severity="`kibana.alert.severity`, by its word; else risk score: 74 critical, 48 high, 22 medium, 1 low",
    same_alert="same alert uuid; for an action same rule and alert id",
    auth="bearer",
)
