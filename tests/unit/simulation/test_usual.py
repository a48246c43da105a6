"""What is assumed where nobody says otherwise, what a file overrules, and the file of durations."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from playbooks.documents import read_document
from playbooks.errors import FileFaults
from playbooks.fact_file import FactFile, fact_file_of
from playbooks.facts import DICTIONARY
from playbooks.library import load_playbooks
from playbooks.places import place
from playbooks.roster.duty import on_duty
from playbooks.roster.models import ROLES
from playbooks.rulebook import load_rules
from playbooks.simulation.duration_file import read_durations
from playbooks.simulation.durations import Empirical, Fixed, Lognormal, Triangular
from playbooks.simulation.model import Simulation, Staff, Story
from playbooks.simulation.runs import simulate
from playbooks.simulation.storm import storm_of
from playbooks.simulation.usual import OF_KIND, Premise, people_of, premise, usual_facts, usual_roster

HOUR = timedelta(hours=1)
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def given(text: str) -> FactFile:
    return fact_file_of(read_document(text, "facts.yaml"))


def of(text: str = "", playbook: str = "phishing") -> Premise:
    return premise(
        load_playbooks(()).named(playbook),
        load_rules(()).values(),
        given(text) if text else None,
        where=place("DE"),
    )


def test_every_yes_or_no_of_the_dictionary_is_answered_by_what_is_usual() -> None:
    asked = {spec.name for spec in DICTIONARY.values() if spec.type == "yes_no"}
    assert not asked - usual_facts().view.incident.keys()


def test_what_differs_by_kind_names_playbooks_and_facts_that_there_are() -> None:
    kinds = {load_playbooks(()).named(name).kind for name in load_playbooks(())}
    assert not OF_KIND.keys() - kinds
    assert not {name for facts in OF_KIND.values() for name in facts} - DICTIONARY.keys()


def test_a_file_overrules_fact_by_fact_and_what_it_leaves_out_is_assumed() -> None:
    so = of("facts: {risk: unlikely}")
    assert so.truth.facts["risk"] == "unlikely"
    assert "risk" not in so.assumed
    assert so.assumed["exfiltrated"] is True
    assert so.cases == ("client-1", "own-staff")


def test_the_kind_of_incident_says_who_did_it() -> None:
    assert of(playbook="insider-misuse").truth.facts["source_kind"] == "insider"
    assert of(playbook="caller-impersonation").truth.facts["source_kind"] == "external"


def test_cases_of_a_file_take_the_place_of_the_usual_ones_with_their_contracts_and_places() -> None:
    so = of("""
cases:
  bank:
    place: US-NY
    facts: {our_role: processor, jurisdictions: US-NY, risk: high}
    contract: {hours: 8}
""")
    assert so.cases == ("bank",)
    assert so.law.terms["bank"].hours == 8
    assert so.law.places["bank"].name == "US-NY"
    assert so.law.footprint == frozenset({"US-NY"})
    assert so.truth.cases["bank"].on_record["our_role"] == "processor"
    assert so.truth.cases["bank"].facts["risk"] == "high"
    assert not so.are_assumed


def test_a_file_that_says_our_role_keeps_the_usual_case_of_that_role_alone() -> None:
    so = of("facts: {our_role: controller, jurisdictions: US-CA}")
    assert so.cases == ("own-staff",)
    assert so.law.footprint == frozenset({"US-CA"})
    assert not so.law.terms


def test_instants_become_spans_after_the_opening_and_telling_is_not_known_beforehand() -> None:
    so = of("""
facts:
  aware_at: 2026-03-02T08:00Z
  occurred_at: 2026-03-01T20:00Z
  client_told_at: 2026-03-02T10:00Z
""")
    assert so.truth.instants["aware_at"] == timedelta()
    assert so.truth.instants["occurred_at"] == -12 * HOUR
    assert "client_told_at" not in so.truth.instants | so.truth.facts


def test_an_instant_of_one_case_counts_for_that_case() -> None:
    so = of("""
facts: {aware_at: 2026-03-02T08:00Z}
cases:
  bank:
    facts: {our_role: processor, jurisdictions: EU, aware_at: 2026-03-02T04:00Z}
    contract: {hours: 8}
  shop:
    facts: {our_role: processor, jurisdictions: EU}
    contract: {hours: 8}
""")
    story = Story("s", load_playbooks(()).named("phishing"), so.truth, so.law)
    staff = Staff({role: people_of(role) for role in ROLES})
    (life,) = simulate(Simulation((story,), staff, NOON, runs=1)).stories
    due = {
        one.case: life.clock("due", at)[0] / 3600
        for at, one in enumerate(life.clocks)
        if one.rule == "CONTRACT"
    }
    assert due == {"bank": 4, "shop": 8}


@pytest.mark.parametrize("where", ["bank", "incident"])
def test_a_contract_runs_from_the_instant_that_it_names_though_no_step_asks_for_it(where: str) -> None:
    said = ", discovered_at: 2026-03-02T07:00Z"
    so = of(f"""
