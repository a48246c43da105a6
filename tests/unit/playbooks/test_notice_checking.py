"""A notice's words are held against the facts: what contradicts them is found, and little else."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from notify.notices.layouts import as_text
from notify.notices.letter import Envelope, write_letter
from playbooks.fact_types import UNKNOWN, FactValue, Range
from playbooks.notices.checking import Draft, check_notice
from playbooks.notices.findings import CODES, NoticeFinding
from playbooks.notices.library import form_named, languages_of, shipped_forms, shipped_languages
from playbooks.notices.models import Form, Phase
from playbooks.notices.unknowns import says_nothing

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
RANGE = Range(low=100, high=500)
SAID: dict[str, Any] = {
    "nature": "A list was read by somebody who had no right to it.",
    "consequences": "Unwanted mail is possible.",
    "measures": "The account is closed.",
    "contact_point": "The privacy team, privacy@example.com",
    "steps_for_people": "Choose a new password.",
    "remedies": "You can ask us for help free of charge.",
}
FACTS: dict[str, FactValue] = {
    "people_affected": RANGE,
    "records_affected": UNKNOWN,
    "occurred_at": datetime(2026, 3, 1, 8, tzinfo=UTC),
    "aware_at": datetime(2026, 3, 8, 9, tzinfo=UTC),
    "exfiltrated": True,
    "encrypted": False,
    "our_role": "processor",
    "data_categories": frozenset({"contact"}),
}


def draft(
    form: Form | str = "notice-client",
    *,
    language: str = "en",
    phase: Phase = "initial",
    facts: dict[str, FactValue] | None = None,
    text: str | None = None,
    late: bool = False,
    typed: dict[str, str] | None = None,
    systems: tuple[str, ...] = (),
    **said: Any,
) -> Draft:
    form = form_named(form) if isinstance(form, str) else form
    words = {content: (SAID | said).get(content) for content in form.contents}
    letter = write_letter(
        form,
        shipped_languages()[language],
        Envelope("INC-2026-0001", False, "Us", "Them", NOW, phase=phase),
        words,
    )
    return Draft(
        form=form,
        language=shipped_languages()[language],
        phase=phase,
        values=words,
        text=as_text(letter) if text is None else text,
        facts=FACTS | (facts or {}),
        now=NOW,
        is_late=late,
        typed=typed,
        systems=systems,
    )


def codes(*args: Any, **changes: Any) -> list[str]:
    return [one.code for one in found(*args, **changes)]


def found(*args: Any, **changes: Any) -> tuple[NoticeFinding, ...]:
    return check_notice(draft(*args, **changes))


@pytest.mark.parametrize("form_id", shipped_forms())
def test_a_calm_notice_in_any_form_and_language_says_all_that_it_must(form_id: str) -> None:
    for language in languages_of(form_named(form_id)):
        blocking = [one for one in found(form_id, language=language.language) if one.severity == "block"]
        assert blocking == []


def test_every_finding_has_its_code_in_the_list() -> None:
    assert all(one.code in CODES for one in found(nature="On 1 January 2020 we became aware of 3 people."))


@pytest.mark.parametrize("form_id", ["gdpr-authority", "notice-client", "nis2-final", "california-people"])
def test_a_required_heading_left_out_of_the_letter_blocks(form_id: str) -> None:
    whole = draft(form_id).text
    form = form_named(form_id)
    section = next(one for one in reversed(form.sections) if one.required)
    cut = whole[: whole.rindex((section.heading or "Contact point")[:14])]
    assert "left_out" in codes(form_id, text=cut)


def test_an_unknown_that_the_letter_does_not_tell_blocks() -> None:
    silent = draft().text.replace("Not yet known; it will follow without undue further delay.", "")
    assert {one.content for one in found(text=silent) if one.code == "left_out"} >= {
        "number_of_people",
        "categories_of_people",
    }


def test_whom_to_ask_is_never_unknown() -> None:
    assert [one.severity for one in found(contact_point=None) if one.code == "contact_missing"] == ["block"]
    assert "contact_unreachable" in codes(contact_point="The data protection officer")
    assert "contact_unreachable" not in codes(contact_point="Call +49 30 1234567")


class TestNumbers:
    @pytest.mark.parametrize(
        "words",
        [
            "The data of 600 people was exposed.",
            "More than 501 customers are affected.",
            "Between 600 and 900 customers are concerned.",
            "The details of 2 thousand persons were copied.",
            "About 12,000 patients are affected.",
            "Up to 50 people are affected.",
        ],
    )
    def test_what_the_facts_contradict_is_found(self, words: str) -> None:
        assert codes(nature=words) == ["number_contradicts"]

    @pytest.mark.parametrize(
        "words",
        [
            "Between 100 and 500 people are affected.",
            "Up to 500 people are affected.",
            "About 400 customers are affected.",
            "At least 100 people are affected.",
            "100-500 people are concerned.",
        ],
    )
    def test_a_range_that_fits_is_calm(self, words: str) -> None:
        assert codes(nature=words) == []

    @pytest.mark.parametrize(
        "words",
        [
            "We serve 20,000 customers.",
            "Three of 12 employees were on duty.",
            "It began at 14:05 and 3 hosts were affected.",
            "On 2026-03-02 people were affected.",
            "Version 2.5 users guide was exposed.",
            "5% of people are affected.",
            "On 1 March 2026 an unknown person copied files.",
            "In March 2026 customers were affected.",
        ],
    )
    def test_other_numbers_are_left_alone(self, words: str) -> None:
        assert codes(nature=words) == []

    def test_a_bare_number_is_more_than_a_range_or_nothing_knows(self) -> None:
        assert codes(nature="The data of 300 people was exposed.") == ["exact_number"]
        assert codes(nature="A list of 120 records was exported.") == ["exact_number"]
        assert codes(nature="About 120 records were exported.") == ["number_unsupported"]
        exact = {"people_affected": Range(low=300, high=300)}
        assert codes(nature="The data of 300 people was exposed.", facts=exact) == []

    @pytest.mark.parametrize(
        ("language", "words"),
        [
            ("de", "Die Daten von 600 Personen sind betroffen."),
            ("de", "Es sind mehr als 1.200 Kunden betroffen."),
            ("es", "Los datos de 600 personas se han visto afectados."),
            ("es", "Más de 2 mil clientes están afectados."),
            ("vi", "Dữ liệu của 600 người bị ảnh hưởng."),
        ],
    )
    def test_other_languages_are_read_for_numbers(self, language: str, words: str) -> None:
        assert codes(language=language, nature=words) == ["number_contradicts"]

    def test_other_languages_with_a_fitting_range_are_calm(self) -> None:
        assert codes(language="de", nature="Bis zu 500 Personen sind betroffen.") == []
        assert codes(language="vi", nature="Khoảng 300 người bị ảnh hưởng.") == []


class TestCopied:
    @pytest.mark.parametrize(
        "words",
        [
            "No data left our systems.",
            "No personal data was copied.",
            "The data was not copied.",
            "The records were never downloaded.",
            "Nothing was stolen.",
            "There is no evidence that data was exfiltrated.",
            "No customer records have been taken.",
        ],
    )
    def test_a_denial_of_what_the_facts_say_blocks(self, words: str) -> None:
        assert [(one.code, one.severity) for one in found(nature=words)] == [("copied_contradicts", "block")]
        assert codes(nature=words, facts={"exfiltrated": UNKNOWN}) == []
        assert codes(nature=words, facts={"exfiltrated": False}) == []

    @pytest.mark.parametrize(
        "words",
        [
            "No further data left our systems.",
            "It is not yet known whether data was not copied elsewhere.",
            "The data was copied to a private account.",
            "No password was changed.",
            "The rule was changed so that no data can be exported.",
        ],
    )
    def test_other_sentences_are_calm(self, words: str) -> None:
        assert "copied_contradicts" not in codes(nature=words)

    def test_a_denial_about_a_part_is_left_to_the_approver(self) -> None:
        part = found(nature="No data was copied from the payroll system.")
        assert [(one.code, one.severity) for one in part] == [("copied_contradicts", "warn")]

    @pytest.mark.parametrize(
        "words",
        [
            "There is no evidence that payment data was copied.",
            "There is no indication that passwords were taken.",
            "The payment data was not copied.",
            "Your bank data were not taken.",
            "No data was copied before 3 March 2026.",
            "No files containing passwords were copied.",
            "No data was left on the server.",
        ],
    )
    def test_a_sentence_about_some_of_the_data_stops_nothing(self, words: str) -> None:
        assert "block" not in [one.severity for one in found(nature=words)]

    @pytest.mark.parametrize(
        "words",
        [
            "There is no evidence that the copied data has been published.",
            "There is no sign that the stolen records were misused.",
            "We have no evidence that the data taken has been used for fraud.",
        ],
    )
    def test_what_became_of_copied_data_denies_no_copy(self, words: str) -> None:
        assert "copied_contradicts" not in codes(nature=words)

    @pytest.mark.parametrize(
        "words",
        [
            "There was no exfiltration of data.",
            "The attacker did not copy any data.",
            "So far, no customer data was accessed or copied.",
            "We have no evidence that any personal data was taken from our systems.",
        ],
    )
    def test_a_denial_in_other_words_blocks_too(self, words: str) -> None:
        assert [(one.code, one.severity) for one in found(nature=words)] == [("copied_contradicts", "block")]

    def test_what_is_said_to_be_copied_though_the_facts_deny_it_is_found(self) -> None:
        assert codes(nature="The data was copied.", facts={"exfiltrated": False}) == ["copied_contradicts"]
        assert codes(nature="The data was possibly copied.", facts={"exfiltrated": False}) == []

    def test_a_plan_claims_nothing(self) -> None:
        assert codes(measures="From now on no data is exported.") == []


class TestEncrypted:
    @pytest.mark.parametrize("words", ["The data was encrypted.", "All records on it were unreadable."])
    def test_readable_data_called_unreadable_blocks(self, words: str) -> None:
        assert [(one.code, one.severity) for one in found(nature=words)] == [
            ("encrypted_contradicts", "block")
        ]
        assert codes(nature=words, facts={"encrypted": True}) == []

    @pytest.mark.parametrize(
        "words",
        [
            "The data was not encrypted.",
            "The files were encrypted by the attacker.",
            "Ransomware ran and the data was encrypted.",
            "It is not known whether the data was encrypted.",
        ],
    )
    def test_other_sentences_are_calm(self, words: str) -> None:
        assert "encrypted_contradicts" not in codes(nature=words)

    @pytest.mark.parametrize(
        "words",
        [
            "Payment data is encrypted and was not affected.",
            "Card data was encrypted at all times.",
            "The data in the backups is encrypted.",
            "Since then all customer data is encrypted at rest.",
            "Records of our other services are encrypted and were not touched.",
            "Data on 12 servers was encrypted, and we cannot read it any more.",
            "Criminals ran ransomware. All data was encrypted.",
        ],
    )
    def test_a_sentence_about_other_data_or_what_was_done_to_it_stops_nothing(self, words: str) -> None:
        assert "block" not in [one.severity for one in found(nature=words)]

    def test_a_device_is_left_to_the_approver_and_plans_are_none(self) -> None:
        assert [one.severity for one in found(nature="The laptop was encrypted.")] == ["warn"]
        assert codes(measures="All data is encrypted now.") == []
        assert codes(nature="The data was unencrypted.", facts={"encrypted": True}) == [
            "encrypted_contradicts"
        ]


class TestDates:
    @pytest.mark.parametrize(
        ("words", "code"),
        [
            ("It began on 12 February 2026.", "date_before"),
            ("The list was read on 2026-02-01.", "date_before"),
            ("It ended on April 2, 2026.", "date_ahead"),
            ("It ended on 20.03.2026.", "date_ahead"),
        ],
    )
    def test_dates_that_cannot_be_are_found(self, words: str, code: str) -> None:
        assert codes(nature=words) == [code]

    @pytest.mark.parametrize(
        "words",
        [
            "It began on 1 March 2026 and ended on 3 March 2026.",
            "The contract began on 1 January 2019.",
            "The report will follow by 20 March 2026.",
            "It ended on 2/3/2026.",
            "It ended on 99.99.2026.",
        ],
    )
    def test_other_dates_are_calm(self, words: str) -> None:
        assert codes(nature=words) == []

    def test_dates_are_read_in_every_language(self) -> None:
        assert codes(language="de", nature="Es begann am 1. Februar 2026.") == ["date_before"]
        assert codes(language="es", nature="Empezó el 1 de febrero de 2026.") == ["date_before"]
        assert codes(language="vi", nature="Bắt đầu ngày 1 tháng 2 năm 2026.") == ["date_before"]

    def test_another_awareness_than_the_clocks_run_from_blocks(self) -> None:
        told = found(nature="We became aware on 4 March 2026.")
        assert [(one.code, one.severity) for one in told] == [("aware_contradicts", "block")]
        assert codes(nature="We became aware of it on 8 March 2026.") == []
        assert codes(nature="We became aware of it on 9 March 2026.") == []
        assert codes(nature="The client became aware on 4 March 2026.") == []
        assert codes(nature="We became aware on 4 March 2026.", facts={"aware_at": UNKNOWN}) == []

    @pytest.mark.parametrize(
        "words",
        [
            "We became aware of log-ins that began on 1 March 2026.",
            "We became aware that a server had been open to the internet since 1 March 2026.",
            "We learned of the attack of 1 March 2026 from our provider.",
            "We learned that on 1 March 2026 an unknown person had copied files.",
            "We are not aware of any misuse as of 10 March 2026.",
            "We will make you aware of any news by 30 March 2026.",
            "We are aware of a post published on 5 March 2026 that offers the data.",
            "We became aware on 8 March 2026, three days after the attack of 1 March 2026.",
        ],
    )
    def test_a_date_of_something_else_is_no_awareness(self, words: str) -> None:
        assert "aware_contradicts" not in codes(nature=words)

    def test_what_may_be_later_news_is_left_to_the_approver(self) -> None:
        for words in (
            "We became aware on 5 March 2026 that the data was offered for sale too.",
            "On 5 March 2026 we became aware of the incident.",
        ):
            told = [one for one in found(nature=words) if one.code == "aware_contradicts"]
            assert [one.severity for one in told] == ["warn"]


class TestRole:
    def test_another_role_than_ours_is_found(self) -> None:
        assert codes(nature="We are the controller of this data.") == ["role_contradicts"]
        assert codes(nature="As the controller, we tell you of it.") == ["role_contradicts"]
        assert codes(nature="We act as a processor.", facts={"our_role": "controller"}) == [
            "role_contradicts"
        ]

    @pytest.mark.parametrize(
        "words",
        [
            "We are not the controller.",
            "We act as a processor for you.",
            "You are the controller and we tell you of it.",
            "The controller was told.",
        ],
    )
    def test_other_sentences_are_calm(self, words: str) -> None:
        assert codes(nature=words) == []


class TestCategories:
    def test_data_that_the_facts_do_not_name_is_found(self) -> None:
        assert codes(nature="Passwords and names were read and copied.") == ["category_omitted"]
        assert (
            codes(nature="Passwords were copied.", facts={"data_categories": frozenset({"credentials"})})
            == []
        )
        more = {"data_categories": frozenset({"contact", "unknown"})}
        assert codes(nature="Passwords were copied.", facts=more) == []
        assert codes(nature="Passwords were copied.", facts={"data_categories": UNKNOWN}) == []

    def test_data_that_the_facts_name_and_the_words_deny_is_found(self) -> None:
        cards = {"data_categories": frozenset({"card"})}
        assert codes(nature="No card numbers were affected.", facts=cards) == ["category_denied"]
        assert codes(nature="No card numbers were affected.") == []

    def test_advice_is_no_claim(self) -> None:
        assert codes("notice-people", steps_for_people="Change your passwords.") == []


class TestLateness:
    def test_a_late_notice_gives_reasons_that_explain(self) -> None:
        late = found(late=True)
        assert [(one.code, one.severity) for one in late] == [("late_without_reasons", "block")]
        for empty in ("Various reasons.", "Due to internal delays", "Late.", "For operational reasons."):
            assert codes(late=True, delay_reasons=empty) == ["late_reasons_empty"]
        assert codes(late=True, delay_reasons="Nobody was on duty on 7 March.") == []
        assert codes(delay_reasons=None) == []


class TestPhases:
    def test_a_final_notice_that_leaves_something_open_says_what(self) -> None:
        told = found(phase="final")
        assert {one.content for one in told if one.code == "final_with_unknown"} >= {"number_of_people"}
        assert "final_with_unknown" not in codes(phase="update")

    def test_a_withdrawal_says_why_and_is_not_held_against_the_facts(self) -> None:
        assert "withdrawal_unexplained" in codes(phase="withdrawal", nature=None)
        assert codes(phase="withdrawal", nature="No data left our systems.", late=True) == []

    def test_words_that_say_nothing_are_named(self) -> None:
        told = found(nature=None, typed={"nature": "n/a"})
        assert [(one.code, one.severity, one.content) for one in told] == [
            ("told_as_unknown", "note", "nature")
        ]


@pytest.mark.parametrize(
    "words",
    [
        *("Unknown at this time.", "not known at this time", "Not yet determined", "Currently unknown"),
        *(
            "noch unklar",
            "Unklar.",
            "wird nachgereicht",
            "no se sabe",
            "aún desconocido",
            "chưa có thông tin",
        ),
    ],
)
def test_words_that_say_nothing_in_any_language_are_unknown(words: str) -> None:
    assert says_nothing(words)


@pytest.mark.parametrize("words", ["Under investigation by the police.", "None", "0", "Customers.", "No"])
def test_words_that_say_something_are_kept(words: str) -> None:
    assert not says_nothing(words)


class TestPrescribed:
    def test_california_wants_its_title_and_headings_in_their_order(self) -> None:
        whole = draft("california-people").text
        assert "prescribed_changed" not in codes("california-people")
        for words in ("Notice of Data Breach", "What We Are Doing", "For More Information"):
            changed = whole.replace(words, words.upper())
            assert "prescribed_changed" in codes("california-people", text=changed)


class TestPeople:
    def test_the_trades_words_and_the_names_of_systems_are_found(self) -> None:
        words = "The threat actor used an API token on srv-01 and the Falcon archive."
        told = [
            one for one in found("notice-people", nature=words, systems=("Falcon",)) if one.code == "jargon"
        ]
        assert len(told) == 1
        for named in ("threat actor", "API", "srv-01", "Falcon"):
            assert named in told[0].words

    def test_everyday_words_and_other_audiences_are_calm(self) -> None:
        assert "jargon" not in codes("notice-people")
        assert "jargon" not in codes(nature="The threat actor used an API token.")

    def test_what_is_hard_to_read_is_found(self) -> None:
        hard = (
            "Notwithstanding comprehensive organisational countermeasures, unauthorised individuals "
            "successfully circumvented authentication mechanisms, consequently facilitating indiscriminate "
            "dissemination of confidential documentation throughout international telecommunication "
            "facilities."
        )
        assert codes("notice-people", nature=hard) == ["hard_to_read"]
        assert codes("notice-client", nature=hard) == []
