"""YAML read with suspicion."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from playbooks.documents import read_document, validated
from playbooks.errors import FileFaults
from playbooks.fault_words import FORMS


def faults_of(text: bytes | str) -> str:
    with pytest.raises(FileFaults) as error:
        read_document(text, "a.yaml")
    return str(error.value)


def test_plain_values_are_read_with_their_lines() -> None:
    document = read_document("a: 1\nb:\n  - x\n  - {c: true, d: null, e: 2.5}\n", "a.yaml")
    assert document.data == {"a": 1, "b": ["x", {"c": True, "d": None, "e": 2.5}]}
    assert [document.line_of(path) for path in [("a",), ("b", 0), ("b", 1, "c")]] == [1, 3, 4]


def test_words_that_yaml_would_twist_stay_words() -> None:
    document = read_document("[NO, yes, on, 1:30, 2026-03-01, 0x10, 010, 1_000, '12', .inf]", "a.yaml")
    assert document.data == ["NO", "yes", "on", "1:30", "2026-03-01", "0x10", "010", "1_000", "12", ".inf"]


def test_a_part_that_is_missing_is_placed_at_what_surrounds_it() -> None:
    assert read_document("a: 1\nb:\n  c: 2\n", "a.yaml").line_of(("b", "d", 3)) == 2


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("a: &x [1]\nb: *x\n", "a.yaml:1: anchor or alias `x`"),
        ("a: 1\nb: !!python/object/apply:os.system ['true']\n", "a.yaml:2: tag"),
        ("a: 1\nb: 2\na: 3\n", "a.yaml:3: `a` stands here twice"),
        ("a: 1\n---\nb: 2\n", "a second document"),
        ("a: [1\nb: 2\n", "not YAML"),
        ("a:\n\t- b\n", "a.yaml:2: not YAML"),
        ("[1, 2]: x\n", "a key that is not a word"),
        ("[" * 100_000, "nested deeper"),
        ("[" + "1," * 60_000 + "1]", "more than 50,000 parts"),
        ("a: " + "x" * 1_000_001, "larger than 1 MB"),
        (b"a: \xff\xfe", "not UTF-8"),
        (b"ok: 1\nb: \x00", "not YAML"),
    ],
)
def test_hostile_yaml_is_refused_before_anything_is_built(text: bytes | str, what: str) -> None:
    assert what in faults_of(text)


def test_every_anchor_is_named_at_once() -> None:
    bomb = "a: &a [lol]\n" + "".join(f"b{n}: &b{n} [*a, *a]\n" for n in range(5))
    assert faults_of(bomb).count("anchor or alias") == 16


def test_every_form_that_a_file_must_keep_is_said_in_words() -> None:
    root = Path(__file__).parents[3]
    sources = [
        path.read_text("utf-8") for part in ("playbooks", "flows") for path in (root / part).rglob("*.py")
    ]
    patterns = {found for text in sources for found in re.findall(r'pattern=r"([^"]+)"', text)}
    assert patterns
    assert patterns == set(FORMS)


def test_a_fault_bears_no_name_that_only_the_code_has() -> None:
    class Inner(BaseModel):
        a: int

    class Outer(BaseModel):
        either: Inner | list[int]

    with pytest.raises(FileFaults) as caught:
        validated(Outer, read_document("either: [1, x]\n", "a.yaml"))
    told = str(caught.value)
    assert "Inner" not in told
    assert "list[int]" not in told
    assert "item 2 of `either` is no whole number: `x` - write a whole number" in told


def test_an_empty_file_is_no_crash() -> None:
    class Anything(BaseModel):
        a: int

    assert read_document("", "a.yaml").data is None
    with pytest.raises(FileFaults, match=r"a\.yaml:1"):
        validated(Anything, read_document("# nothing\n", "a.yaml"))
