"""The desk's links, pages and probes, as a browser and a probe see them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from sqlmodel import Session, col, select

from flows.asserting import add_cases, assert_facts
from flows.deciding import Decision
from store.database import Store
from store.tables import Exercise, Heartbeat, Incident, Question, Responder, TimelineEntry
from tests.harness.desks import NOON, DeskUnderTest, add_client, add_responder, add_source, desk_on, house_on

HOSTILE = "<script>alert(1)</script> {{ 7*7 }} \x1b[31m\u202e <!channel> =cmd()"
UI = "http://ui.example.com"


@pytest.fixture
def desk(sqlite_store: Store, tmp_path: Path) -> Iterator[DeskUnderTest]:
    add_source(sqlite_store, "siem")
    with desk_on(house_on(sqlite_store, tmp_path, SEVENTYTWO_PREFECT_UI_URL=UI)) as desk:
        yield desk


def opened(desk: DeskUnderTest, title: str = HOSTILE, source: str = "siem") -> str:
    answer = desk.raise_alert(source, {"title": title, "severity": "high", "fingerprint": title})
    return str(answer.json()["results"][0]["incident"])


def log_in(desk: DeskUnderTest, browser: httpx.Client, ref: str, handle: str, code: str) -> httpx.Response:
    return browser.post(f"/i/{ref}", data={"handle": handle, "code": code}, follow_redirects=True)


def entries(store: Store, chain: str, kind: str) -> list[TimelineEntry]:
    with store.reading() as session:
        found = select(TimelineEntry).where(TimelineEntry.chain == chain, TimelineEntry.kind == kind)
        return list(session.exec(found))


def one_question(session: Session, kind: str = "command") -> Question:
    return session.exec(select(Question).where(Question.kind == kind).order_by(col(Question.id))).all()[0]


def test_the_address_that_up_prints_says_where_the_pages_are(desk: DeskUnderTest) -> None:
    with desk.reader() as browser:
        before = browser.get("/")
        opened(desk)
        assert browser.get("/").text == before.text, "nobody is told what there is"
    assert before.status_code == 200
    assert "/i/INC-" in before.text


def test_the_page_asks_for_handle_and_code_and_shows_the_incident(desk: DeskUnderTest) -> None:
    ref, code = opened(desk), add_responder(desk.store, "commander-1")
    with desk.reader() as browser:
        asked = browser.get(f"/i/{ref}")
        assert asked.status_code == 401
        assert "One-time code" in asked.text
        shown = log_in(desk, browser, ref, "commander-1", code(desk.wall))
        assert shown.status_code == 200
        for words in (ref, "high", "Lead the incident", "When did we become aware?", "Timeline", "left"):
            assert words in shown.text
        assert browser.get(f"/i/{ref}").status_code == 200
    assert [entry.author for entry in entries(desk.store, ref, "page_read")] == ["commander-1"] * 2
    assert [entry.author for entry in entries(desk.store, "house", "desk_login")] == ["commander-1"]


def test_a_hostile_title_is_inert_on_the_page(desk: DeskUnderTest) -> None:
    ref, code = opened(desk), add_responder(desk.store, "commander-1")
    with desk.reader() as browser:
        shown = log_in(desk, browser, ref, "commander-1", code(desk.wall)).text
    assert "&lt;script&gt;alert(1)&lt;/script&gt; {{ 7*7 }}" in shown
    assert "<script" not in shown
    assert not {"\x1b", "\u202e"} & set(shown)


def test_every_page_forbids_scripts_frames_and_caching(desk: DeskUnderTest) -> None:
    with desk.reader() as browser:
        for path in ("/i/INC-2026-0001", "/q/none", "/health", "/metrics", "/desk.css", "/nowhere"):
            headers = browser.get(path).headers
            assert headers["content-security-policy"].startswith("default-src 'none'; style-src 'self'")
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["x-frame-options"] == "DENY"
            assert headers["cache-control"] == "no-store"
            assert headers["referrer-policy"] == "same-origin"


def test_the_cookie_is_out_of_reach_and_ends_after_fifteen_minutes(desk: DeskUnderTest) -> None:
    ref, code = opened(desk), add_responder(desk.store, "commander-1")
    with desk.reader() as browser:
        given = browser.post(f"/i/{ref}", data={"handle": "commander-1", "code": code(desk.wall)})
        assert given.status_code == 303
        told = given.headers["set-cookie"].lower()
        assert all(word in told for word in ("httponly", "samesite=strict", "max-age=900", "path=/"))
        desk.later(minutes=14, seconds=59)
        assert browser.get(f"/i/{ref}").status_code == 200
        desk.later(seconds=1)
        assert browser.get(f"/i/{ref}").status_code == 401


def test_a_spent_code_opens_no_second_session(desk: DeskUnderTest) -> None:
    ref, code = opened(desk), add_responder(desk.store, "commander-1")
    with desk.reader() as one, desk.reader() as other:
        assert log_in(desk, one, ref, "commander-1", code(desk.wall)).status_code == 200
        refused = log_in(desk, other, ref, "commander-1", code(desk.wall))
        assert refused.status_code == 401
        assert "wait for the next one" in refused.text


def test_a_wrong_code_is_refused_written_down_and_slows(desk: DeskUnderTest) -> None:
    ref, code = opened(desk), add_responder(desk.store, "commander-1")
    with desk.reader() as browser:
        assert "does not fit" in log_in(desk, browser, ref, "commander-1", "000000").text
        slowed = log_in(desk, browser, ref, "commander-1", code(desk.wall))
        assert slowed.status_code == 401
        assert "wait 1 s" in slowed.text
        desk.later(seconds=2)
        assert log_in(desk, browser, ref, "commander-1", code(desk.wall)).status_code == 200
    assert len(entries(desk.store, "house", "code_refused")) == 1


def test_guessing_from_one_address_is_stopped_before_any_code_is_looked_at(desk: DeskUnderTest) -> None:
    with desk.reader() as browser:
        tries = [log_in(desk, browser, "INC-2026-0001", f"guess-{n}", "000000").text for n in range(12)]
    assert sum("too many tries" in text for text in tries) == 2
    assert len(entries(desk.store, "house", "code_refused")) <= 10


def test_a_form_from_elsewhere_is_refused_and_a_link_from_elsewhere_bounces_once(desk: DeskUnderTest) -> None:
    ref = opened(desk)
    with desk.reader() as browser:
        for headers in ({"Origin": "http://evil.example.com"}, {"Sec-Fetch-Site": "cross-site"}):
            assert browser.post(f"/i/{ref}", data={"handle": "a"}, headers=headers).status_code == 403
        bounced = browser.get(f"/i/{ref}", headers={"Sec-Fetch-Site": "cross-site"})
        assert 'http-equiv="refresh" content="0"' in bounced.text
        assert browser.get(f"/i/{ref}", headers={"Sec-Fetch-Site": "same-origin"}).status_code == 401


def test_a_disabled_responder_is_out_at_once_and_logging_out_forgets(desk: DeskUnderTest) -> None:
    ref, code = opened(desk), add_responder(desk.store, "commander-1")
    with desk.reader() as browser:
        log_in(desk, browser, ref, "commander-1", code(desk.wall))
        browser.post("/logout")
        assert browser.get(f"/i/{ref}").status_code == 401
        desk.later(seconds=60)
        assert log_in(desk, browser, ref, "commander-1", code(desk.wall)).status_code == 200
        with desk.store.writing() as session:
            session.exec(select(Responder)).one().disabled_at = desk.wall
        assert browser.get(f"/i/{ref}").status_code == 401


def test_a_limited_reader_sees_their_clients_case_and_nothing_that_may_speak_of_another(
    desk: DeskUnderTest,
) -> None:
    ref = opened(desk, "Secrets of Beta in the title")
    add_client(desk.store, "alpha", "Alpha Ltd")
    add_client(desk.store, "beta", "Beta Ltd")
    code = add_responder(desk.store, "lead-1", "alpha")
    with desk.reader() as browser:
        assert (
            log_in(desk, browser, ref, "lead-1", code(desk.wall)).status_code == 404
        )  # no case of theirs yet
        with desk.store.deciding(ref) as (session, incident):
            decision = Decision(desk.house, session, incident, desk.wall, desk.wall)
            first, second = add_cases(decision, ("alpha", "beta"), "commander-1")
            assert_facts(decision, {"root_cause": "about alpha"}, author="x", case=first)
            assert_facts(decision, {"root_cause": "about beta"}, author="x", case=second)
            assert_facts(decision, {"root_cause": "about Alpha and Beta"}, author="x")
        shown = browser.get(f"/i/{ref}")
    assert shown.status_code == 200
    assert "Alpha Ltd" in shown.text
    assert "about alpha" in shown.text
    assert "beta" not in shown.text.lower()


def test_a_practice_code_opens_exercises_only(desk: DeskUnderTest) -> None:
    with desk.store.writing() as session:
        exercise = Exercise(name="drill", started_at=NOON)
        session.add(exercise)
        session.flush()
        number = exercise.id
    add_source(desk.store, "drill", exercise_id=number)
    real, drill = opened(desk), opened(desk, source="drill")
    code = add_responder(desk.store, "actor-1", period=1)
    with desk.reader() as browser:
        assert log_in(desk, browser, real, "actor-1", code(desk.wall)).status_code == 404
        shown = browser.get(f"/i/{drill}")
    assert shown.status_code == 200
    assert "Exercise: nothing here is real" in shown.text


def test_a_question_leads_to_its_open_run_and_to_nowhere_else(desk: DeskUnderTest) -> None:
    opened(desk)
    run = str(uuid4())
    with desk.store.reading() as session:
        ref = one_question(session).ref
    with desk.reader() as browser:
        waiting = browser.get(f"/q/{ref}")
        assert waiting.status_code == 202
        assert 'http-equiv="refresh" content="2"' in waiting.text
        with desk.store.writing() as session:
            one_question(session).run_id = run
        there = browser.get(f"/q/{ref}")
        assert there.status_code == 303
        assert there.headers["location"] == f"{UI}/runs/flow-run/{run}"
        with desk.store.writing() as session:
            one_question(session).state = "answered"
        settled = browser.get(f"/q/{ref}")
        assert settled.status_code == 410
        assert "answered" in settled.text
        for odd in ("Q-9999999", "..%2f..%2fetc", "%00", "'--", "x" * 300):
            assert browser.get(f"/q/{odd}").status_code == 404


def test_health_says_whether_the_watch_is_alive(desk: DeskUnderTest) -> None:
    with desk.reader() as probe:
        assert probe.get("/health").json()["watch"] == "silent"
        with desk.store.writing() as session:
            session.add(Heartbeat(name="watch", at=desk.wall))
        well = probe.get("/health")
        assert (well.status_code, well.json()["status"]) == (200, "ok")
        desk.later(seconds=31)
        assert probe.get("/health").status_code == 503


def test_the_metrics_tell_counts_and_no_names(desk: DeskUnderTest) -> None:
    opened(desk)
    with desk.reader() as probe:
        told = probe.get("/metrics")
    assert told.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert 'seventytwo_alerts_total{result="opened"} 1' in told.text
    assert 'seventytwo_incidents_open{kind="real"} 1' in told.text
    assert "script" not in told.text
    with desk.store.reading() as session:
        assert session.exec(select(Incident)).one()


def test_an_unknown_incident_is_not_found_only_after_the_login(desk: DeskUnderTest) -> None:
    code = add_responder(desk.store, "commander-1")
    with desk.reader() as browser:
        assert browser.get("/i/INC-1999-0001").status_code == 401
        assert log_in(desk, browser, "INC-1999-0001", "commander-1", code(desk.wall)).status_code == 404
    assert desk.wall - NOON == timedelta(0)
