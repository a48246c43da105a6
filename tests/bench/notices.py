"""Notices: one incident of many clients, a notice drafted, checked and laid out for each of them."""

from __future__ import annotations

import base64
import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlmodel import Session, col, select

from flows.advancing import advance
from flows.asserting import assert_facts
from flows.clients.file import CLIENT_CONTROLLER
from flows.clock import wall_now
from flows.deciding import deciding
from flows.forms import Filled, Given
from flows.gathering import cases_of, plan_of
from flows.house import House
from flows.opening import Opening, open_incident
from flows.questions import ask
from flows.settling.notices import settle_draft
from playbooks.facts import Range
from store.database import Store
from store.tables import Client, Contact, ContractTerm, Notice, NoticeDocument, StepRow
from tests.bench.results import Figure, Section, markdown
from tests.harness.databases import fixed_keyring
from tests.harness.desks import house_on

LIMIT = 20.0
HOW = """One incident of {clients} clients in the EU, each with a contract, a contact and numbers of its own.
Every round opens it anew in a fresh SQLite, and settles a draft for each client as a responder's answer
would, one deciding transaction after the other: written in the form of its duties, its card and identity
numbers looked for, its words held against everything of the {others} other clients, its content checked
against the facts, laid out as page and PDF, all kept sealed, noted in the timeline, and put to a second
person. Opening the incident, and letting the plan follow the answer, are not counted."""
WORDS: Mapping[str, str] = {
    "nature": "Records of your customers were copied through a misused account of our staff.",
    "consequences": "The people concerned may be approached with offers or fraudulent messages.",
    "measures": "The account was disabled, its sessions were ended, and its activity is being examined.",
    "contact": "The incident desk of Example Services",
}


@dataclass(frozen=True, slots=True)
class Round:
    """What one round took and made."""

    seconds: tuple[float, ...]
    """Of each notice."""
    pages: int
    """Bytes of PDF, all together."""


def notices(*, quick: bool, say: Callable[[str], None]) -> Section:
    """Measure what it takes to write to every client."""
    clients, rounds = (10, 1) if quick else (100, 3)
    done = []
    for number in range(rounds):
        say(f"notices: {clients} clients, round {number + 1} of {rounds}")
        with TemporaryDirectory(prefix="seventytwo-bench-") as folder:
            done.append(_written(Path(folder), clients))
    total = statistics.median(sum(one.seconds) for one in done)
    figures = [
        Figure(
            f"{clients} clients' notices drafted, checked and laid out as PDF: median",
            f"{total:.1f} s",
            f"≤ {LIMIT:.0f} s" if not quick else "",
            total <= LIMIT if not quick else None,
        ),
        Figure("one of them: median", f"{_middle(done) * 1000:.0f} ms"),
    ]
    how = HOW.format(clients=clients, others=clients - 1)
    return Section("Notices", how, figures, _table(done))


def _written(folder: Path, clients: int) -> Round:
    """Write to every client of a fresh incident."""
    with _house(folder) as house:
        ref = _opened(house, clients)
        with house.store.reading() as session:
            rows = select(StepRow.id).where(StepRow.case_ref != "").order_by(col(StepRow.id))
            steps = [one for one in session.exec(rows) if one]
        assert len(steps) == clients
        seconds = tuple(_seconds(house, ref, step) for step in steps)
        with house.store.reading() as session:
            return Round(seconds, _proved(session, clients))


def _seconds(house: House, ref: str, step: int) -> float:
    """Settle the draft of one client's notice."""
    began = time.perf_counter()
    with deciding(house, ref) as decision:
        row = decision.session.get_one(StepRow, step)
        question = ask(decision, kind="step", role="privacy", title="Tell the client", row=row)
        given = Given("privacy-1", "", "draft", "", WORDS, decision.now)
        assert settle_draft(decision, question, given, Filled({}, dict(WORDS)))
    return time.perf_counter() - began


def _proved(session: Session, clients: int) -> int:
    """The bytes of PDF, after a look that every client has a text and documents of its own."""
    texts = {notice.sha256 for notice in session.exec(select(Notice))}
    papers = session.exec(select(NoticeDocument).where(NoticeDocument.kind == "pdf"))
    contents = {one.sha256: base64.b64decode(one.content) for one in papers}
    assert len(texts) == len(contents) == clients, "a notice is missing, or two are one"
    assert all(content.startswith(b"%PDF-") for content in contents.values())
    return sum(len(content) for content in contents.values())


@contextmanager
def _house(folder: Path) -> Iterator[House]:
    with closing(Store.open(f"sqlite:///{folder / 'store.db'}", fixed_keyring())) as store:
        store.migrate()
        yield house_on(store, folder, SEVENTYTWO_ORGANISATION="Example Services")


def _opened(house: House, clients: int) -> str:
    """An incident about all of them, known for an hour, with a step for each that tells the client."""
    wall = wall_now()
    refs = tuple(f"client-{number:03}" for number in range(1, clients + 1))
    with house.store.writing() as session:
        for number, ref in enumerate(refs, start=1):
            _add_client(session, number, ref)
        opening = Opening("bench", "data-exfiltration", "An export that nobody asked for", clients=refs)
        ref = open_incident(session, house, opening, wall).ref
    with deciding(house, ref) as decision:
        assert_facts(decision, {"personal_data": True, "aware_at": wall - timedelta(hours=1)}, author="bench")
        cases = cases_of(decision.session, decision.incident_id)
        for number, case in enumerate(cases, start=1):
            known = {"our_role": "processor", "people_affected": Range(low=number * 7, high=number * 70)}
            assert_facts(decision, known, author="bench", case=case)
        advance(decision)  # the duties and their clocks
        step = next(one for one in plan_of(decision.incident).steps if one.recipient == CLIENT_CONTROLLER)
        for case in cases:
            row = StepRow(
                incident_id=decision.incident_id,
                case_ref=case.ref,
                step_id=step.id,
                state="open",
                opened_at=decision.now,
            )
            decision.session.add(row)
    return ref


def _add_client(session: Session, number: int, ref: str) -> None:
    wall = wall_now()
    client = Client(
        ref=ref,
        name=f"Company Number {number:03} Ltd",
        jurisdictions=["EU"],
        status=["none"],
        hints=[f"tenant-{number:03}", f"company-{number:03}.example"],
        imported_at=wall,
    )
    session.add(client)
    session.flush()
    assert client.id is not None
    term = ContractTerm(client_id=client.id, hours=24, citation="cl. 9", terms={}, imported_at=wall)
    address = f"privacy@company-{number:03}.example"
    contact = Contact(client_id=client.id, name=f"Desk {number:03}", address=address, channel="email")
    session.add_all([term, contact])


def _middle(done: list[Round]) -> float:
    return statistics.median(each for one in done for each in one.seconds)


def _table(done: list[Round]) -> str:
    rows = [
        (
            str(number),
            f"{sum(one.seconds):.1f}",
            f"{statistics.median(one.seconds) * 1000:.0f}",
            f"{max(one.seconds) * 1000:.0f}",
            f"{one.pages / len(one.seconds) / 1000:.0f}",
        )
        for number, one in enumerate(done, start=1)
    ]
    head = ("round", "seconds, all", "ms, median of one", "ms, slowest", "kB of PDF, each")
    return markdown(head, rows)
