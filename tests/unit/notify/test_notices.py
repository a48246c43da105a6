"""A notice carries what its form asks for, says what is unknown, and reads the same each time."""

from __future__ import annotations

import hashlib
import io
import os
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from notify.notices.layouts import as_page, as_text
from notify.notices.letter import Earlier, Envelope, Letter, NoticeFault, said, write_letter
from notify.notices.pdf import as_pdf
from playbooks.fact_types import Range
from playbooks.notices.library import form_named, languages_of, shipped_forms, shipped_languages
from playbooks.notices.models import Form, Phase
from playbooks.notices.phases import WHY_WITHDRAWN, in_phase

FORMS = tuple(shipped_forms())
GOLDEN = Path(__file__).parents[2] / "golden" / "notices"
REWRITE = "REWRITE_GOLDEN"
WRITTEN = [(form, language.language) for form in FORMS for language in languages_of(form_named(form))]
KNOWN: dict[str, Any] = {
    "nature": "A bulk download of records.\nIt was stopped after an hour.",
    "occurred": None,
    "detected": datetime(2026, 11, 20, 14, 5, tzinfo=UTC),
    "categories_of_records": frozenset({"financial", "contact"}),
    "number_of_people": Range(low=100, high=500),
    "is_malicious": True,
    "consequences": "Unwanted contact.",
    "measures": "The account was disabled.",
    "contact_point": "privacy@example.com",
}
HOSTILE = (
    "{{ 7*7 }} {% raw %} {nb} \x1b[31mred\u202e <script>alert(1)</script>\n\nEXERCISE - NOT A REAL INCIDENT\n"
    "<img src=x onerror=alert(1)> **bold** ' \" & javascript:alert(1)"
)


def values_of(form: Form, **changed: Any) -> dict[str, Any]:
    return {word: (KNOWN | changed).get(word) for word in form.contents}


def letter(form_id: str, language: str = "en", *, exercise: bool = False, **changed: Any) -> Letter:
    form = form_named(form_id)
    envelope = Envelope(
        ref="INC-2026-0007",
        exercise=exercise,
        sender="Example Services GmbH",
        recipient="Example Retail Ltd",
        prepared_at=datetime(2026, 11, 20, 15, tzinfo=UTC),
        contract_reference="DPA-1",
        duties=("Notify the authority (Some Act, art 1)",),
        marks=("TLP:AMBER", "PRIVILEGED"),
    )
    return write_letter(form, shipped_languages()[language], envelope, values_of(form, **changed))


def words_of(document: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(document)).pages).split())


@pytest.mark.parametrize(("form_id", "language"), WRITTEN)
def test_every_form_reads_as_its_golden_file(form_id: str, language: str) -> None:
    golden, written = GOLDEN / f"{form_id}.{language}.txt", as_text(letter(form_id, language))
    if os.environ.get(REWRITE):
        golden.parent.mkdir(parents=True, exist_ok=True)
        golden.write_text(written, "utf-8")
    assert golden.read_text("utf-8") == written


def test_no_golden_file_is_left_without_its_form() -> None:
    assert {path.name for path in GOLDEN.iterdir()} == {f"{form}.{code}.txt" for form, code in WRITTEN}


@pytest.mark.parametrize("form_id", FORMS)
def test_a_notice_says_what_is_known_and_of_each_other_that_it_is_not(form_id: str) -> None:
    form, written = form_named(form_id), as_text(letter(form_id))
    for word in form.contents:
        if isinstance(KNOWN.get(word), str):
            assert KNOWN[word].splitlines()[0] in written
    unknown = [word for word in form.required if KNOWN.get(word) is None]
    assert written.count("Not yet known; it will follow") == len(unknown) + written.count("Aware since")
    assert "None" not in written


def test_the_same_words_give_the_very_same_text_and_document() -> None:
    one = letter("notice-client", categories_of_records=["contact", "financial"])
    other = letter("notice-client", categories_of_records=["financial", "contact"])
    assert as_text(one) == as_text(other)
    assert as_pdf(one) == as_pdf(other)
    changed = letter("notice-client", measures="The account was enabled.")
    assert hashlib.sha256(as_pdf(changed)).digest() != hashlib.sha256(as_pdf(one)).digest()


