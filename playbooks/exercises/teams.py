"""The scripted teams as data: how each plays, and what all of them answer where a scenario says nothing."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Final

from playbooks.documents import read_document, validated
from playbooks.errors import NotFound
from playbooks.exercises.scenario import Answer, Team
from playbooks.fact_types import Frozen
from playbooks.wording import Line, Slug

GOOD: Final = "good"


class Teams(Frozen):
    """Every team, and what they share; `answers` by kind of question."""

    answers: Mapping[Slug, Answer]
    reason: Line
    late_reasons: Line
    teams: tuple[Team, ...]

    def named(self, name: str) -> Team:
        """The team of that name; raises NotFound with those there are."""
        for one in self.teams:
            if one.name == name:
                return one
        raise NotFound("no such team", which=name, mend=f"one of {', '.join(one.name for one in self.teams)}")


@cache
def shipped_teams() -> Teams:
    """The teams of `teams.yaml` beside this file, read once."""
    text = files("playbooks.exercises").joinpath("teams.yaml").read_bytes()
    return validated(Teams, read_document(text, "playbooks/exercises/teams.yaml"))
