"""Our words beside those of CACAO 2.0: phases and activities, roles and agents, markings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from playbooks.facts import DICTIONARY, FactSpec, FactType
from playbooks.wording import PhaseId, Role, Tlp

ACTIVITIES: Final[Mapping[PhaseId, tuple[str, ...]]] = {
    "detect": ("match-indicator", "scan-system", "scan-vulnerabilities"),
    "triage": ("identify-indicators", "identify-audience"),
    "contain": ("restrict-access", "disconnect-system", "configure-systems", "eliminate-risk"),
    "investigate": ("analyze-collected-data", "map-network", "identify-steps"),
    "notify": ("deliver-content", "compose-content", "identify-channel"),
    "recover": ("restore-capabilities", "restore-data", "revert-system"),
    "review": ("analyze-engagement-results",),
}
"""The activities of CACAO that belong to each phase; the first is the one we write."""
PHASE_OF_ACTIVITY: Final[Mapping[str, PhaseId]] = {
    activity: phase for phase, activities in ACTIVITIES.items() for activity in activities
}
TYPES: Final[Mapping[PhaseId, str]] = {
    "detect": "detection",
    "triage": "investigation",
    "contain": "mitigation",
    "investigate": "investigation",
    "notify": "notification",
    "recover": "remediation",
}
"""What kind of playbook a phase makes it."""
ROLES: Final[Mapping[Role, str]] = {
    "commander": "Incident commander",
    "it": "Information technology",
    "forensics": "Forensics",
    "privacy": "Privacy and data protection",
    "client_lead": "Client lead",
    "counsel": "Counsel",
    "approver": "Approver",
}
"""The name of the group that each role is."""
RECIPIENTS: Final[Mapping[str, str]] = {
    "client_controller": "The affected client",
    "supervisory_authority": "The supervisory authority",
    "data_subjects": "The people affected",
}
"""The names of those a notice goes to, as far as a name says more than the word itself."""
TLP_LEVELS: Final[Mapping[Tlp, tuple[str, str]]] = {
    "clear": ("TLP:CLEAR", "marking-tlp--94868c89-83c2-464b-929b-a1a8aa3c8487"),
    "green": ("TLP:GREEN", "marking-tlp--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"),
    "amber": ("TLP:AMBER", "marking-tlp--55d920b0-5e8b-4f79-9ee9-91f868d9b421"),
    "amber+strict": ("TLP:AMBER+STRICT", "marking-tlp--939a9414-2ddd-4d32-a0cd-375ea402b003"),
    "red": ("TLP:RED", "marking-tlp--e828b379-4e03-4974-9ac4-e53a884c97c1"),
}
"""The level and the one marking object that the CACAO committee publishes for it."""
TLP_AUTHOR: Final = ("identity--5abe695c-7bd5-4c31-8824-2528696cdbf1", "2022-10-01T00:00:00.000Z")
"""Who published those markings, and when."""

_TYPES_OF_FACTS: Final[Mapping[FactType, str]] = {"yes_no": "bool", "integer": "integer", "range": "long"}


def variable_of(name: str) -> str:
    """Return the variable that stands for a fact."""
    return f"__{name}__"


def fact_variable(spec: FactSpec) -> dict[str, object]:
    """Return the definition of the variable that stands for a fact."""
    kind = _TYPES_OF_FACTS.get(spec.type, "string")
    words = f"{spec.label} A fact of Seventytwo: {spec.name}."
    return {"type": kind, "description": words, "constant": False, "external": True}


def fact_of(variable: str, definition: object) -> FactSpec | None:
    """Return the fact a variable stands for, by its definition as well as its name; None for any other."""
    spec = DICTIONARY.get(variable.removeprefix("__").removesuffix("__"))
    if spec is None or variable != variable_of(spec.name) or definition != fact_variable(spec):
        return None
    return spec
