"""What would be silly as a file: giants, bombs and depths are refused, and what is large stays bounded."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from playbooks.errors import FileFaults
from playbooks.facts import DICTIONARY, FactView
from playbooks.library import read_playbook
from playbooks.models import Playbook
from playbooks.plan import Move, States
from playbooks.soundness import soundness_of, walking

YES_NO = [spec.name for spec in DICTIONARY.values() if spec.type == "yes_no"]
PHASES = ("detect", "triage", "contain", "investigate", "recover", "review")
LOAD_WITHIN_BOUNDS = """
    import resource, signal, sys
    from pathlib import Path
    from playbooks.errors import FileFaults
    from playbooks.library import load_playbooks
    resource.setrlimit(resource.RLIMIT_AS, (1_000_000_000, 1_000_000_000))
    signal.alarm(60)
    try:
        load_playbooks([Path(sys.argv[1])])
    except FileFaults as error:
        print("\\n".join(str(fault) for fault in error.faults))
"""


def faults_of(text: bytes | str) -> list[str]:
    with pytest.raises(FileFaults) as error:
        read_playbook(text, "p.yaml")
    return [f"{fault.line}: {fault.what}" for fault in error.value.faults]


def a_large_playbook(*, conditions: int, asked: int = 0) -> str:
    """As many steps as there may be, each with a condition over some facts, the first asking for many."""
    lines = ["id: large", 'version: "1"', "title: t", "neutral_title: t", "kind: large", "phases:"]
    for phase_number, phase in enumerate(PHASES):
        lines += [f"  - id: {phase}", "    steps:"]
        for step in range(33):
            number = phase_number * 33 + step
            words = [YES_NO[(number * 7 + at * 5) % len(YES_NO)] for at in range(conditions)]
            when = f"when: {' and '.join(words)}, if_unknown: open, " if number and words else ""
            facts = YES_NO[:asked] if number == 0 else YES_NO[number % 30 : number % 30 + 2]
            fields = ", ".join(f"{{fact: {name}, required: true}}" for name in facts)
            told = "kind: manual, role: it, target: 1h, instructions: x"
            lines.append(f"      - {{id: s{number}, title: t, {told}, {when}fields: [{fields}]}}")
    return "\n".join(lines)


@pytest.fixture
def walks(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Counts how often the plan was driven, and how many steps it had."""
    counted: list[int] = []
    driven = walking.decide_moves

    def counting(plan: Playbook, states: States, view: FactView) -> tuple[Move, ...]:
        counted.append(len(plan.steps))
        return driven(plan, states, view)

    monkeypatch.setattr(walking, "decide_moves", counting)
    return counted


def test_giants_and_bombs_are_refused_in_a_gigabyte_and_a_minute(tmp_path: Path) -> None:
    (tmp_path / "giant.yaml").write_text("id: x\n" + "# nothing\n" * 1_000_000)
    (tmp_path / "wide.yaml").write_text("phases:\n" + "- a\n" * 200_000)
    (tmp_path / "deep.yaml").write_text("[" * 400_000)
    bomb = ["a: &a [lol, lol, lol, lol]"]
    bomb += [
        f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]"
        for before, name in zip("abcdefgh", "bcdefghi", strict=True)
    ]
    (tmp_path / "bomb.yaml").write_text("\n".join(bomb))
    (tmp_path / "binary.yaml").write_bytes(bytes(range(256)) * 1_000)
    run = subprocess.run(
        [sys.executable, "-c", dedent(LOAD_WITHIN_BOUNDS), str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    for told in (
        "giant.yaml:1: the file is larger than 1 MB",
        "wide.yaml:49998: more than 50,000 parts",
        "deep.yaml:1: nested deeper than 20 levels",
        "bomb.yaml:9: anchor or alias `i`",
        "binary.yaml:2: the file is not UTF-8 text",
    ):
        assert told in run.stdout, run.stdout[:2_000]


def test_text_of_another_encoding_is_refused_with_its_line() -> None:
    assert faults_of("id: x\ntitle: Größe".encode("latin-1")) == ["2: the file is not UTF-8 text"]
    assert faults_of("id: x\n".encode("utf-16"))


def test_deep_nesting_of_any_kind_is_refused() -> None:
    for text in ("[" * 30 + "]" * 30, "\n".join(f"{' ' * deep}a:" for deep in range(30)), "- " * 30 + "a"):
        assert any("nested deeper than 20 levels" in fault for fault in faults_of(text))


def test_a_condition_nested_or_long_beyond_use_is_refused() -> None:
    text = a_large_playbook(conditions=0)
    for condition in (
        "(" * 300 + "personal_data" + ")" * 300,
        "not " * 40 + "personal_data",
        "personal_data or " * 90 + "encrypted",
    ):
        spoilt = text.replace("{id: s5,", f"{{id: s5, when: '{condition}',", 1)
        assert any(
            "nested" in fault or "longer than 1,000" in fault or "not an expression" in fault
            for fault in faults_of(spoilt)
        ), condition


def test_more_steps_than_a_playbook_may_have_are_refused() -> None:
    text = a_large_playbook(conditions=0)
    more = "\n".join(f"      - {{id: t{n}}}" for n in range(9))
    assert faults_of(f"{text}\n{more}") == ["6: more than 200 steps"]


@pytest.mark.parametrize(("conditions", "asked"), [(0, 0), (1, 38), (3, 38), (6, 38), (6, 0), (18, 38)])
def test_the_largest_playbook_is_looked_at_within_bounds(
    walks: list[int], conditions: int, asked: int
) -> None:
    plan = read_playbook(a_large_playbook(conditions=conditions, asked=asked), "p.yaml")
    found = soundness_of(plan)
    assert sum(walks) < 700_000
    assert found.ways or found.by_structure


def test_what_is_too_much_to_walk_is_named(walks: list[int]) -> None:
    plan = read_playbook(a_large_playbook(conditions=12, asked=38), "p.yaml")
    found = soundness_of(plan)
    assert set(found.by_structure) <= set(YES_NO)
    assert len(found.by_structure) > 20
    assert sum(walks) < 700_000
