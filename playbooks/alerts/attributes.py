"""The attributes of an alert: what conditions may look at, and by what alerts are held together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal, get_args

from playbooks.alerts.view import Category, DataHint, Severity, Status
from playbooks.condition_terms import Terms, TermType


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute of an alert, as conditions name it."""

    name: str
    type: TermType
    label: str
    values: tuple[str, ...] = ()


ATTRIBUTES: Final = (
    Attribute("source", "line", "the source's name"),
    Attribute("kind", "line", "the kind of tool"),
    Attribute("title", "line", "the tool's own title"),
    Attribute("category", "choice", "what sort of event it is", get_args(Category)),
    Attribute("severity", "choice", "how severe the tool says it is", get_args(Severity)),
    Attribute("status", "choice", "whether it is over", get_args(Status)),
    Attribute("accounts", "lines", "accounts that it names"),
    Attribute("hosts", "lines", "machines that it names"),
    Attribute("addresses", "lines", "network addresses that it names"),
    Attribute("domains", "lines", "domains that it names"),
    Attribute("clients", "lines", "references of the clients it touches"),
    Attribute("data_hints", "choices", "categories of data that it names", get_args(DataHint)),
    Attribute("playbook", "line", "the playbook chosen for it"),
)
"""The fields of AlertView, in their order."""


def _terms(attributes: tuple[Attribute, ...]) -> Terms:
    return Terms(
        MappingProxyType({one.name: one for one in attributes}),
        called="field",
        listed_in="one of: " + ", ".join(one.name for one in attributes),
        has_cases=False,
        is_backslash_text=True,
    )


TERMS: Final = _terms(ATTRIBUTES)
BEFORE_THE_CHOICE: Final = _terms(tuple(one for one in ATTRIBUTES if one.name != "playbook"))
"""What may be looked at while the playbook is still being chosen."""

By = Literal[
    "account", "host", "address", "domain", "client", "source", "kind", "category", "title", "playbook"
]  # fmt: skip
"""By what a correlation rule holds alerts together."""

FIELD_OF: Final[Mapping[By, str]] = MappingProxyType(
    {
        "account": "accounts",
        "host": "hosts",
        "address": "addresses",
        "domain": "domains",
        "client": "clients",
        "source": "source",
        "kind": "kind",
        "category": "category",
        "title": "title",
        "playbook": "playbook",
    }
)
"""The attribute that holds it: plural where an alert may name several."""
