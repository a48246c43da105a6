"""The calculator on the command line: what it takes, what it answers, what it refuses and why."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from flows.cli.main import app

AWARE = "aware=2026-03-02T10:23:00+01:00"

OWN = """\
rules:
  - id: XX-1
    version: "hours"
    title: Tell the regulator
    status: in_force
    in_force_from: 2020-01-01
    in_force_until: 2025-01-01
    jurisdiction: XX
    citation: {act: Breach Act, locator: s 1, link: "https://law.example/breach"}
    evidence: M-L
    obliged_role: controller
    recipient: supervisory_authority
    starts: discovered_at
    period: {value: 48, unit: hours}
    counting: hours_elapsed
    place: JP
    when: personal_data
  - id: XX-1
    version: "days"
    title: Tell the regulator
    status: in_force
    in_force_from: 2025-01-01
    in_force_until: 2026-01-01
    jurisdiction: XX
    citation: {act: Breach Act, locator: s 1, link: "https://law.example/breach"}
    evidence: M-L
    obliged_role: controller
    recipient: supervisory_authority
    starts: discovered_at
    period: {value: 3, unit: days}
    counting: days_excl
    place: JP
    when: personal_data
  - id: XX-1
    version: "bill"
    title: Tell the regulator sooner
    status: proposed
    jurisdiction: XX
    citation: {act: Breach Bill, locator: s 1, link: "https://law.example/bill"}
    evidence: M-L
    obliged_role: controller
    recipient: supervisory_authority
    starts: discovered_at
    period: {value: 12, unit: hours}
    counting: hours_elapsed
    place: JP
    when: personal_data
"""


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """The organisation's folder: one rule with a repealed, a later repealed and a proposed version."""
    folder = tmp_path / "own"
    folder.mkdir()
    (folder / "xx.yaml").write_text(OWN)
    return folder


def clock(*words: str, **env: str) -> Result:
    """`seventytwo clock …`."""
    return CliRunner(env=env).invoke(app, ["clock", *words])


def answer(*words: str, **env: str) -> Any:
    """What the calculator says, as data."""
    result = clock(*words, "--json", **env)
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def refusal(*words: str, **env: str) -> str:
    """Why the calculator refuses."""
    result = clock(*words, **env)
    assert result.exit_code == 1, result.stdout
    assert not result.stdout
    return result.stderr


