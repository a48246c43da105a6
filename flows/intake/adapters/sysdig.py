"""The `sysdig` source: an alert of Sysdig Monitor's webhook, or a policy event of Sysdig Secure.

https://docs.sysdig.com/en/docs/administration/administration-settings/outbound-integrations/notifications-management/
"""

from __future__ import annotations

from typing import Any

from flows.intake.adapters.adapter import Adapter
from flows.intake.adapters.hinting import category_of, clients_named, prefixed
from flows.intake.adapters.picking import at, must_word, number, objects, seen, word
from flows.intake.adapters.reading import first_item, items, observables, utc_instant
from flows.intake.claims import Claim, Severity, claim, on_scale

_HOST_METRICS = ("host.hostName", "host_hostname", "host")
_SEEN = {
    "account": ("user.name", "ka.user.name", "ct.user"),
    "address": ("fd.sip", "fd.cip", "ct.srcip"),
    "file": ("fs.path.name",),
}


def read(body: Any) -> tuple[Claim, ...]:
    """The claim of one notification or policy event, or of each of a list."""
    return tuple(_claim(one) for one in items(body))


def _claim(body: dict[str, Any]) -> Claim:
    return _notification(body) if "alert" in body else _policy_event(body)


def _notification(body: dict[str, Any]) -> Claim:
    title = must_word(body, "alert.name")
    entities = objects(body, "entities")
    told = (info for entity in entities for info in objects(entity, "additionalInfo"))
    hosts = [word(info, "value") for info in told if info.get("metric") in _HOST_METRICS]
    is_over = at(body, "resolved") is True or word(body, "state").upper() in {"OK", "RESOLVED"}
    return claim(
        [must_word(body, "alert.id", "alert.name"), *sorted(word(entity, "entity") for entity in entities)],
        status="resolved" if is_over else "firing",
        severity=_severity(body, "alert.severityLabel", "alert.severity"),
        original_severity=word(body, "alert.severityLabel", "alert.severity"),
        title=title,
        payload=body,
        occurred_at=utc_instant(body, "timestamp"),
        category=category_of(title, word(body, "alert.description"), word(body, "condition")),
        observables=seen("host", hosts),
        ids=(word(body, "event.id"), word(body, "alert.id")),
        client_hints=clients_named(at(body, "alert.labels")),
        link=word(body, "event.url", "alert.editUrl"),
    )


def _policy_event(body: dict[str, Any]) -> Claim:
    rule = word(body, "content.ruleName")
    title = rule or must_word(body, "name")
    labels = at(body, "labels")
    return claim(
        [
            must_word(body, "content.policyId", "name"),
            rule,
            *(word(body, path) for path in ("agentId", "containerId")),
        ],
        status="firing",
        severity=_severity(body, "severityLabel", "severity"),
        original_severity=word(body, "severityLabel", "severity"),
        title=title,
        payload=body,
        occurred_at=utc_instant(body, "timestamp"),
        category=category_of(title, word(body, "name")),
        observables=(
            *seen("host", [word(labels, *_HOST_METRICS, "kubernetes.node.name")]),
            *observables(at(body, "content.fields"), _SEEN),
        ),
        ids=(word(body, "id"),),
        client_hints=_clients(labels),
        link=word(body, "url"),
    )


def _clients(labels: Any) -> tuple[str, ...]:
    return (
        *clients_named(labels),
        *prefixed("aws", word(labels, "aws.accountId", "cloudProvider.account.id")),
        *prefixed("k8s", word(labels, "kubernetes.namespace.name")),
    )


def _severity(body: dict[str, Any], *paths: str) -> Severity:
    """Its label; else its number, of which Sysdig calls 0 to 3 high, 4 and 5 medium, 6 low and 7 info."""
    value = number(body, *paths)
    if value is None:
        return on_scale(word(body, *paths))
    return "high" if value <= 3 else "medium" if value <= 5 else "low" if value <= 6 else "info"


def _recognises(body: Any) -> bool:
    """A notification has an alert with `editUrl` or `scope` and a `timespan`; an event a policy's rule."""
    first = first_item(body)
    alert, content = first.get("alert"), first.get("content")
    if isinstance(alert, dict):
        return {"timespan", "state"} <= first.keys() and bool({"editUrl", "scope"} & alert.keys())
    return (
        isinstance(content, dict) and "agentId" in first and bool({"ruleName", "policyId"} & content.keys())
    )


ADAPTER = Adapter(
    kind="sysdig",
    product="Sysdig Monitor and Secure",
    docs="https://docs.sysdig.com/en/docs/administration/administration-settings/outbound-integrations/",
    recognises=_recognises,
    read=read,
    severity="its label; else 0 to 3 high, 4 and 5 medium, 6 low, 7 info",
    same_alert="same alert and entities; a policy event by policy, rule, agent and container",
    auth="bearer",
)
