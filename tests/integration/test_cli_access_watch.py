"""`seventytwo access watch`: checked, tried, run and shown by command, hostile names made inert."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from flows.cli.main import app
from flows.clock import wall_now
from store.database import Store
from tests.harness.databases import SECRET

LOG = """id: crm-log
system: crm
format: csv
location: a.csv
columns: {at: time, account: user, client: client, records: n}
"""


@pytest.fixture
def env(sqlite_store: Store, tmp_path: Path) -> dict[str, str]:
    for name in ("logs", "watch", "data"):
        (tmp_path / name).mkdir()
    (tmp_path / "logs" / "log.yaml").write_text(LOG)
    at = f"{wall_now():%Y-%m-%dT%H:%M:%S}Z"
    (tmp_path / "logs" / "a.csv").write_text(f"time,user,client,n\n{at},\x1b[31mevil.example,ours,101\n")
    (tmp_path / "watch" / "rules.yaml").write_text("rules: [{id: bulk, kind: bulk, records: 100}]\n")
    return {
        "SEVENTYTWO_DATABASE_URL": str(sqlite_store.engine.url),
        "SEVENTYTWO_KEY": base64.b64encode(SECRET).decode(),
        "SEVENTYTWO_DATA": str(tmp_path / "data"),
        "SEVENTYTWO_ACCESS_LOGS": str(tmp_path / "logs"),
        "SEVENTYTWO_ACCESS_WATCH": str(tmp_path / "watch"),
        "COLUMNS": "200",
    }


def watch(env: dict[str, str], *words: str) -> Result:
    return CliRunner(env=env).invoke(app, ["access", "watch", *words])


def test_a_dry_run_shows_what_a_run_then_raises(env: dict[str, str]) -> None:
    (tried,) = [one for one in json.loads(watch(env, "run", "--dry-run", "--json").output) if one["findings"]]
    assert (tried["log"], tried["rows"], tried["results"]) == ("crm-log", 1, [])
    done = watch(env, "run", "--log", "crm-log")
    assert "expected at most 100 records within 1 h; seen 101 records in 1 access" in done.output
    assert "opened INC-" in done.output
    assert "\x1b" not in done.output
    assert "evil.example" not in done.output  # no terminal makes a link of it
    assert "bulk" not in watch(env, "run").output


def test_status_says_how_far_each_log_was_read(env: dict[str, str]) -> None:
    assert "no log was watched yet" in watch(env, "status").output
    watch(env, "run")
    (line,) = [line for line in watch(env, "status").output.splitlines() if line.startswith("crm-log")]
    assert f"{wall_now():%Y-%m-%d}" in line


def test_check_shows_the_rules_and_every_fault(env: dict[str, str]) -> None:
    assert "by account; records 100; within 1h" in watch(env, "check").output
    (Path(env["SEVENTYTWO_ACCESS_WATCH"]) / "people.yaml").write_text(
        "people: [{accounts: [a], roster: x}]\n"
    )
    refused = watch(env, "check")
    assert refused.exit_code != 0
    assert "people.yaml:1: no roster `x`" in refused.output


def test_an_unknown_log_and_a_watch_that_is_off_are_refused(env: dict[str, str]) -> None:
    assert "no such log" in watch(env, "run", "--log", "other").output
    assert "SEVENTYTWO_ACCESS_WATCH" in watch({**env, "SEVENTYTWO_ACCESS_WATCH": ""}, "run").output
