"""The plan as a picture and as Mermaid: everything on it, nothing over anything, hostile words inert."""

from __future__ import annotations

import re
from itertools import combinations
from xml.etree import ElementTree as ET

import pytest

from notify.plan_layout import Box, Placed, laid_out
from notify.plan_mermaid import plan_mermaid
from notify.plan_svg import plan_svg
from playbooks.library import load_playbooks, read_playbook
from playbooks.models import Playbook

LIBRARY = load_playbooks()
every_playbook = pytest.mark.parametrize("plan", LIBRARY.values(), ids=LIBRARY)
SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = (
    'end"] --> x',
    "a[b]{c}(d)<script>alert(1)</script>",
    "%% note; click s1 callback",
    "</title></svg><img src=x onerror=alert(1)>",
    "``` ~~~ #quot; &lt; \\",
    "&amp;&#106;avascript:alert(1)",
    "x' onload='alert(1)",
)
STEPS = {
    "ask": "role: it, target: 90m, fields: [{fact: personal_data, required: true}]",
    "watch": "role: it, target: 1d, optional: true, after: [ask], repeat: {until: contained, at_most: 5}",
    "seal": "kind: automated, role: it, target: 15m, action: snapshot_alert, after: [ask]",
    "then": "role: commander, target: 2h, after: [ask, seal], join: any, approvals: [approver, privacy]",
}
TELL = (
    "kind: notice, role: privacy, per: case, target: 4h, when: personal_data, "
    "recipient: client_controller, template: notice-client"
)


def plan_titled(title: str, **steps: str) -> Playbook:
    """A playbook in which everything that can be special about a step is."""
    quoted = "'" + title.replace("'", "''") + "'"
    head = f"id: p\nversion: '1'\ntitle: {quoted}\nneutral_title: T\nkind: p\nphases:\n"
    detect = "".join(told(name, quoted, keys) for name, keys in (steps or STEPS).items())
    return read_playbook(
        f"{head}  - id: detect\n    steps:\n{detect}  - id: notify\n    steps:\n{told('tell', quoted, TELL)}",
        "p",
    )


def told(name: str, title: str, keys: str) -> str:
    kind = "" if "kind: " in keys else "kind: manual, "
    return f"      - {{id: {name}, title: {title}, {kind}instructions: x, {keys}}}\n"


def boxes(plan: Playbook) -> list[Box]:
    sheet = laid_out(plan)
    return [*sheet.trunk, *([sheet.notify] if sheet.notify else [])]


def words_of(plan: Playbook) -> str:
    root = ET.fromstring(str(plan_svg(plan)))
    return " ".join(" ".join(part.itertext()) for part in root.iter(f"{SVG}text"))


@every_playbook
def test_every_step_stands_on_the_picture_once_and_within_it(plan: Playbook) -> None:
    sheet = laid_out(plan)
    cards = [placed for box in boxes(plan) for placed in box.cards]
    assert sorted(placed.card.step.id for placed in cards) == sorted(step.id for step in plan.steps)
    for placed in cards:
        assert 0 <= placed.x < placed.x + 248 <= sheet.width
        assert 0 <= placed.y < placed.y + placed.card.height <= sheet.height


@every_playbook
def test_no_card_lies_over_another_and_each_stays_in_its_phase(plan: Playbook) -> None:
    for box in boxes(plan):
        for one, other in combinations(box.cards, 2):
            assert not overlap(one, other), (one.card.title, other.card.title)
        for placed in box.cards:
            assert box.x <= placed.x <= placed.x + 248 <= box.x + box.width
            assert box.y <= placed.y <= placed.y + placed.card.height <= box.y + box.height
    for one_box, other_box in combinations(boxes(plan), 2):
        apart = one_box.x + one_box.width <= other_box.x or one_box.y + one_box.height <= other_box.y
        assert (
            apart or other_box.y + other_box.height <= one_box.y or other_box.x + other_box.width <= one_box.x
        )


def overlap(one: Placed, other: Placed) -> bool:
    beside = one.x + 248 <= other.x or other.x + 248 <= one.x
    beneath = one.y + one.card.height <= other.y or other.y + other.card.height <= one.y
    return not beside and not beneath


@every_playbook
def test_whoever_hears_the_picture_is_told_every_step(plan: Playbook) -> None:
    root = ET.fromstring(str(plan_svg(plan)))
    assert root.get("role") == "img"
    labels = {part.get("id"): part.text or "" for part in root if part.tag in (f"{SVG}title", f"{SVG}desc")}
    assert root.get("aria-labelledby") == "plan-title plan-desc"
    assert plan.title in labels["plan-title"]
    assert all(step.title in labels["plan-desc"] for step in plan.steps)


def test_a_card_says_all_that_is_special_about_its_step() -> None:
    words = words_of(plan_titled("Do it"))
    for said in (
        *(
            "IT · 90m",
            "commander · 2h",
            "if personal data, or not yet known",
            "offered; nothing waits for it",
        ),
        *("again until contained, 5 times at", "done by the system", "notice to client whose data it is"),
        *("once for each client", "a second person approves:", "also after Do it"),
    ):
        assert said in words, said


@pytest.mark.parametrize("title", HOSTILE)
def test_a_hostile_title_is_only_words_in_the_picture(title: str) -> None:
    svg = str(plan_svg(plan_titled(title)))
    root = ET.fromstring(svg)
    assert {part.tag.removeprefix(SVG) for part in root.iter()} <= {
        *("svg", "title", "desc", "rect", "text", "g", "path", "circle")
    }
    assert not [
        name for part in root.iter() for name in part.attrib if name.startswith("on") or "href" in name
    ]


@pytest.mark.parametrize("title", HOSTILE)
def test_a_hostile_title_is_only_words_in_mermaid(title: str) -> None:
    calm, hostile = (plan_mermaid(plan_titled(one)).splitlines() for one in ("Do it", title))
    assert len(calm) == len(hostile)
    for quiet, loud in zip(calm, hostile, strict=True):
        assert LABEL.sub('""', quiet) == LABEL.sub('""', loud)
        for label in LABEL.findall(loud):
            assert not re.search(r"""[\\"`\[\]{}()|%&]|<(?!br/>)|#(?!\d+;)|;(?<!\d;)""", label), label


LABEL = re.compile(r'"([^"]*)"')


@every_playbook
def test_mermaid_names_every_step_and_draws_only_between_them(plan: Playbook) -> None:
    text = plan_mermaid(plan)
    named = re.findall(r"^    (s\d+)[\[(]", text, re.MULTILINE)
    assert len(named) == len(set(named)) == len(plan.steps)
    arrows = re.findall(r"^  (\w+) (?:-->|==>|-\.->) (\w+)$", text, re.MULTILINE)
    assert {end for arrow in arrows for end in arrow} <= {
        *named,
        *(f"phase_{phase.id}" for phase in plan.phases),
    }
    assert sum(len(step.after) for step in plan.steps) == sum(1 for one, _ in arrows if one.startswith("s"))
    assert text.count("subgraph ") == text.count("\n  end\n") == len(plan.phases)


def test_a_plan_of_one_step_and_a_notice_is_drawn() -> None:
    plan = plan_titled("T", ask=STEPS["ask"])
    assert ET.fromstring(str(plan_svg(plan))) is not None
    assert plan_mermaid(plan).count("==>") == 1
