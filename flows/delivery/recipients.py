"""Whom a notice reaches how: the first choice, then its backups, as the client's record has them now."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlmodel import col, select

from flows.clients.file import CLIENT_CONTROLLER, is_https
from flows.clients.reading import contacts_of, wishes_of
from flows.deciding import Decision
from flows.gathering import cases_of, step_of
from flows.law.duties import duties_of
from flows.law.stages import telling_of
from notify.loopback import is_loopback
from playbooks.errors import RealRecipient, Refused
from playbooks.models import Step
from playbooks.vocabulary import INSIDE, whom
from store.tables import Case, Client, Contact, Notice, StepRow

BY_PORTAL: Final = frozenset(
    {
        *("supervisory_authority", "csirt_or_competent_authority", "financial_authority", "health_authority"),
        *("attorney_general", "investors"),
    }
)
"""Who is told through a portal, where the client's file says nothing; the others by hand."""
SINK: Final = "exercise-sink"
Way = dict[str, Any]
"""Name, channel and address of one recipient."""

_MAIL: Final = re.compile(r"[^\s@<>(),;:\"\\\[\]]+@[^\s@<>(),;:\"\\\[\]]+")
_ROOM: Final = re.compile(r"#?[\w-]{1,80}")
_SHAPES: Final[Mapping[str, str]] = {
    "email": "a mail address",
    "webhook": "an https address",
    "slack": "a Slack channel by its name or id",
}


def ways_now(decision: Decision, notice: Notice) -> list[Way]:
    """Whom this notice would reach if it were written now: a release is bound to what it was then."""
    row = decision.session.get_one(StepRow, notice.step_row_id)
    return ways_for(decision, step_of(decision.incident, row), row)


def ways_for(decision: Decision, step: Step, row: StepRow) -> list[Way]:
    """Whom a notice of this step reaches, first choice first; an exercise reaches its sink alone."""
    found = telling_of(decision.house, duties_of(decision.session, decision.incident_id), decision.now)
    case_ref, recipient, addressee = found.told_in(step, row)
    ways = [_way(f"The {whom(recipient, addressee)}", "portal" if recipient in BY_PORTAL else "manual", "")]
    client = own_client(decision) if recipient in INSIDE else client_of(decision, row)
    is_only_one = {addressee}.issuperset(found.of_kind(case_ref, recipient))
    if client and is_only_one:  # a record says of no contact which of several authorities it is
        ways = _recorded(decision, client, recipient) or ways
    return [_way(ways[0]["name"], SINK, "")] if is_rehearsed(decision) else ways


def is_rehearsed(decision: Decision) -> bool:
    """Whether it is an exercise: of its notices none leaves the house."""
    return decision.incident.exercise_id is not None or decision.incident.kind == "exercise"


def refuse_real(decision: Decision, way: Mapping[str, Any]) -> None:
    """Raise RealRecipient where a way out of an exercise leads anywhere but into its sink."""
    if is_rehearsed(decision) and (way.get("channel") != SINK or way.get("address")):
        which = f"{decision.incident.ref}, by {way.get('channel')}"
        raise RealRecipient("an exercise was about to reach somebody outside", which=which[:120])


def refuse_malformed(ways: Sequence[Way]) -> None:
    """Raise Refused where one of them cannot be reached as it is written."""
    for number, way in enumerate(ways, 1):
        if not is_well_formed(way):
            raise Refused(
                f"the address of recipient {number} is not {_SHAPES[way['channel']]}",
                which=f"way {number}, by {way['channel']}",
                mend="correct it in the client file and import that, then draft again",
            )


def is_well_formed(way: Mapping[str, Any]) -> bool:
    """Whether the address is one of its channel; what people use by hand is theirs to read."""
    address = str(way["address"])
    if not address.isprintable():
        return False
    match way["channel"]:
        case "email":
            return _MAIL.fullmatch(address) is not None
        case "slack":
            return _ROOM.fullmatch(address) is not None
        case "webhook":
            return is_https(address) or _is_near(address)
        case _:
            return True


def client_of(decision: Decision, row: StepRow) -> Client | None:
    """The client of the step's case; for a duty of ours once for the incident, our own organisation."""
    if not row.case_ref:
        return own_client(decision)
    case = case_of(decision, row)
    return decision.session.get(Client, case.client_id) if case else None


def own_client(decision: Decision) -> Client | None:
    """Our own organisation."""
    return decision.session.exec(select(Client).where(col(Client.own))).first()


def case_of(decision: Decision, row: StepRow) -> Case | None:
    """The case that a step is about, if it is about one alone."""
    cases = cases_of(decision.session, decision.incident_id)
    return next((case for case in cases if case.ref == row.case_ref), None)


def _recorded(decision: Decision, client: Client, recipient: str) -> list[Way]:
    """The contacts on record: the first by the channel that the contract wants, then the others."""
    contacts = contacts_of(decision.session, client.id or 0, recipient)
    wanted = wishes_of(decision.session, client.id or 0).channel if recipient == CLIENT_CONTROLLER else ""
    first = next((one for one in contacts if one.channel == wanted), None)
    return [_of_contact(one) for one in sorted(contacts, key=lambda one: one is not first)]


def _of_contact(contact: Contact) -> Way:
    return _way(contact.name, contact.channel, contact.address)


def _way(name: str, channel: str, address: str) -> Way:
    return {"name": name, "channel": channel, "address": address}


def _is_near(address: str) -> bool:
    """A portal on this very machine may be without TLS."""
    return address.startswith("http://") and is_loopback(address) and not {"@", " "} & set(address)
