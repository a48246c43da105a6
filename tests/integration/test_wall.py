"""The wall from a real store: the command, the sheets beside the store, the forms."""

from __future__ import annotations

import json
import logging
import stat
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import Session, select

from flows.clock import wall_now
from flows.describing import describe
from flows.incidents import find_incident
from flows.wall.artifact import hang_wall
from flows.wall.sheets import SheetKeeper
from flows.watch_loop import _keep, last_beat
from store.database import Store
from store.tables import Question
from tests.harness.incidents import note
from tests.harness.wards import OURS, THEIRS, TITLE, ZONES, Ward, open_ward


@pytest.fixture
def ward(sqlite_store: Store, tmp_path: Path) -> Ward:
    return open_ward(sqlite_store, tmp_path)


def clocks(ward: Ward, *arguments: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(ward.ok("clocks", "--json", *arguments))["clocks"]
    return found


def one(rows: list[dict[str, object]], rule: str, case: str, whose: str = "ours") -> dict[str, object]:
    return next(row for row in rows if (row["rule"], row["case"], row["whose"]) == (rule, case, whose))


def test_the_command_shows_what_is_owed_to_each_client_on_its_own_clock(ward: Ward) -> None:
    ward.states("A", our_role="processor", jurisdictions=frozenset({"EU"}))
    row = one(clocks(ward), "CONTRACT", "A")
    assert (row["state"], row["recipient"]) == ("owed", "client whose data it is")
    due = datetime.fromisoformat(str(row["due_at"]))
    assert timedelta(hours=22) < due - wall_now() < timedelta(hours=24)
    assert datetime.fromisoformat(str(row["due_client"])) == due
    assert str(row["due_client"]).endswith("+08:00")
    told = ward.ok("clocks", "--incident", ward.ref, "--zone", "Europe/Berlin")
    assert "CONTRACT, case A, to the client whose data it is" in told
    assert "Asia/Manila | " in told
    assert "Europe/Berlin" in told
    assert TITLE not in told


def test_another_instant_shows_what_will_be_overdue_and_what_was_not_there_yet(ward: Ward) -> None:
    ward.states("A", our_role="processor", jurisdictions=frozenset({"EU"}))
    later = f"{wall_now() + timedelta(days=9):%Y-%m-%dT%H:%MZ}"
    row = one(clocks(ward, "--at", later), "CONTRACT", "A")
    assert (row["standing"], int(str(row["seconds_left"])) < 0) == ("overdue", True)
    assert clocks(ward, "--at", "2020-01-01T00:00Z") == []


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("--at", "2026-03-01T14:05"), "an instant without an offset"),
        (("--at", "2026-03-29T02:30", "--zone", "Europe/Berlin"), "the clocks jump over it"),
        (("--zone", "Europe/Atlantis"), "unknown time zone"),
        (("--incident", "INC-1"), "no such incident"),
    ],
)
def test_what_cannot_be_read_is_refused_in_one_line(ward: Ward, arguments: tuple[str, ...], why: str) -> None:
    result = ward.run("clocks", *arguments)
    assert (result.exit_code, result.stdout) == (1, "")
    assert why in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_clients_own_clock_starts_with_our_notice_and_shows_the_time_we_have_used(ward: Ward) -> None:
    ward.states("A", our_role="processor", jurisdictions=frozenset({"EU"}))
    waiting = one(clocks(ward), "EU-GDPR-33-1", "A", "client")
    assert (waiting["due_at"], waiting["not_computable_because"]) == (
        None,
        "it starts when we tell the client",
    )
    told_at = wall_now() - timedelta(minutes=30)
    ward.duty("CONTRACT", "A", state="met", met_at=told_at)
    runs = one(clocks(ward), "EU-GDPR-33-1", "A", "client")
    due = datetime.fromisoformat(str(runs["due_at"]))
    assert due == told_at.replace(microsecond=0) + timedelta(hours=72)
    assert runs["used_seconds"] == pytest.approx(1800, abs=60)


def test_the_sheet_names_no_client_and_is_for_its_owner_alone(ward: Ward, tmp_path: Path) -> None:
    ward.states("A", our_role="processor", jurisdictions=frozenset({"EU"}))
    path = tmp_path / "out" / "sheet.html"
    assert str(path) in ward.ok("clocks", "--sheet", str(path), "--zone", "Asia/Tokyo")
    page = path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "case A" in page
    assert "Asia/Tokyo" in page
    for word in (OURS, "Example Retail", "Sample Bank", TITLE):
        assert word not in page
    refused = ward.run("clocks", "--sheet", str(tmp_path / "store.db" / "x.html"))
    assert refused.exit_code == 1
    assert "the sheet cannot be written" in refused.stderr
    assert ward.run("clocks", "--sheet", str(path), "--at", "2026-03-01T14:05Z").exit_code == 2


