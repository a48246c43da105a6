"""The watch of access logs: a month of rows with every rule on, and the 15 minutes after it."""

from __future__ import annotations

import json
import random
import sqlite3
import statistics
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from flows.clock import wall_now
from store.database import Store
from store.seal import Keyring
from tests.bench.evidence import SEVENTYTWO, Ran, measured
from tests.bench.results import Figure, Section, markdown

MONTH = timedelta(days=30)
PEOPLE, CLIENTS = 2_000, 120
RATE = 200_000
MEMORY = 1_024
COUNTING = """
import duckdb, sys
tables = duckdb.connect(config={"threads": 2})
print(tables.execute(
    "SELECT account, count(*), sum(records) FROM read_csv(?, header=true) GROUP BY account", [sys.argv[1]]
).fetchall()[:1])
"""
ZONES = ("Europe/Warsaw", "Asia/Manila", "America/New_York")
SHIFTS = {"Europe/Warsaw": (7, 15), "Asia/Manila": (0, 8), "America/New_York": (13, 21)}
"""Hours of UTC in which people of a zone are at work, whatever the time of year."""
PLANTED = ("bulk", "hours", "clients", "travel", "power", "left")

HOW = """A month of {rows:,} rows ({size} MB of CSV: time, account, client, record, records, action, bytes,
address; {people:,} accounts with rosters in three zones, {clients} clients) is watched by `seventytwo access
watch run` as a process of its own, on SQLite, all nine rules on, with one deed planted for each of
{planted} rules; the round counts only if those and no others are found. Beside it DuckDB alone reads the same
file with its own CSV reader and adds up one column by account. Then the log grows by what 15 minutes
bring, and the watch runs again. A tenth of the rows shows what the size of a log costs in memory."""


@dataclass(frozen=True, slots=True)
class Deed:
    """One planted row."""

    at: datetime
    account: str
    client: str
    records: int = 1
    action: str = "view"
    address: str = "192.0.2.1"


