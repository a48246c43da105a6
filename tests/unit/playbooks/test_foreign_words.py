"""Words that may not stand in a text are found however they are spelled, and only as words of their own."""

from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playbooks.foreign_words import Hit, Matcher, Term, is_weak, without_legal_form

NAME = "Hexa Lumen"


def matcher(*words: str, allowed: tuple[str, ...] = ()) -> Matcher:
    return Matcher([Term("name", one) for one in words], allowed)


@pytest.mark.parametrize(
    "written",
    [
        "Hexa Lumen",
        "hexa lumen",
        "HEXALUMEN",
        "Hexa-Lumen",
        "Hexa.Lumen",
        "hexa_lumen",
        "Hexa\nLumen",
        "Hexa\N{NO-BREAK SPACE}Lumen",
        "He\u200bxa Lu\u00admen",
        "H e x a  L u m e n",
        "Hexa** Lumen",
        "H\u00e9xa L\u00fcmen",
        "He\u0301xa Lumen",
        "H\u0435x\u0430 Lumen",
        "".join(chr(ord(char) + 0xFEE0) if char != " " else char for char in NAME),
        "\N{MATHEMATICAL BOLD CAPITAL H}exa Lumen",
        "Hexa\u3164Lumen",
    ],
)
def test_a_name_is_found_in_every_spelling_and_its_place_told(written: str) -> None:
    text = f"Data of\u200b{written}'s staff"
    (hit,) = matcher(NAME).find(text)
    assert (hit.kind, text[hit.start : hit.end]) == ("name", written)


@pytest.mark.parametrize("text", ["Hexa Lumens", "Ahexa Lumen", "Hexa", "Hexa; Lumen", "Hexa\n\nLumen", ""])
def test_what_is_part_of_another_word_or_across_a_break_is_none(text: str) -> None:
    assert matcher(NAME).find(text) == ()


@pytest.mark.parametrize(
    ("name", "hits", "misses"),
    [
        ("AIG", ["the AIG portal", "AIG's", "A\u200bIG"], ["aig", "Aig", "A I G", "PAIGE"]),
        ("Target", ["told Target"], ["the target was", "TARGET"]),
        ("Retail Bank", ["the Retail Bank"], ["a retail bank", "retail, bank"]),
        ("H&M", ["for H&M."], ["h&m", "HM", "H and M"]),
        ("Online", ["by Online"], ["on line", "online"]),
    ],
)
def test_short_and_common_names_count_only_exactly_as_they_are_written(
    name: str, hits: list[str], misses: list[str]
) -> None:
    assert is_weak(name)
    for text in hits:
        assert matcher(name).find(text), text
    for text in misses:
        assert not matcher(name).find(text), text


def test_what_is_allowed_covers_what_lies_within_it() -> None:
    found = matcher("Hexa", "Lumen", allowed=("Hexa Lumen", "Lumen"))
    assert found.find("Hexa-Lumen and Lumen") == ()
    (hit,) = found.find("Hexa Lumen and Hexa")
    assert (hit.start, hit.end) == (15, 19)


def test_addresses_domains_and_names_without_spaces_are_words_too() -> None:
    found = matcher("dpo@hexa.example", "hexa.example", "+353 1 555 0100", "三井", "10.1.2.3")
    assert found.find("write to DPO@hexa.example.")[0] == Hit("name", 9, 25)
    assert found.find("https://mail.hexa.example/x")
    assert found.find("+353-1-5550100")
    assert found.find("株式会社三井の件")
    assert found.find("from 10.1.2.3:443")
    assert not found.find("from 110.1.2.3")
    assert not found.find("10123 people")
    assert not found.find("hexa.examples")


def test_a_company_is_known_without_its_legal_form() -> None:
    assert without_legal_form("Hexa Lumen Pvt. Ltd.") == "Hexa Lumen"
    assert without_legal_form("Hexa, S.A.") == "Hexa"
    assert without_legal_form("GmbH") == ""


@given(
    st.text(st.characters(categories=["L"]), min_size=4, max_size=12),
    st.text(max_size=30),
    st.text(max_size=30),
)
def test_any_name_is_found_between_any_words(name: str, before: str, after: str) -> None:
    text = f"{before} ; {name} ; {after}"
    assert matcher(name).find(text) or not any(char.isalnum() for char in unicodedata.normalize("NFKD", name))


@given(st.text(max_size=200), st.lists(st.text(max_size=8), max_size=5))
def test_any_text_and_names_are_read_and_places_lie_within(text: str, names: list[str]) -> None:
    for hit in matcher(*names).find(text):
        assert 0 <= hit.start < hit.end <= len(text)


def test_thousands_of_names_are_one_table_read_at_once() -> None:
    names = [f"Company {number} Holding" for number in range(10_000)] + [
        f"c{n}.example" for n in range(5_000)
    ]
    began = time.perf_counter()
    found = matcher(*names)
    text = "A list of records of company 77 was exported to c4999 example. " * 300
    assert found.find(text)
    assert time.perf_counter() - began < 5
