"""The client file: whose data we hold, what each contract asks, and whom we must tell. Pure.

See docs/examples/clients.yaml. Every fault of a file is found at once, each with its line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeAlias
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, StrictBool, ValidationError, ValidationInfo, field_validator

from playbooks.documents import Document, as_validation_error, model_faults, read_document
from playbooks.errors import Fault, FileFaults, InstantFault, Mend
from playbooks.fact_types import Frozen
from playbooks.facts import DICTIONARY
from playbooks.zones import zone

CLIENT_CONTROLLER = "client_controller"
"""The recipient that a client's own contacts are: the controller whose processor we are."""

ContactChannel = Literal["email", "phone", "portal", "webhook"]

_EMAIL = re.compile(r"[^@\s<>,;:\"()]{1,64}@(?:[a-z0-9-]{1,63}\.)+[a-z]{2,63}", re.IGNORECASE | re.ASCII)
_PHONE = re.compile(r"\+[0-9][0-9 ]{5,24}", re.ASCII)
_MOST_CLIENTS = 2_000


def _visible(text: str) -> str:
    if not text.strip() or not text.isprintable():
        raise ValueError("holds no visible text, or characters that cannot be seen")
    return text.strip()


def _visible_if_any(text: str) -> str:
    return _visible(text) if text else text


def _known_zone(name: str) -> str:
    try:
        zone(name)
    except InstantFault as fault:
        raise as_validation_error(fault) from fault
    return name


def _known_jurisdiction(code: str) -> str:
    known = DICTIONARY["jurisdictions"].values
    if code not in known:
        raise as_validation_error(Mend("no jurisdiction that we know", mend=f"use {', '.join(known)}"))
    return code


def _instant_fact(name: str) -> str:
    known = sorted(spec.name for spec in DICTIONARY.values() if spec.type == "instant")
    if name not in known:
        raise as_validation_error(Mend("no clock can start at this", mend=f"use {', '.join(known)}"))
    return name


Ref = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,62}[a-z0-9]$")]
Line: TypeAlias = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_visible)]
Hours = Annotated[float, Field(gt=0, le=24 * 366, allow_inf_nan=False)]


class ContactEntry(Frozen):
    """A person or desk to be told, and by which way."""

    name: Line
    channel: ContactChannel
    address: Line

    @field_validator("address")
    @classmethod
    def _of_its_channel(cls, address: str, info: ValidationInfo) -> str:
        match info.data.get("channel"):
            case "email" if not _EMAIL.fullmatch(address):
                raise ValueError("is not an e-mail address")
            case "phone" if not _PHONE.fullmatch(address):
                raise ValueError("is not a phone number written as +353 1 555 0100")
            case "portal" | "webhook" if not _is_https(address):
                raise ValueError("is not an https address without a password in it")
        return address


class RecipientEntry(ContactEntry):
    """Somebody else who must be told on this client's behalf: an authority, an insurer."""

    recipient: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,31}$")]


class ContractEntry(Frozen):
    """What a contract says about telling the client: within `hours` of the instant that `starts` names."""

    hours: Hours
    starts: Annotated[str, AfterValidator(_instant_fact)] = "aware_at"
    citation: Annotated[str, Field(max_length=70), AfterValidator(_visible_if_any)] = ""
    content: Annotated[tuple[Line, ...], Field(max_length=50)] = ()
    notes: Annotated[str, Field(max_length=2_000)] = ""

    @property
    def terms(self) -> dict[str, Any]:
        """What is kept sealed beside the numbers."""
        return {"content": list(self.content), "notes": self.notes}


class ClientEntry(Frozen):
    """One company whose data we hold; `own` is our own organisation."""

    ref: Ref
    name: Line
    own: StrictBool = False
    our_role: Literal["controller", "processor"] = "processor"
    jurisdictions: tuple[Annotated[str, AfterValidator(_known_jurisdiction)], ...] = ()
    zone: Annotated[str, AfterValidator(_known_zone)] = "UTC"
    channel: Annotated[str, Field(pattern=r"^(#[\w-]{1,79}|[CG][A-Z0-9]{2,79})?$")] = ""
    contract: ContractEntry | None = None
    contacts: Annotated[tuple[ContactEntry, ...], Field(max_length=50)] = ()
    recipients: Annotated[tuple[RecipientEntry, ...], Field(max_length=50)] = ()

    @property
    def told(self) -> tuple[tuple[str, ContactEntry], ...]:
        """Every address with the recipient it reaches, first choice first."""
        own = ((CLIENT_CONTROLLER, contact) for contact in self.contacts)
        return (*own, *((other.recipient, other) for other in self.recipients))


class _ClientFile(Frozen):
    clients: Annotated[tuple[ClientEntry, ...], Field(max_length=_MOST_CLIENTS)]


@dataclass(frozen=True, slots=True)
class ClientFile:
    """A client file without faults, and where each client stands in it."""

    document: Document
    clients: tuple[ClientEntry, ...]

    def fault(self, index: int, key: str, what: str, mend: str = "") -> Fault:
        """A fault of the client at `index`, on the line of its `key`."""
        return self.document.fault(("clients", index, key), what, mend)


def read_client_file(text: bytes | str, file: str) -> ClientFile:
    """Read a client file; FileFaults lists every fault with its line and mend."""
    document = read_document(text, file)
    if not _listed(document):
        raise FileFaults((document.fault(("clients",), "no list of `clients`", "begin with `clients:`"),))
    faults = list(_faults_between(document))
    try:
        read = _ClientFile.model_validate(document.data)
    except ValidationError as error:
        faults += model_faults(error, document)
        raise FileFaults(_in_order(faults)) from error
    faults += _faults_within(document, read.clients)
    if faults:
        raise FileFaults(_in_order(faults))
    return ClientFile(document, read.clients)


def _listed(document: Document) -> list[Any]:
    listed = document.data.get("clients") if isinstance(document.data, dict) else None
    return listed if isinstance(listed, list) else []


def _in_order(faults: list[Fault]) -> tuple[Fault, ...]:
    return tuple(sorted(faults, key=lambda fault: fault.line))


def _faults_between(document: Document) -> Iterator[Fault]:
    """What is wrong between clients, seen even where one of them has faults of its own."""
    seen: dict[object, int] = {}
    own: int | None = None
    for index, entry in enumerate(_listed(document)):
        if not isinstance(entry, dict):
            continue
        ref, here = str(entry.get("ref")), ("clients", index, "ref")
        if "ref" in entry and seen.setdefault(ref, document.line_of(here)) != document.line_of(here):
            yield document.fault(here, "this `ref` stands here twice", f"it is on line {seen[ref]} as well")
        if entry.get("own") is True:
            if own is not None:
                mend = f"line {own} says it as well"
                yield document.fault(("clients", index, "own"), "only one client is our `own`", mend)
            own = own or document.line_of(("clients", index, "own"))


def _faults_within(document: Document, clients: tuple[ClientEntry, ...]) -> Iterator[Fault]:
    """What is wrong with clients whose every part is right."""
    for index, client in enumerate(clients):
        here = ("clients", index)
        if client.our_role == "processor" and not client.contacts:
            mend = "add one of its `contacts`"
            yield document.fault((*here, "contacts"), "nobody of this client can be told", mend)
        if client.our_role == "controller" and client.contract is not None:
            mend = "remove `contract`, or make us its processor"
            yield document.fault((*here, "contract"), "a contract's hours bind a processor", mend)


def _is_https(address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme == "https" and bool(parts.hostname) and "@" not in parts.netloc and " " not in address