def access(*, quick: bool, say: Callable[[str], None]) -> Section:
    """Measure the watch over a month of rows, or over less."""
    rows, rounds = (500_000, 1) if quick else (10_000_000, 3)
    ran: dict[str, list[Ran]] = {"duckdb": [], "tenth": [], "month": [], "quarter": []}
    with TemporaryDirectory(prefix="seventytwo-bench-") as folder:
        until = wall_now().replace(minute=0, second=0, microsecond=0)
        say(f"access: writing {rows:,} rows")
        logs = {
            "month": _log(Path(folder) / "month.csv", rows, until),
            "tenth": _log(Path(folder) / "tenth.csv", rows // 10, until),
        }
        size = logs["month"].stat().st_size // 1_000_000
        for number in range(rounds):
            say(f"access: round {number + 1} of {rounds}")
            ran["duckdb"].append(measured([sys.executable, "-c", COUNTING, str(logs["month"])], {}))
            for name, log in logs.items():
                with TemporaryDirectory(prefix="seventytwo-bench-") as home:
                    first, second = _watched(Path(home), log, until)
                    ran[name].append(first)
                    if name == "month":
                        ran["quarter"].append(second)
    how = HOW.format(rows=rows, size=size, people=PEOPLE, clients=CLIENTS, planted=len(PLANTED))
    return Section("Access logs watched", how, _figures(ran, rows), _table(ran, rows))


def _figures(ran: Mapping[str, list[Ran]], rows: int) -> list[Figure]:
    rate = rows / statistics.median(one.wall for one in ran["month"])
    memory = max(one.memory for one in ran["month"])
    growth = memory - max(one.memory for one in ran["tenth"])
    quarter = statistics.median(one.wall for one in ran["quarter"])
    return [
        Figure(
            f"access logs: {rows:,} rows watched, every rule on",
            f"{rate:,.0f} rows/s", f"≥ {RATE:,}", rate >= RATE,
        ),
        Figure("the same: peak memory", f"{memory:.0f} MiB", f"≤ {MEMORY:,} MiB", memory <= MEMORY),
        Figure("the same beyond what a tenth of the rows takes", f"{growth:.0f} MiB"),
        Figure("the next run, 15 minutes of rows later", f"{quarter:.1f} s"),
    ]  # fmt: skip


def _watched(home: Path, log: Path, until: datetime) -> tuple[Ran, Ran]:
    """A first run over a log in a fresh house, and one over what 15 minutes bring."""
    env = {
        "SEVENTYTWO_DATA": str(home),
        "SEVENTYTWO_DATABASE_URL": f"sqlite:///{home / 'store.db'}",
        "SEVENTYTWO_ACCESS_LOGS": str(_described(home / "logs", log)),
        "SEVENTYTWO_ACCESS_WATCH": str(_rules(home / "watch", until)),
    }
    store = Store.open(env["SEVENTYTWO_DATABASE_URL"], Keyring.from_env_or_file(home / "key"))
    store.migrate()
    store.close()
    command = [str(SEVENTYTWO), "access", "watch", "run"]
    first = measured(command, env)
    told = _alerts(home / "store.db")
    assert told == len(PLANTED), f"{told} alerts instead of {len(PLANTED)}"
    new = (Deed(until + timedelta(seconds=n), "nightly-1", "client-000") for n in range(60, 900))
    (home / "logs" / "new.csv").write_text(HEAD + "".join(map(_line, new)))
    return first, measured(command, env)


def _alerts(database: Path) -> int:
    with sqlite3.connect(database) as looked:
        (count,) = looked.execute("SELECT count(*) FROM alert").fetchone()
    return int(count)


HEAD = "time,account,client,record,records,action,bytes,address\n"


def _log(path: Path, rows: int, until: datetime) -> Path:
    """A month of rows in the order of time, everybody at work, and the planted deeds among them."""
    chance = random.Random(7)
    began, step = until - MONTH, MONTH / rows
    deeds = sorted(_deeds(until), key=lambda deed: deed.at, reverse=True)
    with path.open("w") as file:
        file.write(HEAD)
        for number in range(rows):
            at = began + number * step
            while deeds and deeds[-1].at <= at:
                file.write(_line(deeds.pop()))
            at_work = [n for n, zone in enumerate(ZONES) if SHIFTS[zone][0] <= at.hour < SHIFTS[zone][1]]
            if at_work:
                agent = chance.randrange(PEOPLE // 3) * 3 + chance.choice(at_work)
                client = (agent + chance.randrange(3)) % CLIENTS
                file.write(
                    f"{at:%Y-%m-%dT%H:%M:%S}Z,agent-{agent},client-{client:03},R-{chance.randrange(10**7)},1,"
                    f"{'view' if number % 3 else 'search'},{chance.randrange(5_000)},192.0.2.{agent % 250}\n"
                )
            else:
                file.write(f"{at:%Y-%m-%dT%H:%M:%S}Z,nightly-1,client-000,R-{number},1,view,100,192.0.2.1\n")
        file.writelines(_line(deed) for deed in reversed(deeds))
    return path


def _deeds(until: datetime) -> Iterator[Deed]:
    """One deed for each of PLANTED, some days before the end, at hours when their zone is at work or not."""
    day = until.replace(hour=0) - timedelta(days=4)
    work, night = day.replace(hour=10), day.replace(hour=3)
    yield Deed(work, "agent-0", "client-000", records=600)
    yield Deed(night, "agent-12", "client-012")
    yield Deed(work, "agent-3", "client-099")
    yield Deed(work, "agent-6", "client-006")
    yield Deed(work + timedelta(hours=1), "agent-6", "client-006", address="198.51.100.1")
    yield Deed(work, "agent-9", "client-009", action="export")
    yield Deed(work, "left-1", "client-000")


def _line(deed: Deed) -> str:
    return (
        f"{deed.at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}Z,{deed.account},{deed.client},R-1,{deed.records},"
        f"{deed.action},100,{deed.address}\n"
    )


def _described(folder: Path, log: Path) -> Path:
    folder.mkdir()
    (folder / "log.csv").symlink_to(log)
    columns = "{at: time, " + ", ".join(f"{one}: {one}" for one in HEAD.strip().split(",")[1:]) + "}"
    (folder / "log.yaml").write_text(
        f"id: log\nsystem: crm\nformat: csv\nlocation: '*.csv'\ncolumns: {columns}\nlongest_silence: 30d\n"
    )
    return folder


def _rules(folder: Path, until: datetime) -> Path:
    folder.mkdir()
    rosters = [{"id": f"r{n}", "zone": zone, "days": list(_WEEK), "begins": "08:00", "ends": "17:00"}
               for n, zone in enumerate(ZONES)]  # fmt: skip
    people = [
        {"accounts": [f"agent-{n}"], "roster": f"r{n % 3}",
         "clients": [f"client-{(n + more) % CLIENTS:03}" for more in range(3)]}
        for n in range(PEOPLE)
    ]  # fmt: skip
    people.append({"accounts": ["nightly-1"], "exempt": ["bulk", "both"]})
    people.append({"accounts": ["left-1"], "leaves_on": (until - timedelta(days=20)).date().isoformat()})
    rules = [
        {"id": "bulk", "kind": "bulk", "records": 500, "bytes": 10**9},
        {"id": "both", "kind": "bulk", "by": ["account", "client"], "records": 5_000},
        {"id": "client", "kind": "bulk", "by": ["client"], "records": 10**7, "within": "1d"},
        {"id": "hours", "kind": "after_hours", "accesses": 0},
        {"id": "clients", "kind": "not_assigned"},
        {"id": "travel", "kind": "impossible_travel"},
        {"id": "dormant", "kind": "dormant", "unused_for": "29d"},
        {"id": "power", "kind": "privileged", "actions": ["export"]},
        {"id": "left", "kind": "leaver"},
    ]
    networks = [
        {"place": "Warsaw", "networks": ["192.0.2.0/24"], "latitude": 52.2, "longitude": 21.0},
        {"place": "Manila", "networks": ["198.51.100.0/24"], "latitude": 14.6, "longitude": 121.0},
    ]
    top = {"settings": {"oldest": "60d"}, "rules": rules, "rosters": rosters, "networks": networks}
    (folder / "rules.yaml").write_text(json.dumps(top))
    for first in range(0, len(people), 500):  # JSON is YAML; a file holds so many parts at most
        (folder / f"people-{first}.yaml").write_text(json.dumps({"people": people[first : first + 500]}))
    return folder


_WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def _table(ran: Mapping[str, list[Ran]], rows: int) -> str:
    names = {
        "duckdb": f"DuckDB alone, one sum, {rows:,} rows",
        "tenth": f"watched, {rows // 10:,} rows",
        "month": f"watched, {rows:,} rows",
        "quarter": "watched, the next 15 minutes",
    }
    table = [
        (
            names[name],
            str(len(rounds)),
            f"{statistics.median(one.wall for one in rounds):.1f}",
            f"{statistics.median(one.processor for one in rounds):.1f}",
            f"{max(one.memory for one in rounds):.0f}",
        )
        for name, rounds in ran.items()
    ]
    return markdown(("", "rounds", "seconds, median", "processor seconds", "peak memory MiB"), table)
