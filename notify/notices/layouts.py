"""A letter laid out as plain text and as a page, the same words in each; the letter knows its audience."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from jinja2 import PackageLoader, StrictUndefined, TemplateError
from jinja2.sandbox import SandboxedEnvironment

from notify import text
from notify.notices.letter import Letter, NoticeFault

_INDENT: Final = "    "
_GAPS: Final = re.compile(r"\n{3,}")


def as_text(letter: Letter) -> str:
    """The letter as plain text, the same for the same letter: its SHA-256 is what a release is bound to.

    Foreign words stand indented, so that none of their lines can pass for a heading or a mark.
    """
    return _GAPS.sub("\n\n", _laid_out("letter.txt.j2", letter, is_page=False)).strip() + "\n"


def as_page(letter: Letter) -> str:
    """The letter as one HTML page without scripts, links or anything from elsewhere."""
    return _laid_out("letter.html.j2", letter, is_page=True).strip() + "\n"


def _laid_out(template: str, letter: Letter, *, is_page: bool) -> str:
    try:
        return _environment(is_page).get_template(template).render(letter=letter)
    except TemplateError as error:
        raise NoticeFault(
            "the notice cannot be rendered", which=template, mend=text.terminal(error)
        ) from error


@cache
def _environment(is_page: bool) -> SandboxedEnvironment:
    environment = SandboxedEnvironment(
        loader=PackageLoader("notify", "templates/notices"),
        undefined=StrictUndefined,
        autoescape=is_page,  # plain text has no marks to escape: its words are inert and indented
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(indented=_indented)
    return environment


def _indented(words: str) -> str:
    return "\n".join(f"{_INDENT}{line}".rstrip() for line in words.splitlines())