class TestAnswer:
    def test_the_number_the_legal_and_the_contested_readings_stand_apart(self) -> None:
        said = answer("EU-GDPR-33-1", "--event", "aware=2026-11-20T10:23:00+01:00", "--place", "DE")
        assert said["due_at"] == "2026-11-23T09:23:00Z"
        assert said["legal_due_at"] == "2026-11-23T10:00:00Z"
        assert [one["due_at"] for one in said["contested"]] == [
            "2026-11-23T10:00:00Z",
            "2026-11-24T23:00:00Z",
        ]
        assert (said["rule"], said["version"], said["status"]) == ("EU-GDPR-33-1", "2018-05-25", "in_force")
        assert said["counting"] == "hours_elapsed"
        assert said["not_computable_because"] is None
        assert said["events"] == {"aware_at": "2026-11-20T09:23:00Z"}
        assert "72 elapsed hours" in said["explanation"]
        assert said["tzdata"]
        assert said["holidays"]

    def test_a_closing_day_of_the_organisations_own_moves_business_days(self, tmp_path: Path) -> None:
        words = ("US-SEC-8K-105", "--event", "2026-12-23")
        assert answer(*words)["due_at"] == "2026-12-30T22:30:00Z"
        closed = "calendars:\n  SEC:\n    closures:\n      - {on: 2026-12-24, reason: executive order}\n"
        (tmp_path / "closures.yaml").write_text(closed)
        moved = answer(*words, SEVENTYTWO_CALENDARS=str(tmp_path))
        assert moved["due_at"] == "2026-12-31T22:30:00Z"
        assert "executive order" in moved["explanation"]

    def test_where_the_law_has_one_reading_it_is_the_number_and_a_target_of_ours_has_none(self) -> None:
        said = answer("IN-CERTIN-6H", "--event", "2026-11-20T23:50:00+05:30")
        assert said["legal_due_at"] == said["due_at"] == "2026-11-21T00:20:00Z"
        target = answer("EU-GDPR-33-2", "--event", "2026-11-20T23:50:00+05:30")
        assert (target["policy"], target["legal_due_at"]) == (True, None)

    def test_people_read_the_number_first_then_the_legal_reading(self) -> None:
        lines = clock("EU-GDPR-33-1", "--event", AWARE, "--zone", "Europe/Berlin").stdout.splitlines()
        assert lines[0] == "2026-03-05T09:23:00Z   Thursday 05 March 10:23 Europe/Berlin"
        assert lines[1].startswith("legal reading: 2026-03-05T10:00:00Z")
        assert "Regulation 1182/71" in lines[2]

    def test_a_target_of_ours_is_labelled_as_policy(self) -> None:
        words = ("EU-GDPR-33-2", "--event", AWARE)
        assert answer(*words)["policy"] is True
        assert "policy, not law" in clock(*words).stdout.splitlines()[0]

    def test_a_contract_of_so_many_hours_needs_no_rule(self) -> None:
        said = answer("SLA-24h", "--event", "2026-11-20T22:15:00+08:00")
        assert (said["rule"], said["due_at"]) == ("SLA-24h", "2026-11-21T14:15:00Z")
        assert "no contract has such hours" in refusal("SLA-0h", "--event", AWARE)

    def test_facts_decide_a_relief(self) -> None:
        words = (
            "EU-DORA-initial",
            *("--event", "aware=2026-11-20T22:00+01:00"),
            *("--event", "classified=2026-11-21T09:00+01:00"),
            *("--place", "DE"),
        )
        bank, other = ((*words, "--fact", f"entity_class={one}") for one in ("credit_institution", "other"))
        assert answer(*bank)["due_at"] == "2026-11-21T12:00:00Z"
        assert answer(*other)["due_at"] == "2026-11-23T11:00:00Z"
        assert "did you mean `entity_class`" in refusal(*words, "--fact", "entity_clas=ccp")


