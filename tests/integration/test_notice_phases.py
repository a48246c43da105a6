"""A recipient is told in phases: first, when more is known, at the end, and to take it back."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from flows.describing import describe
from flows.notice_checks import findings_for
from flows.notice_phases import now_known
from flows.notice_reading import comparisons
from flows.specs import spec_of
from notify.render import instant
from playbooks.duties import State
from store.database import Store
from store.tables import Notice
from tests.harness.law_walks import WORDS, LawWalk, begin_law_walk, client, ours

AUTHORITY = "supervisory_authority"
RULE = "EU-GDPR-33-1"
CONTACT = {"contact": "privacy@example.com"}


@pytest.fixture
def walk(store: Store, tmp_path: Path) -> LawWalk:
    """An incident about data of our own, triaged: we are its controller."""
    walk = begin_law_walk(store, tmp_path, ours("EU"), concerned=("ours",))
    walk.triage(clients=["ours"], our_role="controller", jurisdictions=["EU"], data_categories=["contact"])
    return walk


def latest(walk: LawWalk) -> Notice:
    with walk.house.store.reading() as session:
        return max(session.exec(select(Notice)), key=lambda one: one.id or 0)


def written(walk: LawWalk, **words: Any) -> Notice:
    """The notice to the authority, drafted."""
    assert not walk.answer(AUTHORITY, "draft", **words)
    return latest(walk)


def told(walk: LawWalk, **words: Any) -> Notice:
    """The notice to the authority, drafted and released: the exercise's sink accepts it at once."""
    written(walk, **words)
    assert not walk.answer("release", "approve")
    return latest(walk)


def again(walk: LawWalk) -> None:
    """Let the commander open a further notice to the authority."""
    assert not walk.command("tell_again", about=f"{AUTHORITY} A", reason="More is known.")


def form_text(walk: LawWalk, about: str) -> str:
    with walk.house.store.reading() as session:
        return describe(walk.house, session, walk.incident(session), walk.asked(about))


def known_since(walk: LawWalk, notice: Notice) -> dict[str, Any]:
    with walk.house.store.reading() as session:
        return {one.content: one.since for one in now_known(session, notice)}


def changes(walk: LawWalk, notice: Notice) -> dict[str, set[str]]:
    """What changed since the last notice that was accepted."""
    with walk.house.store.reading() as session:
        found = [one for one in comparisons(session, notice) if "accepted" in one.what]
        assert [one.earlier.id for one in found] == [notice.previous_id]
        return {
            change: {run.text.strip() for run in found[0].runs if run.change == change}
            for change in ("added", "removed")
        }


def test_a_controller_tells_first_at_hour_70_then_more_then_all(walk: LawWalk) -> None:
    aware = walk.now
    walk.later(timedelta(hours=70) - (walk.now - aware))
    assert "phase" not in walk.fields(AUTHORITY)
    first = told(walk, **WORDS | CONTACT)
    assert (first.phase, first.previous_id) == ("initial", None)
    assert first.unknown == ["categories_of_people", "number_of_people", "number_of_records"]
    duty = walk.duty(RULE, "A")
    assert duty.state == State.MET
    assert duty.late_reason == ""
    assert duty.due_at is not None
    assert duty.met_at is not None
    assert duty.met_at < duty.due_at
    assert not walk.is_asked(AUTHORITY)

    walk.later(timedelta(hours=5))
    assert not walk.command("state", about="people_affected A", value="100-500", reason="Counted.")
    again(walk)
    told_before = form_text(walk, AUTHORITY)
    assert f"/n/{first.id}" in told_before
    assert "Categories of people affected; Approximate number of people" in told_before
    update = told(walk, phase="update", say_categories_of_people="Customers who ordered in March.")
    assert (update.phase, update.previous_id, update.unknown) == ("update", first.id, ["number_of_records"])
    assert WORDS["nature"] in update.text
    assert CONTACT["contact"] in update.text
    assert "Customers who ordered in March." in update.text
    assert "100 to 500" in update.text
    assert f"INC-2026-0001 of {instant(first.drafted_at)}" in update.text
    assert "This is:       an update" in update.text
    assert known_since(walk, update) == dict.fromkeys(
        ["categories_of_people", "number_of_people"], update.drafted_at
    )
    differs = changes(walk, update)
    assert "Customers who ordered in March." in differs["added"]
    assert not any("bulk" in one or WORDS["nature"] in one for one in differs["added"] | differs["removed"])

    walk.later(timedelta(days=3))
    assert not walk.command("state", about="records_affected A", value="900-1000", reason="Counted.")
    again(walk)
    final = told(walk, phase="final", measures="The account is closed for good.")
    assert (final.phase, final.previous_id, final.unknown) == ("final", update.id, [])
    assert "The account is closed for good." in final.text
    assert WORDS["measures"] not in final.text
    assert "Customers who ordered in March." in final.text
    assert known_since(walk, final) == {
        "categories_of_people": update.drafted_at,
        "number_of_people": update.drafted_at,
        "number_of_records": final.drafted_at,
    }
    assert not any(one["code"] == "final_with_unknown" for one in final.findings or [])
    assert [duty.late_reason for duty in walk.duties()] == [""] * len(walk.duties())


def test_a_final_notice_with_something_open_is_let_through_with_a_warning(walk: LawWalk) -> None:
    told(walk, **WORDS | CONTACT)
    again(walk)
    final = written(walk, phase="final")
    assert {one["content"] for one in final.findings or [] if one["code"] == "final_with_unknown"} == set(
        final.unknown
    )
    shown = form_text(walk, "release")
    assert "to weigh: Approximate number of people: a final notice that leaves something open" in shown
    assert f"the final notice after notice {final.previous_id}" in shown