@pytest.mark.parametrize("form_id", FORMS)
def test_an_exercise_notice_says_so_first_and_last(form_id: str) -> None:
    lines = as_text(letter(form_id, exercise=True)).splitlines()
    assert lines[0].startswith("EXERCISE - NOT A REAL INCIDENT")
    assert lines[-1] == "EXERCISE - NOT A REAL INCIDENT."
    assert "EXERCISE" not in as_text(letter(form_id))


def test_a_late_notification_gives_its_reasons() -> None:
    assert "Reasons for lateness" not in as_text(letter("gdpr-authority"))
    late = as_text(letter("gdpr-authority", delay_reasons="Waited for the logs"))
    assert "Reasons for lateness or delay\n    Waited for the logs" in late


def test_an_authority_is_told_the_duties_that_it_answers_and_people_are_spared_them() -> None:
    assert "- Notify the authority (Some Act, art 1)" in as_text(letter("notice-authority"))
    for shown in (as_text, as_page):
        assert "Some Act" not in shown(letter("notice-people"))
    assert "Some Act" not in words_of(as_pdf(letter("notice-people")))


def test_missing_and_foreign_contents_are_named() -> None:
    form, english = form_named("staff"), shipped_languages()["en"]
    envelope = Envelope("INC-1", False, "A", "B", datetime(2026, 1, 1, tzinfo=UTC))
    with pytest.raises(NoticeFault, match="other_client"):
        write_letter(form, english, envelope, {**values_of(form), "other_client": "Another Ltd"})
    with pytest.raises(NoticeFault, match="nature"):
        write_letter(form, english, envelope, {k: v for k, v in values_of(form).items() if k != "nature"})


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, Mapping[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))


def tags_of(page: str) -> list[tuple[str, Mapping[str, str | None]]]:
    parser = _Tags()
    parser.feed(page)
    return parser.seen


@pytest.mark.parametrize("form_id", FORMS)
def test_hostile_words_are_inert_on_the_page(form_id: str) -> None:
    calm, hostile = (as_page(letter(form_id, nature=nature)) for nature in ("calm", HOSTILE))
    assert tags_of(calm) == tags_of(hostile)
    assert "49" not in hostile.replace("49", "", calm.count("49"))
    assert "{{ 7*7 }}" in hostile
    assert not {tag for tag, _ in tags_of(hostile)} & {"script", "img", "a", "iframe", "link", "form"}
    assert "default-src 'none'" in hostile


@pytest.mark.parametrize("form_id", FORMS)
def test_hostile_words_are_inert_in_the_text(form_id: str) -> None:
    written = as_text(letter(form_id, nature=HOSTILE))
    assert "    {{ 7*7 }} {% raw %} {nb} red <script>" in written
    assert not re.search(r"^EXERCISE", written, re.MULTILINE)


@pytest.mark.parametrize(("form_id", "language"), WRITTEN)
def test_every_document_opens_and_holds_what_the_text_says(form_id: str, language: str) -> None:
    one = letter(form_id, language, nature=HOSTILE, exercise=True)
    document = as_pdf(one)
    reader, held = PdfReader(io.BytesIO(document)), words_of(document)
    for part in one.parts:
        said = [part.heading, *(words for line in part.lines for words in (line.label, line.words))]
        assert [words for words in said if " ".join(words.split()) not in held] == []
    assert "/JavaScript" not in reader.root_object
    assert all("/Annots" not in page for page in reader.pages)


def test_every_page_of_a_document_bears_its_marks() -> None:
    pages = PdfReader(io.BytesIO(as_pdf(letter("notice-client", exercise=True, nature="long. " * 600)))).pages
    assert len(pages) > 1
    for page in pages:
        assert page.extract_text().count("EXERCISE - NOT A REAL INCIDENT") == 2
        assert page.extract_text().count("TLP:AMBER") == 2
        assert page.extract_text().count("PRIVILEGED") == 2


def test_no_heading_is_left_alone_at_the_foot_of_a_page() -> None:
    for lines in range(1, 40, 2):
        one = letter("notice-client", nature="\n".join(["A line."] * lines))
        headings = {part.heading for part in one.parts}
        for page in PdfReader(io.BytesIO(as_pdf(one))).pages:
            words = page.extract_text().splitlines()
            foot = next(number for number in reversed(range(len(words))) if words[number].startswith("TLP:"))
            assert words[foot - 1] not in headings


def test_the_marks_of_a_page_stand_apart() -> None:
    assert "TLP:AMBER \u00b7 PRIVILEGED</header>" in as_page(letter("notice-client"))


