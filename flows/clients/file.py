"""The client file: whose data we hold, what each contract asks, and whom we must tell. Pure.

See docs/examples/clients.yaml. Every fault of a file is found at once, each with its line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeAlias
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, StrictBool, ValidationError, ValidationInfo, field_validator

from flows.clients.contract import Channel, ContractEntry, Line, PlaceCode
from playbooks.documents import Document, as_validation_error, model_faults, read_document
from playbooks.errors import Fault, FileFaults, InstantFault, Mend
from playbooks.fact_types import Frozen
from playbooks.facts import DICTIONARY
from playbooks.places import UTC_PLACE, place
from playbooks.zones import zone

CLIENT_CONTROLLER = "client_controller"
"""The recipient that a client's own contacts are: the controller whose processor we are."""

_EMAIL = re.compile(r"[^@\s<>,;:\"()]{1,64}@(?:[a-z0-9-]{1,63}\.)+[a-z]{2,63}", re.IGNORECASE | re.ASCII)
_PHONE = re.compile(r"\+[0-9][0-9 ]{5,24}", re.ASCII)
_MOST_CLIENTS = 2_000
_Contradiction: TypeAlias = tuple[tuple[str | int, ...], str, str]
"""A part of a client, what is wrong with it, and its mend."""


def _known_jurisdiction(code: str) -> str:
    return _known_value("jurisdictions", code, "no jurisdiction that we know")


def _known_status(word: str) -> str:
    return _known_value("client_status", word, "no special regime that we know")


def _known_value(fact: str, given: str, what: str) -> str:
    known = DICTIONARY[fact].values
    if given not in known:
        raise as_validation_error(Mend(what, mend=f"use {', '.join(known)}"))
    return given


def _none_stands_alone(status: tuple[str, ...] | None) -> tuple[str, ...] | None:
    if status == ():
        mend = "say `[none]`, or leave `status` out where nobody knows"
        raise as_validation_error(Mend("an empty list says nothing", mend=mend))
    if status and "none" in status and len(status) > 1:
        raise as_validation_error(Mend("`none` stands beside others", mend="keep `none`, or the others"))
    return status


Ref = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,62}[a-z0-9]$")]


class ContactEntry(Frozen):
    """A person or desk to be told, and by which way."""

    name: Line
    channel: Channel
    address: Line

    @field_validator("address")
    @classmethod
    def _of_its_channel(cls, address: str, info: ValidationInfo) -> str:
        match info.data.get("channel"):
            case "email" if not _EMAIL.fullmatch(address):
                raise ValueError("is not an e-mail address")
            case "phone" if not _PHONE.fullmatch(address):
                raise ValueError("is not a phone number written as +353 1 555 0100")
            case "portal" | "webhook" if not is_https(address):
                raise ValueError("is not an https address without a password in it")
        return address


class RecipientEntry(ContactEntry):
    """Somebody else who must be told on this client's behalf: an authority, an insurer."""

    recipient: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,31}$")]


class ClientEntry(Frozen):
    """One company whose data we hold; `own` is our own organisation."""

    ref: Ref
    name: Line
    own: StrictBool = False
    our_role: Literal["controller", "processor"] = "processor"
    jurisdictions: tuple[Annotated[str, AfterValidator(_known_jurisdiction)], ...] = ()
    status: Annotated[
        tuple[Annotated[str, AfterValidator(_known_status)], ...] | None, AfterValidator(_none_stands_alone)
    ] = None
    place: PlaceCode = ""
    zone: str = Field(default="", validate_default=True)
    channel: Annotated[str, Field(pattern=r"^(#[\w-]{1,79}|[CG][A-Z0-9]{2,79})?$")] = ""
    hints: Annotated[tuple[Line, ...], Field(max_length=200)] = ()
    """What tools call it, or what is its alone: cloud accounts, tenants, projects, domains, labels."""
    contract: ContractEntry | None = None
    contacts: Annotated[tuple[ContactEntry, ...], Field(max_length=50)] = ()
    recipients: Annotated[tuple[RecipientEntry, ...], Field(max_length=50)] = ()

    @field_validator("zone")
    @classmethod
    def _known_or_of_its_place(cls, name: str, info: ValidationInfo) -> str:
        if not name:
            return place(info.data.get("place") or UTC_PLACE.name).zone_name
        try:
            return zone(name).key
        except InstantFault as fault:
            raise as_validation_error(fault) from fault

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

    def shared_hints(self, known: Mapping[str, str]) -> Iterator[Fault]:
        """The hints that would lead an alert to two clients; `known` are others' hints, in lower case."""
        stands_for = dict(known)
        for index, client in enumerate(self.clients):
            hints = [(("hints", at), hint) for at, hint in enumerate(client.hints)]
            for place_in_client, hint in [(("ref",), client.ref), *hints]:
                other = stands_for.setdefault(hint.casefold(), client.ref)
                if other != client.ref:
                    mend = f"it stands for {other} as well: name what is this client's alone"
                    here = ("clients", index, *place_in_client)
                    yield self.document.fault(here, "a hint at two clients", mend)


