"""What a fault in a rule file says: where it stands and what would mend it."""

from __future__ import annotations

from pathlib import Path

import pytest

from playbooks.calendar_file import CalendarEntry
from playbooks.calendars import Calendars, shipped_calendars
from playbooks.documents import read_document
from playbooks.errors import FileFaults
from playbooks.folders import documents_in
from playbooks.rulebook import SHIPPED_LAW, load_rules, read_rules
from playbooks.rulebook_readings import reading_faults

SOUND = """\
rules:
  - id: XX-1
    version: "1"
    title: Tell the regulator
    status: in_force
    in_force_from: 2020-01-01
    jurisdiction: XX
    citation: {act: Breach Act, locator: s 1, link: "https://law.example/breach"}
    evidence: M-L
    obliged_role: controller
    recipient: supervisory_authority
    starts: aware_at
    period: {value: 48, unit: hours}
    counting: hours_elapsed
    when: personal_data
"""


def faults_of(text: str) -> list[str]:
    """The faults of one file's text, without its name."""
    _, _, faults = read_rules(read_document(text, "law.yaml"), shipped_calendars())
    return [str(fault).removeprefix("law.yaml:") for fault in faults]


def book_faults(tmp_path: Path, *rules: str, **files: str) -> list[str]:
    """The faults of a folder with these rules in one file, and other files beside."""
    text = "rules:\n" + "".join(rule.removeprefix("rules:\n") for rule in rules)
    for name, content in {"a": text, **files}.items():
        (tmp_path / f"{name}.yaml").write_text(content, "utf-8")
    with pytest.raises(FileFaults) as caught:
        load_rules([tmp_path])
    return [f"{Path(fault.file).name}:{fault.line}: {fault.what}" for fault in caught.value.faults]


def rule(name: str, **changed: str) -> str:
    """The sound rule under another id, with other values of some of its keys."""
    lines = SOUND.replace("XX-1", name).splitlines()
    told = [
        next((f"    {k}: {v}" for k, v in changed.items() if at.startswith(f"    {k}:")), at) for at in lines
    ]
    new = [f"    {k}: {v}" for k, v in changed.items() if not any(at.startswith(f"    {k}:") for at in lines)]
    return "\n".join([*told, *new]) + "\n"


def test_a_fault_names_its_line_and_what_would_mend_it() -> None:
    first, second = faults_of(
        SOUND.replace("when: personal_data", "when: personal_dta").replace("aware_at", "contained")
    )
    assert first.startswith("15: ")
    assert "personal_data" in first
    assert second.startswith("12: `contained` is not an instant that facts hold")
    assert "aware_at" in second


def test_two_bad_rules_of_one_file_are_both_named() -> None:
    again = SOUND.removeprefix("rules:\n").replace("title: Tell the regulator", "titel: Tell the regulator")
    faults = faults_of(SOUND.replace("value: 48", "value: soon") + again)
    assert [fault.split(":")[0] for fault in faults] == ["13", "16", "18"]


def test_a_rule_whose_shape_is_wrong_is_still_read_for_its_other_faults() -> None:
    wrong = (
        SOUND.replace("evidence: M-L", "evidence: sure")
        .replace("when: personal_data", "when: personal_dta\n    place: XX\n    calendar: BR-carneval")
        .replace("aware_at", "contained")
    )
    evidence, when, starts, place, calendar = faults_of(wrong)
    assert evidence.startswith("9: `evidence` is not of its form")
    assert when.startswith("15: ")
    assert "personal_data" in when
    assert starts.startswith("12: `contained` is not an instant")
    assert place.startswith("16: `XX` is no place known here")
    assert calendar.startswith("17: `BR-carneval` is no calendar known here")


def test_a_rule_whose_shape_is_wrong_is_still_read_for_what_it_refers_to(tmp_path: Path) -> None:
    faults = book_faults(tmp_path, rule("XX-1", evidence="sure", starts="submitted(XX-9)", follow_up="XX-8"))
    assert [fault.partition(": ")[2][:30] for fault in faults] == [
        "`evidence` is not of its form:",
        "`starts` names a rule that doe",
        "`follow_up` names a rule that ",
    ]


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ("value: 48", "value: 9999", "`value` is too large: `9999` - write 8784 at most"),
        ("value: 48", "value: -1", "`value` is too small: `-1` - write 0 at least"),
        ("value: 48", "value: soon", "`value` is no number: `soon` - write a plain number, such as 72"),
        ("{value: 48, unit: hours}", "48", "`period` is no group of keys: `48` - write keys under it"),
        ("unit: hours", "unit: hour", "`unit` is none of the words known here: `hour` - did you mean hours?"),
        ("evidence: M-L", "evidence: sure", "`evidence` is not of its form: `sure` - write what was read"),
        ("2020-01-01", "soon", "`in_force_from` is no date: `soon` - write it as 2026-11-20"),
        ("Tell the regulator", "3", "`title` is no text: `3` - write a text"),
        ("title: Tell the regulator", f"title: {'x' * 201}", "`title` is too long - write 200 "),
        ("aware_at", "[a, b, c, d]", "`starts` has 4 parts - leave 3 at most"),
        ("aware_at", "[3]", "item 1 of `starts` is no text: `3`"),
        ("when: personal_data", "when: personal_data\n    stub: perhaps", "`stub` is neither true nor false"),
        ("when: personal_data", "when: personal_data\n    notes: [a, {b: 1}]", "item 2 of `notes` is"),
        ("when: personal_data", "when: personal_data\n    notes: a", "`notes` is no list: `a` - write"),
        ("when: personal_data", "when: personal_data\n    contested: [3]", "item 1 of `contested` is"),
        ("obliged_role: controller", "obliged_role: controler", "did you mean controller? One of: "),
    ],
)  # fmt: skip
def test_every_fault_of_shape_says_what_is_wrong_and_what_to_write(
    before: str, after: str, says: str
) -> None:
    assert before in SOUND
    faults = faults_of(SOUND.replace(before, after))
    assert says in faults[0]
    assert all(" - " in fault for fault in faults)