class TestKeeper:
    def test_a_sheet_is_written_anew_when_a_clock_changes_and_only_then(self, ward: Ward) -> None:
        keeper = SheetKeeper(ward.house)
        path = keeper.folder / f"{ward.ref}.html"
        assert keeper.keep()
        first = path.stat().st_mtime_ns
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert keeper.keep()
        assert SheetKeeper(ward.house).keep(), "a watch that begins anew reads what the sheet itself says"
        assert path.stat().st_mtime_ns == first
        assert "case A" in path.read_text()
        ward.states("A", our_role="controller", jurisdictions=frozenset({"EU"}))
        assert keeper.keep()
        assert "33(1)" in path.read_text()
        path.unlink()
        assert keeper.keep()
        assert path.exists()

    def test_a_closed_incident_gets_a_last_sheet_that_says_so(self, ward: Ward) -> None:
        keeper = SheetKeeper(ward.house)
        keeper.keep()
        with ward.house.store.deciding(ward.ref) as (session, incident):
            incident.state = "closed"
            session.add(incident)
        note(ward.house.store, ward.ref, "a remark")
        assert SheetKeeper(ward.house).keep(), "also when the watch was away meanwhile"
        path = keeper.folder / f"{ward.ref}.html"
        assert "This incident is closed" in path.read_text()
        assert keeper.keep()
        note(ward.house.store, ward.ref, "a remark")
        before = path.stat().st_mtime_ns
        keeper.keep()
        assert path.stat().st_mtime_ns == before

    def test_a_fault_is_told_once_keeps_no_other_sheet_and_is_healed(
        self, ward: Ward, caplog: pytest.LogCaptureFixture
    ) -> None:
        keeper = SheetKeeper(ward.house)
        path = keeper.folder / f"{ward.ref}.html"
        path.mkdir(parents=True)
        with caplog.at_level(logging.ERROR, "seventytwo.sheets"):
            _keep(ward.house, keeper)
            begun = last_beat(ward.house.store, "sheets")
            _keep(ward.house, keeper)
        assert len([record for record in caplog.records if ward.ref in record.getMessage()]) == 1
        assert begun is not None
        assert last_beat(ward.house.store, "sheets") == begun, "its age tells of the fault"
        path.rmdir()
        _keep(ward.house, keeper)
        assert path.is_file()
        healed = last_beat(ward.house.store, "sheets")
        assert healed is not None
        assert healed > begun


def form_of(ward: Ward, session: Session) -> str:
    question = session.exec(select(Question).where(Question.kind == "command")).one()
    return describe(ward.house, session, find_incident(session, ward.ref), question)


def test_a_form_shows_the_next_three_clocks_in_three_zones_and_how_many_more(ward: Ward) -> None:
    ward.states("A", our_role="processor", jurisdictions=frozenset({"EU"}))
    with ward.house.store.reading() as session:
        text = form_of(ward, session)
    assert text.count("**clock**") == 3
    assert f"{ZONES[OURS]} | " in text
    assert "Z | " in text
    assert "more** clock" in text
    assert f"/i/{ward.ref})" in text
    assert OURS not in text


def test_a_table_that_cannot_be_hung_is_logged_and_stops_nothing(
    ward: Ward, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "seventytwo.artifact"):
        hang_wall(ward.house, ward.ref, "no-such-run")  # no server answers there
        hang_wall(ward.house, "INC-1", "no-such-run")
    assert len(caplog.records) == 2


def test_the_form_of_a_case_shows_no_other_cases_clocks(ward: Ward) -> None:
    eu = frozenset({"EU"})
    ward.states("A", our_role="processor", jurisdictions=eu)
    ward.states("B", our_role="processor", jurisdictions=eu)
    with ward.house.store.reading() as session:
        question = session.exec(select(Question).where(Question.kind == "command")).one()
        session.expunge(question)
        question.case_ref = "A"
        text = describe(ward.house, session, find_incident(session, ward.ref), question)
    assert "CONTRACT, case A" in text
    assert "case B" not in text
    assert ZONES[OURS] in text
    assert ZONES[THEIRS] not in text
