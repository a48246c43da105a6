"""Observables, access and scope, established by a playbook's own steps and without Prefect."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import Session, select

from flows.actions import prepare
from flows.answering import Claim, settle_action
from flows.clock import wall_now
from flows.describing import describe
from flows.forensics.keeping import observables_of
from flows.forensics.proposing import latest_proposal
from flows.forensics.reconstructing import NO_SOURCE, reconstructions_of, result_of
from flows.forensics.telling import markdown_of
from flows.house import House
from flows.review.writing import write_report
from playbooks.fact_types import Range
from store.database import Store
from store.scope import Scope
from store.tables import Alert, Case, DataSystem, FactRow, Observable, TimelineEntry
from tests.harness.desks import add_responder, desk_on
from tests.harness.walks import OURS, START, THEIRS, Walk, begin_walk, stamp

SOURCE = """
id: crm-log
system: crm
format: csv
location: "*.csv"
columns: {at: time, account: user, client: customer, record: id, action: did, address: ip}
clients: {RETAIL: example-retail}
bulk: {records: 3, within: 1h}
working_hours: {zone: UTC, begins: "08:00", ends: "18:00"}
"""
LOG = f"""time,user,customer,id,did,ip
2026-03-02T07:10:00Z,Agent-7,RETAIL,r1,export,192.0.2.7
2026-03-02T07:11:00Z,agent-7,RETAIL,r2,export,192.0.2.7
2026-03-02T07:12:00Z,agent-7,RETAIL,r3,export,192.0.2.7
2026-03-02T07:13:00Z,agent-7,RETAIL,r4,export,192.0.2.7
2026-03-02T09:00:00Z,agent-7,{THEIRS},s1,view,192.0.2.7
2026-03-02T09:00:00Z,agent-8,{THEIRS},s2,view,192.0.2.8
not a time,agent-7,RETAIL,r9,view,192.0.2.7
"""


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    folder = tmp_path / "logs"
    folder.mkdir()
    (folder / "crm.yaml").write_text(SOURCE)
    (folder / "crm-march.csv").write_text(LOG)
    return folder


def walk_with(store: Store, folder: Path, *logs: Path) -> Walk:
    walk = begin_walk(store, folder, title="An export", alert="A bulk export")
    walk.house = House(replace(walk.house.settings, access_log_folders=logs), store)
    with store.writing() as session:
        alert = session.exec(select(Alert)).one()
        alert.payload = {
            "user": "agent-7",
            "src_ip": "192.0.2.7",
            "message": "sent to hxxp://drop[.]example/x",
        }
        session.add(alert)
        session.add(
            DataSystem(
                ref="crm",
                name="The CRM",
                clients=[OURS],
                categories=["contact"],
                jurisdictions=["EU"],
                log_source="crm-log",
                imported_at=START,
            )
        )
        session.add(DataSystem(ref="payroll", name="Payroll", clients=[OURS], imported_at=START))
    walk.words = {
        "name-accounts": {
            "accounts": "1",
            "access_from": stamp(START - timedelta(days=1)),
            "access_until": stamp(START),
        }
    }
    return walk


def numbered(session: Session, walk: Walk) -> dict[str, Observable]:
    incident = walk.incident(session)
    assert incident.id is not None
    return {row.value: row for row in observables_of(session, incident.id)}


def incident_id(session: Session, walk: Walk) -> int:
    found = walk.incident(session).id
    assert found is not None
    return found


def test_from_the_alert_to_a_proposed_scope(store: Store, tmp_path: Path, logs: Path) -> None:
    walk = walk_with(store, tmp_path, logs)
    walk.to("establish-scope")
    with store.reading() as session:
        seen = numbered(session, walk)
        assert [(row.kind, value) for value, row in seen.items()] == [
            ("account", "agent-7"),
            ("address", "192.0.2.7"),
            ("domain", "drop.example"),
            ("url", "http://drop.example/x"),
        ]
        (row,) = reconstructions_of(session, incident_id(session, walk))
        result = result_of(row)
        assert (row.rows_read, row.rows_broken, row.sources) == (7, 1, ["crm-log"])
        ours, theirs = result.clients
        assert (ours.client, ours.records, ours.share_after_hours) == (OURS, Range(low=4, high=4), 1.0)
        assert [one.told for one in ours.downloads] == ["expected at most 3 records, seen 4"]
        assert (theirs.client, theirs.accounts, theirs.records) == (THEIRS, 1, Range(low=1, high=1))
        scope = latest_proposal(session, incident_id(session, walk))
    assert scope is not None
    assert scope.categories == ("contact",)
    assert {one.client: one.confidence for one in scope.clients} == {OURS: "low", THEIRS: "low"}
    assert "no log of payroll was read, which holds data of example-retail" in scope.findings
    assert f"records of {THEIRS} lie in crm, of which the data map does not know" in scope.findings


def test_nothing_is_stated_as_a_fact_before_a_responder_says_so(
    sqlite_store: Store, tmp_path: Path, logs: Path
) -> None:
    walk = walk_with(sqlite_store, tmp_path, logs)
    walk.words["triage"] = {"clients": [OURS], "records_affected": "unknown"}
    walk.to("establish-scope")
    with sqlite_store.reading() as session:
        stated = session.exec(select(FactRow).where(FactRow.author == "system")).all()
        assert not {"records_affected", "data_categories"} & {row.name for row in stated}
        assert len(session.exec(select(Case)).all()) == 1, "a client touched is proposed, not added"


def test_an_action_repeated_or_lost_before_its_end_changes_nothing(
    sqlite_store: Store, tmp_path: Path, logs: Path
) -> None:
    walk = walk_with(sqlite_store, tmp_path, logs)
    lost: list[str] = []

    def lose_it_first(question: object) -> None:
        if getattr(question, "kind", "") == "action":
            prepare(walk.house, question.ref)  # type: ignore[attr-defined] # a crash after preparing
            lost.append(question.ref)  # type: ignore[attr-defined] # as above

    walk.watch = lose_it_first
    walk.to("establish-scope")
    with sqlite_store.reading() as session:
        before = [len(session.exec(select(table)).all()) for table in (Observable, TimelineEntry)]
    for ref in lost:
        for attempt in (1, 2):
            settle_action(walk.house, Claim(walk.ref, ref, 1, attempt), prepare)
            settle_action(walk.house, Claim(walk.ref, ref, 0, attempt), prepare)
    with sqlite_store.reading() as session:
        assert [len(session.exec(select(table)).all()) for table in (Observable, TimelineEntry)] == before
        assert len(reconstructions_of(session, incident_id(session, walk))) == 1


def test_without_a_log_the_scope_is_said_to_be_unknown(sqlite_store: Store, tmp_path: Path) -> None:
    walk = walk_with(sqlite_store, tmp_path)
    walk.to("establish-scope")
    with sqlite_store.reading() as session:
        scope = latest_proposal(session, incident_id(session, walk))
    assert scope is not None
    assert (scope.clients, scope.records, scope.confidence) == ((), None, "low")
    assert NO_SOURCE in scope.findings


@pytest.mark.parametrize(("said", "finding"), [
    ("some words", "no account was named by its number: nothing was read"),
    ("99", "there is no observable O99"),
    ("O4", "O4 is a url: logs tell accounts, addresses and hosts"),
])  # fmt: skip
def test_an_answer_that_names_nobody_is_a_finding(
    sqlite_store: Store, tmp_path: Path, logs: Path, said: str, finding: str
) -> None:
    walk = walk_with(sqlite_store, tmp_path, logs)
    walk.words["name-accounts"]["accounts"] = said
    walk.to("establish-scope")
    with sqlite_store.reading() as session:
        (row,) = reconstructions_of(session, incident_id(session, walk))
    assert finding in result_of(row).findings
    assert result_of(row).clients == ()


def test_all_is_every_account_of_the_log(sqlite_store: Store, tmp_path: Path, logs: Path) -> None:
    walk = walk_with(sqlite_store, tmp_path, logs)
    walk.words["name-accounts"]["accounts"] = "All"
    walk.to("establish-scope")
    with sqlite_store.reading() as session:
        (row,) = reconstructions_of(session, incident_id(session, walk))
    assert {line.account.casefold() for line in result_of(row).lines} == {"agent-7", "agent-8"}


def clicked(walk: Walk, *clients: str) -> str:
    """The incident's page as a responder for these clients (or all) sees it."""
    with desk_on(walk.house) as desk:
        code = add_responder(walk.house.store, f"reader-{len(clients)}", *clients)
        desk.wall = wall_now()
        with desk.reader() as browser:
            given = {"handle": f"reader-{len(clients)}", "code": code(desk.wall)}
            browser.post(f"/i/{walk.ref}", data=given)
            return browser.get(f"/i/{walk.ref}").text


