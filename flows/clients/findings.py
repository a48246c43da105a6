"""What is missing in the clients' records and contracts: to be mended, and never in the way. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from playbooks.contracts import ContractTermView

NO_OWN: Final = (
    "no client is our own organisation (`own: true`): which regimes bind us ourselves is taken as unknown"
)
NO_STATUS: Final = "no `status` is stated: its special regimes are taken as unknown"
NO_JURISDICTIONS: Final = (
    "no `jurisdictions` are stated: only triage of an incident can say which law protects its people"
)
NO_CONTACT: Final = "nobody there can be told: it has no contact"
NO_BACKUP: Final = "no backup contact: if the one contact cannot be reached, nobody is told"


@dataclass(frozen=True, slots=True)
class ClientView:
    """What of a client's record findings are made of; `contacts` counts whom we can tell there."""

    id: int
    ref: str
    own: bool
    our_role: str
    jurisdictions: tuple[str, ...]
    status: tuple[str, ...]
    contacts: int


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is missing, in words; without a `client` it is the house's own."""

    client: str
    what: str


def findings(clients: Iterable[ClientView], terms: Mapping[int, ContractTermView]) -> tuple[Finding, ...]:
    """What is missing, where these are all our clients; `terms` by client id, the assumed with them."""
    listed = tuple(clients)
    house = () if not listed or any(client.own for client in listed) else (Finding("", NO_OWN),)
    return house + tuple(
        Finding(client.ref, what) for client in listed for what in _missing(client, terms.get(client.id))
    )


def together(found: Iterable[Finding]) -> dict[str, tuple[str, ...]]:
    """The same findings by their words: each once, with the clients it is about."""
    about: dict[str, tuple[str, ...]] = {}
    for finding in found:
        about[finding.what] = (*about.get(finding.what, ()), *([finding.client] if finding.client else ()))
    return about


def _missing(client: ClientView, term: ContractTermView | None) -> Iterator[str]:
    if term is not None and term.assumed:
        yield f"its contract gives no hours: the strictest default of {term.hours:g} h holds, as policy"
    if not client.status:
        yield NO_STATUS
    if not client.jurisdictions:
        yield NO_JURISDICTIONS
    if client.our_role == "processor" and client.contacts < 2:
        yield NO_BACKUP if client.contacts else NO_CONTACT
