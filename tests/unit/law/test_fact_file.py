from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from playbooks.errors import FileFaults
from playbooks.fact_file import FactFile, read_fact_file
from playbooks.facts import UNKNOWN, Range
from playbooks.places import place

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
PAGE = Path(__file__).parents[3] / "docs" / "severity.md"


def read(text: str) -> FactFile:
    return read_fact_file(text, "facts.yaml", now=NOW)


def faults(text: str) -> list[str]:
    with pytest.raises(FileFaults) as failed:
        read(text)
    return [str(fault) for fault in failed.value.faults]


def test_facts_of_incident_and_cases_are_read_with_contract_and_place() -> None:
    found = read("""
at: 2026-03-02T12:00Z
place: PH
facts: {personal_data: yes, people_affected: 100-250, aware_at: "2026-03-02T09:23+08:00", risk: unknown}
cases:
  client-7:
    place: DE
    zone: Europe/Vienna
    facts: {our_role: processor}
    contract: {hours: 12, starts: discovered_at, citation: clause 7}
  client-8: {}
""")
    assert found.at == datetime(2026, 3, 2, 12, tzinfo=UTC)
    assert found.place == place("PH")
    assert found.cases == ("client-7", "client-8")
    assert found.view.known("people_affected") == Range(low=100, high=250)
    assert found.view.known("aware_at", "client-7") == datetime(2026, 3, 2, 1, 23, tzinfo=UTC)
    assert found.view.known("risk") is UNKNOWN
    assert (found.places["client-7"].name, found.places["client-7"].zone_name) == ("DE", "Europe/Vienna")
    assert found.places["client-8"] == place("PH")
    term = found.terms["client-7"]
    assert (term.client, term.hours, term.starts, term.citation) == (
        "client-7",
        12,
        "discovered_at",
        "clause 7",
    )
    assert "client-8" not in found.terms


def test_a_judgement_for_all_holds_for_each_case_unless_it_has_its_own() -> None:
    found = read("""
facts: {}
severity: {enisa: {dpc: 2}}
cases:
  one: {}
  two: {severity: {enisa: {dpc: 4}}}
""")
    given = {case: judged.enisa.dpc for case, judged in found.severity.items() if judged.enisa}
    assert given == {None: 2, "one": 2, "two": 4}


def test_a_file_that_names_no_place_leaves_it_to_whoever_reads_it() -> None:
    found = read("facts: {personal_data: yes}\ncases: {a: {}}\n")
    assert (found.at, found.place, dict(found.places)) == (None, None, {})


def test_every_fault_is_listed_with_its_line_and_mend_and_nothing_is_read() -> None:
    assert faults("""\
place: EUX
our_role: controller
facts:
  our_rol: controller
  personal_data: maybe
  people_affected: -4
  records_affected: 99999999999999
severity:
  enisa: {ei: 0.3}
  hipaa: {nature: {finding: low}}
cases:
  A!: {}
  client-7:
    facts: {our_role: procesor}
    contract: {hours: -1}
    extra: 1
""") == [
        "facts.yaml:1: `EUX` is no place known here - did you mean EU or US-TX?",
        "facts.yaml:2: `our_role` is a fact - put it under `facts:`",
        "facts.yaml:4: `our_rol` is not a fact of the dictionary - did you mean `our_role`?",
        "facts.yaml:5: Is personal data affected?: 'maybe' cannot be used - answer yes, no or unknown",
        (
            "facts.yaml:6: How many people are affected?: -4 cannot be used"
            " - give a count of zero or more, or the lower bound first: 100-250"
        ),
        (
            "facts.yaml:7: How many records are affected?: 99999999999999 cannot be used"
            " - more than 1,000,000,000,000 cannot be"
        ),
        "facts.yaml:9: `ei`: one of: negligible (0.25), limited (0.5), significant (0.75), maximum (1)",
        "facts.yaml:10: `nature`: a finding needs its `evidence`",
        "facts.yaml:12: `A!` cannot name a case - use lower-case letters, digits and -",
        (
            "facts.yaml:14: What is our role for this data?: 'procesor' cannot be used"
            " - choose one of: controller, processor, unknown"
        ),
        "facts.yaml:15: `hours`: input should be greater than 0",
        "facts.yaml:16: `extra` is not a key here - remove it, or check its spelling",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("facts: {aware_at: 2026-03-02T09:23}", "write an instant with Z or an offset"),
        ("facts: {aware_at: 2027-03-02T09:23Z}", "it lies ahead: it is 2026-11-21T12:00Z now"),
        ("at: 2026-03-01T00:00Z\nfacts: {aware_at: 2026-03-02T09:23Z}", "it is 2026-03-01T00:00Z now"),
        ("at: yesterday\nfacts: {}", "write an instant with Z or an offset"),
        ("at: unknown\nfacts: {}", "`at` is an instant"),
        (
            "facts: {occurred_at: 2026-03-02T09:00Z, aware_at: 2026-03-02T08:00Z}",
            "`aware_at` lies before `occurred_at`",
        ),
        (
            "facts: {occurred_at: 2026-03-02T09:00Z}\ncases: {a: {facts: {aware_at: 2026-03-02T08:00Z}}}",
            "facts.yaml:2: `aware_at` lies before `occurred_at`",
        ),
        ("facts: {jurisdictions: [EU, Atlantis]}", "'Atlantis' cannot be used - choose one of: EU, UK, CH"),
        ("zone: Europe/Berlinn\nfacts: {}", "did you mean Europe/Berlin"),
        ("facts: {}\ncases: {a: {contract: {hours: 12, starts: risk}}}", "no clock can start at this"),
        ("facts: [1]", "`facts`"),
        ("- facts", "begin with `facts:`"),
        ("", "begin with `facts:`"),
        ("facts: &a {}", "anchor or alias"),
    ],
)
def test_what_cannot_be_is_refused_with_the_reason(text: str, said: str) -> None:
    assert said in "\n".join(faults(text))


@pytest.mark.parametrize("block", re.findall(r"```yaml\n(.*?)```", PAGE.read_text(), re.DOTALL))
def test_every_file_that_the_page_shows_can_be_read(block: str) -> None:
    assert read(block if "facts:" in block else f"facts: {{}}\n{block}").severity
