"""docs/playbooks.md keeps its word: what it shows can be written, and a copied file is a playbook."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from playbooks.documents import read_document
from playbooks.includes import Shelf
from playbooks.library import SHIPPED_PLAYBOOKS, load_playbooks, read_playbook
from playbooks.models import Playbook, Step
from playbooks.soundness import soundness_of
from playbooks.wording import REGIMES

PAGE = (Path(__file__).parents[3] / "docs" / "playbooks.md").read_text("utf-8")
SMALLEST, GROUP, INCLUDE, SUB_PLAYBOOK = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
SHIPPED = sorted(SHIPPED_PLAYBOOKS.glob("*.yaml"))


@pytest.mark.parametrize("shipped", SHIPPED, ids=lambda path: path.stem)
def test_a_copy_with_an_id_of_its_own_is_a_playbook(shipped: Path) -> None:
    copy = renamed(shipped)
    assert read_playbook(copy, "ours.yaml").steps == read_playbook(shipped.read_text("utf-8"), "x").steps


def test_a_copy_in_a_folder_stands_beside_the_shipped_ones(tmp_path: Path) -> None:
    (tmp_path / "ours.yaml").write_text(renamed(SHIPPED_PLAYBOOKS / "lost-or-stolen-device.yaml"), "utf-8")
    playbooks = load_playbooks([tmp_path])
    assert len(playbooks) == len(SHIPPED) + 1
    assert not [one for one in soundness_of(playbooks["our-own-kind"]).findings if one.weight == "fault"]


def renamed(shipped: Path) -> str:
    """The file with another id, as somebody changes it in an editor."""
    text = shipped.read_text("utf-8")
    assert f"\nid: {shipped.stem}\n" in text
    return text.replace(f"\nid: {shipped.stem}\n", "\nid: our-own-kind\n")


def test_a_copy_with_a_higher_version_decides_what_new_incidents_get(tmp_path: Path) -> None:
    text = (SHIPPED_PLAYBOOKS / "phishing.yaml").read_text("utf-8")
    (tmp_path / "phishing.yaml").write_text(
        re.sub(r'version: "\d+"', 'version: "90"', text, count=1), "utf-8"
    )
    assert load_playbooks([tmp_path])["phishing"].version == "90"


def test_the_smallest_playbook_of_the_page_has_nothing_to_find() -> None:
    assert soundness_of(read_playbook(SMALLEST, "docs")).findings == ()


def test_the_step_group_of_the_page_is_taken_in_as_the_page_says() -> None:
    phase = "  - id: contain\n    " + INCLUDE.replace("\n", "\n    ").rstrip() + "\n"
    text = SMALLEST.replace("  - id: review\n", f"{phase}  - id: review\n")
    shelf = Shelf({"seal-the-room": read_document(GROUP, "seal-the-room.yaml")})
    step = read_playbook(text, "docs", shelf).step("seal-room")
    assert step.instructions == "Seal the server room for 3 days."
    assert step.target.total_seconds() == 1_800
    assert step.do_not == ("Do not enter it alone.", "Do not switch anything off.")
    assert step.when == "malicious"


def test_the_sub_playbook_of_the_page_comes_in_under_its_prefix() -> None:
    asking = SMALLEST.replace("fields:\n", "fields:\n          - {fact: source_kind, required: true}\n", 1)
    plan = read_playbook(f"{asking}\n{SUB_PLAYBOOK}", "docs")
    taken = [step for step in plan.steps if step.id.startswith("cred-")]
    assert {plan.phase_of(step.id) for step in taken} == {"contain", "investigate"}
    assert all("stolen_credential" in (step.when or "") for step in taken)


def test_the_page_names_every_key_and_every_regime() -> None:
    written = set(re.findall(r"`([a-z0-9_]+)`", PAGE))
    keys = {*Playbook.model_fields, *Step.model_fields} - {"schema_version", "phases"}
    assert not {*keys, *REGIMES} - written
