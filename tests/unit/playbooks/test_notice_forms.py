"""The forms of notices say what the rules want, and a faulty file is told wholly."""

from __future__ import annotations

from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

import pytest

from playbooks.errors import FileFaults, NotFound
from playbooks.facts import DICTIONARY
from playbooks.law import Rule
from playbooks.notices.library import (
    form_for,
    form_named,
    heading_of,
    languages_of,
    read_forms,
    shipped_forms,
    shipped_languages,
)
from playbooks.notices.models import Form
from playbooks.rulebook import load_rules
from playbooks.vocabulary import INSIDE, RECIPIENTS, STAGES

FORMS = shipped_forms()
CALIFORNIA = [
    *("What Happened", "What Information Was Involved", "What We Are Doing", "What You Can Do"),
    "For More Information",
]


@cache
def every_rule() -> tuple[Rule, ...]:
    return tuple(load_rules().values())


def served(form: Form) -> list[str]:
    """What each rule that a form names wants said and the form has no section for."""
    return [
        f"{rule.key}: {word}"
        for rule in every_rule()
        if any(fnmatchcase(rule.id, pattern) for pattern in form.rules)
        for word in rule.content
        if word not in form.required
    ]


@pytest.mark.parametrize("form_id", FORMS)
def test_a_form_requires_all_that_the_rules_which_it_serves_want(form_id: str) -> None:
    assert served(FORMS[form_id]) == []


def test_a_form_that_lacks_what_its_rule_wants_is_found() -> None:
    form = FORMS["gdpr-authority"]
    short = form.model_copy(update={"sections": form.sections[:-2]})
    assert "EU-GDPR-33-1@2018-05-25: measures" in served(short)


@pytest.mark.parametrize("form_id", FORMS)
def test_a_form_names_rules_that_there_are_and_that_tell_its_recipients(form_id: str) -> None:
    form = FORMS[form_id]
    for pattern in form.rules:
        found = [rule for rule in every_rule() if fnmatchcase(rule.id, pattern)]
        assert found
        assert {rule.recipient for rule in found} <= set(form.recipients)
        assert {rule.stage for rule in found} <= set(form.stages)


def test_every_recipient_has_a_general_form_at_every_stage() -> None:
    found = [form_for(who, (), stage) for who in (*RECIPIENTS, *INSIDE) for stage in STAGES]
    assert all(form.general for form in found)
    assert {form_for(who).id for who in INSIDE} == {"staff", "board"}


@pytest.mark.parametrize(
    ("recipient", "rules", "stage", "form_id"),
    [
        ("supervisory_authority", ["EU-GDPR-33-1"], "initial", "gdpr-authority"),
        ("supervisory_authority", ["BR-ANPD15-6"], "initial", "notice-authority"),
        ("csirt_or_competent_authority", ["EU-NIS2-23-4a"], "early_warning", "nis2-early-warning"),
        ("csirt_or_competent_authority", ["EU-NIS2-23-4d"], "final", "nis2-final"),
        ("csirt_or_competent_authority", ["EU-NIS2-23-4d"], "initial", "notice-authority"),
        ("data_subjects", ["EU-GDPR-34"], "initial", "notice-people"),
        ("data_subjects", ["US-CA-1798.82"], "initial", "california-people"),
        ("client_controller", ["CONTRACT-A"], "initial", "notice-client"),
        ("media", ["US-HIPAA-406"], "initial", "notice-other"),
    ],
)
def test_the_form_is_chosen_by_recipient_rules_and_stage(
    recipient: str, rules: list[str], stage: str, form_id: str
) -> None:
    assert form_for(recipient, rules, stage).id == form_id


def test_what_is_wanted_beside_a_form_stands_at_its_end_once() -> None:
    form = form_named("gdpr-authority").with_content(["cause", "nature", "cause", "delay_reasons"])
    assert form.contents[-1] == "cause"
    assert form.contents.count("cause") == 1
    assert "delay_reasons" in form.required


def test_california_has_the_headings_that_its_law_prescribes() -> None:
    form = form_named("california-people")
    assert form.title == "Notice of Data Breach"
    assert [section.heading for section in form.sections] == CALIFORNIA
    assert [one.language for one in languages_of(form)] == ["en"]


def test_english_knows_every_form_and_heads_every_section() -> None:
    english = shipped_languages()["en"]
    heads = {
        heading_of(english, section.heading or section.content[0])
        for form in FORMS.values()
        for section in form.sections
    }
    assert "What happened" in heads
    assert not any("_" in head for head in heads)


def test_an_unknown_form_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(NotFound, match="gdpr-authority"):
        form_named("../secret")


def test_every_fault_of_every_file_is_listed(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(
        "forms:\n"
        "  - id: one\n    title: T\n    audience: authority\n    recipients: [the_pope]\n    rules: [X-1]\n"
        "    sections:\n      - {content: [gossip]}\n      - {content: [nature, cause]}\n"
    )
    (tmp_path / "b.yaml").write_text("forms: [{id: &x two}]\n")
    with pytest.raises(FileFaults) as caught:
        read_forms(tmp_path)
    told = str(caught.value)
    for words in (
        "no such recipient: the_pope",
        "no such content: gossip",
        "needs a `heading`",
        "anchor or alias",
    ):
        assert words in told


def test_a_form_in_two_files_and_a_content_twice_are_faults(tmp_path: Path) -> None:
    text = (
        "forms:\n  - id: one\n    title: T\n    audience: inside\n"
        "    general: true\n    recipients: [staff]\n"
        "    sections:\n      - {content: [nature]}\n"
    )
    (tmp_path / "a.yaml").write_text(text)
    (tmp_path / "b.yaml").write_text(text)
    (tmp_path / "c.yaml").write_text(text.replace("one", "two") + "      - {content: [nature]}\n")
    with pytest.raises(
        FileFaults, match=r"(?s)`one` stands in two places.*stands in one section, once"
    ) as caught:
        read_forms(tmp_path)
    assert len(caught.value.faults) == 2


@pytest.mark.parametrize("form_id", ["notice-client", "notice-people"])
def test_german_spanish_and_vietnamese_are_whole_and_marked(form_id: str) -> None:
    form = form_named(form_id)
    others = [one for one in languages_of(form) if one.language != "en"]
    assert [one.language for one in others] == ["de", "es", "vi"]
    assert all(one.needs_native_reader for one in others)
    heads = {section.heading for section in form.sections if section.heading} | set(form.contents)
    assert [
        (one.language, head) for one in others for head in sorted(heads) if head not in one.headings
    ] == []
    assert all(form.audience in one.audiences for one in others)


def test_every_language_knows_every_category_of_data() -> None:
    for language in shipped_languages().values():
        assert set(language.data) == set(DICTIONARY["data_categories"].values)
