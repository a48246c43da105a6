"""A notice about one client tells nothing of another: not when it is drafted, not when it is released."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import SQLModel, select

from flows.clock import wall_now
from flows.deciding import deciding
from flows.leaks import _matcher, _place_of
from flows.rounds import digest_of, notices_of
from store.database import Store
from store.tables import (
    Alert,
    Client,
    Contact,
    Evidence,
    Message,
    Notice,
    Observable,
    Question,
    Source,
    StepRow,
)
from tests.harness.law_walks import WORDS, LawWalk, begin_law_walk, client, ours

FACTS: dict[str, Any] = {"our_role": "processor", "jurisdictions": ["EU"], "data_categories": ["contact"]}
LEAK = "the notice would tell one client of another"
SECRETS = ("hexa", "lumen", "zwickl")


def named(ref: str, name: str, *hints: str) -> Client:
    record = client(ref, "processor", "EU")
    record.name, record.hints = name, list(hints)
    return record


@pytest.fixture
def walk(store: Store, tmp_path: Path) -> LawWalk:
    """An incident of two clients, with a third on record."""
    begun = begin_law_walk(
        store,
        tmp_path,
        named("alder-eu", "Alder Foods Ltd", "alder.example"),
        named("hexa-lumen", "Hexa Lumen GmbH", "hexalumen.example", "hx-prod-7"),
        named("aig", "AIG"),
        ours("EU"),
        concerned=("alder-eu", "hexa-lumen"),
    )
    with store.writing() as session:
        owner = session.exec(select(Client).where(Client.ref == "hexa-lumen")).one().id or 0
        mine = session.exec(select(Client).where(Client.ref == "alder-eu")).one().id or 0
        add = {"channel": "email", "purpose": "client_controller"}
        session.add_all(
            [
                Contact(client_id=owner, name="Rosa Zwickl", address="r.zwickl@lumen-mail.example", **add),
                Contact(client_id=owner, name="Data protection officer", address="dpo@gmail.com", **add),
                Contact(client_id=mine, name="Data protection desk", address="dpo@alder.example", **add),
            ]
        )
    begun.triage(clients=["alder-eu", "hexa-lumen"], **FACTS)
    return begun


def case_of(walk: LawWalk) -> str:
    """The case whose notice is asked first."""
    return walk.asked("tell-client").case_ref


def drafted(walk: LawWalk, words: str, field: str = "nature") -> str:
    return walk.answer("tell-client", "draft", **{**WORDS, field: words})


def rows(walk: LawWalk, table: type[SQLModel]) -> list[Any]:
    with walk.house.store.reading() as session:
        return list(session.exec(select(table)).all())


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("Records of Hexa Lumen were exported too.", "the name of another client"),
        ("Records of HEXA-LUMEN were exported.", "the name of another client"),
        ("Records of hexalumen's staff.", "the name of another client"),
        ("Records of \uff28exa_Lumen.", "the name of another client"),
        ("Records of H\u0435xa L\u00fcmen.", "the name of another client"),
        ("The project hx-prod-7 was read.", "what tools call another client"),
        ("See https://files.hexalumen.example/list.", "what tools call another client"),
        ("Ms Rosa Zwickl was told.", "a contact of another client"),
        ("Ask R.Zwickl@lumen-mail.example.", "an address of another client"),
        ("Sent from lumen-mail.example.", "a domain of another client"),
        ("The AIG portal was hit.", "the name of another client"),
    ],
)
def test_a_draft_that_names_another_client_is_refused_and_nothing_is_half_done(
    walk: LawWalk, words: str, kind: str
) -> None:
    before = walk.asked("tell-client")
    fault = drafted(walk, words)
    assert LEAK in fault
    assert "What happened, word" in fault
    assert kind in fault
    assert not [one for one in SECRETS if one in fault.casefold()], "a refusal repeats nothing of it"
    assert not rows(walk, Notice)
    assert not walk.history("notice_drafted")
    assert not walk.is_asked("release")
    assert walk.asked("tell-client").id == before.id
    assert not [row for row in rows(walk, StepRow) if row.state == "approving"]
    told = " ".join(str(row.fields) for row in rows(walk, Message) if row.kind == "answer_refused").casefold()
    assert told
    assert not [one for one in SECRETS if one in told]
    assert not drafted(walk, "Records of yours were exported.")


@pytest.mark.parametrize(
    "words",
    [
        "Records of Alder Foods, alder.example, were exported.",
        "Example Services, and Ours, disabled the account.",
        "The lumen of the lamp, a hexagon, and the paige file.",
        "Write to the data protection officer, by gmail.com or otherwise.",
    ],
)
def test_the_clients_own_names_ours_and_plain_words_may_stand(walk: LawWalk, words: str) -> None:
    if case_of(walk) != "A":
        pytest.fail("the first notice asked is that of case A")
    assert not drafted(walk, words)


def test_a_client_that_comes_on_record_after_the_draft_stops_the_release(walk: LawWalk) -> None:
    assert not drafted(walk, "Records were exported to Vantablack Press by mistake.")
    with walk.house.store.writing() as session:
        session.add(named("vantablack", "Vantablack Press Inc."))
    fault = walk.answer("release", "approve")
    assert LEAK in fault
    assert "line " in fault
    assert "vantablack" not in fault.casefold()
    assert [one.state for one in rows(walk, Notice)] == ["drafted"]
    assert not walk.history("notice_accepted")
    assert walk.is_asked("release"), "it may be refused, and written anew"
    assert not walk.answer("release", "refuse", reason="It names somebody else.")
    assert not drafted(walk, "Records were exported by mistake.")
    assert not walk.answer("release", "approve")


def test_a_notice_written_before_the_check_knew_a_number_is_not_released(walk: LawWalk) -> None:
    assert not drafted(walk, "Records were exported.")
    with walk.house.store.writing() as session:
        (notice,) = session.exec(select(Notice)).all()
        notice.text += "4111 1111 1111 1111\n"
        notice.sha256 = hashlib.sha256(notice.text.encode()).hexdigest()
        asked = session.exec(select(Question).where(Question.kind == "release")).one()
        asked.subject = asked.subject | {"digest": digest_of(session, [notice]), "hashes": [notice.sha256]}
        session.add_all([notice, asked])
    fault = walk.answer("release", "approve")
    assert "payment card number" in fault
    assert "4111" not in fault


def test_what_belongs_to_another_case_of_the_incident_is_not_told(walk: LawWalk) -> None:
    with walk.house.store.writing() as session:
        incident = walk._incident(session)
        kept = {"incident_id": incident.id, "kind": "file", "custodian": "it-1", "collected_by": "it-1"}
        kept |= {"collected_at": walk.now, "recorded_at": walk.now, "sha256": ""}
        titles = (("B", "payroll-7.xlsx"), ("B", "both-9.log"), ("A", "both-9.log"), ("B", "Mailbox export"))
        for number, (case, title) in enumerate(titles, start=1):
            session.add(Evidence(number=number, case_ref=case, title=title, origin="shelf", **kept))
        source = Source(name="s", kind="generic", auth="hmac", added_at=walk.now)
        session.add(source)
        session.flush()
        said: dict[str, Any] = {"source_id": source.id, "kind": "generic", "status": "firing", "content": "c"}
        said |= {"severity": "high", "title": "t", "reading": {}, "incident_id": incident.id}
        said |= {"first_seen_at": walk.now, "last_seen_at": walk.now}
        for ref, number in (("hexa-lumen", 1), ("alder-eu", 2)):
            payload = {"source_ip": "198.51.100.7", "user": f"account-{number}"}
            session.add(Alert(fingerprint=str(number), clients=ref, payload=payload, **said))
        session.flush()
        alert = session.exec(select(Alert).where(Alert.clients == "hexa-lumen")).one()
        for number, value in enumerate(("198.51.100.7", "account-1"), start=1):
            session.add(
                Observable(
                    incident_id=incident.id, number=number, kind="x", value=value, digest=value,
                    origin=f"alert {alert.id}", added_at=walk.now,
                )
            )  # fmt: skip
    assert case_of(walk) == "A"
    assert "evidence of another client's case" in drafted(walk, "The file payroll-7.xlsx was read.")
    assert "an observable of another client's case" in drafted(walk, "By Account-1.")
    assert not drafted(walk, "both-9.log, from 198.51.100.7, a mailbox export by account-2.")


def test_a_notice_about_no_one_client_may_name_all_of_them(walk: LawWalk) -> None:
    assert not drafted(walk, "Records were exported.")
    with deciding(walk.house, walk.ref) as decision:
        row = next(one for one in decision.session.exec(select(StepRow)) if one.state == "approving")
        (notice,) = notices_of(decision.session, row)
        assert _place_of(decision, notice.case_ref) is not None
        assert _place_of(decision, "") is None


def test_five_hundred_clients_are_looked_for_in_a_moment(sqlite_store: Store, tmp_path: Path) -> None:
    begun = begin_law_walk(
        sqlite_store, tmp_path, named("alder-eu", "Alder Foods"), ours("EU"), concerned=("alder-eu",)
    )
    with sqlite_store.writing() as session:
        for number in range(500):
            record = named(f"c-{number}", f"Company {number} Works", f"c{number}.example", f"tenant-{number}")
            session.add(record)
            session.flush()
            for position in range(3):
                session.add(
                    Contact(
                        client_id=record.id or 0, position=position, name=f"Contact {number} {position}",
                        address=f"p{position}@c{number}.example", channel="email",
                    )
                )  # fmt: skip
    begun.triage(clients=["alder-eu"], **FACTS)
    with deciding(begun.house, begun.ref) as decision:
        place = _place_of(decision, "A")
        assert place is not None
        began = wall_now()
        found = _matcher(place, ("Example Services",)).find(
            "Records were exported. " * 800 + "company-499 works"
        )
        assert wall_now() - began < timedelta(seconds=3)
    assert len(found) == 1


def test_our_own_address_may_stand_though_another_client_names_one_of_ours(walk: LawWalk) -> None:
    with walk.house.store.writing() as session:
        other = session.exec(select(Client).where(Client.ref == "hexa-lumen")).one().id or 0
        session.add(
            Contact(
                client_id=other,
                name="Their desk with us",
                address="hx-desk@provider.example",
                channel="email",
                purpose="client_controller",
            )
        )
    mail = replace(walk.house.settings, mail_from="Incidents <incidents@provider.example>")
    walk.house = replace(walk.house, settings=mail)
    assert "an address of another client" in drafted(walk, "hx-desk@provider.example", "contact")
    assert not drafted(walk, "privacy@provider.example", "contact")