class TestEvents:
    @pytest.mark.parametrize(
        "name", ["aware", "aware_at", "controller_aware", "Controller aware", "knew", "became_aware_at"]
    )
    def test_an_event_goes_by_several_names(self, name: str) -> None:
        said = answer("EU-GDPR-33-1", "--event", f"{name}=2026-03-02T09:23:00Z")
        assert said["events"] == {"aware_at": "2026-03-02T09:23:00Z"}
        assert not said["warnings"]

    def test_one_starting_event_needs_no_name(self) -> None:
        assert answer("EU-GDPR-33-1", "--event", "2026-03-02T09:23:00Z")["due_at"] == "2026-03-05T09:23:00Z"

    def test_several_starting_events_do(self) -> None:
        refused = refusal("EU-DORA-initial", "--event", "2026-03-02T09:23:00Z")
        assert "--event classified_at=INSTANT and --event aware_at=INSTANT" in refused

    @pytest.mark.parametrize(
        "name", ["submitted", "submitted(EU-NIS2-23-4b)", "EU-NIS2-23-4b", "notified", "report_sent"]
    )
    def test_a_dependent_clock_starts_when_its_parent_was_submitted(self, name: str) -> None:
        said = answer("EU-NIS2-23-4d", "--event", f"{name}=2026-11-23T12:00:00+01:00", "--place", "DE")
        assert (said["due_at"], said["legal_due_at"]) == ("2026-12-23T11:00:00Z", "2026-12-23T23:00:00Z")

    @pytest.mark.parametrize("events", [(), ("--event", AWARE)])
    def test_without_its_parent_it_is_not_computable(self, events: tuple[str, ...]) -> None:
        said = answer("EU-NIS2-23-4d", *events)
        assert said["due_at"] is None
        assert said["not_computable_because"].startswith("EU-NIS2-23-4b ")
        assert said["not_computable_because"].endswith(" has not been submitted yet")

    def test_what_another_rule_starts_from_is_left_aside_and_said(self) -> None:
        said = answer("EU-DORA-intermediate", "--event", AWARE)
        assert said["warnings"] == ["aware_at does not start this rule: submitted(EU-DORA-initial) does"]

    def test_events_of_which_one_is_enough_are_named_as_that(self, own: Path) -> None:
        (own / "xx.yaml").write_text(OWN.replace("discovered_at", "discovered_at|suspected_at"))
        said = answer("XX-1", "--event", "classified=2026-03-02T09:23Z", SEVENTYTWO_LAW=str(own))
        assert (
            "classified_at does not start this rule: discovered_at or suspected_at does" in said["warnings"]
        )

    def test_telling_the_client_is_no_submission_of_another_duty(self) -> None:
        said = answer("EU-NIS2-23-4d", "--event", "client_told=2026-03-02T09:23:00Z")
        assert said["due_at"] is None

    @pytest.mark.parametrize(
        "name",
        [
            "detected",
            "detection",
            "detected_at",
            "noticed",
            "noticed_at",
            "discovered",
            "identified",
            "found",
        ],
    )
    def test_coming_to_know_by_another_word_is_taken_and_said(self, name: str) -> None:
        said = answer("EU-GDPR-33-1", "--event", f"{name}=2026-03-02T09:23:00Z")
        assert said["due_at"] == "2026-03-05T09:23:00Z"
        assert said["warnings"] == [f"`{name}` was taken for aware_at, which starts this rule"]

    def test_an_unknown_name_lists_those_of_the_rule(self) -> None:
        assert "EU-GDPR-33-1 knows: aware_at" in refusal("EU-GDPR-33-1", "--event", "lunch=2026-03-02")

    def test_an_event_given_twice_is_refused(self) -> None:
        assert "aware_at was given twice" in refusal(
            "EU-GDPR-33-1", "--event", AWARE, "--event", "aware_at=2026-03-02T09:23Z"
        )


class TestInstants:
    def test_without_an_offset_a_zone_is_needed(self) -> None:
        assert "add Z, +hh:mm or a zone" in refusal("EU-GDPR-33-1", "--event", "2026-03-02T10:23")
        said = answer("EU-GDPR-33-1", "--event", "2026-03-02T10:23", "--zone", "Europe/Berlin")
        assert said["due_at"] == "2026-03-05T09:23:00Z"

    def test_a_local_time_that_the_clocks_jump_over_is_refused_with_the_reason(self) -> None:
        refused = refusal("EU-GDPR-33-1", "--event", "2027-03-28T02:30", "--zone", "Europe/Paris")
        assert "does not exist" in refused

    def test_a_local_time_that_comes_twice_is_taken_as_the_earlier_and_said(self) -> None:
        said = answer("EU-GDPR-33-1", "--event", "2025-10-26T02:30", "--zone", "Europe/Paris")
        assert said["due_at"] == "2025-10-29T00:30:00Z"
        assert "happens twice" in said["warnings"][0]

    def test_an_hour_rule_takes_no_bare_date(self) -> None:
        assert "a date alone does not say when its period begins" in refusal(
            "EU-GDPR-33-1", "--event", "2026-03-02"
        )

    def test_a_day_rule_takes_a_date_in_its_own_place(self) -> None:
        said = answer("BR-ANPD15-6", "--event", "2026-11-18")
        assert (said["due_at"], said["place"]) == ("2026-11-25T03:00:00Z", "BR")
        assert said["events"] == {"aware_at": "2026-11-18T03:00:00Z"}

    def test_an_instant_ahead_is_a_plan(self) -> None:
        said = answer("EU-GDPR-33-1", "--event", "2150-01-01T00:00Z")
        assert said["warnings"] == ["aware_at 2150-01-01T00:00Z lies ahead: this is a plan, not a record"]

    @pytest.mark.parametrize("text", ["soon", "2026-13-01T00:00Z", "0001-01-01T00:00Z", "", "=", "\x1b[31m"])
    def test_what_is_no_instant_is_refused(self, text: str) -> None:
        assert "\x1b" not in refusal("EU-GDPR-33-1", "--event", f"aware={text}")


