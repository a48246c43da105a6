"""What a data map may say, in YAML and CSV, and that everything else is a fault with its line and mend."""

from __future__ import annotations

from pathlib import Path

import pytest

from flows.datamap.file import SystemEntry, read_system_file
from playbooks.errors import FileFaults

EXAMPLE = Path(__file__).parents[3] / "docs" / "examples" / "datamap.yaml"
HEAD = "ref,name,owner,clients,data_categories,jurisdictions,retention,log_source,notes\n"


def the_system(said: str) -> SystemEntry:
    (system,) = read_system_file(f"systems: [{{ref: crm, name: CRM, {said}}}]", "map.yaml").systems
    return system


def faults_of(text: str | bytes, file: str = "map.yaml") -> list[tuple[int, str]]:
    with pytest.raises(FileFaults) as refused:
        read_system_file(text, file)
    assert all(fault.file == file for fault in refused.value.faults)
    return [(fault.line, fault.what) for fault in refused.value.faults]


class TestYaml:
    def test_the_example_has_no_fault(self) -> None:
        desk, *_ = read_system_file(EXAMPLE.read_text(), "datamap.yaml").systems
        assert (desk.ref, desk.clients, desk.log_source) == ("service-desk", ("client-7",), "service-desk")

    def test_what_nobody_has_said_stays_unsaid(self) -> None:
        system = the_system("owner: it")
        assert (system.clients, system.data_categories, system.retention, system.log_source) == (
            (),
            (),
            "",
            "",
        )

    def test_the_order_of_a_list_and_a_word_said_twice_mean_nothing(self) -> None:
        assert the_system("jurisdictions: [UK, EU, UK]").jurisdictions == ("EU", "UK")

    def test_that_there_may_be_more_is_a_category_and_a_jurisdiction(self) -> None:
        system = the_system("data_categories: [card, unknown], jurisdictions: [unknown]")
        assert system.data_categories == ("card", "unknown")
        assert system.jurisdictions == ("unknown",)

    def test_every_fault_is_told_at_once_in_the_order_of_lines(self) -> None:
        text = (
            "systems:\n"
            "- ref: crm\n"
            "  name: CRM\n"
            "  data_categories: [contact, names]\n"
            "- ref: crm\n"
            "  jurisdictions: [Atlantis]\n"
            "  hue: red\n"
            "- ref: Upper\n"
            "  name: ''\n"
            "  log_source: ../../etc\n"
        )
        found = faults_of(text)
        assert [line for line, _ in found] == [4, 5, 5, 6, 7, 8, 9, 10]
        assert found[0][1] == "no category of data that we know"
        assert {what for _, what in found[1:3]} == {"this `ref` stands here twice", "`name` is missing"}
        assert found[3][1] == "no jurisdiction that we know"

    @pytest.mark.parametrize(
        ("text", "line", "said"),
        [
            ("systems: &a [*a]", 1, "anchor"),
            ("systems:\n- !!python/object:os.system {}", 2, "tag"),
            ("systems: []", 1, "no list of `systems`"),
            ("", 1, "no list of `systems`"),
            ("systems: 3", 1, "no list of `systems`"),
            ("systems:\n- crm", 2, "no group of keys"),
            (b"systems: \xff", 1, "UTF-8"),
            (b"#" * 1_000_001, 1, "1 MB"),
            ('systems:\n- {ref: aa, name: A, owner: "a\\e[2J"}', 2, "cannot be seen"),
        ],
    )
    def test_what_is_hostile_or_no_map_is_refused_with_its_line(
        self, text: str | bytes, line: int, said: str
    ) -> None:
        ((found, what),) = faults_of(text)[:1]
        assert (found, said in what) == (line, True)


class TestCsv:
    def test_a_cell_holds_a_list_between_semicolons_and_an_empty_one_says_nothing(self) -> None:
        row = 'crm,"Desk, main",it,client-7; client-8;,contact,EU;UK,,crm-log,\n'
        (system,) = read_system_file("\ufeff" + HEAD + row, "map.csv").systems
        assert system == SystemEntry(
            ref="crm",
            name="Desk, main",
            owner="it",
            clients=("client-7", "client-8"),
            data_categories=("contact",),
            jurisdictions=("EU", "UK"),
            log_source="crm-log",
        )

    def test_it_says_the_same_as_yaml(self) -> None:
        rows = "ref,name,clients\ncrm,CRM,client-7;client-8\n"
        yaml = "systems: [{ref: crm, name: CRM, clients: [client-8, client-7]}]"
        assert read_system_file(rows, "map.CSV").systems == read_system_file(yaml, "map.yaml").systems

    def test_faults_stand_on_the_line_where_their_row_begins(self) -> None:
        text = 'ref,name,notes\n\naa,A,"two\nlines"\nbb,,\naa,C,\n'
        assert faults_of(text, "map.csv") == [
            (5, "`name` is missing"),
            (6, "this `ref` stands here twice"),
        ]

    @pytest.mark.parametrize(
        ("text", "line", "said"),
        [
            ("", 1, "empty"),
            ("\n\n", 1, "empty"),
            ("ref,name\n", 1, "no list of `systems`"),
            ("ref,name,colour\naa,A,red\n", 1, "no such column: `colour`"),
            ("ref,name,name\naa,A,B\n", 1, "stands here twice"),
            ("ref,name\naa,A,B\n", 2, "3 cells under 2 columns"),
            ('ref,name\naa,"A\n', 2, "not CSV"),
            ("ref,name\n" + "aa,A\n" * 6_000, 5_001, "more than 5,000 rows"),
            (b"ref,name\naa,\xff\n", 2, "UTF-8"),
            (b"a" * 1_000_001, 1, "1 MB"),
        ],
    )
    def test_what_is_no_table_is_refused_with_its_line(self, text: str | bytes, line: int, said: str) -> None:
        found, what = faults_of(text, "map.csv")[0]
        assert (found, said in what) == (line, True)
