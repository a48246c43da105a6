"""A mapping file: what it can say, every fault with its line and mend, and that none can run away."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from flows.intake.adapters.mapped import adapter_of, reader_of
from flows.intake.adapters.shapes import ALERTS_PER_REQUEST
from flows.intake.claims import Claim
from flows.intake.mapping import pinned, read_mapping, unpinned
from flows.intake.mapping_check import remarks
from flows.intake.mapping_expressions import LONGEST_EXPRESSION, Reader, Unreadable, compiled
from flows.intake.mapping_keys import glance
from flows.intake.mapping_library import shipped_mappings
from playbooks.errors import FileFaults, Mend, PayloadFault

EXAMPLE = Path(__file__).parents[3] / "docs" / "examples" / "mapping.yaml"
PAYLOAD = EXAMPLE.with_name("mapping-payload.json")
SMALL = "kind: acme\nproduct: Acme\ntitle: title\nidentity: id\n"


def reads(lines: str, body: Any) -> tuple[Claim, ...]:
    return adapter_of(read_mapping(SMALL + lines)).read(body)


def read(lines: str, **body: Any) -> Claim:
    return reads(lines, {"title": "t", "id": 1, **body})[0]


def test_the_example_of_the_documents_reads_its_payload_whole() -> None:
    mapping = read_mapping(EXAMPLE)
    body = json.loads(PAYLOAD.read_text())
    one, other = adapter_of(mapping).read(body)
    assert adapter_of(mapping).recognises(body)
    assert list(remarks(mapping, body, (one, other))) == []
    assert (one.severity, one.status, one.category, one.occurred_at) == (
        "high", "firing", "data_loss", datetime(2026, 3, 2, 8, 30, tzinfo=UTC),
    )  # fmt: skip
    assert other.status == "resolved"
    assert one.data_hints == ("employment", "government_id")
    assert [seen.value for seen in one.observables] == [
        "agent-17", "agent-18", "agent-19", "desk-0417", "192.0.2.17", "applicants.zip",
    ]  # fmt: skip


def test_two_keys_beside_title_and_identity_are_enough() -> None:
    one = read("")
    assert (one.title, one.severity, one.status, one.occurred_at) == ("t", "medium", "firing", None)


@pytest.mark.parametrize(
    ("rule", "given", "level"),
    [
        ("{from: s, words: {Red: critical}}", "RED", "critical"),
        ("{from: s, words: {'7': high}}", 7, "high"),
        ("{from: s, bounds: {critical: 9, high: 7, low: 1}}", 8.9, "high"),
        ("{from: s, bounds: {critical: 9, high: 7, low: 1}}", "9", "critical"),
        ("{from: s, bounds: {critical: 9, high: 7, low: 1}}", 0, "info"),
        ("{from: s, bounds: {critical: 9}}", "warning", "medium"),
        ("s", "P1", "critical"),
        ("{from: [other, s]}", "low", "low"),
        ("{from: s, otherwise: low}", None, "low"),
        ("{otherwise: high}", "low", "high"),
    ],
)
def test_severity_is_by_words_by_bounds_or_by_common_words(rule: str, given: Any, level: str) -> None:
    assert read(f"severity: {rule}\n", s=given).severity == level


def test_an_instant_without_an_offset_is_in_the_zone_of_the_mapping_else_left_to_the_source() -> None:
    at = {"at": "2026-03-02 09:00:00"}
    assert read("occurred_at: at\nzone: Europe/Berlin\n", **at).occurred_at == datetime(
        2026, 3, 2, 8, tzinfo=UTC
    )
    left = read("occurred_at: at\n", **at).occurred_at
    assert left is not None
    assert left.tzinfo is None


def test_identity_makes_the_same_alert_and_a_part_of_it_that_lacks_is_refused() -> None:
    def of(**body: Any) -> str:
        return reads("", {"title": "t", **body})[0].fingerprint

    assert of(id=1, x=1) == of(id=1, x=2)
    assert of(id=1) != of(id=2)
    with pytest.raises(PayloadFault) as refused:
        of(x=1)
    assert refused.value.which == "id"


def test_a_part_of_identity_may_lack_where_the_mapping_says_so() -> None:
    lines = SMALL.replace("identity: id", "identity: [id, \"part || ''\"]")
    (one,) = adapter_of(read_mapping(lines)).read({"title": "t", "id": 1})
    assert one.fingerprint


def test_each_alert_of_a_batch_is_a_claim_and_a_fault_names_the_one() -> None:
    lines = "each: alerts[?kind=='dlp']\n"
    body: dict[str, Any] = {
        "alerts": [
            {"kind": "dlp", "title": "a", "id": 1},
            {"kind": "ping"},
            {"kind": "dlp", "title": "b", "id": 2},
        ]
    }
    assert [one.title for one in reads(lines, body)] == ["a", "b"]
    del body["alerts"][2]["id"]
    with pytest.raises(PayloadFault) as refused:
        reads(lines, body)
    assert refused.value.which == "alerts[?kind=='dlp'].1.id"


@pytest.mark.parametrize(
    ("lines", "body", "which"),
    [
        ("", [], "body"),
        ("", "text", "body"),
        ("", {"id": 1}, "title"),
        ("", {"id": 1, "title": {"a": 1}}, "title"),
        ("", {"id": {}, "title": "t"}, "id"),
        ("each: alerts\n", {}, "alerts"),
        ("each: alerts\n", {"alerts": {}}, "alerts"),
        ("each: alerts\n", {"alerts": [3]}, "alerts.0"),
        ("each: '@'\n", [{}] * (ALERTS_PER_REQUEST + 1), "each"),
        ("hosts: join('.', parts)\n", {"id": 1, "title": "t", "parts": [1]}, "join('.', parts)"),
        ("hosts: sum(parts)\n", {"id": 1, "title": "t", "parts": [10**400, 0.5]}, "sum(parts)"),
        ("hosts: parts == other\n", {"id": 1, "title": "t", "parts": [1], "other": [1]}, "parts == other"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_names_its_expression(lines: str, body: Any, which: str) -> None:
    with pytest.raises(PayloadFault) as refused:
        reads(lines, body)
    assert refused.value.which == which


@pytest.mark.parametrize(
    "expression",
    [
        "|".join(["[@,@][]"] * 12) + "|" + "[" + ",".join("@" * 99) + "][]",
        "|".join(["join('', [@, @])"] * 18),
        "|".join(["[@,@]"] * 18) + " | @ == ['a']",
        "|".join(["[@,@]"] * 18) + " | to_string(@)",
        "|".join(["[@,@]"] * 18) + " | contains(['x'], @)",
        "map(&map(&[@,@], [@,@,@,@,@,@]), big)",
        "big[].[@,@,@,@,@][] | [].[@,@,@,@,@][] | [].[@,@,@,@,@][] | [].[@,@,@,@,@][]",
        "parse_json(join('', ['[', join(',', big[].to_string(@)), ']']))[].[@,@,@,@,@,@,@][].[@,@,@,@,@][]",
    ],
)  # fmt: skip
def test_no_expression_runs_away(expression: str) -> None:
    body = {"title": "t", "id": 1, "big": ["x"] * 50_000}
    with pytest.raises((PayloadFault, FileFaults)):
        reads(f"hosts: {json.dumps(expression)}\n", body)


def test_a_bomb_shared_by_reference_is_never_walked() -> None:
    assert read(f"hosts: {json.dumps('|'.join(['[@,@]'] * 18))}\n").observables == ()


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        ("split(list, ',')", ["a", "b"]),
        ("parse_json(text).h", ["c"]),
        ("parse_json(list)", []),
        ("lower(loud)", ["loud"]),
        ("prefix('x-', names)", ["x-1", "x-2"]),
        ("prefix('x-', nothing)", []),
        ("split(nothing, ',')", []),
        ("names[?@ > `1`].to_string(@)", ["2"]),
        ("names[?@ > 'x'].to_string(@)", []),
        ("list > 'A' && list", ["a, b"]),
        ("flag", []),
    ],
)
def test_what_jmespath_lacks_is_there(expression: str, found: list[str]) -> None:
    body = {"list": "a, b", "text": '{"h": "c"}', "loud": "LOUD", "names": [1, 2], "flag": True}
    one = read(f"hosts: {json.dumps(expression)}\n", **body)
    assert [seen.value for seen in one.observables] == found


@pytest.mark.parametrize(
    ("text", "line", "what", "mend"),
    [
        ("kind: Acme\n", 1, "`kind` is not of its form: `Acme`", "small letters"),
        ("titel: x\n", 1, "`titel` is not a key here", "spelling"),
        ("title: a..b\n", 1, "not a JMESPath expression: `a..b`", "column 3"),
        ("title: join(a)\n", 1, "the wrong number of arguments: `join()`", "give 2"),
        ("title: shout(a)\n", 1, "no such function: `shout()`", "one of: abs"),
        ("title: ''\n", 1, "an expression is empty", "remove the key"),
        (f"title: {'a' * (LONGEST_EXPRESSION + 1)}\n", 1, "longer than 500 characters", "shorten"),
        (f"title: '{'!' * 300}a'\n", 1, "nested too deep", "flatter"),
        ("hosts:\n  - a\n  - 'b['\n", 3, "not a JMESPath expression: `b[`", "jmespath.org"),
        ("identity: []\n", 1, "`identity` has too few parts", "1 part at least"),
        ("severity: {from: s, words: {x: grave}}\n", 1, "none of the words known here: `grave`", "critical"),
        ("severity: {words: {x: high}}\n", 1, "no `from`", "say where"),
        ("severity: {from: s, bounds: {high: many}}\n", 1, "is no number: `many`", "plain number"),
        ("severity: {from: s, bounds: {high: 1e400}}\n", 1, "is no number: `1e400`", "plain number"),
        ("status: {from: s}\n", 1, "`resolved` is missing", "add it"),
        ("category: {from: c, words: {x: nonsense}}\n", 1, "none of the words known here", "phishing"),
        ("zone: Berlin\n", 1, "unknown time zone: `Berlin`", "Europe/Berlin"),
        ("title: &a b\n", 1, "anchor or alias", "write the value out"),
        ("- a\n", 1, "no group of keys", "write keys"),
    ],
)  # fmt: skip
def test_a_faulty_file_is_told_with_line_and_mend(text: str, line: int, what: str, mend: str) -> None:
    with pytest.raises(FileFaults) as refused:
        read_mapping(text)
    found = [one for one in refused.value.faults if what in one.what]
    assert found, refused.value
    assert found[0].line == line
    assert mend in found[0].mend


def test_every_fault_of_a_file_is_told_at_once() -> None:
    with pytest.raises(FileFaults) as refused:
        read_mapping("kind: Acme\ntitle: a..b\nzone: Mars\n")
    assert len(refused.value.faults) == 5  # product and identity are missing as well


def test_a_file_that_is_not_there_is_a_fault_too(tmp_path: Path) -> None:
    with pytest.raises(FileFaults, match="cannot be read: no such file"):
        read_mapping(tmp_path / "none.yaml")


def test_a_pinned_mapping_reads_as_its_file_does() -> None:
    mapping = read_mapping(EXAMPLE)
    stored = json.loads(json.dumps(pinned(mapping)))
    body = json.loads(PAYLOAD.read_text())
    assert unpinned(stored) == mapping
    assert reader_of(stored)(body) == adapter_of(mapping).read(body)
    assert reader_of(stored) is reader_of(dict(stored))


@pytest.mark.parametrize("break_it", [lambda one: one.pop("title"), lambda one: one.update(title=["a..b"])])
def test_a_pinned_mapping_of_another_version_is_refused_by_name(
    break_it: Callable[[dict[str, Any]], Any],
) -> None:
    stored = pinned(read_mapping(EXAMPLE))
    break_it(stored)
    with pytest.raises(Mend) as refused:
        unpinned(stored)
    assert refused.value.which.startswith("title")


def test_what_a_mapping_leaves_wanting_is_remarked() -> None:
    mapping = read_mapping(SMALL)
    body = {"title": "t", "id": 1}
    told = " ".join(remarks(mapping, body, adapter_of(mapping).read(body)))
    assert all(word in told for word in ("recognises", "severity", "time of arrival", "account"))


def test_a_glance_at_the_keys_never_denies_what_the_whole_expression_affirms() -> None:
    payloads = sorted((Path(__file__).parent / "adapters" / "payloads").glob("*/*.json"))
    bodies = [json.loads(path.read_bytes()) for path in payloads]
    for mapping in shipped_mappings():
        assert mapping.recognises is not None
        tree = compiled(mapping.recognises)
        may_be, known = glance(tree), 0
        for body in bodies:
            if is_so(tree, body):
                known += 1
                assert may_be(body), mapping.kind
        assert known, mapping.kind


@pytest.mark.parametrize(
    ("expression", "body", "may"),
    [
        ("a && b", {"a": 1}, False),
        ("a && b || c", {"c": 0}, True),
        ("a.b[0].c == 'x'", {"b": 1}, False),
        ("starts_with(a, 'x') && b", {"b": 1}, False),
        ("[0].a", {"a": 1}, False),
        ("[0].a", [{}], True),
        ("!a", {}, True),
        ("a == b", {}, True),
        ("a == `null`", {}, True),
        ("length(@) > `2`", {}, True),
    ],
)
def test_a_glance_tells_by_keys_alone(expression: str, body: Any, may: bool) -> None:
    assert glance(compiled(expression))(body) is may


def is_so(tree: Any, body: Any) -> bool:
    try:
        return bool(Reader().value(tree, body))
    except Unreadable:
        return False
