"""Sources at the console: let in, proved end to end, rotated; no secret is shown twice."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlmodel import select

from store.tables import Alert, SourceKey, TimelineEntry
from tests.harness.desks import DeskUnderTest, until
from tests.harness.terminal import Terminal

MAPPING = """\
kind: homemade
product: Homemade
title: what
identity: id
"""


def add(terminal: Terminal, name: str, *more: str) -> str:
    return terminal.ok("source", "add", name, *more, *terminal.by("commander-1")).splitlines()[-1]


@pytest.mark.parametrize("auth", ["hmac", "bearer", "basic", "api_key", "github", "grafana"])
def test_the_way_of_a_source_is_proved_and_nothing_opened(
    shell: tuple[Terminal, DeskUnderTest], auth: str
) -> None:
    terminal, desk = shell
    secret = add(terminal, "tool", "--kind", "generic", "--auth", auth)
    told = terminal.ok("source", "test", "tool")
    assert f"proved: {auth}" in told
    assert "read: 1 alerts of generic" in told
    assert "would be held" in told  # an informational alert opens nothing
    assert secret not in told
    with desk.store.reading() as session:
        assert not session.exec(select(Alert)).all()


def test_what_our_sample_cannot_check_is_said_and_a_body_of_the_tool_checks_it(
    shell: tuple[Terminal, DeskUnderTest], tmp_path: Path
) -> None:
    terminal, _ = shell
    add(terminal, "prom", "--kind", "alertmanager")
    assert "not checked: what alertmanager sends" in terminal.ok("source", "test", "prom")
    file = tmp_path / "body.json"
    file.write_text(json.dumps({"alerts": [{"status": "firing", "labels": {"alertname": "x"}}]}))
    assert "read: 1 alerts of alertmanager" in terminal.ok("source", "test", "prom", str(file))
    file.write_text("{")
    assert "400" in terminal.fails("source", "test", "prom", str(file))


def test_a_way_that_does_not_hold_says_where(shell: tuple[Terminal, DeskUnderTest]) -> None:
    terminal, desk = shell
    assert "no such source" in terminal.fails("source", "test", "nobody")
    add(terminal, "tool")
    terminal.env["SEVENTYTWO_DESK_URL"] = "http://127.0.0.1:9"
    assert "does not answer" in terminal.fails("source", "test", "tool")
    terminal.env["SEVENTYTWO_DESK_URL"] = desk.url
    desk.later(minutes=6)
    assert "five minutes" in terminal.fails("source", "test", "tool")
    terminal.ok("source", "disable", "tool", *terminal.by("commander-1"))
    assert "disabled" in terminal.fails("source", "test", "tool")


def test_a_rotation_shows_the_new_secret_once_and_the_old_one_ends(
    shell: tuple[Terminal, DeskUnderTest],
) -> None:
    terminal, desk = shell
    first = add(terminal, "tool")
    rotated = terminal.ok("source", "rotate", "tool", "--overlap", "2h", *terminal.by("commander-1"))
    second = rotated.splitlines()[-1]
    assert "one until" in terminal.ok("source", "list")
    body = b'{"title": "t"}'
    assert desk.raise_alert("tool", body, secret=first).status_code == 202
    assert "by the newest of 2 valid keys" in terminal.ok("source", "test", "tool")
    with desk.store.reading() as session:
        secrets = [key.secret for key in session.exec(select(SourceKey).order_by("id"))]  # type: ignore[arg-type]
        assert secrets == [first, second]
        entries = session.exec(select(TimelineEntry).where(TimelineEntry.chain == "house")).all()
    assert [entry.kind for entry in entries][-2:] == ["source_added", "source_rotated"]
    assert not any(secret in str(entry.payload) for entry in entries for secret in secrets)
    shown = terminal.ok("source", "list")
    assert first not in shown + rotated
    assert second not in shown


def test_a_third_key_waits_unless_both_others_end_at_once(shell: tuple[Terminal, DeskUnderTest]) -> None:
    terminal, desk = shell
    first = add(terminal, "tool")
    rotate = ("source", "rotate", "tool")
    terminal.ok(*rotate, *terminal.by("commander-1"))
    by = terminal.by("commander-1")
    assert "two keys are valid already" in terminal.fails(*rotate, *by)
    third = terminal.ok(*rotate, "--overlap", "0", *by).splitlines()[-1]  # a refusal spends no code
    desk.later(minutes=1)
    until(lambda: desk.raise_alert("tool", b'{"title": "t"}', secret=third).status_code == 202)
    assert desk.raise_alert("tool", b"{}", secret=first).status_code == 401


@pytest.mark.parametrize("overlap", ["-1h", "32d", "1y", "", "24", "99999d"])
def test_an_overlap_that_is_none_is_refused(shell: tuple[Terminal, DeskUnderTest], overlap: str) -> None:
    terminal, _ = shell
    add(terminal, "tool")
    assert terminal.fails("source", "rotate", "tool", f"--overlap={overlap}", *terminal.by("commander-1"))


def test_a_tool_that_makes_its_own_secret_must_give_it_by_a_file(
    shell: tuple[Terminal, DeskUnderTest], tmp_path: Path
) -> None:
    terminal, _ = shell
    pager, by = ("source", "add", "pager", "--auth", "pagerduty"), terminal.by("commander-1")
    assert "--secret-file" in terminal.fails(*pager, *by)
    file = tmp_path / "secret"
    file.write_text("short\n")
    assert "not a secret" in terminal.fails(*pager, "--secret-file", str(file), *by)
    file.write_text("a-secret-that-the-pager-made\n")
    assert "a-secret" not in terminal.ok(*pager, "--secret-file", str(file), *by)
    assert "proved: pagerduty" in terminal.ok("source", "test", "pager")


def test_an_unknown_tool_is_mapped_checked_and_read(
    shell: tuple[Terminal, DeskUnderTest], tmp_path: Path
) -> None:
    terminal, _ = shell
    mapping, body = tmp_path / "mapping.yaml", tmp_path / "body.json"
    mapping.write_text(MAPPING)
    body.write_text('{"what": "Records \\u001b[31mcopied", "id": 7}')
    assert "no fault" in terminal.ok("source", "check-mapping", str(mapping))
    assert "Records copied" in terminal.ok("source", "check-mapping", str(mapping), str(body))
    add(terminal, "ours", "--mapping", str(mapping), "--auth", "hmac", "--per-minute", "60")
    assert "read: 1 alerts of homemade" in terminal.ok("source", "test", "ours", str(body))
    listed = terminal.ok("source", "list")
    assert "mapped" in listed
    assert "60/min" in listed
    assert "by the rules" in listed
    mapping.write_text("kind: homemade\ntitle: '[['\n")
    result = terminal.run("source", "check-mapping", str(mapping))
    assert result.exit_code == 1
    assert "mapping.yaml:2" in result.stderr


@pytest.mark.parametrize(
    "more", [("--zone", "Mars"), ("--per-minute", "-1"), ("--kind", "none"), ("--auth", "none")]
)
def test_what_cannot_be_a_source_is_named(
    shell: tuple[Terminal, DeskUnderTest], more: tuple[str, ...]
) -> None:
    terminal, _ = shell
    assert more[1] in terminal.fails("source", "add", "tool", *more, *terminal.by("commander-1"))