def test_what_stands_in_the_list_and_is_no_rule_is_named_by_its_place() -> None:
    (fault,) = faults_of("rules:\n  - 3\n")
    assert fault.startswith("2: item 1 of `rules` is no rule - ")


def test_business_hours_without_a_window_are_refused() -> None:
    (fault,) = faults_of(SOUND.replace("counting: hours_elapsed", "counting: business_hours"))
    assert "counting business_hours needs a `window` - add `window: " in fault


@pytest.mark.parametrize(
    ("readings", "says"),
    [
        (
            {"legal": "{method: hours_elapsed, value: 24}"},
            "16: the `legal` reading is earlier than the number",
        ),
        (
            {"contested": "[{method: days_incl, value: 1}]"},
            "16: a contested reading is earlier than the number",
        ),
        (
            {
                "legal": "{method: hours_1182}",
                "contested": "[{method: hours_1182_touch}, {method: hours_elapsed}]",
            },
            "17: a contested reading is earlier than the legal one",
        ),
    ],
)
def test_a_reading_that_comes_before_the_one_that_is_planned_against_is_refused(
    tmp_path: Path, readings: dict[str, str], says: str
) -> None:
    (fault,) = book_faults(tmp_path, rule("XX-1", **readings))
    assert says in fault


def test_no_shipped_rule_has_a_reading_before_the_one_that_is_planned_against() -> None:
    calendars = shipped_calendars()
    documents, _ = documents_in(SHIPPED_LAW)
    entries = [entry for document in documents for entry in read_rules(document, calendars)[0]]
    assert len(entries) > 100
    assert not [str(fault) for entry in entries for fault in reading_faults(entry, calendars)]


def test_readings_in_their_order_are_no_fault(tmp_path: Path) -> None:
    readings = {"legal": "{method: hours_1182}", "contested": "[{method: hours_1182_full}]"}
    (tmp_path / "a.yaml").write_text(rule("XX-1", **readings), "utf-8")
    assert "XX-1@1" in load_rules([tmp_path])


def test_a_rule_may_name_a_calendar_of_the_organisation(tmp_path: Path) -> None:
    text = rule("XX-1", counting="bdays_excl", period="{value: 3, unit: business_days}", calendar="House")
    (tmp_path / "a.yaml").write_text(text, "utf-8")
    with pytest.raises(FileFaults, match="`House` is no calendar known here"):
        load_rules([tmp_path])
    known = Calendars(dict(shipped_calendars().entries) | {"House": CalendarEntry(alone=True)})
    assert load_rules([tmp_path], known)["XX-1@1"].calendar == "House"


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ("    period: {value: 48, unit: hours}\n", "", "counting hours_elapsed needs a `period`"),
        ("unit: hours", "unit: days", "counting hours_elapsed does not count days"),
        ("counting: hours_elapsed", "counting: asap", "counting asap has no `period`"),
        ("counting: hours_elapsed", "counting: hours_elapsed\n    policy_hours: 4", "needs no policy target"),
        ("counting: hours_elapsed", "counting: days_local", "counting"),
        ("status: in_force", "status: proposed", "a proposed rule has no date of force"),
        ("status: in_force", "status: repealed", "a repealed rule needs `in_force_until`"),
        ("    in_force_from: 2020-01-01\n", "", "a rule in force needs `in_force_from`"),
        ("2020-01-01", "2020-01-01\n    in_force_until: 2019-01-01", "must be after"),
        ("evidence: M-L", "evidence: sure", "evidence"),
        ("id: XX-1", 'id: "X X"', "id"),
        ("when: personal_data", "when: personal_data\n    content: [gossip]", "`gossip` is not in the vocab"),
        (", locator: s 1", "", "the citation names no place in the act - add `locator`"),
        (', link: "https://law.example/breach"', "", "no link to the text - add `link`, or mark"),
        ("https://law.example/breach", "javascript:void", "the link is not an address - begin it with https://"),
        ("id: XX-1", "id: SLA-24h", "kept for the terms of contracts"),
        ("id: XX-1", "id: XX-1\n    source: contract", "a law file holds law"),
        ("when: personal_data", "when: personal_data\n    met_by: personal_data", "is not an instant"),
        ("when: personal_data", 'when: risk == "dreadful"', "dreadful"),
        ("when: personal_data", "when: personal_data\n    place: XX", "`XX` is no place known here"),
        ("when: personal_data", "when: personal_data\n    place: US-ZZ", "`US-ZZ` is no place known here"),
        ("when: personal_data", "when: personal_data\n    calendar: BR-carneval", "did you mean BR-carnival"),
        ("counting: hours_elapsed", "counting: date_next_year\n    calendar: 31-03", "`31-03` is no date"),
        ("when: personal_data", "when: personal_data\n    legal: {method: bdays_excl, calendar: YY}", "YY"),
        (
            "when: personal_data",
            "when: personal_data\n    contested: [{method: bdays_excl, calendar: ZZ}]",
            "16: `ZZ` is no calendar known here",
        ),
    ],
)  # fmt: skip
def test_what_contradicts_itself_is_refused(before: str, after: str, says: str) -> None:
    assert before in SOUND
    faults = faults_of(SOUND.replace(before, after))
    assert len(faults) == 1
    assert says in faults[0]


