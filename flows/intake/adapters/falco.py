"""The `falco` source: an event of Falco's HTTP output, or as Falcosidekick forwards it.

https://falco.org/docs/concepts/outputs/formatting/
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flows.intake.adapters.adapter import Adapter
from flows.intake.adapters.hinting import category_of, clients_named, prefixed
from flows.intake.adapters.picking import as_instant, must_word, seen, word, words
from flows.intake.adapters.reading import first_item, items, observables, utc_instant
from flows.intake.claims import Claim, Severity, claim, on_scale
from playbooks.forensics.observable_kinds import Seen

_PRIORITIES: Mapping[str, Severity] = {
    "emergency": "critical", "alert": "critical", "critical": "critical", "error": "high",
    "warning": "medium", "notice": "low", "informational": "info", "debug": "info",
}  # fmt: skip
_SEEN = {
    "account": ("user.name", "ka.user.name", "ct.user"),
    "host": ("k8s.node.name", "evt.hostname"),
    "address": ("fd.sip", "fd.cip", "fd.rip", "fd.lip", "ct.srcip"),
    "domain": ("fd.sip.name", "fd.rip.name"),
    "file": ("fs.path.name", "proc.exepath"),
    "hash": ("proc.hash.sha256",),
}
_ENTITIES = (
    *(
        "container.id",
        "k8s.ns.name",
        "k8s.pod.name",
        "user.name",
        "ka.user.name",
        "ka.verb",
        "ka.target.namespace",
    ),
    *("ka.target.resource", "ka.target.name", "ct.user", "ct.srcip"),
)


def read(body: Any) -> tuple[Claim, ...]:
    """The claim of one event, or of each of a list."""
    return tuple(_claim(one) for one in items(body))


def _claim(event: dict[str, Any]) -> Claim:
    rule = must_word(event, "rule")
    stated = event.get("output_fields")
    fields = stated if isinstance(stated, dict) else {}
    priority = word(event, "priority")
    return claim(
        [rule, word(event, "source"), word(event, "hostname"), *(word(fields, path) for path in _ENTITIES)],
        status="firing",
        severity=_PRIORITIES.get(priority.lower()) or on_scale(priority),
        original_severity=priority,
        title=rule,
        payload=event,
        occurred_at=_time(event, fields),
        category=category_of(rule, *(tag.replace("_", " ") for tag in words(event, "tags"))),
        observables=(
            *_machine(event),
            *observables(fields, _SEEN),
            *_descriptor(fields),
        ),
        ids=(word(event, "uuid"),),
        client_hints=_clients(event, fields),
    )


def _machine(event: dict[str, Any]) -> tuple[Seen, ...]:
    """Where the kernel saw it; of an audit log the collector, which many clusters and accounts may share."""
    is_kernel = word(event, "source") in {"", "syscall"}
    return seen("host", words(event, "hostname") if is_kernel else ())


def _clients(event: dict[str, Any], fields: Mapping[str, Any]) -> tuple[str, ...]:
    return (
        *clients_named(fields),
        *clients_named(event.get("tags")),
        *prefixed("aws", word(fields, "ct.user.accountid")),
        *prefixed("k8s", word(fields, "k8s.ns.name", "ka.target.namespace")),
    )


def _time(event: dict[str, Any], fields: Mapping[str, Any]) -> datetime | None:
    """The kernel's own nanoseconds; as text `evt.time` has no date."""
    raw = fields.get("evt.time")
    return as_instant(raw) if isinstance(raw, int) else utc_instant(event, "time")


def _descriptor(fields: Mapping[str, Any]) -> tuple[Any, ...]:
    """What `fd.name` is: a path, or a connection written as `address:port->address:port`."""
    name = word(fields, "fd.name")
    if name.startswith("/"):
        return seen("file", (name,))
    return seen("address", (end.strip().rpartition(":")[0] for end in name.split("->")[:2]))


def _recognises(body: Any) -> bool:
    """Falco writes rule, priority and output of each event, and its fields."""
    first = first_item(body)
    return {"rule", "priority", "output"} <= first.keys() and isinstance(first.get("output_fields"), dict)


ADAPTER = Adapter(
    kind="falco",
    product="Falco and Falcosidekick",
    docs="https://falco.org/docs/concepts/outputs/formatting/",
    recognises=_recognises,
    read=read,
    severity="priority: Emergency to Critical critical, Error high, Warning medium, Notice low, below info",
    same_alert="same rule, source, host, container, pod, user and target",
    auth="bearer",
)
