"""Reading ease agrees with what a person counts by hand, in each language that has a measure."""

from __future__ import annotations

import pytest

from playbooks.notices.plainness import Counted, amstad, count, flesch, measured, syllables, szigriszt


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", {"data": 2, "any": 2, "about": 2, "people": 2, "because": 2, "changed": 1, "affected": 3}),
        ("en", {"information": 4, "table": 2, "breaches": 2, "files": 1, "created": 3, "made": 1, "the": 1}),
        ("de", {"Übung": 2, "Daten": 2, "Verletzung": 3, "geschehen": 3, "Passwörter": 3, "Straße": 2}),
        ("es", {"día": 2, "información": 4, "ciudad": 2, "quien": 1, "contraseña": 4, "idea": 3, "muy": 1}),
    ],
)
def test_syllables_are_counted_as_a_reader_does(language: str, words: dict[str, int]) -> None:
    assert {word: syllables(word, language) for word in words} == words


def test_the_formulas_give_what_a_hand_computes() -> None:
    counted = Counted(sentences=2, words=20, syllables=30)  # 10 words a sentence, 1.5 syllables a word
    assert flesch(counted) == pytest.approx(206.835 - 10.15 - 126.9)
    assert amstad(counted) == pytest.approx(180 - 10 - 87.75)
    assert szigriszt(counted) == pytest.approx(206.835 - 93.45 - 10)


@pytest.mark.parametrize(
    ("language", "text", "counts", "score"),
    [
        ("en", "The cat sat on the mat. It was happy.", (2, 9, 10), 108.3),
        ("de", "Die Katze sitzt da. Sie ist froh.", (2, 7, 8), 109.6),
        ("es", "El gato come pan. Es muy bueno.", (2, 7, 10), 114.3),
    ],
)
def test_short_texts_are_scored_as_by_hand(
    language: str, text: str, counts: tuple[int, int, int], score: float
) -> None:
    counted = count(text, language)
    assert counted is not None
    assert (counted.sentences, counted.words, counted.syllables) == counts
    told = measured(text, language)
    assert told is not None
    assert told.score == pytest.approx(score, abs=0.1)
    assert told.is_plain


def test_a_long_text_names_its_longest_sentences_and_hard_words() -> None:
    hard = "Unauthorised individuals circumvented authentication mechanisms. It stopped."
    told = measured(hard, "en")
    assert told is not None
    assert not told.is_plain
    assert told.longest[0].startswith("Unauthorised")
    assert "authentication" in told.hard_words
    assert "stopped" not in told.hard_words


def test_vietnamese_is_measured_by_the_length_of_its_sentences() -> None:
    short, long = measured("Dữ liệu bị lộ. Xin đổi mật khẩu.", "vi"), measured("dữ " * 40 + ".", "vi")
    assert short is not None
    assert long is not None
    assert short.is_plain
    assert short.score == 4
    assert not long.is_plain
    assert long.hard_words == ()


def test_addresses_count_for_nothing_and_no_words_have_no_measure() -> None:
    assert measured(
        "Write to privacy@example.com or https://example.com/very/long/address.", "en"
    ) == measured("Write to   or  ", "en")
    assert measured("12 34", "en") is None
    assert measured("Words", "tlh") is None
