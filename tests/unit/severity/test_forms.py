from __future__ import annotations

from playbooks.facts import FactValue, FactView, Range
from playbooks.severity.forms import advice_for_facts

LEAVER: dict[str, FactValue] = {
    "personal_data": True,
    "data_categories": frozenset({"contact"}),
    "people_affected": Range(low=40, high=40),
    "encrypted": False,
    "exfiltrated": True,
    "source_kind": "insider",
    "wrongful_purpose": True,
    "recipient_trusted": False,
    "availability_lost": False,
    "integrity_lost": False,
}


def test_the_form_says_what_the_method_would_say_and_why_and_who_decides() -> None:
    lines = advice_for_facts(FactView(LEAVER))
    assert lines[0] == (
        "**The method would say** a risk that is likely: "
        "tell the authority, yes; tell the people, no. You decide."
    )
    assert lines[1].startswith(
        "ENISA severity 1.75, low to 2.00, medium: kind of data (DPC) 1, simple data; "
    )
    assert lines[1].endswith(". Not established: confidentiality 0.25 to 0.5.")
    assert lines[2].startswith("Insider misuse raises it: ")


def test_a_case_is_judged_by_its_own_facts() -> None:
    view = FactView(LEAVER, {"client-7": {"encrypted": True, "source_kind": "external"}})
    assert "a risk that is unlikely" in advice_for_facts(view, "client-7")[0]
    assert "a risk that is likely" in advice_for_facts(view)[0]


def test_a_form_of_the_incident_speaks_of_the_case_that_scores_higher_and_names_it() -> None:
    view = FactView(
        LEAVER, {"client-7": {"data_categories": frozenset({"contact", "health"})}, "client-8": {}}
    )
    assert advice_for_facts(view)[0].startswith(
        "**The method would say** of case client-7 a risk that is high:"
    )
    equal = FactView(LEAVER, {"client-8": {}})
    assert "of case" not in advice_for_facts(equal)[0]


def test_with_nothing_known_it_says_so_and_names_what_matters_most_in_few_lines() -> None:
    lines = advice_for_facts(FactView())
    assert "nothing settled yet" in lines[0]
    last = lines[-1]
    assert last.startswith("Still unknown: `data_categories`, ")
    assert last.endswith("more.")
    assert len(lines) < 6


def test_no_line_breaks_a_page_of_markdown() -> None:
    for line in advice_for_facts(FactView(LEAVER)):
        assert "\n" not in line
        assert not set(line) & set("<>|[]")


def test_hipaa_is_named_where_a_party_stands_under_it() -> None:
    facts = {**LEAVER, "client_status": frozenset({"hipaa_covered_entity"})}
    assert "presumed until a person concludes otherwise" in advice_for_facts(FactView(facts))[-1]
    assert not any("HIPAA" in line for line in advice_for_facts(FactView(LEAVER)))
