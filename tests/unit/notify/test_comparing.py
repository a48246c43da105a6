"""Two texts compared: the runs give both back, and no text keeps a reader waiting."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notify import comparing
from notify.comparing import Run, compare

WORDS = st.lists(st.sampled_from(["the", "data", "120", "people", "\n", " ", "\u202e", "<b>"]), max_size=40)
TEXTS = st.one_of(st.text(max_size=200), WORDS.map(" ".join))


def parts(runs: tuple[Run, ...], *changes: str) -> str:
    return "".join(run.text for run in runs if run.change in changes)


@given(TEXTS, TEXTS)
def test_kept_and_added_are_the_new_text_and_kept_and_removed_the_old(old: str, new: str) -> None:
    runs = compare(old, new)
    assert parts(runs, "kept", "added") == new
    assert parts(runs, "kept", "removed") == old
    assert all(run.text for run in runs)
    assert all(one.change != other.change for one, other in pairwise(runs))


@given(TEXTS)
def test_a_text_has_not_changed_from_itself(text: str) -> None:
    assert {run.change for run in compare(text, text)} <= {"kept"}


def test_a_word_exchanged_is_one_removed_and_one_added() -> None:
    assert compare("About 120 people are affected.\n", "About 2,500 people are affected.\n") == (
        Run("kept", "About "),
        Run("removed", "120 "),
        Run("added", "2,500 "),
        Run("kept", "people are affected.\n"),
    )


def test_a_long_text_is_compared_by_lines() -> None:
    line = "so many words stand in this line\n"
    old = "".join(f"{number} {line}" for number in range(600))
    new = old.replace("0 so", "0 too", 1).replace("599 so", "599 too")
    removed = [run.text for run in compare(old, new) if run.change == "removed"]
    assert removed == [f"0 {line}", f"599 {line}"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("a " * 60_000, "b " + "a " * 50_000 + "c"),
        ("x\n" * 30_000, "y\n" + "x\n" * 29_000 + "z"),
        (" ".join(map(str, range(1_900))), " ".join(map(str, reversed(range(1_900))))),
    ],
)
def test_what_is_long_or_says_one_thing_over_and_over_is_compared_soon(old: str, new: str) -> None:
    since = time.monotonic()
    runs = compare(old, new)
    assert time.monotonic() - since < 10
    assert parts(runs, "kept", "added") == new
    assert parts(runs, "kept", "removed") == old


def test_what_is_beyond_every_bound_is_exchanged_as_a_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comparing, "MOST_PIECES", 1)
    assert compare("one a b two", "one b a two") == (
        Run("removed", "one a b two"),
        Run("added", "one b a two"),
    )
