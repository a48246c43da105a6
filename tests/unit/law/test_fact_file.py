from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from playbooks.errors import FileFaults
from playbooks.fact_file import FactFile, read_fact_file
from playbooks.facts import UNKNOWN, Range
from playbooks.places import place
from playbooks.rulebook import load_rules

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
RULES = tuple(load_rules().values())
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
        (
            "facts.yaml:9: `ei` cannot be that: `0.3`"
            " - one of: negligible (0.25), limited (0.5), significant (0.75), maximum (1)"
        ),
        "facts.yaml:10: `nature`: a finding needs its `evidence` - correct `nature`",
        "facts.yaml:12: `A!` cannot name a case - use lower-case letters, digits and -",
        (
            "facts.yaml:14: What is our role for this data?: 'procesor' cannot be used"
            " - choose one of: controller, processor, unknown"
        ),
        "facts.yaml:15: `hours` is too small: `-1` - write more than 0",
        "facts.yaml:16: `extra` is not a key here - remove it, or check its spelling",
    ]


def test_the_place_of_business_hours_is_checked_with_all_the_rest() -> None:
    personal, unplaced, closed = faults("""\
facts: {personal_data: maybe}
cases:
  a:
    contract:
      hours: 8
      window:
        place: XX
  b:
    contract: {hours: 8, window: {place: DE, opens: "18:00"}}
""")
    assert personal.startswith("facts.yaml:1: Is personal data affected?: 'maybe' cannot be used")
    assert unplaced.startswith("facts.yaml:7: `XX` is no place known here - did you mean")
    assert closed.startswith("facts.yaml:9: ")
    assert "business hours need a weekday, and open before they close" in closed


def test_a_case_of_which_nothing_is_said_is_refused_in_words_of_the_file() -> None:
    first, second = faults("facts: {}\ncases:\n  a:\n  b: 5\n")
    assert first.startswith("facts.yaml:3: `a`")
    assert second.startswith("facts.yaml:4: `b`")
    assert "instance" not in first + second
    assert "_Case" not in first + second


def test_acts_done_are_read_for_the_incident_and_for_a_case() -> None:
    found = read_fact_file(
        "acts: {EU-NIS2-23-4b: 2026-11-20T12:00+01:00}\n"
        "cases:\n  a:\n    contract: {hours: 8}\n"
        "    acts: {EU-GDPR-33-1: 2026-11-20T10:00Z, CONTRACT: 2026-11-20T10:00Z}\n",
        "facts.yaml",
        now=NOW,
        rules=RULES,
    )
    assert dict(found.acts) == {
        (None, "EU-NIS2-23-4b"): datetime(2026, 11, 20, 11, tzinfo=UTC),
        ("a", "EU-GDPR-33-1"): datetime(2026, 11, 20, 10, tzinfo=UTC),
        ("a", "CONTRACT"): datetime(2026, 11, 20, 10, tzinfo=UTC),
    }


def test_an_act_that_cannot_be_is_refused_with_its_line_and_mend() -> None:
    text = """\
facts: {occurred_at: 2026-11-19T00:00Z}
acts:
  EU-NIS2-23-4bb: 2026-11-20T12:00Z
  EU-NIS2-23-4b: soon
  EU-NIS2-23-4a: unknown
  EU-GDPR-33-1: 2027-11-20T12:00Z
  EU-GDPR-34: 2026-11-18T12:00Z
cases:
  a:
    acts:
      EU-NIS2-23-4b: 2026-11-20T12:00Z
      nothing-near: 2026-11-20T12:00Z
      CONTRACT: 2026-11-20T12:00Z
"""
    with pytest.raises(FileFaults) as failed:
        read_fact_file(text, "facts.yaml", now=NOW, rules=RULES)
    found = [(fault.line, f"{fault.what} - {fault.mend}") for fault in failed.value.faults]
    assert [line for line, _ in found] == [3, 4, 5, 6, 7, 11, 12, 13]
    said = dict(found)
    assert said[3].startswith("`EU-NIS2-23-4bb` is no rule - did you mean EU-NIS2-23-4b")
    assert "write an instant with Z or an offset" in said[4]
    assert "an act that was done has its instant" in said[5]
    assert "it lies ahead" in said[6]
    assert said[7] == "`EU-GDPR-34` lies before `occurred_at` - correct one of them"
    assert (
        said[11] == "`EU-NIS2-23-4b` is done once for the whole incident - put it under the `acts` at the top"
    )
    assert said[13] == "there is no contract here - put it in a case that states its `contract`"
    assert said[12] == "`nothing-near` is no rule - see `seventytwo law list`"


def test_an_instant_of_assessment_that_lies_ahead_is_taken_with_a_warning() -> None:
    found = read("at: 2027-01-01T00:00Z\nfacts: {aware_at: 2026-12-24T00:00Z}\n")
    assert found.warnings == ("at 2027-01-01T00:00Z lies ahead: this is a plan, not a record",)
    assert read("at: 2026-03-01T00:00Z\nfacts: {}\n").warnings == ()


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
