"""The documents name only what there is, and leave nothing out that a reader can type or set."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from flows.cli.main import COMMANDS
from playbooks.exercises.library import load_scenarios

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
CODE = [
    path
    for room in ("flows", "playbooks", "notify", "store", "tests")
    for path in (ROOT / room).rglob("*.py")
]
LINK = re.compile(r"\]\(([^)\s]+)\)")
TYPED = re.compile(r"(?m)^(?: {4}|)(?:[A-Z_]+=\S+ )?(seventytwo .+)$|`(seventytwo [^`]+)`")
VARIABLE = re.compile(r"\b(?:SEVENTYTWO|PREFECT)_[A-Z][A-Z_]*[A-Z]\b")
NOT_TYPED = {"…", "..."}
"""What stands in a sentence for any command."""
UNLINKED = {"README.md"}
"""Where a reader begins, and what `make bench` writes."""


def names_in(paths: list[Path]) -> set[str]:
    return {name for path in paths for name in VARIABLE.findall(path.read_text())}


@cache
def tree() -> dict[str, Any]:
    """Every command by the words that are typed for it."""
    return dict(
        pair
        for name in COMMANDS
        for pair in leaves(name, get_command(import_module(f"flows.cli.{name}").app))
    )


def leaves(name: str, command: Any) -> Iterator[tuple[str, Any]]:
    """A command by its words, or those of a group; one that is hidden is typed without a word of its own."""
    inner = getattr(command, "commands", {})
    if not inner:
        yield name, command
    for sub, one in inner.items():
        yield from leaves(name if one.hidden else f"{name} {sub}", one)


def typed(page: Path) -> Iterator[list[str]]:
    """The words of every command of ours that a page shows."""
    for block, inline in TYPED.findall(page.read_text()):
        words = shlex.split(block or inline, comments=True)[1:]
        if not NOT_TYPED & set(words):
            yield words


def key_of(words: list[str]) -> str:
    """The command's own words: one, or more where it is of a group."""
    commands = tree()
    keys = (" ".join(words[:length]) for length in (3, 2, 1))
    return next((key for key in keys if key in commands), "")


def test_there_are_pages_and_commands_to_check() -> None:
    assert len(PAGES) > 10
    assert sum(1 for page in PAGES for _ in typed(page)) > 30
    assert len(tree()) > 15


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_and_option_of_a_page_exists(page: Path) -> None:
    commands = tree()
    for words in typed(page):
        if len(words) == 1 and words[0] in COMMANDS:
            continue  # a group, named as a whole
        key = key_of(words)
        assert key, f"no such command: seventytwo {' '.join(words)}"
        options = {name for one in commands[key].params for name in (*one.opts, *one.secondary_opts)}
        unknown = {word for word in words if word.startswith("--")} - options
        assert not unknown, f"seventytwo {key} has no {', '.join(sorted(unknown))}"


def test_every_command_stands_in_a_page() -> None:
    told = {key_of(words) for page in PAGES for words in typed(page)}
    assert not tree().keys() - told


def test_every_exercise_of_a_page_names_the_scenario_s_own_clients_and_injects() -> None:
    shipped, clients = load_scenarios(), {}
    injects = {one.id for told in shipped.values() for one in told.injects}
    for words in (words for page in PAGES for words in typed(page)):
        if words[:2] == ["exercise", "run"] and "--client" in words:
            theirs = {str(one["ref"]) for one in shipped[words[2]].clients if not one.get("own")}
            clients[words[2]] = theirs, {word.partition("=")[0] for word in words if "=" in word}
        if words[:2] == ["exercise", "inject"] and words[3:4] and not words[3].startswith("--"):
            assert words[3] in injects
    assert clients
    assert {name for name, (theirs, given) in clients.items() if theirs != given} == set()


def test_every_variable_of_the_pages_is_read_by_the_code_and_every_one_of_ours_is_told() -> None:
    written, read = names_in(PAGES), names_in([*CODE, ROOT / ".ci" / "run"])
    assert not written - read
    assert not {name for name in read if name.startswith("SEVENTYTWO_")} - written


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    targets = [
        link for link in LINK.findall(page.read_text()) if not link.startswith(("https://", "mailto:"))
    ]
    lost = [link for link in targets if not (page.parent / link.partition("#")[0]).exists()]
    assert not lost


def test_every_page_and_picture_is_reached_by_a_link() -> None:
    linked = {
        (page.parent / link.partition("#")[0]).resolve()
        for page in PAGES
        for link in LINK.findall(page.read_text())
    }
    pictures = (ROOT / "docs" / "pictures").glob("*")
    assert not {path for path in (*PAGES, *pictures) if path.name not in UNLINKED} - linked
