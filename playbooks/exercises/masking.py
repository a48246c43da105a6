"""What may be told of a past incident: values of the dictionary, rough counts, made-up clients. Pure.

Nothing that somebody wrote is read here, so that nothing of it can survive: what is told is taken from lists
of ours, and what is on none of them is left out.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from string import ascii_lowercase
from typing import Any, Final

from playbooks.fact_types import UNKNOWN, FactSpec, FactValue, Range
from playbooks.facts import DICTIONARY
from playbooks.vocabulary import CONTENT, RECIPIENTS
from playbooks.wording import written

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MINUTE = timedelta(minutes=1)
_LONGEST = timedelta(days=366)
_OWN = "example-own"
_ADDRESSES: Mapping[str, str] = {
    "email": "{desk}@{host}",
    "phone": "+1 555 0100",
    "portal": "https://{host}/{desk}",
    "webhook": "https://{host}/hooks/{desk}",
    "slack": "{desk}@{host}",
}
"""Made-up addresses by way; a shared channel of Slack is told by mail."""


@dataclass(frozen=True, slots=True)
class PastContract:
    """What a contract asks, without its words."""

    hours: float | None
    starts: str
    days: tuple[int, ...] = ()
    opens: str = ""
    closes: str = ""
    place: str = ""
    channel: str = ""
    content: tuple[str, ...] = ()
    approvals: int = 1
    counsel_review: bool = False
    acknowledge_hours: float | None = None


@dataclass(frozen=True, slots=True)
class PastClient:
    """A client of a past incident under its new reference, without names and addresses."""

    ref: str
    own: bool
    our_role: str
    jurisdictions: tuple[str, ...] = ()
    status: tuple[str, ...] = ()
    place: str = ""
    zone: str = "UTC"
    contract: PastContract | None = None
    told: tuple[tuple[str, str], ...] = ()
    """Recipient and way of each contact, first choice first."""


def span(given: timedelta) -> str:
    """A span as a scenario writes it, in whole minutes: at least one, at most 366 days of them."""
    return written(min(max(given // _MINUTE * _MINUTE, _MINUTE), _LONGEST))


def masked(spec: FactSpec, value: FactValue) -> Any:
    """A value as a form takes it, where it is one of a list or can be made rough; else None."""
    if value is UNKNOWN:
        return "unknown"
    match spec.type:
        case "yes_no":
            return "yes" if value is True else "no"
        case "choice":
            return value if value in spec.values else None
        case "choices":
            kept = [one for one in spec.values if isinstance(value, frozenset) and one in value]
            return kept or None
        case "range":
            return _rough(value, spec.maximum) if isinstance(value, Range) else None
        case "integer" | "instant" | "text" | "clients":
            return None


def new_refs(wanted: int, own: int | None, taken: Collection[str]) -> tuple[str, ...]:
    """References for so many clients, none of them on record; `own` is the place of ours among them."""
    for number in count(1):
        stem = "example-client" if number == 1 else f"example-client{number}"
        refs = tuple(_OWN if at == own else f"{stem}-{_letters(at)}" for at in range(wanted))
        if not (set(refs) - {_OWN}) & set(taken):
            return refs
    raise AssertionError("numbers do not end")


def client_entry(client: PastClient) -> dict[str, Any]:
    """A client as the client file writes one: how the law sees it, and nothing of who it is."""
    entry: dict[str, Any] = {"ref": client.ref, "name": _name(client), "our_role": client.our_role}
    if client.own:
        entry["own"] = True
    entry["jurisdictions"] = [
        one for one in client.jurisdictions if one in DICTIONARY["jurisdictions"].values
    ]
    if status := [one for one in client.status if one in DICTIONARY["client_status"].values]:
        entry["status"] = status
    entry |= {"place": client.place} if client.place else {"zone": client.zone}
    if client.contract is not None:
        entry["contract"] = _contract(client.contract)
    told = _told(client)
    for key, rows in (("contacts", told[0]), ("recipients", told[1])):
        if rows:
            entry[key] = rows
    return entry


def _rough(value: Range, maximum: int) -> str:
    """The bounds of the counts that share a first digit and a length with these: 2140 is 2000-2999."""
    low = 0 if value.low == 0 else _step(value.low)[0]
    if value.high is None:
        return f"{low}+"
    high = 0 if value.high == 0 else _step(value.high)[1]
    return f"{low}-{min(high, maximum)}"


def _step(count: int) -> tuple[int, int]:
    if count < 10:
        return 1, 9
    size = 10 ** (len(str(count)) - 1)
    low = count // size * size
    return low, low + size - 1


def _letters(at: int) -> str:
    first, last = divmod(at, len(ascii_lowercase))
    return (ascii_lowercase[first - 1] if first else "") + ascii_lowercase[last]


def _name(client: PastClient) -> str:
    return (
        "Example Services Ltd"
        if client.own
        else f"Example Client {client.ref.rpartition('-')[2].upper()} Ltd"
    )


def _contract(past: PastContract) -> dict[str, Any]:
    said: dict[str, Any] = {"hours": past.hours} if past.hours is not None else {}
    said["starts"] = past.starts
    if past.days:
        hours: dict[str, Any] = {"days": [DAYS[day] for day in past.days]}
        hours |= {"opens": past.opens, "closes": past.closes}
        said["business_hours"] = hours | ({"place": past.place} if past.place else {})
    if past.channel in _ADDRESSES:
        said["channel"] = "email" if past.channel == "slack" else past.channel
    if content := [word for word in past.content if word in CONTENT]:
        said["content"] = content
    if past.approvals > 1:
        said["approvals"] = past.approvals
    if past.counsel_review:
        said["counsel_review"] = True
    if past.acknowledge_hours is not None:
        said["acknowledge_hours"] = past.acknowledge_hours
    return said | {"citation": "Example agreement"}


def _told(client: PastClient) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The contacts and the other recipients, each way once for each recipient, by made-up addresses."""
    own: list[dict[str, Any]] = []
    others: list[dict[str, Any]] = []
    for recipient, way in dict.fromkeys((to, "email" if way == "slack" else way) for to, way in client.told):
        if way not in _ADDRESSES:
            continue
        desk = "privacy" if recipient == "client_controller" else recipient.replace("_", "-")
        address = _ADDRESSES[way].format(desk=desk, host=f"{client.ref}.example")
        entry = {"name": f"The {desk} desk", "channel": way, "address": address}
        if recipient == "client_controller":
            own.append(entry)
        elif recipient in RECIPIENTS:
            others.append({"recipient": recipient, **entry})
    if not own and not client.own and client.our_role == "processor":
        own.append(_fallback(client))
    return own, others


def _fallback(client: PastClient) -> dict[str, Any]:
    return {"name": "The privacy desk", "channel": "email", "address": f"privacy@{client.ref}.example"}


def commonest(words: Sequence[str]) -> str:
    """The word that stands there most often, the first of those that do; empty for none."""
    return max(dict.fromkeys(words), key=words.count, default="")
