"""A card or identity number in an answer is refused by field and kind, and is written nowhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlmodel import SQLModel, select

from store.database import Store
from store.tables import Answer, Message, Notice, TimelineEntry
from tests.harness.law_walks import WORDS, LawWalk, begin_law_walk, client, ours

CARD = "4111 1111 1111 1111"
FACTS: dict[str, Any] = {"our_role": "processor", "jurisdictions": ["EU"], "data_categories": ["contact"]}


@pytest.fixture
def walk(store: Store, tmp_path: Path) -> LawWalk:
    begun = begin_law_walk(
        store, tmp_path, client("retail", "processor", "EU"), ours("EU"), concerned=("retail",)
    )
    begun.triage(clients=["retail"], **FACTS)
    return begun


def is_kept(walk: LawWalk, number: str) -> bool:
    """Whether any column of any table holds a number, in clear or sealed."""
    forms = {number, number.replace(" ", "")}
    with walk.house.store.reading() as session:
        for table in SQLModel.metadata.sorted_tables:
            for row in session.execute(select(table)):  # sealed columns are opened on the way
                if any(form in str(value) for value in row for form in forms):
                    return True
    return False


def last_answer(walk: LawWalk) -> Answer:
    with walk.house.store.reading() as session:
        return max(session.exec(select(Answer)), key=lambda one: one.id or 0)


def count(walk: LawWalk, table: type[SQLModel]) -> int:
    with walk.house.store.reading() as session:
        return len(session.exec(select(table)).all())


def test_the_search_of_all_columns_sees_a_number_that_is_kept(walk: LawWalk) -> None:
    assert not walk.command("note", reason="Seen 0100 0200 0300.")
    assert is_kept(walk, "0100 0200 0300")


@pytest.mark.parametrize(
    "number", [CARD, CARD.replace(" ", ""), CARD.replace(" ", "\u200b"), CARD.replace(" ", "-")]
)
def test_a_card_number_in_a_reason_is_refused_and_is_nowhere(walk: LawWalk, number: str) -> None:
    fault = walk.command("note", reason=f"The caller read out {number}.")
    assert "Reason or remark: payment card number" in fault
    assert not is_kept(walk, number)
    assert not walk.history("remark")
    kept = last_answer(walk)
    assert (kept.verdict, kept.fields["reason"]) == ("refused", "The caller read out [payment card number].")
    (told,) = walk.messages("answer_refused")
    assert "payment card number" in told.fields["why"]


def test_a_number_in_the_words_of_a_draft_is_refused_and_no_notice_is_written(walk: LawWalk) -> None:
    words = {**WORDS, "consequences": f"Card {CARD} may be misused."}
    fault = walk.answer("tell-client", "draft", **words)
    assert "Likely consequences for the people concerned: payment card number" in fault
    assert not is_kept(walk, CARD)
    assert count(walk, Notice) == 0
    assert walk.is_asked("tell-client")
    assert not walk.answer("tell-client", "draft", **WORDS)


def test_a_number_in_a_text_field_of_a_step_or_command_is_refused(walk: LawWalk) -> None:
    fault = walk.command("add_step", task="Call about 123-45-6789", to_whom="it", reason="r")
    assert "What is to be done: US social security number" in fault
    assert not is_kept(walk, "123-45-6789")
    assert not [step for step in walk.steps() if step.added]
    fault = walk.answer("assess-risk", risk="high", risk_reasons="Aadhaar 2345 6789 0124 was seen.")
    assert "Aadhaar number" in fault
    assert not is_kept(walk, "2345 6789 0124")
    assert walk.is_asked("assess-risk")


def test_a_number_in_place_of_decision_or_person_is_kept_in_no_open_column(walk: LawWalk) -> None:
    number = CARD.replace(" ", "")
    assert walk.command(number)
    assert not is_kept(walk, number)


def test_a_list_and_every_field_at_once_are_cleared(walk: LawWalk) -> None:
    fault = walk.command("note", about=CARD, basis=["x", CARD], reason=f"{CARD} and GB82WEST12345698765432")
    for said in ("By which proof, or on what basis: payment card number", "payment card number, IBAN"):
        assert said in fault
    assert not is_kept(walk, CARD)
    assert not is_kept(walk, "GB82WEST12345698765432")


def test_a_wrong_code_with_a_number_is_still_a_wrong_code_and_keeps_nothing(walk: LawWalk) -> None:
    walk.secrets = dict.fromkeys(walk.secrets, "A" * 32)
    assert "the code does not fit this responder" in walk.command("note", reason=CARD)
    assert last_answer(walk).verdict == "wrong_code"
    assert not is_kept(walk, CARD)


def test_no_message_and_no_entry_of_the_timeline_holds_the_number(walk: LawWalk) -> None:
    walk.command("note", reason=CARD)
    with walk.house.store.reading() as session:
        told = [str(one.fields) for one in session.exec(select(Message))]
        written = [str(one.payload) + one.canonical for one in session.exec(select(TimelineEntry))]
    assert told
    assert not [one for one in told + written if CARD in one]
