"""What Microsoft's security tools share: batches, states, categories, and where evidence names things."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeAlias

from flows.intake.adapters.hinting import category_of
from flows.intake.adapters.picking import at, seen, word
from flows.intake.adapters.reading import observables
from flows.intake.adapters.shapes import must_be_list, must_be_object
from flows.intake.adapters.spotting import in_camel_case
from flows.intake.claims import Status
from playbooks.alerts.view import Category
from playbooks.forensics.observable_kinds import Seen

Path: TypeAlias = tuple[str | int, ...]

_OVER = frozenset({"closed", "resolved", "dismissed", "redirected"})
_SYSTEM = frozenset({"system", "local service", "network service", "root", "anonymous logon"})
"""Accounts of every machine: by them, alerts that have nothing in common would be joined."""

_SEEN = {
    "account": (
        "userPrincipalName", "userAccount.userPrincipalName", "accountUpn", "upn", "mailboxAddress",
        "primaryAddress", "mailboxPrimaryAddress",
    ),
    "host": ("deviceDnsName", "hostName", "computerDnsName", "fqdn", "netBiosName", "deviceName"),
    "address": (
        "ipAddress", "remoteIP", "address", "senderIp", "senderIP", "sourceAddress",
        "destinationAddress", "logonIp", "ipInterfaces", "privateIpAddress", "publicIpAddress",
    ),
    "domain": ("destinationDomain",),
    "url": ("url", "destinationUrl", "remoteUrl"),
    "email": ("sender", "recipient", "recipientEmailAddress", "p1Sender.emailAddress"),
    "file": ("fileName", "fileDetails.fileName", "imageFile.fileName", "imageFile.name"),
    "hash": (
        "sha1", "sHA1", "sHA256", "sha256", "md5", "fileDetails.sha1", "fileDetails.sha256",
        "imageFile.sha1", "imageFile.sha256", "fileHash.hashValue",
    ),
}  # fmt: skip
_TYPES = ("type", "entityType", "@odata.type", "at_sign_odata_type", "kind")
_NAMED = (
    ("filehash", "hash"),
    ("file", "file"),
    ("process", "file"),
    ("host", "host"),
    ("machine", "host"),
    ("dns", "domain"),
)
_VALUES = {"hash": ("value", "hashValue"), "domain": ("domainName",)}
_PEOPLE = ("user", "account")
_PERSONAL = frozenset({"userAccount", "accountName", "userName"})

_SORTS: Mapping[str, Category] = {
    "collection": "data_access", "commandandcontrol": "malware", "credentialaccess": "credential",
    "datalossprevention": "data_loss", "microsoftdatalossprevention": "data_loss",
    "defenseevasion": "malware", "discovery": "network", "execution": "malware",
    "exfiltration": "data_loss", "initialaccess": "identity", "anonymouslogin": "identity",
    "lateralmovement": "network", "malware": "malware", "persistence": "identity",
    "preattack": "network", "privilegeescalation": "identity", "ransomware": "ransomware",
    "unwantedsoftware": "malware", "insiderrisk": "insider", "impossibletravel": "identity",
}  # fmt: skip
"""The tools' categories, most of them tactics of MITRE ATT&CK, without spaces and in lower case."""


def batch(body: Any) -> list[tuple[Any, Path]]:
    """The items of a list, of an API's answer (`value`) or of a stream (`records`), else the body itself."""
    if isinstance(body, list):
        return [(one, (index,)) for index, one in enumerate(must_be_list(body))]
    stated = must_be_object(body)
    name = next((name for name in ("value", "records") if isinstance(stated.get(name), list)), None)
    if name is None:
        return [(stated, ())]
    return [(one, (name, index)) for index, one in enumerate(must_be_list(stated[name], (name,)))]


def first(body: Any) -> dict[str, Any]:
    """The first item of a batch, empty where there is none: for recognising, which never raises."""
    found = body
    if isinstance(body, dict):
        found = next((body[name] for name in ("value", "records") if isinstance(body.get(name), list)), body)
    if isinstance(found, list):
        found = found[0] if found else None
    return found if isinstance(found, dict) else {}


def status_of(told: str) -> Status:
    """A state in the tools' words: active, new, in progress and the like are firing."""
    return "resolved" if told.lower() in _OVER else "firing"


def sorted_as(title: str, sorts: Iterable[str]) -> Category:
    """What the title tells, else what the tool's own categories or tactics do."""
    known = (_SORTS.get(sort.lower().replace(" ", ""), "other") for sort in sorts)
    return category_of(title, otherwise=next((one for one in known if one != "other"), "other"))


def in_entities(entities: Iterable[Any]) -> tuple[Seen, ...]:
    """The observables among entities, pieces of evidence, user states and the like."""
    found = (in_camel_case(entity) for entity in entities if isinstance(entity, dict))
    return tuple(dict.fromkeys(one for entity in found for one in _in_entity(entity)))


def _in_entity(entity: dict[str, Any]) -> Iterator[Seen]:
    stated = entity | inside if isinstance(inside := at(entity, "properties"), dict) else entity
    yield from observables(stated, _SEEN)
    kind = word(stated, *_TYPES).lower()
    if any(one in kind for one in _PEOPLE) or not stated.keys().isdisjoint(_PERSONAL):
        yield from seen("account", [] if _has_upn(stated) else [_account(stated)])
        return
    named = next((spelled for part, spelled in _NAMED if part in kind), "")
    yield from seen(named, [word(stated, *_VALUES.get(named, ("name",)))]) if named else ()


def _has_upn(entity: dict[str, Any]) -> bool:
    return bool(word(entity, "userPrincipalName", "userAccount.userPrincipalName", "accountUpn"))


def _account(entity: dict[str, Any]) -> str:
    name = word(entity, "accountName", "userAccount.accountName", "userName", "name")
    suffix = word(entity, "uPNSuffix", "upnSuffix")
    whole = f"{name}@{suffix}" if name and suffix else name
    return "" if name.lower() in _SYSTEM else whole
