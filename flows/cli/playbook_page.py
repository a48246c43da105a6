"""One playbook as a page on the terminal: when to take it, then phase by phase what is to be done."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from flows.cli.shown import say, say_block
from notify.plan_card import notes_of, role_words, said
from notify.text import terminal
from playbooks.models import Field, Playbook, Step
from playbooks.wording import marking


def show_page(playbook: Playbook, signer: str | None, tested: str) -> None:
    """Show a playbook with its last test in words, every word of it inert."""
    say(f"{playbook.ref}  {terminal(playbook.title)}")
    for label, words in _facts(playbook, signer, tested):
        say_block(f"{label:<12}", words, 2)
    for phase in playbook.phases:
        say()
        say(said(phase.id).upper())
        for step in phase.steps:
            _say_step(playbook, step)


def _facts(playbook: Playbook, signer: str | None, tested: str) -> Iterator[tuple[str, str]]:
    if playbook.summary:
        yield "when", playbook.summary
    yield "owner", said(playbook.owner or "nobody named")
    yield (
        "marking",
        f"{marking(playbook.tlp)}{', restricted to a small circle' if playbook.restricted else ''}",
    )
    if playbook.valid_from or playbook.valid_until:
        yield "valid", f"{playbook.valid_from or 'always'} until {playbook.valid_until or 'further notice'}"
    yield "tested", tested or "never, as far as anybody says"
    yield "signed", signer or "by nobody whose signature counts"
    if playbook.revoked:
        yield "revoked", playbook.revoked
    if playbook.regimes:
        yield "regimes", ", ".join(playbook.regimes)
    for source in playbook.sources:
        yield "source", f"{source.name}, {source.locator}"


def _say_step(playbook: Playbook, step: Step) -> None:
    say()
    say(f"  {step.id}  {terminal(step.title)}  ({role_words(step)})")
    for _, words in notes_of(playbook, step):
        say_block("- ", words, 4)
    say_block("", step.instructions, 4)
    _say_list("do not", step.do_not)
    _say_list("asks", (_asked(field) for field in step.fields))
    _say_list("evidence", step.evidence)


def _asked(field: Field) -> str:
    return f"{field.label}{' (required)' if field.required else ''}"


def _say_list(label: str, lines: Iterable[str]) -> None:
    for number, line in enumerate(lines):
        say_block(f"{'' if number else label:<10}", line, 4)