class TestPlace:
    @pytest.mark.parametrize(
        ("rule", "words", "env", "place", "whence"),
        [
            ("EU-GDPR-33-1", (), {}, "EU", "the configuration (SEVENTYTWO_PLACE)"),
            ("EU-GDPR-33-1", (), {"SEVENTYTWO_PLACE": "IE"}, "IE", "the configuration (SEVENTYTWO_PLACE)"),
            ("EU-GDPR-33-1", ("--zone", "Europe/Madrid"), {}, "ES", "--zone Europe/Madrid"),
            ("EU-GDPR-33-1", ("--zone", "Asia/Manila"), {}, "EU", "the configuration (SEVENTYTWO_PLACE)"),
            (
                "EU-GDPR-33-1",
                ("--zone", "Europe/Madrid"),
                {"SEVENTYTWO_PLACE": "IE"},
                "IE",
                "the configuration (SEVENTYTWO_PLACE)",
            ),
            (
                "EU-GDPR-33-1",
                ("--zone", "Europe/Madrid"),
                {"SEVENTYTWO_PLACE": "EU"},
                "ES",
                "--zone Europe/Madrid",
            ),
            ("EU-GDPR-33-1", ("--place", "FR", "--zone", "Europe/Madrid"), {}, "FR", "--place"),
            ("IN-CERTIN-6H", ("--zone", "Europe/Madrid"), {}, "IN", "the rule"),
        ],
    )
    def test_what_decides_the_place_is_named(
        self, rule: str, words: tuple[str, ...], env: dict[str, str], place: str, whence: str
    ) -> None:
        said = answer(rule, "--event", AWARE, *words, **env)
        assert (said["place"], said["place_from"]) == (place, whence)

    def test_another_place_than_the_rule_s_own_counts_when_asked_for_and_is_said(self, own: Path) -> None:
        words = ("XX-1@days", "--event", "2025-03-03", "--place", "US-NY")
        said = answer(*words, SEVENTYTWO_LAW=str(own))
        assert (said["due_at"], said["zone"]) == ("2025-03-07T05:00:00Z", "America/New_York")
        assert "the rule's own place is JP; counted in another, as asked" in said["warnings"]

    def test_an_unknown_place_or_zone_is_refused(self) -> None:
        assert "no place known here" in refusal("EU-GDPR-33-1", "--event", AWARE, "--place", "ATLANTIS")
        assert "unknown time zone" in refusal("EU-GDPR-33-1", "--event", AWARE, "--zone", "Mars/Base")
        assert "unknown time zone" in refusal(
            "IN-CERTIN-6H", "--event", AWARE, "--zone", "Mars/Base", "--json"
        )


class TestVersions:
    @pytest.mark.parametrize(
        ("day", "version", "status"),
        [
            ("2019-12-31T12:00+09:00", "hours", "not_in_force"),
            ("2024-12-31T23:59+09:00", "hours", "in_force"),
            ("2025-01-01T00:00+09:00", "days", "in_force"),
            ("2026-01-01T00:00+09:00", "days", "repealed"),
        ],
    )
    def test_the_law_of_the_day_of_the_start_decides_in_the_rule_s_place(
        self, own: Path, day: str, version: str, status: str
    ) -> None:
        said = answer("XX-1", "--event", day, SEVENTYTWO_LAW=str(own))
        assert (said["version"], said["status"]) == (version, status)
        assert said["due_at"] is not None
        assert any("not law on" in one for one in said["warnings"]) == (status != "in_force")

    def test_a_version_that_is_named_is_computed_even_when_it_is_only_proposed(self, own: Path) -> None:
        said = answer("XX-1@bill", "--event", "2026-03-02T00:00Z", SEVENTYTWO_LAW=str(own))
        assert (said["status"], said["due_at"]) == ("proposed", "2026-03-02T12:00:00Z")
        assert "only a proposal, never law so far; computed all the same" in said["warnings"]

    def test_a_rule_that_is_not_there_is_answered_with_the_nearest(self) -> None:
        assert "did you mean" in refusal("EU-GDPR-33-7", "--event", AWARE)

    def test_a_duty_without_a_clock_says_so(self) -> None:
        said = answer("EU-GDPR-33-5", "--event", AWARE)
        assert said["due_at"] is None
        assert "no duty with a clock of its own, but of kind record" in said["warnings"]

    def test_a_fault_anywhere_in_the_organisations_book_is_said_before_anything_is_counted(
        self, own: Path
    ) -> None:
        (own / "broken.yaml").write_text("rules: 3\n")
        assert "broken.yaml:1: a law file holds one list" in refusal(
            "EU-GDPR-33-1", "--event", AWARE, SEVENTYTWO_LAW=str(own)
        )


