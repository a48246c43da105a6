"""How it may have happened: `seventytwo hypothesis propose|for|against|accept|set-aside|list`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated, Any

import typer

from flows.cli.asked import As, Code, new_purpose, opened, proven, reading, voucher
from flows.cli.shown import say, when
from flows.deciding import Decision
from flows.hypotheses import changing
from flows.hypotheses.deciding import DECIDERS, Asking, weighing
from flows.hypotheses.reading import Weighed, hypotheses_of, ranking
from flows.incidents import find_incident
from flows.starting import start_unstarted
from notify.text import terminal
from playbooks.errors import Mend
from playbooks.hypotheses import KINDS, Ranked, Speaks

app = typer.Typer(no_args_is_help=True, add_completion=False)

Incident = Annotated[str, typer.Argument(metavar="INCIDENT", help="Such as INC-2026-0001.")]
Number = Annotated[int, typer.Argument(metavar="NUMBER", help="The number of the hypothesis.")]
Words = Annotated[str, typer.Argument(metavar="WORDS", help="What speaks so; it is stored sealed.")]
Item = Annotated[str, typer.Option("--evidence", metavar="E3", help="The evidence that says so.")]
AsJson = Annotated[bool, typer.Option("--json", help="As JSON.")]


@app.callback()
def hypothesis() -> None:
    """Weigh how it may have happened, and decide."""


@app.command()
def propose(
    incident: Incident,
    statement: Annotated[str, typer.Argument(help="How it may have happened; it is stored sealed.")] = "",
    *,
    source: Annotated[str, typer.Option("--source", help=f"One of {', '.join(KINDS)}.")] = "",
    starting: Annotated[
        bool, typer.Option("--starting", help="What this kind of incident begins with.")
    ] = False,
    as_: As = "",
    code: Code = "",
) -> None:
    """Put an explanation beside the others, or with --starting those of the kind of incident."""
    if starting == bool(statement):
        raise Mend("say one hypothesis, or ask for the starting ones", mend="a statement, or --starting")
    with _weighing(incident, as_, code) as (decision, handle):
        if starting:
            rows = changing.propose_starting(decision, handle)
        else:
            rows = [changing.propose(decision, source, statement, handle)]
    for row in rows:
        say(f"hypothesis {row.number} ({row.source_kind}): {_words(row.statement)}")
    if not rows:
        say("nothing new to propose for this kind of incident")


@app.command("for")
def for_(
    incident: Incident, number: Number, words: Words, *, evidence: Item = "", as_: As = "", code: Code = ""
) -> None:
    """Write down what speaks for a hypothesis."""
    _speak(incident, number, "for", words, evidence, as_, code)


@app.command()
def against(
    incident: Incident, number: Number, words: Words, *, evidence: Item = "", as_: As = "", code: Code = ""
) -> None:
    """Write down what speaks against a hypothesis."""
    _speak(incident, number, "against", words, evidence, as_, code)


@app.command()
def accept(
    incident: Incident,
    number: Number,
    *,
    why: Annotated[str, typer.Option(help="Why it holds against what speaks against it.")] = "",
    as_: As = "",
    code: Code = "",
) -> None:
    """Take a hypothesis as the source: commander or forensics; the one before it is set aside."""
    with _weighing(incident, as_, code, decides=True) as (decision, handle):
        row = changing.accept(decision, number, handle, why)
    say(f"hypothesis {number} is accepted: source_kind is {row.source_kind}")


@app.command("set-aside")
def set_aside(
    incident: Incident,
    number: Number,
    *,
    why: Annotated[str, typer.Option(help="Why it does not hold.")],
    as_: As = "",
    code: Code = "",
) -> None:
    """Put a hypothesis aside: commander or forensics."""
    with _weighing(incident, as_, code, decides=True) as (decision, handle):
        changing.set_aside(decision, number, handle, why)
    say(f"hypothesis {number} is set aside")


@app.command("list")
def list_(incident: Incident, *, as_json: AsJson = False) -> None:
    """List the hypotheses as they rank now, with what speaks for and against, and what nobody looked for."""
    with reading() as session:
        found = ranking(hypotheses_of(session, find_incident(session, incident).id or 0))
    if as_json:
        say(json.dumps({"hypotheses": [_as_data(*pair) for pair in found]}, indent=2))
        return
    if not found:
        say(f"no hypothesis yet: seventytwo hypothesis propose {terminal(incident)} --starting")
    for ranked, one in found:
        _show(ranked, one)


@contextmanager
def _weighing(incident: str, as_: str, code: str, *, decides: bool = False) -> Iterator[tuple[Decision, str]]:
    """The incident locked for who asks; the runs of what became open are started afterwards."""
    with opened() as house:
        (vouched,) = proven(house, voucher(as_, code))
        asking = Asking(vouched, new_purpose())
        with weighing(house, incident, asking, DECIDERS if decides else ()) as given:
            yield given
        start_unstarted(house, incident)


def _speak(
    incident: str, number: int, speaks: Speaks, words: str, evidence: str, as_: str, code: str
) -> None:
    item = _evidence_number(evidence)
    with _weighing(incident, as_, code) as (decision, handle):
        changing.speak(decision, number, speaks, words, handle, evidence=item)
    say(f"written down {speaks} hypothesis {number}")


def _evidence_number(text: str) -> int | None:
    if not text:
        return None
    if not re.fullmatch(r"[Ee]?[1-9][0-9]{0,8}", text, re.ASCII):
        raise Mend("no number of evidence", which=text, mend="write it as E3")
    return int(text.lstrip("Ee"))


def _show(ranked: Ranked, one: Weighed) -> None:
    row = one.hypothesis
    say(f"{row.number}. {_words(row.statement)}")
    said = {"open": "open", "accepted": "accepted", "set_aside": "set aside"}[ranked.state]
    by = f" by {row.decided_by} {when(row.decided_at)}" if row.decided_at else ""
    say(f"   {row.source_kind}; {said}{by}{': ' + _words(row.why) if row.why else ''}")
    for note in one.notes:
        item = f" (E{note.evidence})" if note.evidence is not None else ""
        say(f"   {note.speaks}{item}: {_words(note.words)} - {note.by}")
    for gap in ranked.gaps:
        say(f"   missing: {gap}")


def _words(text: str) -> str:
    return terminal(text, changing.LONGEST)


def _as_data(ranked: Ranked, one: Weighed) -> dict[str, Any]:
    row = one.hypothesis
    notes: Sequence[dict[str, Any]] = [
        {"speaks": n.speaks, "words": n.words, "evidence": n.evidence, "by": n.by, "at": n.at.isoformat()}
        for n in one.notes
    ]
    return {
        "number": row.number,
        "source_kind": row.source_kind,
        "statement": row.statement,
        "state": row.state,
        "why": row.why,
        "decided_by": row.decided_by,
        "decided_at": row.decided_at.isoformat() if row.decided_at else None,
        "notes": notes,
        "weight": ranked.weight,
        "because": ranked.why,
        "gaps": list(ranked.gaps),
    }
