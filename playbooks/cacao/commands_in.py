"""Commands of a foreign action as words for a human: what could be executed is a quotation, no more."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from playbooks.cacao.command_text import Told, told_by
from playbooks.cacao.foreign_text import decoded, line, without_secrets, words
from playbooks.cacao.report import Report

_LONGEST: Final = 1_200
_BODIES: Final = ("command", "command_b64", "content", "content_b64")


@dataclass(frozen=True, slots=True)
class Said:
    """What a command says: words to add to the instructions, and what a command of ours tells apart."""

    words: str = ""
    told: Told = field(default_factory=Told)


def said_by(command: dict[str, Any], place: str, report: Report) -> Said:
    """Return what one command says; the report tells what became of it."""
    kind = line(command.get("type", ""), 40) or "unnamed"
    if kind == "manual" and (ours := told_by(command.get("command", ""))) is not None:
        report.kept(place, "as `do_not`, `evidence`, `approvals`, `per` and fields of text")
        return Said("\n".join(ours.more), ours)
    whole = "\n".join(_texts(command))
    quoted, secrets = without_secrets(whole[: 2 * _LONGEST])
    if kind == "manual":
        _tell_manual(place, whole, secrets, report)
        return Said(_quotation("Command for a person:", quoted) if quoted.strip() else "")
    why = f"a command of type `{kind}` never runs here; it is quoted for a person to judge"
    report.refused(place, f"{why}{_left_out(secrets)}{_shortened(whole)}")
    if command.get("headers"):
        report.refused(f"{place}/headers", "may hold secrets; not quoted")
    head = f"Not carried out here: a command of type `{kind}`, quoted for a person to judge."
    return Said(_quotation(head, quoted))


def _tell_manual(place: str, whole: str, secrets: int, report: Report) -> None:
    if secrets or len(whole) > _LONGEST:
        report.changed(place, f"quoted in the instructions{_left_out(secrets)}{_shortened(whole)}")
    elif whole.strip():
        report.kept(place, "quoted in the instructions")
    else:
        report.kept(place, "it says nothing")


def _texts(command: dict[str, Any]) -> Iterator[str]:
    if command.get("description"):
        yield str(command["description"])
    for name in _BODIES:
        body = command.get(name)
        if isinstance(body, str) and body:
            yield _readable(body) if name.endswith("_b64") else body


def _readable(body: str) -> str:
    text = decoded(body)
    return f"[{len(body):,} characters that are no text]" if text is None else text


def _quotation(head: str, text: str) -> str:
    shown = words(text, _LONGEST)
    return "\n".join((head, *(f"    {part}".rstrip() for part in shown.split("\n")))) if shown else head


def _left_out(secrets: int) -> str:
    return f"; {secrets} that look like secrets left out" if secrets else ""


def _shortened(text: str) -> str:
    return f"; shortened from {len(text):,} characters" if len(text) > _LONGEST else ""