def test_a_word_that_says_nothing_takes_back_what_was_known(walk: LawWalk) -> None:
    told(walk, **WORDS | CONTACT, say_categories_of_people="Customers.")
    again(walk)
    update = written(walk, say_categories_of_people="n/a")
    assert update.phase == "update"
    assert "categories_of_people" in update.unknown
    assert "n/a" not in update.text
    assert [one["content"] for one in update.findings or [] if one["code"] == "told_as_unknown"] == [
        "categories_of_people"
    ]


def test_a_withdrawal_takes_a_reason_a_second_person_and_meets_nothing(walk: LawWalk) -> None:
    first = told(walk, **WORDS | CONTACT)
    again(walk)
    assert "say why" in walk.answer(AUTHORITY, "draft", phase="withdrawal", contact="privacy@example.com")
    refused = walk.answer(AUTHORITY, "draft", phase="withdrawal", nature="A drill.", **CONTACT, reason=" ")
    assert "a withdrawal needs its reason" in refused
    withdrawal = written(
        walk, phase="withdrawal", nature="It was a drill of our own.", reason="Not a breach.", **CONTACT
    )
    assert (withdrawal.phase, withdrawal.previous_id) == ("withdrawal", first.id)
    assert withdrawal.obligations == []
    assert "We take back the notice named above." in withdrawal.text
    assert "Why the earlier notice is withdrawn\n    It was a drill of our own." in withdrawal.text
    assert WORDS["consequences"] not in withdrawal.text
    assert f"it takes back notice {first.id}" in form_text(walk, "release")
    assert walk.history("notice_drafted")[-1].payload["why"] == "Not a breach."  # type: ignore[index]
    assert walk.asked("release").excluded == [withdrawal.drafted_by]
    assert not walk.answer("release", "approve")
    with walk.house.store.reading() as session:
        assert session.get_one(Notice, first.id).state == "accepted"


def test_only_who_was_told_is_told_again_and_only_one_notice_is_written_at_a_time(walk: LawWalk) -> None:
    assert "nobody has accepted a notice yet" in walk.command("tell_again", about=AUTHORITY, reason="r")
    told(walk, **WORDS | CONTACT)
    assert "supervisory_authority" in walk.command("tell_again", about="media", reason="r")
    assert not walk.command("tell_again", about=f"{RULE} A", reason="r")
    assert "is being written" in walk.command("tell_again", about=AUTHORITY, reason="r")


def test_an_update_in_the_language_of_the_last_notice_says_what_it_follows(
    store: Store, tmp_path: Path
) -> None:
    walk = begin_law_walk(
        store, tmp_path, client("retail", "processor", "EU"), ours("EU"), concerned=("retail",)
    )
    walk.triage(clients=["retail"], our_role="processor", jurisdictions=["EU"])
    assert not walk.answer("tell-client", "draft", **WORDS | CONTACT, language="de")
    assert not walk.answer("release", "approve")
    assert not walk.command("tell_again", about="client_controller A", reason="Mehr ist bekannt.")
    walk.review()
    assert walk.is_asked("client_controller"), "no duty runs, and it is asked all the same"
    assert not walk.answer("client_controller", "draft", measures="Das Konto ist gesperrt.")
    update = latest(walk)
    assert update.template == "notice-client.de"
    assert "Dies ist:      eine Ergänzung" in update.text
    assert "Folgt auf:     INC-2026-0001 vom " in update.text


def test_facts_that_change_after_the_draft_void_the_release(walk: LawWalk) -> None:
    words = WORDS | CONTACT | {"nature": "No data was copied."}
    first = written(walk, **words)
    assert not walk.command("state", about="exfiltrated A", value="yes", reason="The logs show it.")
    assert "the content check stops it now" in walk.answer("release", "approve") or walk.is_asked(AUTHORITY)
    assert walk.history("word_void")
    assert latest(walk).id == first.id
    assert "what it says about data copied" in walk.asked(AUTHORITY).fault
    refused = walk.answer(AUTHORITY, "draft", **words)
    assert "What happened: what it says about data copied, the facts contradict" in refused
    assert "No data was copied" not in refused
    assert "exfiltrated" in refused
    assert not walk.answer(AUTHORITY, "draft", **words | {"nature": "A list was copied."})
    with walk.house.store.reading() as session:
        notice = session.get_one(Notice, latest(walk).id)
        found = findings_for(walk.house, session, walk.incident(session), notice, walk.now)
    assert [one.severity for one in found if one.severity == "block"] == []


def test_the_form_of_a_later_notice_requires_no_word_again(walk: LawWalk) -> None:
    told(walk, **WORDS | CONTACT)
    again(walk)
    with walk.house.store.reading() as session:
        fields = {
            one.name: one for one in spec_of(session, walk.incident(session), walk.asked(AUTHORITY)).fields
        }
    assert [choice.value for choice in fields["phase"].choices] == ["update", "final", "withdrawal"]
    assert not fields["nature"].required
    assert "empty: as told last" in fields["nature"].help


def test_what_follows_a_withdrawal_says_nothing_of_it_again(walk: LawWalk) -> None:
    told(walk, **WORDS | CONTACT)
    again(walk)
    taken_back = told(
        walk, phase="withdrawal", nature="It was a drill of our own.", reason="Not a breach.", **CONTACT
    )
    again(walk)
    anew = written(walk, **WORDS | CONTACT | {"nature": ""})
    assert anew.previous_id == taken_back.id
    assert "a drill" not in anew.text
