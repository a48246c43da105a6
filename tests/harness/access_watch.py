"""A house with one access log of CSV and the watch over it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlmodel import select

from flows.access_watch.watching import LogRun, watch_logs
from flows.house import House
from flows.settings import Settings
from store.database import Store

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)  # a Wednesday
HEAD = "time,user,client,n,verb,ip\n"
LOG = """id: crm-log
system: crm
format: csv
location: "*.csv*"
columns: {at: time, account: user, client: client, records: n, action: verb, address: ip}
longest_silence: 60d
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
