"""Whatever a scenario file says, reading it ends in a scenario or in faults with lines, never in a crash."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from flows.exercise.scenario_checks import scenario_faults
from playbooks.documents import read_document
from playbooks.errors import FileFaults
from playbooks.exercises.reading import shaped
from playbooks.library import load_playbooks

TEXT = (Path(__file__).parents[2] / "docs" / "examples" / "scenario.yaml").read_text("utf-8")
DATA = read_document(TEXT, "scenario.yaml").data
LIBRARY = load_playbooks()
WORDS = st.sampled_from(
    [
        "",
        "x",
        "triage",
        "client_lead",
        "clients",
        "30m",
        "0m",
        "-1d",
        "{{ now }}",
        "{{ now - 999999d }}",
        "{{",
        "yes",
    ]
)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**12), 10**12) | WORDS | st.floats(-10, 10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=6,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a document where something else could stand."""
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, part in parts for place in places(part, (*path, key)))]


PLACES = [place for place in places(DATA) if place]


def put(data: Any, place: tuple[Any, ...], value: Any) -> Any:
    changed = copy.deepcopy(data)
    part = changed
    for step in place[:-1]:
        part = part[step]
    part[place[-1]] = value
    return changed


@settings(max_examples=150)
@example(place=("truth", "aware_at"), value="{{ now - 999999d }}")
@example(place=("answers", "triage", "fields", "clients"), value=[["example-bikes"]])
@given(place=st.sampled_from(PLACES), value=ANYTHING)
def test_anything_anywhere_is_read_or_refused_with_a_line(place: tuple[Any, ...], value: Any) -> None:
    text = yaml.safe_dump(put(DATA, place, value), allow_unicode=True, sort_keys=False)
    try:
        faults = scenario_faults(shaped(read_document(text, "s.yaml")), LIBRARY)
    except FileFaults as error:
        faults = error.faults
        assert faults
    last = 1 + text.count("\n")
    assert all(fault.file == "s.yaml" and 1 <= fault.line <= last and fault.what for fault in faults)
