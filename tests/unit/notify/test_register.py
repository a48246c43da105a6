"""The register rendered: no cell starts a formula, no text becomes a tag, nothing is lost."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import UTC, date, datetime

from notify.register import HEADS, render_csv, render_html, render_json
from notify.register_view import Register, RegisterLine

AT = datetime(2026, 3, 2, 14, 0, tzinfo=UTC)
LINE = RegisterLine(
    incident="INC-2026-0001", case_ref="A", client="example-retail", our_role="processor", state="closed",
    occurred_at="not stated", detected_at="01 Mar 2026 14:00Z", aware_at="02 Mar 2026 14:00Z", closed_at=AT,
    nature=("Data exfiltration", "An export"), data="contact", people="120", records="unknown", places="EU",
    effects=("risk to the people: likely",), measures=("the account is disabled",),
    told=("client under CONTRACT: in time",), not_told=(), still_due=(), proof="41 entries are whole",
)  # fmt: skip
REGISTER = Register(
    "Example Services", (), date(2026, 1, 1), None, AT, (LINE,), ("INC-2026-0002: a false positive",)
)


def cells(register: Register) -> list[list[str]]:
    return list(csv.reader(io.StringIO(render_csv(register), newline="")))


def test_a_breach_is_a_row_and_several_parts_are_lines_of_one_cell() -> None:
    heads, row = cells(REGISTER)
    assert heads == list(HEADS.values())
    told = dict(zip(HEADS, row, strict=True))
    assert told["nature"] == "Data exfiltration\nAn export"
    assert told["closed_at"] == "2026-03-02 14:00Z"
    assert told["not_told"] == ""


def test_no_cell_starts_a_formula() -> None:
    hostile = replace(LINE, client="=cmd|'/c calc'!A1", people="+1", data="-2", places="@x", proof="\t=1")
    row = cells(replace(REGISTER, lines=(hostile,)))[1]
    assert not [cell for cell in row if cell.lstrip().startswith(("=", "+", "-", "@"))]
    assert "'=cmd|'/c calc'!A1" in row


def test_hostile_words_are_inert_in_html() -> None:
    hostile = replace(LINE, nature=("<script>alert(1)</script>\x1b[31m\u202e",))
    page = render_html(replace(REGISTER, lines=(hostile,)))
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert not {"\x1b", "\u202e"} & set(page)
    assert "default-src 'none'" in page


def test_html_names_the_time_it_covers_and_what_is_left_out() -> None:
    page = render_html(REGISTER)
    for words in (
        "from 2026-01-01 until now",
        "INC-2026-0001/A",
        "INC-2026-0002: a false positive",
        "An export",
    ):
        assert words in page
    assert "No breach in this register" in render_html(replace(REGISTER, lines=()))


def test_json_holds_the_same() -> None:
    told = json.loads(render_json(REGISTER))
    assert told["lines"][0]["nature"] == ["Data exfiltration", "An export"]
    assert (told["since"], told["lines"][0]["closed_at"]) == ("2026-01-01", "2026-03-02 14:00Z")
    assert told["left_out"] == ["INC-2026-0002: a false positive"]