class TestOrigin:
    def test_a_shipped_text_is_said_to_be_one(self, own: Path) -> None:
        assert answer("EU-GDPR-33-1", "--event", AWARE)["origin"] == "shipped"
        said = answer("EU-GDPR-33-1", "--event", AWARE, SEVENTYTWO_LAW=str(own))
        assert (said["origin"], said["warnings"]) == ("shipped", [])
        assert answer("SLA-24h", "--event", AWARE)["origin"] is None

    def test_the_organisations_own_text_is_named_as_that(self, own: Path) -> None:
        words = ("XX-1@days", "--event", "2025-03-03")
        said = answer(*words, SEVENTYTWO_LAW=str(own))
        assert said["origin"] == "own"
        assert "the organisation's own text, not a shipped one" in said["warnings"]
        assert "the organisation's own text" in clock(*words, SEVENTYTWO_LAW=str(own)).stdout

    def test_a_text_that_replaces_a_shipped_one_is_named_as_that(self, own: Path) -> None:
        (own / "gdpr.yaml").write_text(
            OWN.partition('  - id: XX-1\n    version: "days"')[0]
            .replace("XX-1", "EU-GDPR-33-1")
            .replace('"hours"', '"2018-05-25"')
            .replace("    in_force_until: 2025-01-01\n", "")
        )
        said = answer("EU-GDPR-33-1", "--event", "2026-03-02T09:23Z", SEVENTYTWO_LAW=str(own))
        assert (said["origin"], said["due_at"]) == ("replaces shipped", "2026-03-04T09:23:00Z")
        assert "the organisation's own text, which replaces the shipped one" in said["warnings"]

    def test_a_rule_of_the_organisation_may_count_by_its_own_calendar(
        self, own: Path, tmp_path: Path
    ) -> None:
        days = tmp_path / "days"
        days.mkdir()
        (days / "house.yaml").write_text(
            "calendars:\n  House:\n    alone: true\n    closures: [{on: 2025-03-04, reason: ours}]\n"
        )
        text = (
            OWN.replace("unit: days", "unit: business_days")
            .replace("counting: days_excl", "counting: bdays_excl\n    calendar: House")
            .replace('"days"', '"business"')
        )
        (own / "xx.yaml").write_text(text)
        env = {"SEVENTYTWO_LAW": str(own), "SEVENTYTWO_CALENDARS": str(days)}
        assert answer("XX-1", "--event", "2025-03-03", **env)["due_at"] == "2025-03-07T15:00:00Z"
        assert "`House` is no calendar known here" in refusal(
            "XX-1", "--event", "2025-03-03", SEVENTYTWO_LAW=str(own)
        )


def test_the_calculator_starts_neither_prefect_nor_the_store() -> None:
    program = (
        "import sys\n"
        "from flows.cli.main import app\n"
        "try:\n"
        f"    app(['clock', 'EU-GDPR-33-1', '--event', '{AWARE}'])\n"
        "except SystemExit as ended:\n"
        "    assert not ended.code\n"
        "heavy = {'prefect', 'sqlmodel', 'sqlalchemy', 'httpx', 'fastapi', 'jinja2', 'store'}\n"
        "sys.stderr.write(' '.join(heavy & {name.partition('.')[0] for name in sys.modules}))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "2026-03-05T09:23:00Z" in done.stdout
