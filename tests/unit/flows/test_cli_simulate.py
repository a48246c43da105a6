"""The simulation on the command line: what it shows, writes and refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from flows.cli.main import app
from flows.simulation.words import points_said
from playbooks.simulation.statistics import Gain

PLAY = "unclassified-incident"
WEEK = ("--opens", "2026-03-02T00:00+01:00", "--processes", "1")
DOCS = Path(__file__).parents[3] / "docs"


@pytest.fixture(autouse=True)
def _no_installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEVENTYTWO_DATA", str(tmp_path / "data"))


def run(*words: str) -> Result:
    return CliRunner().invoke(app, ["simulate", *words, *WEEK])


@pytest.mark.parametrize(
    ("gain", "said"),
    [
        (Gain(0.41, 0.19, -0.26, -0.18), "18 to 26 points fewer"),
        (Gain(0.19, 0.41, 0.18, 0.26), "18 to 26 points more"),
    ],
)
def test_by_how_much_a_change_helps_is_told_with_its_interval(gain: Gain, said: str) -> None:
    assert points_said(gain) == said


def test_a_reader_sees_how_often_then_why_then_what_helps_then_what_it_rests_on() -> None:
    found = run(PLAY, "--runs", "60")
    assert found.exit_code == 0, found.output
    text = found.stdout
    heads = ["OF INCIDENTS miss a deadline", "HOW OFTEN EACH DEADLINE IS MISSED", "TARGETS OF OUR OWN", "WHY"]
    heads += ["WHAT WOULD HELP", "WHAT THIS RESTS ON"]
    places = [text.index(head) for head in heads]
    assert places == sorted(places)
    assert "nobody of client lead on duty" in text
    assert "one more approver" in text
    assert "each opens at some minute of the seven days from Mon 2026-03-02 00:00" in text
    assert all(len(line) <= 130 for line in text.splitlines())


def test_every_assumption_is_named() -> None:
    text = " ".join(run(PLAY, "--runs", "20", "--no-advice").stdout.split())
    assert "cases, assumed: client-1 (contract: 24 h), own-staff" in text
    assert "people, assumed: 2 people for each role; commander and it round the clock" in text
    assert "durations, assumed: half take 33 % of their target or less" in text
    assert "facts, assumed yes: acquired" in text
    assert "there are no past incidents to learn from here" in text


def test_the_same_seed_says_the_same_and_another_does_not() -> None:
    first, again, other = (
        run(PLAY, "--runs", "40", "--no-advice", "--seed", seed).stdout for seed in ("3", "3", "4")
    )
    assert first == again
    assert first.replace("seed 3", "seed 4") != other


def test_nothing_is_stored_and_no_installation_is_made(tmp_path: Path) -> None:
    run(PLAY, "--runs", "5", "--no-advice")
    assert not (tmp_path / "data").exists()


def test_json_says_what_the_text_says_with_intervals_and_no_nan() -> None:
    found = run(PLAY, "--runs", "60", "--json")
    said = json.loads(found.stdout, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
    clock = next(one for one in said["clocks"] if one["rule"] == "CONTRACT")
    assert clock["missed"]["low"] < clock["missed"]["share"] < clock["missed"]["high"]
    assert clock["missed"]["of"] == said["runs"] == 60
    assert {"one more", "on call"} <= {one["kind"] for one in said["advice"]["changes"]}
    assert said["ways"][0]["legs"]
    assert said["seed"] == 1


def test_a_file_of_facts_with_cases_and_a_roster_and_durations_are_taken(tmp_path: Path) -> None:
    roster = tmp_path / "roster.yaml"
    roster.write_text((DOCS / "examples" / "roster.yaml").read_text())
    durations = tmp_path / "durations.yaml"
    durations.write_text("work:\n  tell-client: 10h\n")
    found = run(
        PLAY, "--facts", str(DOCS / "examples" / "facts.yaml"), "--roster", str(roster),
        "--durations", str(durations), "--runs", "20", "--no-advice",
    )  # fmt: skip
    text = " ".join(found.stdout.split())
    assert found.exit_code == 0, found.output
    assert "cases: client-7 (contract: 24 h), client-9" in text
    assert "people: the roster of roster.yaml" in text
    assert "the roster has no shift for forensics, client lead, counsel" in text
    assert "durations of all else, assumed" in text


def test_a_storm_tells_for_how_many_clients_it_is_late() -> None:
    text = run(PLAY, "--alert-storm", "--clients", "20", "--runs", "5", "--no-advice").stdout
    assert "client whose data it is, 10 clients" in text
    assert "on average late for" in text
    assert "clients, assumed: 20 on one platform" in text


def test_several_incidents_share_the_people() -> None:
    found = run(PLAY, "--incidents", "3", "--runs", "10", "--json", "--no-advice")
    said = json.loads(found.stdout)
    assert said["incidents"] == 30
    assert any("share these people" in line for line in said["rests_on"])


def test_pictures_are_written_and_named(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "pictures"
    found = run(PLAY, "--runs", "60", "--no-advice", "--pictures", str(folder))
    svg, png = folder / f"{PLAY}.svg", folder / f"{PLAY}.png"
    assert found.stdout.rstrip().endswith(f"{svg}\n{png}")
    assert png.read_bytes().startswith(b"\x89PNG")
    assert b"<svg" in svg.read_bytes()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("no-such-playbook",), "no such playbook"),
        ((PLAY, "--facts", "nowhere.yaml"), "cannot be read"),
        ((PLAY, "--roster", "nowhere.yaml"), "cannot be read"),
        ((PLAY, "--durations", "nowhere.yaml"), "cannot be read"),
        ((PLAY, "--runs", "0"), "greater than or equal"),
        ((PLAY, "--incidents", "0"), "greater than or equal"),
        ((PLAY, "--seed", "-1"), "greater than or equal"),
        ((PLAY, "--seed", str(1 << 70)), "use 0 or more, below 2^64"),
        ((PLAY, "--clients", "9"), "--alert-storm"),
        (
            (PLAY, "--alert-storm", "--clients", "200", "--incidents", "50", "--runs", "1000000"),
            "ask for at most",
        ),
    ],
)
def test_what_cannot_be_is_refused_in_a_line(words: tuple[str, ...], said: str) -> None:
    found = CliRunner().invoke(app, ["simulate", *words])
    assert found.exit_code != 0
    assert said in found.output
    assert "Traceback" not in found.output


def test_faults_of_a_durations_file_are_listed_with_their_lines(tmp_path: Path) -> None:
    file = tmp_path / "durations.yaml"
    file.write_text("work:\n  triage: {median: 2h, p95: 1h}\n  nobody: 5m\n")
    found = run(PLAY, "--durations", str(file))
    assert found.exit_code != 0
    assert "durations.yaml:2" in found.output
    assert "durations.yaml:3" in found.output


def test_a_folder_that_takes_no_picture_is_named(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    found = run(PLAY, "--runs", "5", "--no-advice", "--pictures", str(file / "folder"))
    assert found.exit_code == 1
    assert "nothing can be written there" in found.output


def test_the_pictures_folder_is_tried_before_any_work_is_done(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    found = run(PLAY, "--facts", "nowhere.yaml", "--pictures", str(file))
    assert "nothing can be written there" in found.output


def test_durations_of_work_that_there_is_not_are_named(tmp_path: Path) -> None:
    durations = tmp_path / "durations.yaml"
    durations.write_text("work:\n  tell-cleint: 10h\n  triage: 1h\n")
    text = run(PLAY, "--durations", str(durations), "--runs", "2", "--no-advice").stdout
    assert "durations that no work here takes: tell-cleint" in text


def test_a_key_that_is_none_is_no_missing_installation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEVENTYTWO_KEY", "no key")
    found = run(PLAY, "--runs", "5", "--no-advice")
    assert found.exit_code == 1
    assert "a key" in found.output
