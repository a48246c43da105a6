"""The score, the after-action report and the hot wash."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Annotated

import typer

from flows.cli.asked import As, Code, new_purpose, opened, proven, voucher
from flows.cli.shown import columns, say
from flows.clock import wall_now
from flows.exercise.after_action import score_of, write_after_action
from flows.exercise.hot_wash import answer_hot_wash, hot_wash_questions
from flows.exercise.recording import find_exercise, record_of
from notify.after_action_words import rating_words, verdict_words
from notify.text import terminal
from playbooks.exercises.score import ASPECTS, WEIGHTS, Score

Name = Annotated[str, typer.Argument(metavar="EXERCISE", help="Its name, such as EX-2026-0001.")]


def add_to(app: typer.Typer) -> None:
    """Register these commands."""
    app.command()(score)
    app.command()(report)
    app.command()(hotwash)


def score(
    name: Name,
    *,
    everything: Annotated[bool, typer.Option("--all", help="Every point, not the lost ones.")] = False,
) -> None:
    """Show what an exercise that is over is worth, and why."""
    with opened() as house:
        exercise, _, result = score_of(house, name)
    show_score(exercise.name, result, everything=everything)


def report(
    name: Name,
    *,
    out: Annotated[Path | None, typer.Option(help="The folder; else `reports` in the data folder.")] = None,
) -> None:
    """Write the after-action report as HTML, Markdown and PDF; its improvements join the action items."""
    with opened() as house:
        for path in write_after_action(house, name, out or house.settings.data / "reports"):
            say(f"{path}  SHA-256 {hashlib.sha256(path.read_bytes()).hexdigest()}")


def hotwash(
    name: Name,
    *,
    question: Annotated[str, typer.Option(help="The question that is answered, by its id.")] = "",
    said: Annotated[str, typer.Option("--say", help="The answer; it is stored sealed.")] = "",
    as_: As = "",
    code: Code = "",
) -> None:
    """Show the questions of the hot wash with what was said, or answer one of them."""
    with opened() as house:
        if question or said:
            (vouched,) = proven(house, voucher(as_, code))
            answer_hot_wash(house, name, question, said, vouched, new_purpose())
            say(f"{terminal(question)} is answered")
            return
        questions = hot_wash_questions(house, name)
        with house.store.reading() as session:
            record = record_of(session, find_exercise(session, name), wall_now())
    for one in questions:
        say(f"{terminal(one.id)}: {terminal(one.text)}")
        for answer in record.hot_wash:
            if answer.question == one.id:
                say(f"  {terminal(answer.handle)}: {terminal(answer.said, 2_000)}")


def show_score(name: str, result: Score, *, everything: bool = False) -> None:
    """Say a score: the whole, its parts, the objectives, and the points that lost something or all."""
    say(f"{terminal(name)}: {'not scored' if result.percent is None else f'{result.percent} of 100'}")
    columns(
        ("part", "weight", "points", "share"),
        [
            (
                ASPECTS[part.aspect],
                WEIGHTS[part.aspect],
                f"{part.earned:g} of {len(part.judged)}",
                _share(part.percent),
            )
            for part in result.parts
        ],
        none="nothing to judge",
    )
    for one in result.objectives:
        say(f"{one.rating or '-'}  {terminal(one.title)}: {rating_words(one.rating)}")
    columns(
        ("result", "case", "what and why"),
        [
            (verdict_words(point.verdict, point.aspect), point.case, f"{point.what}: {point.why}")
            for point in (result.points if everything else result.lost)
        ],
        none="no point was lost",
    )


def _share(percent: int | None) -> str:
    return "not shown" if percent is None else f"{percent} %"
