"""What a notice about one client must not tell: anything of another client, or of another client's case.

A refusal says which kind of thing stands where and never repeats it: Prefect and Slack show refusals.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.utils import parseaddr
from typing import Final
from urllib.parse import urlsplit

from sqlmodel import Session, col, select

from flows.clients.file import CLIENT_CONTROLLER
from flows.clients.reading import clients
from flows.deciding import Decision
from flows.gathering import cases_of, view_of
from playbooks.common_words import GENERIC_CONTACT, PUBLIC_MAIL
from playbooks.errors import Refused
from playbooks.facts import DICTIONARY
from playbooks.foreign_words import LONGEST, Hit, Matcher, Term, without_legal_form
from playbooks.forensics.observables import observables_in
from store.tables import Alert, Client, Contact, Evidence, Notice, Observable

MOST_TOLD: Final = 5
"""Hits that one refusal names."""
MOST_ALERTS: Final = 200
"""Alerts of the client's own that are read again, for what it may be told because they show it too."""

_ASIDE = re.compile(r"\([^()]*\)")
_WORD = re.compile(r"\w+")
_SPECIAL = re.compile(r"[\d._/\\@]|\w+\W+\w+\W+\w+")
"""What makes an item's title a name rather than a description."""
_ALERT = re.compile(r"alert (\d+)")


@dataclass(frozen=True, slots=True)
class _Place:
    """Whose notice it is."""

    session: Session
    incident_id: int
    case_ref: str
    client: Client


def refuse_leaks(decision: Decision, notice: Notice, words: Mapping[str, str] | None = None) -> None:
    """Raise Refused where a notice about one client tells something of another.

    `words` are what a responder wrote for it, by the label of each field, to say where it stands. A notice
    about no one client may name all of them.
    """
    place = _place_of(decision, notice.case_ref)
    if place is None:
        return
    settings = decision.house.settings
    ours = (_domain(parseaddr(settings.mail_from)[1]), _domain(settings.public_url))
    own_domains = (term.words for terms in ours for term in terms)
    house_names = (settings.organisation, notice.recipient, *own_domains)
    matcher = _matcher(place, house_names)
    if hits := matcher.find(notice.text):
        told = [*_in_words(matcher, words or {})] or [_in_text(notice.text, hit) for hit in hits]
        raise Refused(
            "the notice would tell one client of another",
            which="; ".join(told[:MOST_TOLD]),
            mend="say it without; each client is told of its own data alone",
        )


def _place_of(decision: Decision, case_ref: str) -> _Place | None:
    found = (case for case in cases_of(decision.session, decision.incident_id) if case.ref == case_ref)
    case = next(found, None) if case_ref else None
    if case is None:
        return None
    client = decision.session.get_one(Client, case.client_id)
    return _Place(decision.session, decision.incident_id, case_ref, client)


def _in_words(matcher: Matcher, words: Mapping[str, str]) -> Iterator[str]:
    for label, text in words.items():
        for hit in matcher.find(text):
            yield f"{label}, word {_word_number(text, hit)}: {hit.kind}"


def _in_text(text: str, hit: Hit) -> str:
    before = text[: hit.start]
    line_start = before.rfind("\n") + 1
    on_line = Hit(hit.kind, hit.start - line_start, hit.end - line_start)
    return f"line {before.count(chr(10)) + 1}, word {_word_number(text[line_start:], on_line)}: {hit.kind}"


def _word_number(text: str, hit: Hit) -> int:
    return len(text[: hit.start + 1].split())


def _matcher(place: _Place, house_names: tuple[str, ...]) -> Matcher:
    """What may not stand in the notice; what is ours, or the client's own as well, may."""
    told: list[Term] = []
    allowed: list[str] = list(house_names)
    contacts = _contacts(place.session)
    for client in clients(place.session):
        terms = [
            *_of_client(client),
            *(one for row in contacts.get(client.id, ()) for one in _of_contact(*row)),
        ]
        if client.own or client.id == place.client.id:
            allowed += [term.words for term in terms]
        else:
            told += terms
    return Matcher([*told, *_of_cases(place)], allowed)


