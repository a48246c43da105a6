"""`seventytwo notice`: what it shows, to whom, and that no text of others moves a terminal."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from sqlmodel import select

from store.database import Store
from store.tables import Notice, Responder
from tests.harness.databases import fixed_keyring
from tests.harness.law_walks import WORDS, LawWalk, begin_law_walk, client, ours
from tests.harness.terminal import Terminal

HOSTILE = "\x1b[31mred\x1b[0m \u202egnp.exe"


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    """A shell, its store holding an exercise with two versions of the notice to one client."""
    terminal = Terminal(tmp_path)
    terminal.ok("db", "migrate")
    store = Store.open(terminal.env["SEVENTYTWO_DATABASE_URL"], fixed_keyring())
    walk = begin_law_walk(store, tmp_path, ours("EU"), client("shop", "processor", "EU"), concerned=("shop",))
    walk.triage(clients=["shop"], our_role="processor", jurisdictions=["EU"])
    draft(walk)
    assert not walk.answer("release", "refuse", reason="Say how many.")
    draft(walk, nature="A list of 120 records was exported.")
    with store.writing() as session:
        for handle, clients in (("it-1", ["bank"]), ("privacy-1", ["shop"])):
            session.exec(select(Responder).where(Responder.handle == handle)).one().clients = clients
    store.close()
    return terminal


def draft(walk: LawWalk, **words: str) -> None:
    assert not walk.answer("tell-client", "draft", **(WORDS | words))


def test_the_list_says_how_far_each_has_come_and_nothing_that_it_says(terminal: Terminal) -> None:
    shown = terminal.ok("notice", "list")
    lines = shown.splitlines()
    assert len(lines) == 3
    assert "drafted" in lines[1]
    assert "superseded" in lines[2]
    assert shown == terminal.ok("notice", "list", "INC-2026-0001")
    told = json.loads(terminal.ok("notice", "list", "--json"))
    assert [(one["id"], one["version"], one["state"]) for one in told] == [
        (2, 2, "drafted"),
        (1, 1, "superseded"),
    ]
    assert WORDS["measures"] not in shown + json.dumps(told)
    assert "sha256" not in json.dumps(told)


def test_a_notice_is_shown_whole_with_its_duties_and_below_them_its_hash(terminal: Terminal) -> None:
    shown = terminal.ok("notice", "show", "2")
    told = json.loads(terminal.ok("notice", "show", "2", "--json"))
    assert hashlib.sha256(told["text"].encode()).hexdigest() == told["sha256"]
    assert "EU-GDPR-33-2" in shown
    assert "EU-GDPR-33-2" in [one["rule"] for one in told["duties"]]
    assert all(line in shown for line in told["text"].splitlines())
    assert shown.index("120 records") < shown.index(told["sha256"][:8])


def test_the_difference_marks_words_added_and_removed(terminal: Terminal) -> None:
    assert "A list of {+120+} records was exported." in terminal.ok("notice", "diff", "2")
    (told,) = json.loads(terminal.ok("notice", "diff", "2", "--json"))
    assert {"change": "added", "text": "120 "} in told["runs"]
    assert "it is the first" in terminal.ok("notice", "diff", "1")


def test_whoever_is_named_bounds_what_is_shown(terminal: Terminal) -> None:
    assert "drafted" in terminal.ok("notice", "list", "--as", "privacy-1")
    assert "SHA-256" in terminal.ok("notice", "show", "2", "--as", "privacy-1")
    assert terminal.ok("notice", "list", "--as", "it-1") == "no notice yet\n"
    for command in ("show", "diff"):
        other, none = (terminal.fails("notice", command, number, "--as", "it-1") for number in ("2", "99"))
        assert other.replace("(2)", "(99)") == none
    assert "no such incident" in terminal.fails("notice", "list", "INC-2026-0001", "--as", "it-1")
    assert "no such responder" in terminal.fails("notice", "list", "--as", "nobody")


def test_what_others_wrote_moves_no_terminal(terminal: Terminal) -> None:
    store = terminal.store()
    with store.writing() as session:
        notice = session.get_one(Notice, 2)
        notice.text, notice.recipient = f"{notice.text}{HOSTILE}", HOSTILE
    store.close()
    for words in (("list",), ("show", "2"), ("diff", "2"), ("show", "2", "--json"), ("diff", "2", "--json")):
        shown = terminal.ok("notice", *words)
        assert "\x1b" not in shown
        assert "\u202e" not in shown


def test_the_check_names_what_it_finds_and_fails_only_where_something_stops_it(terminal: Terminal) -> None:
    shown = terminal.ok("notice", "check", "2")
    assert max(map(len, shown.splitlines())) <= 80
    said = " ".join(shown.split())
    assert "warn What happened: an exact number where the facts know a range, or nothing" in said
    assert "records_affected is unknown" in said
    told = json.loads(terminal.ok("notice", "check", "2", "--json"))
    assert ("exact_number", "warn", "nature") in [
        (one["code"], one["severity"], one["content"]) for one in told
    ]
    spoil(terminal, "Contact point")
    stopped = terminal.run("notice", "check", "2")
    assert stopped.exit_code == 1
    assert "block" in stopped.output
    assert "something that must be said is left out" in " ".join(stopped.output.split())


def test_what_is_unknown_the_findings_and_the_documents_stand_with_the_notice(terminal: Terminal) -> None:
    shown = terminal.ok("notice", "show", "2")
    assert "still unknown: " in shown
    assert "Approximate number of people" in shown
    assert "content check: " in shown
    told = json.loads(terminal.ok("notice", "show", "2", "--json"))
    assert set(told["documents"]) == {"html", "pdf"}
    assert all(sha256 in shown for sha256 in told["documents"].values())
    assert "number_of_people" in told["unknown"]
    assert (told["phase"], told["follows"], told["privileged"]) == ("initial", None, False)


def spoil(terminal: Terminal, heading: str) -> None:
    """Take a heading out of the stored text, as nothing of ours would."""
    store = Store.open(terminal.env["SEVENTYTWO_DATABASE_URL"], fixed_keyring())
    with store.writing() as session:
        notice = session.get_one(Notice, 2)
        notice.text = notice.text.replace(heading, "Elsewhere")
    store.close()