facts: {{aware_at: 2026-03-02T08:00Z{said if where == "incident" else ""}}}
cases:
  bank:
    facts: {{our_role: processor, jurisdictions: EU{said if where == "bank" else ""}}}
    contract: {{hours: 8, starts: discovered_at}}
""")
    story = Story("s", load_playbooks(()).named("phishing"), so.truth, so.law)
    staff = Staff({role: people_of(role) for role in ROLES})
    (life,) = simulate(Simulation((story,), staff, NOON, runs=1)).stories
    due = [life.clock("due", at)[0] / 3600 for at, one in enumerate(life.clocks) if one.rule == "CONTRACT"]
    assert (due, so.unasked) == ([7], ())


def test_what_a_file_says_and_nothing_asks_for_is_named() -> None:
    assert of("facts: {risk: high, discovered_at: 2026-03-01T08:00Z}").unasked == ("discovered_at",)


def test_the_usual_team_is_there_by_day_and_the_commander_at_any_hour() -> None:
    roster = usual_roster("Europe/Berlin", ROLES)
    at = given("at: 2026-03-07T23:00Z").at  # a Saturday night
    assert at is not None
    assert len(on_duty(roster, "commander", at)) == 1
    assert on_duty(roster, "privacy", at) == ()
    assert len(on_duty(roster, "privacy", at - timedelta(days=1, hours=10))) == 2


def test_a_storm_puts_many_clients_with_contracts_that_differ_into_one_incident() -> None:
    so = of()
    story = storm_of(Story("s", load_playbooks(()).named("vendor-breach"), so.truth, so.law), 50, place("DE"))
    hours = [term.hours for term in story.law.terms.values()]
    assert len(story.truth.cases) == len(hours) == 50
    assert {8.0, 24.0, 36.0, 48.0, 72.0} == set(hours)
    assert hours.count(24.0) == 25
    assert sum(case.approvals == 2 for case in story.truth.cases.values()) == 12
    assert sum(case.counsel for case in story.truth.cases.values()) == 5
    assert "our_role" not in story.truth.facts


def test_a_storm_is_where_the_incident_is() -> None:
    so = of("facts: {jurisdictions: US-CA}")
    story = storm_of(
        Story("s", load_playbooks(()).named("vendor-breach"), so.truth, so.law), 3, place("US-CA")
    )
    assert {case.on_record["jurisdictions"] for case in story.truth.cases.values()} == {frozenset({"US-CA"})}
    assert story.law.footprint == frozenset({"US-CA"})


def test_a_storm_touches_somebody() -> None:
    so = of()
    with pytest.raises(ValueError, match="at least one"):
        storm_of(Story("s", load_playbooks(()).named("vendor-breach"), so.truth, so.law), 0)


def test_the_example_of_durations_is_read() -> None:
    text = Path("docs/examples/durations.yaml").read_text()
    paces = read_durations(text, "durations.yaml", load_playbooks(()).named("phishing"))
    assert paces.by_name["triage"] == Lognormal(timedelta(minutes=40), 3 * HOUR)
    assert paces.by_name["tell-client"] == Triangular(timedelta(minutes=45), 2 * HOUR, 8 * HOUR)
    assert isinstance(paces.by_name["tell-client/release"], Empirical)
    assert paces.by_name["approve"] == Fixed(timedelta(minutes=20))
    assert paces.reaction == Lognormal(timedelta(minutes=5), timedelta(minutes=30))
    assert paces.of_target.median == 0.3


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("work:\n  triage: {median: 2h, p95: 1h}", 2, "lognormal that cannot be"),
        ("work:\n  triage: {low: 2h, mode: 1h, high: 3h}", 2, "triangular distribution that cannot be"),
        ("work:\n  triage: {low: 2h, high: 3h}", 2, "low, mode and high"),
        ("work:\n  triage: -5m", 2, "30m, 4h or 2d"),
        ("work:\n  triage: {samples: []}", 2, ""),
        ("work:\n  no-such-step: 5m", 2, "no piece of work"),
        ("work:\n  triage/painting: 5m", 2, "no piece of work"),
        ("of_target: {median: 2, p95: 1}", 1, "not smaller"),
        ("of_target: {median: 0, p95: 1}", 1, ""),
        ("reaction: {median: 1h, p95: 5m}", 1, "lognormal that cannot be"),
        ("speed: 3", 1, ""),
        ("- 5", 1, "no durations"),
    ],
)
def test_a_duration_that_cannot_be_is_named_with_its_line(text: str, line: int, said: str) -> None:
    with pytest.raises(FileFaults) as refused:
        read_durations(text, "durations.yaml", load_playbooks(()).named("phishing"))
    (fault,) = refused.value.faults
    assert fault.line == line
    assert said in f"{fault.what} {fault.mend}"


def test_all_faults_of_durations_are_told_at_once() -> None:
    text = "work:\n  triage: {median: 2h, p95: 1h}\n  nobody: 5m\nreaction: {low: 2h, mode: 1h, high: 1h}\n"
    with pytest.raises(FileFaults) as refused:
        read_durations(text, "durations.yaml", load_playbooks(()).named("phishing"))
    assert [fault.line for fault in refused.value.faults] == [2, 3, 4]