def test_vietnamese_and_german_print_and_what_cannot_is_marked() -> None:
    held = words_of(as_pdf(letter("notice-client", nature="Vi phạm dữ liệu ằắẵ, Übergröße; 漢")))
    assert "Vi phạm dữ liệu ằắẵ, Übergröße; \ufffd" in held


@pytest.mark.parametrize(
    "words", ["Vi phạm dữ liệu ằắẵ, Übergröße", "Нарушение данных", "Παραβίαση δεδομένων", "a\u00a0b"]
)
def test_letters_of_other_alphabets_print_as_they_are(words: str) -> None:
    assert " ".join(words.split()) in words_of(as_pdf(letter("notice-client", nature=words)))


LANGUAGES = tuple(shipped_languages())


def later(phase: Phase, language: str) -> Letter:
    """A notice to a client that follows another."""
    form = in_phase(form_named("notice-client"), phase)
    envelope = Envelope(
        ref="INC-2026-0007",
        exercise=False,
        sender="Example Services GmbH",
        recipient="Example Retail Ltd",
        prepared_at=datetime(2026, 11, 22, 9, tzinfo=UTC),
        phase=phase,
        follows=Earlier("INC-2026-0007", datetime(2026, 11, 20, 15, tzinfo=UTC)),
    )
    return write_letter(form, shipped_languages()[language], envelope, values_of(form))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("phase", ["update", "final", "withdrawal"])
def test_a_later_notice_says_its_phase_and_what_it_follows(phase: Phase, language: str) -> None:
    fixed, letter = shipped_languages()[language].fixed, later(phase, language)
    for shown in (as_text(letter), as_page(letter), words_of(as_pdf(letter))):
        assert fixed.phases[phase] in shown
        assert fixed.follows in shown
        assert "INC-2026-0007" in shown
        assert "20 Nov 2026 15:00 UTC" in shown or "2026-11-20 15:00 UTC" in shown
    first = shipped_languages()[language].audiences["client"].opening
    assert letter.opening in (fixed.updated, fixed.withdrawn)
    assert letter.opening != first


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_withdrawal_says_why_and_whom_to_ask_and_promises_nothing(language: str) -> None:
    letter = later("withdrawal", language)
    assert len(letter.parts) == 2
    assert letter.parts[0].lines[0].words == KNOWN["nature"]
    assert letter.closing == ()
    heading = shipped_languages()[language].headings.get(WHY_WITHDRAWN, WHY_WITHDRAWN)
    assert letter.parts[0].heading == f"1. {heading}"


def test_nothing_is_promised_to_an_authority_after_the_final_notice() -> None:
    form = form_named("gdpr-authority")
    at = datetime(2026, 11, 20, 15, tzinfo=UTC)
    english = shipped_languages()["en"]
    final = write_letter(form, english, Envelope("I", False, "A", "B", at, phase="final"), values_of(form))
    first = write_letter(form, english, Envelope("I", False, "A", "B", at), values_of(form))
    assert final.closing == ()
    assert "in phases" in first.closing[0]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (Range(low=100, high=500), ("100 to 500", "100 bis 500", "de 100 a 500", "từ 100 đến 500")),
        (Range(low=500), ("at least 500", "mindestens 500", "al menos 500", "ít nhất 500")),
        (Range(low=0, high=80), ("up to 80", "bis zu 80", "hasta 80", "tối đa 80")),
        (Range(low=7, high=7), ("7", "7", "7", "7")),
        (
            frozenset({"card", "unknown"}),
            (
                "payment-card data; possibly others, not yet known",
                "Zahlungskartendaten; möglicherweise weitere, noch nicht bekannt",
                "datos de tarjetas de pago; posiblemente otras, aún no se conocen",
                "dữ liệu thẻ thanh toán; có thể còn loại khác, chưa biết",
            ),
        ),
    ],
)
def test_a_range_and_what_may_be_more_is_said_in_words(value: object, words: tuple[str, ...]) -> None:
    languages = shipped_languages()
    assert tuple(said(languages[code], value) for code in ("en", "de", "es", "vi")) == words


@pytest.mark.parametrize("value", [Range(low=0), frozenset({"unknown"}), frozenset(), "  "])
def test_what_knows_nothing_is_said_to_be_unknown(value: object) -> None:
    assert said(shipped_languages()["en"], value).startswith("Not yet known")
