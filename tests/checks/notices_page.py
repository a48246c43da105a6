"""docs/notice-forms.md, generated from the forms and languages of notices: compared, or --write."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from playbooks.notices.library import heading_of, languages_of, shipped_forms, shipped_languages
from playbooks.notices.models import Form, Section
from playbooks.vocabulary import INSIDE, RECIPIENTS
from tests.checks.law_page import table

ROOT = Path(__file__).parent.parent.parent
PAGE = ROOT / "docs" / "notice-forms.md"

INTRODUCTION = """# Notices: what those outside are told, and in which form

Generated from [`playbooks/notices/`](../playbooks/notices) by `make notices`; do not edit this page. How a
notice is drafted, read and released: [respond.md](respond.md); what is checked, and how it is sent:
[notices.md](notices.md).

A notice is written in the form that serves most of the duties that it meets, at their stage; where none does,
in the general form of its recipient. What the rules behind the duties want said and the form has no section
for is added at its end. A playbook's step names the general form, or one made for certain rules by its id.

The draft asks five things: what happened, likely consequences, measures, whom to ask, and the reasons where
it is late. Facts of the case say the rest as far as they can (times, categories of data, numbers, whether a
malicious act is suspected). What the form wants beyond both is asked beside them and may stay empty. **What
nobody knows is said to be not yet known**; a section marked *if known* is then left out. A number known as
a range is printed as one, in the notice's language: *100 to 500*, *at least 500*.

The head says the phase: the first notice, an update, the final one or a withdrawal, and of a later one which
notice it follows, by reference and time. A withdrawal has a form of its own: why, and whom to ask.

The text is the same, byte for byte, for the same words and facts: a release is bound to its SHA-256. The
same letter can be laid out as an HTML page, which runs and loads nothing, and as PDF, marked on every page;
the PDF has the same bytes wherever the locked packages are installed. It prints what the typeface Roboto has
(Latin with Vietnamese, Greek, Cyrillic); any other character shows as \ufffd there, and as itself in the
text and the page. Foreign words stand indented in the text, so that none of their lines passes for a heading
or a mark. The text is what is read and released; page and PDF are laid out with it, kept with their hashes,
sent along, and handed out on the notice's page at the desk."""

LANGUAGES = """## Languages

English has every form. Others have those named here; the draft then asks for the language. Words that a law
prescribes are never translated. *Needs a native reader* is shown to whoever releases the notice, until
somebody who grew up with the language has read the file and taken the mark out."""

OWN = """A language is a file in `playbooks/notices/languages/`: a copy of `de.yaml` with its own words."""

FORMS = """## Forms

*Place* is where the law asks for it."""


def current() -> str:
    """The page as the data makes it today."""
    forms = shipped_forms().values()
    parts = [INTRODUCTION, LANGUAGES, table(("Language", "Forms", ""), _languages()), OWN, FORMS]
    parts.append(table(("Form", "For", "Serves", "Stages"), (_row(form) for form in forms)))
    for form in forms:
        rows = (_section(section) for section in form.sections)
        parts += [f"### `{form.id}`: {form.title}", _about(form), table(("Section", "Says", "Place"), rows)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _languages() -> Iterator[tuple[str, ...]]:
    for language in shipped_languages().values():
        forms = [form.id for form in shipped_forms().values() if language in languages_of(form)]
        named = "all" if len(forms) == len(shipped_forms()) else ", ".join(f"`{one}`" for one in forms)
        yield language.name, named, "needs a native reader" if language.needs_native_reader else ""


def _row(form: Form) -> tuple[str, ...]:
    who = {**RECIPIENTS, **INSIDE}
    serves = ", ".join(f"`{rule}`" for rule in form.rules)
    general = "whatever has no form of its own" if form.general else ""
    stages = "all" if len(form.stages) == 4 else ", ".join(form.stages).replace("_", " ")
    return f"`{form.id}`", "; ".join(who[one] for one in form.recipients), serves or general, stages


def _about(form: Form) -> str:
    prescribed = "; title and headings are prescribed" if form.prescribed else ""
    return f"{form.law}{prescribed}." if form.law else ""


def _section(section: Section) -> tuple[str, ...]:
    english = shipped_languages()["en"]
    heading = heading_of(english, section.heading or section.content[0])
    says = ", ".join(f"`{word}`" for word in section.content)
    return heading if section.required else f"{heading} (if known)", says, section.place


def main() -> int:
    """Write the page, or say whether it is in date; 1 if it is not."""
    text = current()
    if "--write" in sys.argv[1:]:
        PAGE.write_text(text, "utf-8")
    in_date = PAGE.is_file() and PAGE.read_text("utf-8") == text
    told = (
        "docs/notice-forms.md is in date" if in_date else "docs/notice-forms.md is stale: run `make notices`"
    )
    print(told)  # noqa: T201
    return 0 if in_date else 1


if __name__ == "__main__":
    sys.exit(main())
