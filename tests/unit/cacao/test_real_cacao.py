"""Real CACAO 2.0 playbooks, where SEVENTYTWO_SHARED names their folder: none crashes, each has its report."""

from __future__ import annotations

import pytest

from playbooks.cacao.exporting import exported, written
from playbooks.cacao.importing import imported
from playbooks.library import read_playbook
from tests.harness.cacao import SHARED, schema_faults, structural_faults

FILES = sorted(SHARED.glob("*.json"))
COUNTS = {
    "misp-malware-triage": (56, 72, 4),
    "soarca-fin-playbook": (12, 3, 6),
    "soarca-http-playbook": (12, 9, 7),
    "soarca-manual-playbook": (14, 12, 6),
    "soarca-openc2-playbook": (12, 9, 7),
    "soarca-ssh-playbook": (13, 13, 9),
    "soarca-test-invalid_email_playbook": (13, 11, 11),
    "soarca-test-invalid_playbook": (13, 11, 11),
    "soarca-test-parallels_playbook": (12, 8, 10),
    "soarca-test-playbook": (13, 13, 11),
}
"""How many parts of each are kept, changed and refused; nothing for one that is refused as a whole."""
REFUSED = {
    "soarca-docs-api": ("/workflow_start", "/workflow/step--5ea28f63-ac32-4e5e-bd0c-757a50a3a0d7/type"),
    "soarca-test-changed-playbook": ("/workflow", "/workflow"),
    "soarca-test-missing_step_playbook": (
        "/workflow/action--2190f685-1857-44ac-ad0e-0ded6c6ef3ce/on_completion",
    ),
}
"""Those with faults that decide who does what in which order, and where the faults stand."""

pytestmark = [
    pytest.mark.shared_data,
    pytest.mark.skipif(not FILES, reason="real playbooks are not read: SEVENTYTWO_SHARED is unset"),
]


@pytest.mark.parametrize("name", sorted((*COUNTS, *REFUSED)))
def test_a_real_playbook_is_taken_or_refused_with_its_report(name: str) -> None:
    found = imported((SHARED / f"{name}.json").read_bytes())
    print(f"\n== {name}", *found.report.lines(), sep="\n")  # noqa: T201 - the report is wanted in the output
    assert tuple(wrong.pointer for wrong in found.report.wrong) == REFUSED.get(name, ())
    if name in REFUSED:
        assert found.playbook is None
        return
    assert tuple(found.report.counts.values()) == COUNTS[name]
    assert found.playbook is not None
    assert read_playbook(found.text, name) == found.playbook
    assert {step.kind for step in found.playbook.steps} == {"manual", "notice"}


def test_none_is_left_out() -> None:
    assert sorted(file.stem for file in FILES) == sorted((*COUNTS, *REFUSED))


@pytest.mark.parametrize("name", sorted(COUNTS))
def test_what_was_taken_can_be_given_again(name: str) -> None:
    playbook = imported((SHARED / f"{name}.json").read_bytes()).playbook
    assert playbook is not None
    again = exported(playbook)
    assert structural_faults(again) == ()
    assert schema_faults(again) == ()
    assert imported(written(again).encode()).playbook == playbook