def test_a_stub_needs_no_link() -> None:
    assert not faults_of(SOUND.replace(', link: "https://law.example/breach"', "") + "    stub: true\n")


def test_the_same_version_twice_in_a_folder_is_refused_and_the_first_is_named(tmp_path: Path) -> None:
    (fault,) = book_faults(tmp_path, SOUND, b=SOUND)
    assert fault == "b.yaml:2: rule XX-1@1 stands here a second time; the first is a.yaml:2"


def test_a_reference_to_a_rule_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    faults = book_faults(tmp_path, rule("XX-1", starts="submitted(XX-9)", follow_up="XX-8"))
    assert faults == [
        "a.yaml:12: `starts` names a rule that does not exist: `XX-9`",
        "a.yaml:16: `follow_up` names a rule that does not exist: `XX-8`",
    ]


def test_a_reference_to_a_rule_with_a_fault_of_its_own_is_none(tmp_path: Path) -> None:
    faults = book_faults(tmp_path, rule("XX-1", starts="submitted(XX-2)"), rule("XX-2", evidence="sure"))
    assert len(faults) == 1
    assert faults[0].startswith("a.yaml:23: `evidence`")


def test_a_rule_cannot_wait_for_one_that_is_never_met(tmp_path: Path) -> None:
    faults = book_faults(tmp_path, rule("XX-1", kind="record"), rule("XX-2", starts="submitted(XX-1)"))
    assert faults == ["a.yaml:27: `XX-1` has no clock, so that it is never met and this never starts"]


def test_rules_that_wait_for_each_other_are_refused(tmp_path: Path) -> None:
    faults = book_faults(
        tmp_path,
        rule("XX-1", starts="submitted(XX-3)"),
        rule("XX-2", starts="submitted(XX-1)"),
        rule("XX-3", starts='["submitted(XX-2)|aware_at"]'),
    )
    (fault,) = faults
    assert "rules wait for each other: " in fault
    assert all(name in fault for name in ("XX-1", "XX-2", "XX-3"))


def test_two_versions_that_would_hold_on_the_same_day_are_refused(tmp_path: Path) -> None:
    later = rule("XX-1", version='"2"', in_force_from="2021-01-01")
    (fault,) = book_faults(tmp_path, SOUND, later)
    assert fault == "a.yaml:20: XX-1@2 begins while XX-1@1 still holds"


def test_every_pair_of_versions_that_overlap_is_named(tmp_path: Path) -> None:
    spans = [
        ("1", "2020-01-01", "2030-01-01"),
        ("2", "2021-01-01", "2022-01-01"),
        ("3", "2023-01-01", "2024-01-01"),
    ]
    rules = [rule("XX-1", version=f'"{v}"', in_force_from=a, in_force_until=b) for v, a, b in spans]
    assert [fault.partition(": ")[2] for fault in book_faults(tmp_path, *rules)] == [
        "XX-1@2 begins while XX-1@1 still holds",
        "XX-1@3 begins while XX-1@1 still holds",
    ]


def test_a_proposal_beside_the_law_in_force_is_no_overlap(tmp_path: Path) -> None:
    proposed = rule("XX-1", version='"omnibus"', status="proposed").replace(
        "    in_force_from: 2020-01-01\n", ""
    )
    (tmp_path / "a.yaml").write_text(SOUND + proposed.removeprefix("rules:\n"), "utf-8")
    assert load_rules([tmp_path]).keys() >= {"XX-1@1", "XX-1@omnibus"}