def read_client_file(text: bytes | str, file: str) -> ClientFile:
    """Read a client file; FileFaults lists every fault with its line and mend."""
    return clients_of(read_document(text, file))


def clients_of(document: Document) -> ClientFile:
    """Return the clients of a file already read as YAML; FileFaults lists every fault with its line."""
    if not _listed(document):
        raise FileFaults((document.fault(("clients",), "no list of `clients`", "begin with `clients:`"),))
    faults = list(_faults_between(document))
    try:
        read = _ClientFile.model_validate(document.data)
    except ValidationError as error:
        faults += model_faults(error, document)
        raise FileFaults(_in_order(faults)) from error
    faults += _faults_within(document, read.clients)
    clients = ClientFile(document, read.clients)
    faults += clients.shared_hints({one.ref.casefold(): one.ref for one in read.clients})
    if faults:
        raise FileFaults(_in_order(faults))
    return clients


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
        for key, what, mend in (*_contradictions(client), *_contract_contradictions(client)):
            yield document.fault((*here, *key), what, mend)


def _contradictions(client: ClientEntry) -> Iterator[_Contradiction]:
    if client.our_role == "processor" and client.own:
        mend = "say `our_role: controller`"
        yield ("own",), "our own organisation decides about its data itself", mend
    elif client.our_role == "processor" and not client.contacts:
        yield ("contacts",), "nobody of this client can be told", "add one of its `contacts`"
    if client.place and client.zone != (its := place(client.place).zone_name):
        mend = f"write {its}, leave it out, or mend `place`"
        yield ("zone",), f"{client.place} lies in another time zone", mend
    for key, at in _twice(client):
        yield (key, at), "this address stands here twice", "a backup is another one"
    for at, other in enumerate(client.recipients):
        if other.recipient == CLIENT_CONTROLLER:
            mend = "move it to `contacts`"
            yield ("recipients", at, "recipient"), "the client itself is told at its `contacts`", mend


def _twice(client: ClientEntry) -> Iterator[tuple[str, int]]:
    """Where an address stands that the same recipient has already."""
    seen: set[tuple[str, str]] = set()
    for place_in_told, (recipient, to) in enumerate(client.told):
        if (recipient, to.address) in seen:
            of_others = place_in_told - len(client.contacts)
            yield ("recipients", of_others) if of_others >= 0 else ("contacts", place_in_told)
        seen.add((recipient, to.address))


def _contract_contradictions(client: ClientEntry) -> Iterator[_Contradiction]:
    contract = client.contract
    if contract is None:
        return
    if client.our_role == "controller":
        mend = "remove `contract`, or make us its processor"
        yield ("contract",), "a contract's hours bind a processor", mend
    if contract.hours is None:
        for key in sorted({"starts", "business_hours"} & _stated(contract)):
            yield ("contract", key), f"`{key}` without `hours` says nothing", "add `hours`, or remove it"
    if contract.channel and contract.channel not in {contact.channel for contact in client.contacts}:
        mend = f"add a contact by {contract.channel}, or mend `channel`"
        yield ("contract", "channel"), "no contact is reached the way the contract asks", mend


def _stated(contract: ContractEntry) -> set[str]:
    return {name for name in contract.model_fields_set if getattr(contract, name) is not None}


def is_https(address: str) -> bool:
    """Whether it is an https address, with neither a password nor a blank in it."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme == "https" and bool(parts.hostname) and "@" not in parts.netloc and " " not in address
