"""The `alertmanager` source: Prometheus Alertmanager's webhook, versions 3 and 4.

https://prometheus.io/docs/alerting/latest/configuration/#webhook_config
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from flows.intake.adapters.adapter import Adapter
from flows.intake.adapters.hinting import category_of, clients_named, data_hints
from flows.intake.adapters.labels import in_labels
from flows.intake.adapters.picking import instant, word
from flows.intake.adapters.shapes import Shape, Words, must_be_list, must_be_object, read_shape, wrong_field
from flows.intake.adapters.spotting import spoken
from flows.intake.claims import Claim, Status, claim, on_scale

TITLES = ("summary", "title", "message", "description")
LINKS = ("generatorURL",)
_SEVERITIES = ("labels.severity", "annotations.severity", "labels.priority", "labels.level")


def _absent_is_empty(value: Any) -> Any:
    return {} if value is None else value


Pairs = Annotated[dict[str, Words], BeforeValidator(_absent_is_empty)]


class PrometheusAlert(Shape):
    """One alert of a group; its labels are its identity."""

    status: Status
    labels: Annotated[dict[str, Words], Field(min_length=1)]
    annotations: Pairs = Field(default_factory=dict)


def read(body: Any) -> tuple[Claim, ...]:
    """The claims of one notification: each alert of the group is one."""
    return read_group(body, LINKS)


def read_group(body: Any, links: tuple[str, ...]) -> tuple[Claim, ...]:
    """The claims of a notification in Alertmanager's shape; a claim's link is the first of `links`."""
    group = must_be_object(body)
    if "alerts" not in group:
        raise wrong_field(("alerts",), "field required")
    alerts = must_be_list(group["alerts"], ("alerts",))
    return tuple(_claim(group, item, index, links) for index, item in enumerate(alerts))


def _claim(group: dict[str, Any], item: Any, index: int, links: tuple[str, ...]) -> Claim:
    path = ("alerts", index)
    body = must_be_object(item, path)
    stated = body if "status" in body else {**body, "status": group.get("status")}
    alert = read_shape(PrometheusAlert, stated, path)
    severity, title = word(body, *_SEVERITIES), _title(alert)
    sort = alert.labels.get("category", "")
    return claim(
        alert.labels,
        status=alert.status,
        severity=on_scale(severity or "medium"),
        original_severity=severity,
        title=title,
        payload=body,
        occurred_at=instant(body, "startsAt"),
        category=category_of(title, sort, spoken(alert.labels.get("alertname", ""))),
        observables=in_labels(alert.labels),
        ids=(word(body, "fingerprint"),),
        data_hints=data_hints(alert.labels.get("data", ""), alert.labels.get("data_category", "")),
        client_hints=(*clients_named(alert.labels), *clients_named(alert.annotations)),
        link=_first_link(body, group, links),
    )


def _title(alert: PrometheusAlert) -> str:
    told = next((alert.annotations[name] for name in TITLES if alert.annotations.get(name)), "")
    return told or alert.labels.get("alertname", "") or _labels_in_words(alert.labels)


def _labels_in_words(labels: Mapping[str, str]) -> str:
    return ", ".join(f"{name}={value}" for name, value in labels.items())


def _first_link(body: dict[str, Any], group: dict[str, Any], links: tuple[str, ...]) -> str:
    told = (*(word(body, name) for name in links), word(group, "externalURL"))
    return next((link for link in told if link.startswith(("http://", "https://"))), "")


def _recognises(body: Any) -> bool:
    """Grafana sends the same keys and `orgId`, `title` and `state` beside them."""
    return (
        isinstance(body, dict)
        and {"alerts", "receiver", "externalURL", "commonLabels"} <= body.keys()
        and body.keys().isdisjoint({"orgId", "title", "state"})
    )


ADAPTER = Adapter(
    kind="alertmanager",
    product="Prometheus Alertmanager",
    docs="https://prometheus.io/docs/alerting/latest/configuration/#webhook_config",
    recognises=_recognises,
    read=read,
    severity="label or annotation `severity`, or label `priority` or `level`, by its word; else medium",
    same_alert="same labels",
    auth="bearer",
)