@pytest.fixture
def established(sqlite_store: Store, tmp_path: Path, logs: Path) -> Walk:
    """A walk on which the scope is proposed, with a hostile account among those that touched records."""
    with (logs / "crm-march.csv").open("a") as file:
        file.write('2026-03-02T10:00:00Z,"<script>x</script>.evil.example",RETAIL,r9,view,192.0.2.7\n')
    walk = walk_with(sqlite_store, tmp_path, logs)
    walk.words["name-accounts"]["accounts"] = "all"
    walk.words["triage"] = {"clients": [OURS, THEIRS]}
    walk.to("establish-scope")
    return walk


def test_the_page_shows_all_of_it_to_whoever_may_see_all(established: Walk) -> None:
    page = clicked(established)
    assert "http://drop" not in page
    assert "hxxp[:]//drop[.]example/x" in page
    assert "<script>" not in page
    assert "&lt;script&gt;x&lt;/script&gt;[.]evil[.]example" in page
    assert "agent-8" in page
    assert page.count("<svg") == 1
    assert "no log of payroll was read" in page


def test_the_page_shows_a_client_s_reader_nothing_of_another(established: Walk) -> None:
    page = clicked(established, OURS)
    assert "Who touched what" in page
    for hidden in (THEIRS, "Sample Bank", "agent-", "192[.]0", "drop[", "payroll was read"):
        assert hidden not in page, hidden


