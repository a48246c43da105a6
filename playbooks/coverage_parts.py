"""What coverage is scored from: the kinds, the clients, the people, and what each lacks in words. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

from playbooks.regimes import OTHER
from playbooks.vocabulary import whom

Part: TypeAlias = Literal[
    "owner", "roles", "regime", "template", "contacts", "term", "tested", "validity", "data_map"
]
About: TypeAlias = Literal["kind", "client", "people"]

WEIGHTS: Final[Mapping[Part, int]] = MappingProxyType(
    {
        "owner": 15,
        "roles": 10,
        "regime": 5,
        "template": 10,
        "contacts": 15,
        "term": 10,
        "tested": 15,
        "validity": 10,
        "data_map": 10,
    }
)
"""How much each part is worth, of a hundred; a judgement of ours, written in docs/datamap.md."""
GENERAL_NOTICE: Final = "notice-other"
"""The notice of the steps that the law adds beside a plan."""
REACHED: Final = frozenset(
    {
        *("client_controller", "supervisory_authority", "csirt_or_competent_authority"),
        *("financial_authority", "health_authority", "attorney_general", "card_brand", "acquirer"),
        "credit_bureaus",
    }
)
"""The recipients whose address can be known before; the others are found when it happens."""
_TESTED_WITHIN: Final = timedelta(days=365)
_ENDS_SOON: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class LastTest:
    """A playbook's latest test: the day, in UTC, and the version that was tested."""

    day: date
    version: str


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of incident by its playbook: who keeps it, whom it asks, whom it tells by which notice."""

    id: str
    version: str = "1"
    owner: str = ""
    roles: frozenset[str] = frozenset()
    regimes: frozenset[str] = frozenset()
    notices: Mapping[str, str] = field(default_factory=dict)
    last_test: LastTest | None = None
    valid_from: date | None = None
    valid_until: date | None = None
    revoked: bool = False


@dataclass(frozen=True, slots=True)
class ClientRecord:
    """A client as an incident would find it: what is on record of its contract, contacts and systems."""

    ref: str
    our_role: str = "processor"
    own: bool = False
    jurisdictions: frozenset[str] = frozenset()
    status: frozenset[str] = frozenset()
    has_hours: bool = False
    contacts: Mapping[str, int] = field(default_factory=dict)
    """By recipient, how many can be told."""
    systems: int = 0
    categories_known: bool = True
    logged: bool = True


@dataclass(frozen=True, slots=True)
class Staff:
    """Somebody who may answer; no clients named means all."""

    handle: str
    roles: frozenset[str]
    clients: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Lack:
    """One thing an incident would trip over, in words without its subject; `share` of the part is lost."""

    part: Part
    about: About
    what: str
    share: float = 1.0

    @property
    def points(self) -> float:
        """What it costs, of a hundred."""
        return WEIGHTS[self.part] * self.share


def kind_lacks(kind: Kind, today: date) -> Iterator[Lack]:
    """What a playbook itself lacks."""
    if not kind.owner:
        yield Lack("owner", "kind", "the playbook names no owner")
    if kind.last_test is None:
        yield Lack("tested", "kind", "the playbook was never exercised")
    elif today - kind.last_test.day > _TESTED_WITHIN:
        yield Lack("tested", "kind", "the playbook was last exercised more than a year ago", 0.5)
    elif kind.last_test.version != kind.version:
        what = f"the playbook was last exercised as version {kind.last_test.version}, not as {kind.version}"
        yield Lack("tested", "kind", what, 0.5)
    if kind.revoked:
        yield Lack("validity", "kind", "the playbook is revoked")
    elif not (kind.valid_from or today) <= today <= (kind.valid_until or today):
        yield Lack("validity", "kind", "the playbook is not valid today")
    elif kind.valid_until is None:
        yield Lack("validity", "kind", "nobody says until when the playbook is valid", 0.5)
    elif kind.valid_until - today <= _ENDS_SOON:
        yield Lack("validity", "kind", "the playbook is valid for less than a month", 0.5)


def client_lacks(client: ClientRecord) -> Iterator[Lack]:
    """What the record of a client and the data map lack, whatever happens."""
    if client.our_role == "processor" and not client.has_hours:
        yield Lack("term", "client", "the contract gives no hours: the strictest default holds")
    if not client.jurisdictions:
        yield Lack("regime", "client", "no jurisdictions on record: which law binds is taken as unknown", 0.5)
    if not client.systems:
        yield Lack("data_map", "client", "the data map names no system of it")
        return
    if not client.categories_known:
        yield Lack("data_map", "client", "the data map does not say which categories of data it has", 0.5)
    if not client.logged:
        yield Lack("data_map", "client", "a system of it has no access log", 0.5)


def people_lacks(kind: Kind, staffed: Mapping[str, int]) -> Iterator[Lack]:
    """Which roles of a plan nobody holds who may see the client, and an owner who stands alone."""
    if kind.owner and not staffed.get(kind.owner):
        yield Lack("owner", "people", f"nobody holds the role {kind.owner}, which keeps the playbook")
    elif kind.owner and staffed[kind.owner] == 1:
        yield Lack("owner", "people", f"one person alone holds the role {kind.owner}, which keeps it", 0.5)
    asked = sorted(kind.roles - {kind.owner})
    for role in asked:
        if not staffed.get(role):
            yield Lack("roles", "people", f"nobody holds the role {role}", 1 / len(asked))


def notice_lacks(kind: Kind, recipients: frozenset[str], templates: frozenset[str]) -> Iterator[Lack]:
    """For which recipients the plan has no notice of its own, or one whose template is missing."""
    for recipient in sorted(recipients):
        own, share = kind.notices.get(recipient), 1 / len(recipients)
        if own in templates:
            continue
        if own is not None or GENERAL_NOTICE not in templates:
            missing = own or GENERAL_NOTICE
            yield Lack(
                "template", "kind", f"the notice {missing} for the {whom(recipient)} is missing", share
            )
        else:
            what = f"the plan has no notice for the {whom(recipient)}: the law's general one is added"
            yield Lack("template", "kind", what, share / 2)


def regime_lacks(kind: Kind, regime: str) -> Iterator[Lack]:
    """A regime that the playbook does not name."""
    if regime not in kind.regimes and regime != OTHER:
        yield Lack("regime", "kind", f"the playbook does not speak of {regime}", 0.5)


def contact_lacks(client: ClientRecord, recipients: frozenset[str]) -> Iterator[Lack]:
    """Whom nobody could tell on this client's behalf, or only at one address."""
    reached = sorted(recipients & REACHED)
    for recipient in reached:
        name = "incidents" if recipient == "client_controller" else f"the {whom(recipient)}"
        match client.contacts.get(recipient, 0):
            case 0:
                yield Lack("contacts", "client", f"no contact for {name}", 1 / len(reached))
            case 1:
                yield Lack("contacts", "client", f"one contact for {name}, no backup", 0.25 / len(reached))


def staffed_for(client: str, responders: Iterable[Staff]) -> dict[str, int]:
    """How many hold each role and may see this client."""
    counts: dict[str, int] = {}
    for one in responders:
        if not one.clients or client in one.clients:
            for role in one.roles:
                counts[role] = counts.get(role, 0) + 1
    return counts
