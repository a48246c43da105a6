"""The watch of access logs on both databases: each thing told once, whatever happens in between."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from flows.access_watch import watching
from flows.access_watch.watching import LogRun, watch_logs
from flows.house import House
from flows.source_keys import rotate
from flows.sources import disable_source
from playbooks.errors import Refused, TellHuman
from store.tables import AccessMark, Alert, Incident, Source, SourceKey
from tests.harness.access_watch import BULK, LOG, NOW, Watched, row


def test_a_bulk_download_opens_one_incident_and_a_second_look_nothing(anywhere: Watched) -> None:
    anywhere.write(row("2026-03-04T10:00:00Z", n=60), row("2026-03-04T10:59:59Z", n=41))
    first = anywhere.run()
    assert [one["result"] for one in first.results] == ["opened"]
    assert first.findings[0]["expected"] == "at most 100 records within 1 h"
    assert first.findings[0]["seen"] == "101 records in 2 accesses"
    assert (first.reading.rows if first.reading else None, first.broken) == (2, 0)
    assert anywhere.run(NOW + timedelta(minutes=15)).findings == ()
    assert (len(anywhere.rows(Incident)), len(anywhere.rows(Alert))) == (1, 1)
    (source,) = anywhere.rows(Source)
    assert (source.name, source.kind) == ("access-watch", "access-watch")


@pytest.mark.parametrize("change", [partial(rotate, overlap=timedelta(0)), disable_source])
def test_nobody_gets_a_key_of_the_watch_or_shuts_it_out(watched: Watched, change: Callable[..., Any]) -> None:
    watched.write(row("2026-03-04T10:00:00Z", n=101))
    watched.run()
    with watched.house.store.writing() as session, pytest.raises(Refused, match="our own watch"):
        change(session, "access-watch", by="commander-1", at=NOW)
    assert watched.rows(SourceKey) == []


def test_a_finding_is_told_again_once_it_has_doubled(watched: Watched) -> None:
    watched.write(row("2026-03-04T10:00:00Z", n=101))
    assert len(watched.found()) == 1
    watched.append(row("2026-03-04T10:01:00Z", n=100))
    assert watched.found() == []
    watched.append(row("2026-03-04T10:02:00Z", n=1))
    run = watched.run()
    assert [one["result"] for one in run.results] == ["joined"]


def test_what_ended_long_ago_is_counted_and_not_told(watched: Watched) -> None:
    watched.write(row("2026-02-01T10:00:00Z", n=500), row("2026-03-04T10:00:00Z"))
    run = watched.run()
    assert (run.findings, run.older) == ((), 1)


def test_more_findings_than_one_run_raises_wait_for_the_next(watched: Watched) -> None:
    watched.rules("settings: {most_alerts: 2}\n" + BULK)
    watched.write(*[row("2026-03-04T10:00:00Z", f"u{n}", 101) for n in range(5)])
    told = []
    for _ in range(4):
        told += [one["accounts"][0] for one in watched.run().findings]
    assert sorted(told) == ["u0", "u1", "u2", "u3", "u4"]


def test_a_crash_before_the_commit_has_done_nothing_and_the_next_run_does_it(
    anywhere: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    anywhere.write(row("2026-03-04T10:00:00Z", n=101))

    def crash(*_: object) -> None:
        raise ConnectionError

    with monkeypatch.context() as patched:
        patched.setattr(watching, "move_mark", crash)  # after the alert, in its transaction
        with pytest.raises(ConnectionError):
            anywhere.run()
    assert [len(anywhere.rows(one)) for one in (Incident, Alert)] == [0, 0]
    assert [one["result"] for one in anywhere.run().results] == ["opened"]


def test_of_two_runs_at_once_one_tells(anywhere: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    anywhere.write(row("2026-03-04T10:00:00Z", n=101))
    settle, others = watching._settle, list[LogRun]()

    def after_another(*given: Any, **more: Any) -> LogRun:
        if given[1].log == "crm-log" and not others:
            others.append(LogRun("taken"))
            others[0] = anywhere.run(NOW + timedelta(seconds=1))
        return settle(*given, **more)

    monkeypatch.setattr(watching, "_settle", after_another)
    late = anywhere.run()
    assert ([one["result"] for one in others[0].results], late.results) == (["opened"], ())
    assert len(anywhere.rows(Alert)) == 1


def test_a_lost_mark_opens_nothing_twice(watched: Watched) -> None:
    watched.write(row("2026-03-04T10:00:00Z", n=101))
    watched.run()
    with watched.house.store.writing() as session:
        for mark in session.exec(select(AccessMark)):
            session.delete(mark)
    assert [one["result"] for one in watched.run().results] == ["suppressed"]
    assert len(watched.rows(Incident)) == 1


def test_a_log_that_cannot_be_read_is_told_and_its_end_too(watched: Watched) -> None:
    (alert,) = watched.run().findings
    assert (alert["rule"], alert["category"]) == ("log-unread", "outage")
    assert watched.found(NOW + timedelta(minutes=15)) == []
    watched.write(row("2026-03-04T10:00:00Z"))
    (ended,) = watched.run(NOW + timedelta(minutes=30)).findings
    assert (ended["status"], ended["identity"]) == ("resolved", alert["identity"])


def test_logs_that_are_gone_together_open_one_incident_and_no_outage_of_data(watched: Watched) -> None:
    (watched.folder / "logs" / "two.yaml").write_text(
        LOG.replace("crm-log", "two").replace("system: crm", "system: two")
    )
    watch_logs(watched.house, NOW)
    (incident,) = watched.rows(Incident)
    assert (len(watched.rows(Alert)), incident.playbook) == (2, "unclassified-incident")


def test_a_log_that_is_silent_for_longer_than_it_ever_is_is_told(watched: Watched) -> None:
    watched.write(row("2026-03-04T12:00:00Z"))
    silent = timedelta(days=60)
    assert watched.found(NOW + silent) == []
    (alert,) = watched.run(NOW + silent + timedelta(seconds=1)).findings
    assert (alert["rule"], alert["seen"]) == ("log-silent", "none since 2026-03-04 12:00Z")


def test_a_log_of_many_broken_rows_is_told(watched: Watched) -> None:
    watched.write(row("2026-03-04T10:00:00Z"), "nonsense", row("2026-03-04T10:00:00Z", ""))
    (alert,) = watched.run().findings
    assert (alert["rule"], alert["category"], alert["seen"]) == (
        "log-broken", "policy", "2 of 3 new rows could not be read",
    )  # fmt: skip


def test_faults_of_the_files_are_told_and_what_is_sound_is_watched(watched: Watched) -> None:
    (watched.folder / "watch" / "people.yaml").write_text("people: [{accounts: [a], roster: none}]\n")
    watched.write(row("2026-03-04T10:00:00Z", n=101))
    runs = {one.log: one for one in watch_logs(watched.house, NOW)}
    assert "people.yaml:1: no roster `none`" in runs[":files"].findings[0]["seen"]
    assert len(runs["crm-log"].findings) == 1


def test_a_dry_run_writes_nothing(watched: Watched) -> None:
    watched.write(row("2026-03-04T10:00:00Z", n=101))
    assert len(watched.run(dry=True).findings) == 1
    assert [len(watched.rows(one)) for one in (AccessMark, Alert, Incident)] == [0, 0, 0]
    assert len(watched.run().findings) == 1


def test_the_store_keeps_no_account_in_clear_and_nothing_spilled_is_left(watched: Watched) -> None:
    watched.write(row("2026-03-04T10:00:00Z", "somebody-special", 101))
    watched.run()
    database = Path(str(watched.house.store.engine.url.database)).read_bytes()
    assert b"somebody-special" not in database
    assert list((watched.folder / "data").glob("access-watch-*")) == []


def test_a_fault_that_nobody_foresaw_says_nothing_of_a_row_and_stops_no_other_log(
    watched: Watched, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    other = watched.folder / "logs" / "other.yaml"
    other.write_text(LOG.replace("crm-log", "other").replace("*.csv*", "*.log"))
    watched.write(row("2026-03-04T10:00:00Z", n=101), name="b.log")
    read = watching._read

    def fail(home: House, source: Any, *given: Any) -> Any:
        if source.id == "crm-log":
            raise ArithmeticError("agent-7")
        return read(home, source, *given)

    monkeypatch.setattr(watching, "_read", fail)
    with pytest.raises(TellHuman, match="crm-log"):
        watch_logs(watched.house, NOW)
    titles = sorted(one.title.partition(":")[0] for one in watched.rows(Alert))
    assert titles == ["Access log not read", "Bulk access"]
    assert "ArithmeticError" in caplog.text
    assert "agent-7" not in caplog.text
