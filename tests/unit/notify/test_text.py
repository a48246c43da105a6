"""Whatever is hostile in foreign text has lost its power when it is shown."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notify import text

HOSTILE = {
    "a broadcast": "<!channel> <!here|x> <!everyone>",
    "a typed broadcast": "@channel and @Here",
    "a mention": "<@U123> <#C123> <!subteam^S1>",
    "a link": "<https://evil.example|Your bank>",
    "a bare address": "see https://evil.example/a now",
    "a code fence": "```rm -rf``` `x`",
    "bold and strike": "*APPROVED* ~not~ _really_",
    "an emoji": ":white_check_mark: done",
    "colours": "\x1b[31mred\x1b[0m \x9b1mbold",
    "a terminal title": "\x1b]0;owned\x07rest",
    "a terminal link": "\x1b]8;;http://evil.example\x1b\\click\x1b]8;;\x1b\\",
    "control characters": "a\x00b\x08c\x7f\r\nd",
    "reversed text": "invoice\u202egpj.exe \u2066x\u2069",
    "hidden text": "a\u200bb\ufeffc\u00ad\U000e0041",
    "line separators": "a\u2028b\u2029c\x85d",
    "a tower of accents": "Z" + "\u0351" * 50,
    "a lone surrogate": "a\ud800b",
}
MARKS = re.compile(r"[*~`<>]|<!|@(channel|here|everyone)|://|:[a-z_]+:", re.IGNORECASE)


def invisible(shown: str) -> list[str]:
    """Characters that a reader would not see as themselves."""
    return [char for char in shown if unicodedata.category(char) in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}]


@pytest.mark.parametrize("name", HOSTILE)
def test_slack_shows_hostile_text_inert(name: str) -> None:
    shown = text.slack(HOSTILE[name])
    assert not MARKS.search(shown), shown
    assert not invisible(shown)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_terminal_shows_hostile_text_on_one_line(name: str) -> None:
    shown = text.terminal(HOSTILE[name])
    assert not invisible(shown)
    assert "://" not in shown


def test_the_words_of_an_attack_stay_readable() -> None:
    assert text.slack("<!channel> *now* & https://x.example") == (
        "&lt;!channel&gt; \u2217now\u2217 &amp; https[:]//x.example"
    )
    assert text.terminal("\x1b[31mred\x1b[0m team") == "red team"


def test_names_with_underscores_inside_are_kept() -> None:
    assert text.slack("step disable_account") == "step disable_account"


@given(st.text(), st.integers(2, 200))
def test_escaped_text_keeps_its_limit_and_never_cuts_an_entity(value: str, limit: int) -> None:
    shown = text.slack(value, limit)
    assert len(shown) <= limit
    assert not re.search(r"&(?!amp;|lt;|gt;)", shown)
    assert not invisible(shown)
    assert not re.search(r"[*~`<>]", shown)


@given(st.text(alphabet=st.characters()))
def test_nothing_invisible_survives_in_any_text(value: str) -> None:
    assert not invisible(text.terminal(value))
    assert not invisible(text.plain(value).replace("\n", ""))


@pytest.mark.parametrize("value", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1", "|x", "\x00=1"])
def test_a_cell_never_starts_a_formula(value: str) -> None:
    assert text.csv_cell(value).startswith("'")


def test_a_plain_cell_stays_as_it_is() -> None:
    assert text.csv_cell("two lines\nof text") == "two lines\nof text"


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "https://a.example/ b", "https://", "https://u:p@a.example/", "x" * 2000,
     "https://a.example/\u202e", "ftp://a.example", "http://[broken"],
)  # fmt: skip
def test_an_address_that_is_not_plain_http_is_no_link(url: str) -> None:
    assert text.safe_url(url) is None


def test_a_link_cannot_be_ended_early() -> None:
    assert text.safe_url("https://a.example/q/1?a=1&b=<x|y>") == "https://a.example/q/1?a=1&amp;b=%3Cx%7Cy%3E"
