"""`seventytwo exercise run|pause|resume|shift|inject|end|board`, as a facilitator types them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from flows.clock import wall_now
from flows.exercise import ending
from flows.exercise.alone import import_scenario_clients
from flows.exercise.conductor import alone
from store.database import Store
from store.tables import Exercise, Inject
from tests.harness.databases import SqliteFiles
from tests.harness.desks import house_on
from tests.harness.rehearsals import FOLDER, scenario
from tests.harness.terminal import Terminal

FILE = str(FOLDER / "lost-letter.yaml")


@pytest.fixture
def shell(sqlite_files: SqliteFiles, tmp_path: Path) -> Terminal:
    """A console with a facilitator, and an engineer who is none."""
    sqlite_files.new(tmp_path)
    terminal = Terminal(tmp_path)
    terminal.enrol("lead-1", "--role", "facilitator", "--no-qr")
    terminal.enrol("it-1", "--role", "it", "--no-qr", *terminal.by("lead-1"))
    store = terminal.store()
    import_scenario_clients(house_on(store, tmp_path), scenario(), wall_now())
    store.close()
    return terminal


def begun(shell: Terminal) -> str:
    said = shell.ok("exercise", "run", FILE, "--real-time", "--at", "now", *shell.by("lead-1"))
    return next(word for word in said.split() if word.startswith("EX-"))


def of(store: Store) -> Exercise:
    with store.reading() as session:
        return session.exec(select(Exercise)).one()


def test_a_facilitator_conducts_from_the_beginning_to_the_end(shell: Terminal) -> None:
    name = begun(shell)
    assert "paused" in shell.ok("exercise", "pause", name, *shell.by("lead-1"))
    store = shell.store()
    assert of(store).state == "paused"
    board = shell.ok("exercise", "board", name)
    assert "EXERCISE paused" in board
    assert "Who waits for what" in board
    assert name in shell.ok("exercise", "board")
    store.close()


def test_the_board_says_until_when_somebody_is_away(shell: Terminal) -> None:
    name = begun(shell)
    away = ("--kind", "person_unavailable", "--role", "it", "--lasts", "2h", "--title", "Away", "--text", "x")
    shell.ok("exercise", "inject", name, *away, *shell.by("lead-1"))
    assert ", until 20" in shell.ok("exercise", "board", name)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (
            ("--kind", "press", "--title", "x"),
            "--kind is none of the words known here: `press`, one of: alert,",
        ),
        (("--kind", "press_question", "--title", "x", "--text", "y", "--to", "boss"), "--to is none of"),
        (("--kind", "person_unavailable", "--title", "x", "--text", "y"), "(an inject of kind"),
        (("--kind", "channel_lost", "--title", "x", "--text", "y", "--lasts", "9"), "--lasts cannot be that"),
    ],
    ids=["kind", "role", "nobody", "span"],
)
def test_an_inject_that_cannot_be_says_which_option_and_what_else(
    shell: Terminal, said: tuple[str, ...], told: str
) -> None:
    name = begun(shell)
    refused = " ".join(shell.fails("exercise", "inject", name, *said, *shell.by("lead-1")).split())
    assert told in refused
    assert "Value error" not in refused
    assert "Input should be" not in refused


def test_nobody_else_conducts_and_nothing_changes(shell: Terminal) -> None:
    assert "facilitator" in shell.fails(
        "exercise", "run", FILE, "--real-time", "--at", "now", *shell.by("it-1")
    )
    store = shell.store()
    with store.reading() as session:
        assert not session.exec(select(Exercise)).all()
    store.close()


def test_an_inject_of_the_facilitator_s_own_comes_at_once(shell: Terminal) -> None:
    name = begun(shell)
    own = ("--kind", "press_question", "--to", "commander", "--title", "A paper asks", "--text", "True?")
    assert "by-hand-1" in shell.ok("exercise", "inject", name, *own, *shell.by("lead-1"))
    store = shell.store()
    with store.reading() as session:
        row = session.exec(select(Inject).where(Inject.key == "by-hand-1")).one()
    assert (row.state, row.step_row_id is not None) == ("delivered", True)
    store.close()


def test_an_inject_that_cannot_be_is_refused_in_words(shell: Terminal) -> None:
    name = begun(shell)
    said = shell.fails(
        "exercise", "inject", name, "--kind", "press_question", "--title", "x", "--text", "y",
        *shell.by("lead-1"),
    )  # fmt: skip
    assert "whom they ask" in said


def test_a_stepped_clock_without_scripted_roles_is_refused(shell: Terminal) -> None:
    by = shell.by("lead-1")
    assert "scripted" in shell.fails("exercise", "run", FILE, *by)
    assert "no such speed" in shell.fails("exercise", "run", FILE, "--speed", "0", *by)


def test_it_shifts_and_ends(shell: Terminal) -> None:
    name = begun(shell)
    assert "it is" in shell.ok("exercise", "shift", name, "4h", *shell.by("lead-1"))
    store = shell.store()
    assert of(store).state == "running"
    store.close()


def test_a_shift_says_which_injects_came_meanwhile(shell: Terminal) -> None:
    name = begun(shell)
    store = shell.store()
    with store.writing() as session:
        for key, hours in (("paper", 1), ("later", 9)):
            body = {"id": key, "kind": "press_question", "title": "A paper asks", "text": "True?", "to": "it"}
            due_at = wall_now() + timedelta(hours=hours)
            session.add(Inject(exercise_id=1, key=key, kind="press_question", due_at=due_at, body=body))
    said = shell.ok("exercise", "shift", name, "4h", *shell.by("lead-1"))
    store.close()
    assert "paper has come, to it" in said
    assert "later" not in said


def test_an_end_is_final(shell: Terminal) -> None:
    shell.enrol("commander-1", "--role", "commander", "--no-qr", *shell.by("it-1"))
    name = begun(shell)
    shell.ok("exercise", "end", name, "--why", "enough", *shell.by("lead-1"))
    assert "ended" in shell.fails("exercise", "resume", name, *shell.by("commander-1"))


def test_what_is_refused_spends_no_code(shell: Terminal) -> None:
    name = begun(shell)
    store = shell.store()
    with store.writing() as session:
        ending.pause(session, session.exec(select(Exercise)).one(), "lead-1", wall_now())
    who = shell.by("lead-1")
    own = ("--kind", "press_question", "--to", "commander", "--title", "A paper asks", "--text", "True?")
    for refused in (("shift", name, "4h"), ("inject", name, *own)):
        assert "paused" in shell.fails("exercise", *refused, *who)
    assert "is paused" in shell.fails("exercise", "pause", name, *who)
    assert "goes on" in shell.ok("exercise", "resume", name, *who)
    with store.reading() as session:
        assert session.exec(select(Inject.key)).all() == ["start"]
    store.close()


def test_whoever_goes_on_where_somebody_conducts_keeps_their_code(shell: Terminal, tmp_path: Path) -> None:
    name, who = begun(shell), shell.by("lead-1")
    store = shell.store()
    with alone(house_on(store, tmp_path), name):
        assert "somebody conducts" in shell.fails("exercise", "run", "--continue", name, *who)
    assert "paused" in shell.ok("exercise", "pause", name, *who)
    store.close()


def test_the_injects_that_wait_come_later(shell: Terminal) -> None:
    name = begun(shell)
    assert "injects come 4h later" in shell.ok(
        "exercise", "shift", name, "4h", "--injects", *shell.by("lead-1")
    )


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ((), "name a scenario"),
        ((FILE, "--continue", "EX-2026-0001"), "name a scenario"),
        (("--alone",), "name a scenario"),
        (("--continue", "EX-2026-0001", "--speed", "6"), "as it was begun (--speed)"),
        ((FILE, "--step", "--real-time"), "one pace at a time"),
        ((FILE, "--alone", "--real-time"), "scripts play every role at once (--real-time)"),
        ((FILE, "--alone", "--scripted", "it"), "scripts play every role at once (--scripted)"),
        ((FILE, "--real-time", "--out", "reports"), "exercise report"),
    ],
)
def test_options_that_say_nothing_beside_one_another_are_refused(
    sqlite_files: SqliteFiles, tmp_path: Path, options: tuple[str, ...], why: str
) -> None:
    sqlite_files.new(tmp_path)
    assert why in Terminal(tmp_path).fails("exercise", "run", *options)


def test_a_report_that_cannot_be_written_is_told_before_anybody_plays(tmp_path: Path) -> None:
    taken = tmp_path / "reports"
    taken.write_text("a file")
    for command in (("try", FILE), ("run", FILE, "--alone")):
        said = Terminal(tmp_path).fails("exercise", *command, "--out", str(taken))
        assert "nothing can be written there" in said


def test_where_no_question_could_be_asked_nothing_is_begun_and_no_code_is_spent(shell: Terminal) -> None:
    by = shell.by("lead-1")
    said = shell.fails("exercise", "run", FILE, "--scripted", "all", *by)
    assert "Prefect does not answer" in said
    assert "no exercise yet" in shell.ok("exercise", "board")
    assert "has begun" in shell.ok("exercise", "run", FILE, "--real-time", "--at", "now", *by)
