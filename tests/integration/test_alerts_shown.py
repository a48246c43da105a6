"""The alerts of an incident as its page and its report list them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from flows.desk.showing import ALERTS
from flows.review.alerts import alert_lines
from flows.review.writing import write_report
from notify.report_view import AlertLine
from store.database import Store
from store.scope import Scope
from store.tables import Alert, AlertWindow, Incident
from tests.harness.desks import NOON, DeskUnderTest, add_client, add_responder, add_source, desk_on, house_on

LINK = "https://siem.example.org/alerts/4711"
ALERT = {"title": "Bulk download", "severity": "p2", "account": "agent-17", "link": LINK}


@pytest.fixture
def desk(sqlite_store: Store, tmp_path: Path) -> Iterator[DeskUnderTest]:
    add_source(sqlite_store, "siem", client_id=add_client(sqlite_store, "client-1", "Example Retail"))
    with desk_on(house_on(sqlite_store, tmp_path)) as desk:
        yield desk


def raised(desk: DeskUnderTest, fingerprint: str, **more: Any) -> str:
    answer = desk.raise_alert("siem", {**ALERT, "fingerprint": fingerprint, **more})
    return str(answer.json()["results"][0]["incident"])


def lines(desk: DeskUnderTest, ref: str, most: int | None = None) -> tuple[AlertLine, ...]:
    with desk.store.reading() as session:
        incident = session.exec(select(Incident).where(Incident.ref == ref)).one()
        return alert_lines(session, incident, most)


def window(kind: str) -> AlertWindow:
    until = NOON + timedelta(hours=1)
    return AlertWindow(
        kind=kind, match="", why="w", by="commander-1", begins_at=NOON, until=until, added_at=NOON
    )


def page(desk: DeskUnderTest, ref: str, *clients: str) -> str:
    code = add_responder(desk.store, "commander-1", *clients)
    with desk.reader() as browser:
        given = {"handle": "commander-1", "code": code(desk.wall)}
        return browser.post(f"/i/{ref}", data=given, follow_redirects=True).text


def test_each_alert_is_told_with_its_number_kind_and_its_tools_own_severity(desk: DeskUnderTest) -> None:
    ref = raised(desk, "a")
    desk.later(minutes=2)
    raised(desk, "a", service="crm")
    (line,) = lines(desk, ref)
    assert (line.number, line.source, line.kind, line.status) == (1, "siem", "generic", "firing")
    assert (line.severity, line.original_severity) == ("high", "p2")
    assert (line.occurrences, line.last_seen_at - line.first_seen_at) == (2, timedelta(minutes=2))
    shown = page(desk, ref)
    for words in ("alert 1", "siem (generic)", "tool says p2", "seen 2\u00d7", "Bulk download"):
        assert words in shown


def test_a_severity_that_is_the_same_word_is_told_once(desk: DeskUnderTest) -> None:
    (line,) = lines(desk, raised(desk, "a", severity="High"))
    assert (line.severity, line.original_severity) == ("high", "")


def test_the_tools_link_is_text_that_no_click_follows(desk: DeskUnderTest, tmp_path: Path) -> None:
    ref = raised(desk, "a")
    shown = page(desk, ref)
    assert LINK in shown
    assert f'href="{LINK}' not in shown
    _, html = write_report(desk.house, ref, tmp_path / "reports")
    assert f'href="{LINK}' not in html.read_text()


def test_what_matched_a_test_or_a_quiet_window_says_so(desk: DeskUnderTest) -> None:
    ref = raised(desk, "a")
    with desk.store.writing() as session:
        for kind in ("test", "quiet"):
            session.add(window(kind))
        session.flush()
        session.get_one(Alert, 1).window_id = 1
    assert lines(desk, ref)[0].window == "announced test 1"
    assert "announced test 1" in page(desk, ref)
    with desk.store.writing() as session:
        session.get_one(Alert, 1).window_id = 2
    assert lines(desk, ref)[0].window == "held back by quiet window 2"


def test_a_page_shows_the_latest_of_many_and_the_report_all(desk: DeskUnderTest, tmp_path: Path) -> None:
    many = ALERTS + 3
    body = [{**ALERT, "fingerprint": f"f{number}", "title": f"alert-{number:03}"} for number in range(many)]
    ref = str(desk.raise_alert("siem", body).json()["results"][0]["incident"])
    shown = page(desk, ref).partition('id="alerts"')[2].partition("</section>")[0]
    assert f"The latest {ALERTS} of {many} alerts" in shown
    assert "alert-002" not in shown
    assert "alert-003" in shown
    markdown, _ = write_report(desk.house, ref, tmp_path / "reports")
    assert all(f"alert-{number:03}" in markdown.read_text().replace("\\", "") for number in range(many))


def test_who_may_see_one_client_only_gets_no_tools_words(desk: DeskUnderTest, tmp_path: Path) -> None:
    ref = raised(desk, "a")
    shown = page(desk, ref, "client-1")
    assert "only what concerns your clients" in shown
    assert "Bulk download" not in shown
    for written in write_report(desk.house, ref, tmp_path / "reports", Scope.limited(["client-1"])):
        assert "Bulk download" not in written.read_text()
        assert LINK not in written.read_text()