def _contacts(session: Session) -> dict[int | None, list[tuple[str, str]]]:
    """Name and address of every client's own contacts; authorities and insurers are many clients' alike."""
    rows = session.exec(
        select(Contact.client_id, Contact.name, Contact.address).where(Contact.purpose == CLIENT_CONTROLLER)
    )
    found: dict[int | None, list[tuple[str, str]]] = {}
    for client_id, name, address in rows:
        found.setdefault(client_id, []).append((name, address))
    return found


def _of_client(client: Client) -> Iterator[Term]:
    for name in (client.name, _ASIDE.sub(" ", client.name)):
        yield Term("the name of another client", name)
        if short := without_legal_form(name):
            yield Term("the name of another client", short)
    if "-" in client.ref:
        yield Term("what we call another client", client.ref)
    for hint in client.hints or ():
        yield Term("what tools call another client", hint)
        yield from _domain(hint)


def _of_contact(name: str, address: str) -> Iterator[Term]:
    if not {word.casefold() for word in _WORD.findall(name)} <= GENERIC_CONTACT:
        yield Term("a contact of another client", name)
    yield Term("an address of another client", address)
    if address.startswith("+"):
        yield Term("an address of another client", f"00{address[1:]}")
    yield from _domain(address)


def _domain(address: str) -> Iterator[Term]:
    """The domain of an e-mail address or of a page."""
    host = address.rpartition("@")[2] if "@" in address else ""
    if "://" in address:
        try:
            host = urlsplit(address).hostname or ""
        except ValueError:
            host = ""
    host = host.casefold().removeprefix("www.")
    if host and host not in PUBLIC_MAIL:
        yield Term("a domain of another client", host)


def _of_cases(place: _Place) -> Iterator[Term]:
    """What belongs to other cases of the incident, and is not this case's or the incident's as well."""
    yield from _of_evidence(place)
    yield from _of_facts(place)
    yield from _of_alerts(place)


def _of_evidence(place: _Place) -> Iterator[Term]:
    own: set[str] = set()
    others: list[str] = []
    for item in place.session.exec(select(Evidence).where(Evidence.incident_id == place.incident_id)):
        names = [name for name in (item.title, item.origin, item.sha256) if _SPECIAL.search(name)]
        if item.case_ref in ("", place.case_ref):
            own.update(names)
        else:
            others += names
    yield from (Term("evidence of another client's case", name) for name in others if name not in own)


def _of_facts(place: _Place) -> Iterator[Term]:
    view = view_of(place.session, place.incident_id)
    own = {str(value) for value in view.for_case(place.case_ref).values()}
    for ref, facts in view.cases.items():
        for name, value in facts.items() if ref != place.case_ref else ():
            is_name = DICTIONARY[name].type == "text" and isinstance(value, str) and len(value) <= LONGEST
            if is_name and value not in own:
                yield Term("a fact of another client's case", str(value))


def _of_alerts(place: _Place) -> Iterator[Term]:
    """Observables that only alerts about other clients show."""
    about = select(Alert.id, Alert.clients).where(Alert.incident_id == place.incident_id, Alert.clients != "")
    others: set[int] = set()
    mine: list[int] = []
    for number, refs in place.session.exec(about):
        is_mine = place.client.ref in refs.split(",")
        mine += [number] if is_mine and number else []
        others |= {number} if not is_mine and number else set()
    if not others:
        return
    shown = select(Alert).where(col(Alert.id).in_(mine)).order_by(col(Alert.id)).limit(MOST_ALERTS)
    own = {
        seen.value
        for alert in place.session.exec(shown)
        for seen in observables_in(alert.payload, alert.title).seen
    }
    kept = select(Observable).where(Observable.incident_id == place.incident_id)
    for row in place.session.exec(kept):
        origin = _ALERT.fullmatch(row.origin)
        if origin and int(origin[1]) in others and row.value not in own:
            yield Term("an observable of another client's case", row.value)