def test_the_report_tells_each_reader_their_part(established: Walk, tmp_path: Path) -> None:
    markdown, html = (path.read_text() for path in write_report(established.house, established.ref, tmp_path))
    assert "## Who touched what" in markdown
    assert "expected at most 3 records, seen 4" in markdown
    assert html.count('aria-label="access"') == 1
    for text in (markdown, html):
        assert "agent-7" not in text.split("Who touched what")[1].split("Evidence")[0]
        assert THEIRS in text
    for path in write_report(established.house, established.ref, tmp_path, Scope.limited([OURS])):
        text = path.read_text()
        assert "Who touched what" in text
        assert THEIRS not in text


def test_the_form_shows_the_proposal_by_letters_and_counts(established: Walk) -> None:
    question = established.question("establish-scope")
    with established.house.store.reading() as session:
        words = describe(established.house, session, established.incident(session), question)
    assert "**proposed from the logs:** case A: 5 records, confidence low" in words
    for hidden in (OURS, THEIRS, "agent-", "crm"):
        assert hidden not in words, hidden


def test_the_artifact_holds_letters_and_counts(established: Walk) -> None:
    with established.house.store.reading() as session:
        proposal = latest_proposal(session, incident_id(session, established))
    assert proposal is not None
    text = markdown_of(proposal)
    assert "| A | 5 | low | 2026-03-02T07:10Z to 2026-03-02T10:00Z |" in text
    for hidden in (OURS, THEIRS, "agent-", "crm", "script"):
        assert hidden not in text, hidden
