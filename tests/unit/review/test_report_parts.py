"""The pure parts of a report: Markdown that is only text, spans in words, names withheld."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.review.concealing import conceal
from notify.markdown import markdown
from notify.report import span


@dataclass(frozen=True, slots=True)
class Page:
    """Something that holds strings in places."""

    title: str
    lines: tuple[tuple[str, str], ...]
    count: int = 3


@pytest.mark.parametrize(
    ("foreign", "shown"),
    [
        ("# a heading", r"\# a heading"),
        ("1. a list", r"1\. a list"),
        ("12) a list", r"12\) a list"),
        ("- a list", r"\- a list"),
        ("2026-03-02", "2026-03-02"),
        ("<b>bold</b>", r"\<b\>bold\</b\>"),
        ("a | b", r"a \| b"),
        ("[x](http://evil.example)", r"\[x\](http\[:\]//evil.example)"),
        ("www.evil.example", r"www\[.\]evil.example"),
        ("@team and a@b.example", r"\[@\]team and a\[@\]b.example"),
        ("`code` *bold* _it_ ~s~", r"\`code\` \*bold\* \_it\_ \~s\~"),
        ("two\nlines", "two lines"),
        ("&lt; &#60;", r"\&lt; \&\#60;"),
        ("back\\slash", r"back\\slash"),
    ],
)
def test_foreign_text_in_markdown_is_only_text(foreign: str, shown: str) -> None:
    assert markdown(foreign) == shown


@given(st.text())
def test_no_mark_is_left_without_its_backslash(foreign: str) -> None:
    bare = re.sub(r"\\[!-/:-@\[-`{-~]", "", markdown(foreign))
    assert not re.search(r"[\\`*_{}\[\]<>#|~!$^&\n\r]", bare)
    assert not re.match(r"[-+=:]|\d{1,9}[.)]", markdown(foreign))


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (None, "not known"),
        (timedelta(seconds=20), "under a minute"),
        (timedelta(minutes=59, seconds=59), "59 min"),
        (timedelta(hours=2), "2 h"),
        (timedelta(hours=2, minutes=5), "2 h 5 min"),
        (timedelta(days=3), "3 d"),
        (timedelta(days=3, hours=4, minutes=59), "3 d 4 h"),
    ],
)
def test_a_span_is_said_in_its_two_largest_units(length: timedelta | None, words: str) -> None:
    assert span(length) == words


def test_names_are_withheld_in_every_string_however_written() -> None:
    page = Page("For Sample Bank", (("sample-bank", "SAMPLE\n  bank, and my-sample-bank"),))
    told = conceal(page, ("sample-bank", "Sample Bank"))
    assert told == Page("For [withheld]", (("[withheld]", "[withheld], and my-sample-bank"),))


def test_a_longer_name_is_withheld_before_a_shorter_one_within_it() -> None:
    assert conceal("Bank of Two, Bank", ("Bank", "Bank of Two")) == "[withheld], [withheld]"


def test_without_names_nothing_changes() -> None:
    page = Page("a", ())
    assert conceal(page, ()) is page
