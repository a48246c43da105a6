"""What an event of CrowdStrike Falcon is called, what makes it the same one, and what it names beside."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flows.intake.adapters.picking import objects, word
from flows.intake.adapters.shapes import wrong_field

IDS = (
    *("CompositeId", "composite_id", "DetectId", "detection_id", "IncidentID", "IncidentId", "incident_id"),
    "IdentityProtectionIncidentId",
)
_NAMES = ("DetectName", "Name", "display_name", "name", "IncidentType", "incident_type")
_TOLD = ("DetectDescription", "Description", "description", "IncidentDescription")


def title_of(event: dict[str, Any]) -> str:
    """Its name and what is told of it; an operation of the audit; an activity in CEF."""
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


def identity_of(event: dict[str, Any]) -> object:
    """Falcon's id of the detection or incident; it stands in the link too; an audit event is who did what."""
    if found := word(event, *IDS) or link_of(event).partition("?")[0]:
        return found
    acted = word(event, "OperationName") or (word(event, "Activity") if "DeviceVendor" in event else "")
    if not acted:
        raise wrong_field(("event", "CompositeId"), "text is wanted")
    by, where = word(event, "UserId", "DestinationUserName"), word(event, "ServiceName", "DeviceEventClassID")
    return [acted, by, where, *audited(event, "target_name"), *audited(event, "roles")]


def link_of(event: dict[str, Any]) -> str:
    """Where Falcon shows it; CEF writes the link under a numbered field, with `=` escaped."""
    in_cef = event.get("DeviceCustomString6Label") == "FalconHostLink"
    path = "DeviceCustomString6" if in_cef else "falcon_host_link"
    return word(event, "FalconHostLink", path).replace("\\=", "=")


def audited(event: dict[str, Any], key: str) -> list[str]:
    """What an audit event says under one of its own keys."""
    return [word(one, "ValueString") for one in objects(event, "AuditKeyValues") if one.get("Key") == key]


def accessed(event: dict[str, Any]) -> Iterator[str]:
    """The documents that a detection in CEF names under its numbered fields."""
    for n in range(1, 7):
        if word(event, f"DeviceCustomString{n}Label").endswith("FileName"):
            yield word(event, f"DeviceCustomString{n}")
