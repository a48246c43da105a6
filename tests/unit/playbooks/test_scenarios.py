"""Reading scenarios: every fault of a bad one, on its line and with a mend; instants written as spans."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from time import monotonic

import pytest

from flows.exercise.scenario_checks import ready_scenario, scenario_faults
from playbooks.documents import read_document
from playbooks.errors import Fault, FileFaults, NotFound
from playbooks.exercises.filling import filled
from playbooks.exercises.library import load_scenarios, scenario_file
from playbooks.exercises.reading import check_scenario, read_scenario, shaped
from playbooks.exercises.scenario import Scenario
from playbooks.library import load_playbooks

EXAMPLE = Path(__file__).parents[3] / "docs" / "examples" / "scenario.yaml"
TEXT = EXAMPLE.read_text("utf-8")
LIBRARY = load_playbooks()


def faults_in(text: str) -> tuple[Fault, ...]:
    """All that is wrong with a scenario, whether it shows when it is read or beside its playbook."""
    try:
        return scenario_faults(shaped(read_document(text, "s.yaml")), LIBRARY)
    except FileFaults as error:
        return error.faults


def changed(old: str, new: str) -> str:
    assert TEXT.count(old) >= 1, old
    return TEXT.replace(old, new, 1)


def line_of(text: str, part: str) -> int:
    return 1 + text[: text.index(part)].count("\n")


def test_the_example_of_the_docs_is_without_fault() -> None:
    assert faults_in(TEXT) == ()


def test_a_scenario_comes_back_from_where_it_is_pinned() -> None:
    read = read_scenario(TEXT, "s.yaml")
    assert Scenario.model_validate_json(read.model_dump_json()) == read


def test_a_local_start_is_that_of_its_zone() -> None:
    summer = changed("2026-03-04T16:40", "2026-07-04T16:40")
    assert read_scenario(TEXT, "s.yaml").begins_at == datetime(2026, 3, 4, 16, 40, tzinfo=UTC)
    assert read_scenario(summer, "s.yaml").begins_at == datetime(2026, 7, 4, 15, 40, tzinfo=UTC)


SHAPES = [
    ("id: sheet-to", "id: Sheet-To", "`id` is not of its form"),
    ('version: "1"', "", "`version` is missing"),
    ("lasts: 3d", "lasts: 3 days", "`lasts` cannot be that"),
    ("kind: new_fact", "kind: new_facts", "`kind` is none of the words known here"),
    ("    to: client_lead ", "    too: client_lead ", "`too` is not a key here"),
    ("    to: client_lead ", "    role: it\n    to: client_lead ", "no other, names a `role`"),
    ("    handled_within: 1h", "    lasts: 1h", "`lasts` belongs to a person unavailable"),
    (
        "      - told: client_controller\n",
        "      - {told: client_controller, findings: 3}\n",
        "a measure is one of",
    ),
    (
        "      - told: client_controller\n",
        "      - {told: client_controller, within: 3h}\n",
        "`within` belongs",
    ),
    ("    facts: {exf", "    faccts: {exf", "`faccts` is not a key here"),
]
INSIDE = [
    ("2026-03-04T16:40 Europe/Dublin", "2026-03-04T16:40", "an instant without an offset"),
    ("2026-03-04T16:40 Europe/Dublin", "2026-03-29T01:30 Europe/Dublin", "the clocks jump over it"),
    ("id: sheet-was-forwarded", "id: recipient-asks", "`recipient-asks` stands here twice"),
    ("id: sheet-was-forwarded", f"id: {'x' * 51}", "has 50 characters at most"),
    ("id: sheet-was-forwarded", "id: by-hand-2", "`by-hand-` begins the ids"),
    ("    at: 2h", "    at: 20m", "the timeline goes backwards: 20m stands after 30m"),
    ("    at: 2h", "    at: 4d", "it comes after the end, which is 3d after the start"),
    ("    within: 1h", "    within: 4d", "it is expected after the end"),
    ("    client: example-bikes\n    to", "    client: example-boats\n    to", "no client `example-boats`"),
    ("    client: example-bikes\n    to", "    to", "does not say from which"),
    ("  clients: [example-bikes]\n  det", "  clients: [example-boats]\n  det", "no client `example-boats`"),
    ("fields: {clients: [example-bikes]}", "fields: {clients: [example-boats]}", "no client `example-boats`"),
    ("people_affected: 140-160", "people_afected: 140-160", "`people_afected` is not a fact"),
    ("people_affected: 140-160", "people_affected: many", "`people_affected` cannot be that"),
    ("people_affected: 120-160", "people_affected: 160-120", "`people_affected` cannot be that"),
    ("risk: likely", "risk: probable", "`risk` cannot be that"),
    ("{{ start + 10m }}", "{{ start + 10 minutes }}", "is no instant"),
    ("{{ start + 10m }}", "{{ cycler.__init__ }}", "is no instant"),
    ("{exfiltrated: true, people", "{clients: [example-boats], people", "no client `example-boats`"),
    ("{exfiltrated: true, people", "{clients: example-bikes, people", "`clients` is no list"),
    ("{exfiltrated: true, people", '{contained_at: "{{ start + 3h }}", people', "it lies ahead"),
    ("{exfiltrated: true, people", '{contained_at: "{{ soon }}", people', "`{{ soon }}` is no instant"),
    ("- told: client_controller", "- {step: triage, within: 9d}", "that is after the end"),
    ("not_told: [media]", "not_told: [mediums]", "`mediums` is no kind of recipient"),
    ("handled: recipient-asks", "handled: sheet-was-forwarded", "no inject `sheet-was-forwarded` is there"),
    ("    handled_within: 1h\n", "", "nobody says by when `recipient-asks` must be handled"),
    ("- told: client_controller", "- told: the_client", "`the_client` is no kind of recipient"),
    ("not_told: [media]", "not_told: [client_controller]", "must be told and must not"),
    ("- told: client_controller", "- told: media", "`media` is to be told here, and stands in `not_told`"),
    (
        "step: recall-message",
        "step: triage\n    fields: {clients: [example-boats]}",
        "no client `example-boats`",
    ),
    (
        "step: recall-message",
        'step: triage\n    fields: {aware_at: "{{ start }}"}',
        "nobody can answer `aware_at` as expected",
    ),
    ("- told: client_controller", "- expected: call-it-home", "no expected decision `call-it-home`"),
]
BESIDE = [
    ("playbook: misdirected-message", "playbook: misdirected-mail", "no playbook `misdirected-mail`"),
    ("unless_done: ask-recipient", "unless_done: ask-the-recipient", "did you mean `ask-recipient`?"),
    ("step: recall-message", "step: recall-the-message", "has no step `recall-the-message`"),
    ("step: recall-message", "step: recall-message\n    fields: {loudly: true}", "does not ask `loudly`"),
    ("step: recall-message", "step: snapshot-alert", "is done by the machine"),
    ("    decision: done\n    within", "    decision: draft\n    within", "nobody can decide `draft` there"),
    ("    decision: done\n    within: 1h\n", "", "nothing is expected of `recall-message`"),
    ("  triage:\n", "  tirage:\n", "has no step `tirage`"),
    ("fields: {clients: [example-bikes]}", "fields: {customers: 3}", "does not ask `customers`"),
    ("fields: {clients: [example-bikes]}", "fields: {aware_at: yesterday}", "`aware_at` cannot be that"),
    (
        "    after: 20m\n    decision: done",
        "    after: 20m\n    decision: drop",
        "nobody can decide `drop`",
    ),
    (
        "    after: 30m\n    decision: done",
        "    after: 30m\n    decision: not_applicable",
        "counts with a reason only",
    ),
    ("  encrypted: false", "  encripted: false", "`encripted` is no fact, and no step"),
    ("id: sheet-was-forwarded", "id: triage", "`triage` is a step or a kind of question already"),
    (
        "      - told: client_controller\n",
        "      - {step: phone-home, within: 1h}\n",
        "has no step `phone-home`",
    ),
    (
        "      - told: client_controller\n",
        "      - {step: snapshot-alert, within: 1h}\n",
        "`snapshot-alert` is done by the machine",
    ),
    ("address: privacy@bikes.example", "address: the desk", "is not an e-mail address"),
    (
        "    status: [none]\n    place: IE\n    contract",
        "    status: [bank]\n    place: IE\n    contract",
        "no special regime that we know",
    ),
]


@pytest.mark.parametrize(("old", "new", "said"), [*SHAPES, *INSIDE, *BESIDE])
def test_a_fault_is_told_with_its_mend(old: str, new: str, said: str) -> None:
    found = faults_in(changed(old, new))
    assert any(said in f"{fault.what} {fault.mend}" for fault in found), found
    assert all(fault.mend and fault.file == "s.yaml" for fault in found)


def test_a_fault_stands_on_its_line_and_all_are_told_at_once() -> None:
    text = TEXT
    for old, new in (
        ("at: 2h", "at: 20m"),
        ("risk: likely", "risk: probable"),
        ("- told: client_controller", "- told: the_client"),
        ("step: recall-message", "step: phone-home"),
        ("address: privacy@bikes.example", "address: the desk"),
    ):
        text = text.replace(old, new, 1)
    lines = [
        line_of(text, part) for part in ("the desk", "at: 20m", "risk: prob", "phone-home", "the_client")
    ]
    assert [fault.line for fault in faults_in(text)] == lines
    with pytest.raises(FileFaults, match="the_client"):
        read_scenario(text, "s.yaml")


def test_a_new_fact_may_state_an_instant_that_has_been() -> None:
    assert (
        faults_in(changed("{exfiltrated: true, people", '{contained_at: "{{ start + 90m }}", people')) == ()
    )


def test_a_scenario_without_a_client_is_about_nobody() -> None:
    before, rest = TEXT.split("clients:                 ", 1)
    found = faults_in(f"{before}clients: []\n\nalert:{rest.split('alert:', 1)[1]}")
    assert "nobody's data is concerned" in {fault.what for fault in found}


def test_a_pinned_scenario_is_checked_without_its_file() -> None:
    read = read_scenario(changed("unless_done: ask-recipient", "unless_done: ask-nobody"), "s.yaml")
    (fault,) = check_scenario(read, LIBRARY)
    assert fault.file == "scenario sheet-to-the-wrong-client"
    assert "ask-nobody" in fault.what


@pytest.mark.parametrize("text", ["", "[]", "scenario", "injects: 7", "a: &a [*a]", "id: !!python/object x"])
def test_what_is_no_scenario_is_refused_with_words(text: str) -> None:
    assert faults_in(text)


def test_control_characters_and_giants_are_refused() -> None:
    assert faults_in(changed("Every Wednesday", "Every \N{RIGHT-TO-LEFT OVERRIDE} Wednesday"))
    assert faults_in(TEXT + "# " + "x" * 1_000_000)
    assert faults_in(changed("Every Wednesday", "Every \ud800 Wednesday"))


def test_a_value_of_nothing_but_braces_is_read_in_time() -> None:
    for braces in ("{" * 900_000, "{{ now " * 120_000, "{{}" * 300_000):
        started = monotonic()
        faults_in(changed("risk: likely", f'explanation: "{braces}"'))
        assert monotonic() - started < 5


def test_spans_become_instants_of_the_answer_and_of_the_start() -> None:
    now, start = datetime(2026, 3, 4, 18, 0, tzinfo=UTC), datetime(2026, 3, 4, 16, 40, tzinfo=UTC)
    values = {
        "a": "{{ now }}",
        "b": "{{now-30m}}",
        "c": ["{{ start + 2h }}", 3],
        "d": "{{ nobody }}",
        "e": True,
    }
    assert filled(values, now, start) == {
        "a": "2026-03-04T18:00:00Z",
        "b": "2026-03-04T17:30:00Z",
        "c": ["2026-03-04T18:40:00Z", 3],
        "d": "{{ nobody }}",
        "e": True,
    }


def test_a_folder_of_ones_own_stands_beside_what_is_shipped(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(TEXT)
    found = load_scenarios([tmp_path])
    assert "sheet-to-the-wrong-client" in found
    assert len(found) == len(load_scenarios()) + 1
    (tmp_path / "again.yaml").write_text(TEXT)
    with pytest.raises(FileFaults, match=r"stands in again\.yaml too"):
        load_scenarios([tmp_path])


def test_a_scenario_is_named_by_its_id_or_its_file(tmp_path: Path) -> None:
    assert scenario_file(str(EXAMPLE)).scenario.id == "sheet-to-the-wrong-client"
    assert ready_scenario("vendor-breach-before-easter", LIBRARY).playbook == "vendor-breach"
    with pytest.raises(NotFound, match="vendor-breach-before-easter"):
        scenario_file("vendor-breach-before-eastern")
    with pytest.raises(FileFaults, match="there is no such file"):
        scenario_file(str(tmp_path / "missing.yaml"))
    (tmp_path / "folder.yaml").mkdir()
    with pytest.raises(FileFaults, match="not a plain file"):
        scenario_file(str(tmp_path / "folder.yaml"))
    bad = tmp_path / "bad.yaml"
    bad.write_text(changed("step: recall-message", "step: snapshot-alert"))
    with pytest.raises(FileFaults, match="done by the machine"):
        ready_scenario(str(bad), LIBRARY)
