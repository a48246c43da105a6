"""The watch of access logs over real files and both databases: told once, whatever happens in between."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from flows.access_watch.watching import LogRun, watch_logs
from flows.house import House
from flows.settings import Settings
from store.database import Store
from store.tables import Alert, Incident, Source

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)  # a Wednesday
HEAD = "time,user,client,n,verb,ip\n"
LOG = """id: crm-log
system: crm
format: csv
location: "*.csv*"
columns: {at: time, account: user, client: client, records: n, action: verb, address: ip}
longest_silence: 3d
"""
BULK = "rules: [{id: bulk, kind: bulk, records: 100, severity: high}]\n"


@dataclass
class Watched:
    """A house with one access log and its watch."""

    house: House
    folder: Path

    def rules(self, text: str) -> None:
        (self.folder / "watch" / "watch.yaml").write_text(text)

    def write(self, *rows: str, name: str = "a.csv", head: str = HEAD) -> Path:
        path = self.folder / "logs" / name
        path.write_text(head + "".join(f"{row}\n" for row in rows))
        return path

    def append(self, *rows: str, name: str = "a.csv") -> None:
        with (self.folder / "logs" / name).open("a") as file:
            file.writelines(f"{row}\n" for row in rows)

    def run(self, now: datetime = NOW, *, dry: bool = False) -> LogRun:
        (run,) = [one for one in watch_logs(self.house, now, dry=dry) if one.log == "crm-log"]
        return run

    def found(self, now: datetime = NOW) -> list[tuple[str, list[str], str]]:
        return [(one["rule"], one["accounts"], one["seen"]) for one in self.run(now).findings]

    def rows(self, table: Any) -> Sequence[Any]:
        with self.house.store.reading() as session:
            return session.exec(select(table)).all()


def row(
    at: str, user: str = "agent-7", n: int = 1, client: str = "ours", verb: str = "view", ip: str = ""
) -> str:
    return f"{at},{user},{client},{n},{verb},{ip}"


def watched_on(store: Store, folder: Path) -> Watched:
    for name in ("logs", "watch", "data"):
        (folder / name).mkdir()
    (folder / "logs" / "log.yaml").write_text(LOG)
    env = {
        "SEVENTYTWO_DATA": str(folder / "data"),
        "SEVENTYTWO_ACCESS_LOGS": str(folder / "logs"),
        "SEVENTYTWO_ACCESS_WATCH": str(folder / "watch"),
    }
    watched = Watched(House(Settings.from_env(env), store), folder)
    watched.rules(BULK)
    return watched


@pytest.fixture
def watched(sqlite_store: Store, tmp_path: Path) -> Watched:
    return watched_on(sqlite_store, tmp_path)


@pytest.fixture
def anywhere(store: Store, tmp_path: Path) -> Watched:
    return watched_on(store, tmp_path)


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


def test_exactly_as_much_as_is_usual_is_usual(watched: Watched) -> None:
    watched.write(row("2026-03-04T10:00:00Z", n=100), row("2026-03-04T11:00:00Z", n=1))
    assert watched.found() == []


def test_a_stretch_goes_on_over_runs(watched: Watched) -> None:
    watched.write(row("2026-03-04T10:00:00Z", n=60))
    assert watched.found() == []
    watched.append(row("2026-03-04T10:20:00Z", n=41))
    assert watched.found(NOW + timedelta(minutes=15)) == [("bulk", ["agent-7"], "101 records in 2 accesses")]


def test_a_row_that_comes_late_still_counts_in_its_stretch(watched: Watched) -> None:
    watched.write(row("2026-03-04T02:00:00Z", n=60), row("2026-03-04T10:00:00Z", "agent-8"))
    assert watched.found() == []
    watched.append(row("2026-03-04T02:30:00Z", n=41))
    assert [rule for rule, *_ in watched.found()] == ["bulk"]
