"""docs/playbooks/, generated from the library: a page and a picture for each, a list; compared or --write."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from notify.markdown import markdown
from notify.plan_card import notes_of, role_words, said
from notify.plan_mermaid import plan_mermaid
from notify.plan_svg import plan_svg
from playbooks.library import load_playbooks
from playbooks.models import Phase, Playbook, Step
from tests.checks.law_page import table

ROOT = Path(__file__).parent.parent.parent
FOLDER = ROOT / "docs" / "playbooks"
LEAD = re.compile(r"(?:[-*] |\d+\. )?")
SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")

INDEX = """# The playbooks

What is shipped, generated from [`playbooks/library/`](../../playbooks/library) by `make playbooks`; do
not edit these pages. `seventytwo playbook show ID` says all of this on the terminal. How to write one of
your own, and how to change one: [Write a playbook](../playbooks.md).

{count} playbooks with {steps} steps. None of them has been exercised in your house: state `last_tested` in
your own copy once it was."""

PAGE = """# {title}

`{id}`, version {version}; kept by {owner}; TLP:{tlp}{restricted}; valid {valid}; {tested}.

Generated from [`{file}`](../../playbooks/library/{file}) by `make playbooks`; do not edit this page.
[All playbooks](README.md)

## When to take it

{summary}

Duties it serves: {regimes}.

## The plan

![The plan of {id}, as a picture; the tables below say the same]({id}.svg)

<details>
<summary>The plan as Mermaid</summary>

```mermaid
{mermaid}```

</details>
"""


def pages() -> Mapping[str, str]:
    """Every file of the folder, by name."""
    found: dict[str, str] = {"README.md": index(load_playbooks().values())}
    for playbook in load_playbooks().values():
        found[f"{playbook.id}.md"] = page(playbook)
        found[f"{playbook.id}.svg"] = str(plan_svg(playbook))
    return found


def index(playbooks: Iterable[Playbook]) -> str:
    """The list of all playbooks."""
    every = sorted(playbooks, key=lambda one: one.title)
    head = INDEX.format(count=len(every), steps=sum(len(one.steps) for one in every))
    rows = (
        (
            f"[{cell(one.title)}]({one.id}.md)<br>`{one.id}`",
            cell(first_sentence(one.summary or "")),
            said(one.owner or "-"),
            f"TLP:{one.tlp.upper()}{', restricted' if one.restricted else ''}",
            str(len(one.steps)),
        )
        for one in every
    )
    return f"{head}\n\n{table(('Playbook', 'When to take it', 'Kept by', 'Marking', 'Steps'), rows)}\n"


def first_sentence(text: str) -> str:
    """The first sentence of a text, on one line."""
    return SENTENCE.split(" ".join(text.split()), maxsplit=1)[0]


def page(playbook: Playbook) -> str:
    """The page of one playbook."""
    head = PAGE.format(
        title=markdown(playbook.title),
        id=playbook.id,
        version=playbook.version,
        owner=said(playbook.owner or "nobody"),
        tlp=playbook.tlp.upper(),
        restricted=", restricted to a small circle" if playbook.restricted else "",
        valid=f"{playbook.valid_from} to {playbook.valid_until}",
        tested=f"tested {playbook.last_tested}" if playbook.last_tested else "not exercised yet",
        file=f"{playbook.id}.yaml",
        summary=paragraphs(playbook.summary or ""),
        regimes=", ".join(f"`{name}`" for name in playbook.regimes),
        mermaid=plan_mermaid(playbook),
    )
    return "\n".join(
        (head, *(part for phase in playbook.phases for part in of_phase(playbook, phase)), *sources(playbook))
    )


def of_phase(playbook: Playbook, phase: Phase) -> Iterator[str]:
    """One phase: its steps as a table, what not to do, and what each step says in full."""
    yield f"## {said(phase.id).title()}\n"
    yield (
        table(
            ("Step", "Who, until", "Special", "To show for it"), (row(playbook, step) for step in phase.steps)
        )
        + "\n"
    )
    if mistakes := list(dict.fromkeys(line for step in phase.steps for line in step.do_not)):
        yield "**What not to do**\n"
        yield "\n".join(f"- {markdown(line)}" for line in mistakes) + "\n"
    yield "<details>\n<summary>What each step says and asks</summary>\n"
    for step in phase.steps:
        yield from in_full(step)
    yield "</details>\n"


def row(playbook: Playbook, step: Step) -> tuple[str, ...]:
    """One step in a row."""
    return (
        f"{cell(step.title)}<br>`{step.id}`",
        role_words(step),
        "<br>".join(cell(words) for _, words in notes_of(playbook, step)),
        "<br>".join(cell(line) for line in step.evidence),
    )


def in_full(step: Step) -> Iterator[str]:
    """What a step says to do, and what its form asks."""
    yield f"**{markdown(step.title)}**\n"
    yield f"{paragraphs(step.instructions)}\n"
    if step.fields:
        asked = (f"{markdown(field.label)}{' (required)' if field.required else ''}" for field in step.fields)
        yield "\n".join(f"- {line}" for line in asked) + "\n"


def sources(playbook: Playbook) -> Iterator[str]:
    """The public frameworks that a playbook draws on."""
    yield "## Sources\n"
    for source in playbook.sources:
        name = f"[{markdown(source.name)}]({source.link})" if source.link else markdown(source.name)
        yield f"- {name}, {markdown(source.locator)}"
    yield ""


def cell(text: str) -> str:
    """Text for a cell: its bars are escaped by the table."""
    return markdown(text).replace("\\|", "|")


def paragraphs(text: str) -> str:
    """Text of several lines, its paragraphs and lists kept."""
    return "\n".join(
        lead[0] + markdown(line[len(lead[0]) :]) for line in text.splitlines() if (lead := LEAD.match(line))
    )


def stale() -> list[str]:
    """The files that are not as the library makes them today, those that belong to nothing among them."""
    wanted = pages()
    there = {path.name for path in FOLDER.iterdir()} if FOLDER.is_dir() else set()
    differ = {
        name
        for name, text in wanted.items()
        if name not in there or (FOLDER / name).read_text("utf-8") != text
    }
    return sorted(differ | there - wanted.keys())


def write() -> None:
    """Write every page and picture, and remove those that belong to nothing."""
    FOLDER.mkdir(exist_ok=True)
    wanted = pages()
    for name, text in wanted.items():
        (FOLDER / name).write_text(text, "utf-8")
    for path in FOLDER.iterdir():
        if path.name not in wanted:
            path.unlink()


def main() -> int:
    """Write the pages, or say whether they are in date; 1 if they are not."""
    if "--write" in sys.argv[1:]:
        write()
    late = stale()
    told = (
        f"docs/playbooks is stale: run `make playbooks` ({', '.join(late[:5])})"
        if late
        else "docs/playbooks is in date"
    )
    print(told)  # noqa: T201
    return 1 if late else 0


if __name__ == "__main__":
    sys.exit(main())
