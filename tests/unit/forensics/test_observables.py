"""Observables: found by key and by pattern, spelled one way, shown so that nothing makes a link of them."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playbooks.forensics.fanging import defang, refang
from playbooks.forensics.leaves import MOST_PARTS
from playbooks.forensics.observable_kinds import KINDS, LONGEST_VALUE, as_observable
from playbooks.forensics.observables import LONGEST_TEXT, MOST_FOUND, observables_in

SHARED = os.environ.get("SEVENTYTWO_SHARED")
FANGED = st.text(alphabet="hxtpsHXTP:/.[](){}@dotaDOTA \u200b\u3002\uff1ae1", max_size=60) | st.text()
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.sampled_from(["user", "ip", "hash", "x.ip"]) | st.text(), inner)
    ),
)


def found(payload: Any, text: str = "") -> set[tuple[str, str]]:
    return {(seen.kind, seen.value) for seen in observables_in(payload, text).seen}


@given(FANGED)
def test_fanging_and_defanging_undo_each_other(text: str) -> None:
    assert refang(refang(text)) == refang(text)
    assert defang(refang(text)) == defang(text)
    assert defang(defang(text)) == defang(text)
    assert refang(defang(text)) == refang(text)


@given(FANGED)
def test_nothing_shown_is_a_link(text: str) -> None:
    shown = defang(text)
    assert "://" not in shown
    assert "." not in shown.replace("[.]", "")
    assert "@" not in shown.replace("[@]", "")
    assert "http:" not in shown.lower()


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("hxxp://evil[.]example/a", "http://evil.example/a"),
        ("hXXps[:]//evil(dot)example", "hTTps://evil.example"),
        ("192.0.2[.]7", "192.0.2.7"),
        ("someone[@]evil{.}example", "someone@evil.example"),
        ("someone(at)evil[dot]example", "someone@evil.example"),
        ("evil\u200b\u3002example", "evil.example"),
    ],
)
def test_what_analysts_write_is_understood(written: str, meant: str) -> None:
    assert refang(written) == meant


@given(JSON, st.text())
def test_every_observable_has_its_one_spelling(payload: Any, text: str) -> None:
    for seen in observables_in(payload, text).seen:
        assert seen.kind in KINDS
        assert 0 < len(seen.value) <= LONGEST_VALUE
        assert as_observable(seen.kind, seen.value) == seen
        assert as_observable(seen.kind, defang(seen.value)) == seen


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (
            {"user": {"name": "anna"}, "x": {"y": {"source": {"ip": "192.0.2.7"}}}},
            "account anna, address 192.0.2.7",
        ),
        ({"src_ip": "2001:DB8::1", "dest_ip": "127.0.0.1"}, "address 2001:db8::1"),
        ({"actor": {"alternateId": "a@mail.example"}}, "account a@mail.example, email a@mail.example"),
        ({"host.name": "PC-17", "file": {"path": "C:\\Temp\\a.zip"}}, "host pc-17, file C:\\Temp\\a.zip"),
        ({"SHA256String": "AB" * 32, "md5": "not one"}, "sha256 " + "ab" * 32),
        ({"Hashes": "", "hash": "sha1:" + "0f" * 20}, "sha1 " + "0f" * 20),
        ({"requestUrl": "HTTPS://Drop.example/x"}, "domain drop.example, url https://Drop.example/x"),
        ({"users": ["anna", "-"], "userName": "ben"}, "account ben, account anna"),
        ({"generatorURL": "https://tool.example/graph", "console": "https://tool.example/x"}, ""),
        ({"id": "ab" * 16, "version": "1.2.3"}, ""),
        ({"count": 3, "ok": True, "none": None}, ""),
    ],
)
def test_keys_say_what_a_value_is(payload: dict[str, Any], expected: str) -> None:
    seen = observables_in(payload).seen
    assert ", ".join(f"{one.kind} {one.value}" for one in seen) == expected


def test_a_sentence_is_searched_by_pattern() -> None:
    said = (
        "Login of ben@mail.example from 192.0.2.7:443 and 2001:db8::7, then hxxps://drop[.]example/a?b=1). "
        f"Beacon to evil[.]example, file {'ab' * 32}; at 12:30:45 version 1.2.3 of setup.exe"
    )
    assert found({}, said) == {
        ("email", "ben@mail.example"),
        ("address", "192.0.2.7"),
        ("address", "2001:db8::7"),
        ("url", "https://drop.example/a?b=1"),
        ("domain", "drop.example"),
        ("domain", "evil.example"),
        ("sha256", "ab" * 32),
    }


def test_accounts_come_first_and_hashes_last() -> None:
    kinds = [seen.kind for seen in observables_in({"md5": "ab" * 16, "ip": "192.0.2.7", "user": "anna"}).seen]
    assert kinds == ["account", "address", "md5"]


def test_a_payload_of_any_depth_or_width_is_bounded_and_that_is_said() -> None:
    deep: dict[str, Any] = {"user": "anna"}
    for _ in range(100_000):
        deep = {"a": deep}
    assert observables_in(deep).is_cut
    assert observables_in({"user": [f"u{n}" for n in range(MOST_PARTS * 2)]}).is_cut
    many = observables_in({"user": [f"u{n}" for n in range(MOST_FOUND + 1)]})
    assert (len(many.seen), many.is_cut) == (MOST_FOUND, True)
    assert observables_in({"note": "x" * (LONGEST_TEXT + 1)}).is_cut


@pytest.mark.parametrize(
    "part", ["a", "1.", "a@", "a-", "[.", "(", ":", "f", "hxxp", "http://", "a[.]", "\u200b", "1.1.1.1"]
)
def test_no_text_makes_a_pattern_run_away(part: str) -> None:
    observables_in({f"k{n}": part * LONGEST_TEXT for n in range(50)})


@pytest.mark.shared_data
@pytest.mark.skipif(SHARED is None, reason="SEVENTYTWO_SHARED names no folder of real payloads")
def test_real_payloads_name_something() -> None:
    files = sorted((Path(SHARED or "") / "data" / "alerts").glob("*/*.json"))
    named = 0
    for file in files:
        try:
            payload = json.loads(file.read_bytes())
        except ValueError:
            continue
        seen = observables_in(payload).seen
        named += bool(seen)
        assert all(as_observable(one.kind, one.value) == one for one in seen)
    assert named > 0.7 * len(files)


def test_marks_within_marks_are_read_in_one_go_however_deep() -> None:
    deep = 200_000
    assert refang("[" * deep + "(dot)" + "]" * deep) == "."
    assert refang("[" * deep + "{AT}" + "]" * 2) == "[" * (deep - 2) + "@"
