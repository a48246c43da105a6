"""docs/sources.md, generated from the registry of adapters and the mapping's model: compared, or --write."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import get_args

from flows.intake.adapters.adapter import Adapter
from flows.intake.kinds import ADAPTERS
from flows.intake.mapping_library import shipped_mappings
from playbooks.alerts.view import Category, DataHint
from tests.checks.law_page import table
from tests.checks.real_set import NO_ALERT, NO_TIME

ROOT = Path(__file__).parent.parent.parent
PAGE = ROOT / "docs" / "sources.md"
EXAMPLE = ROOT / "docs" / "examples" / "mapping.yaml"

INTRODUCTION = """# Sources: the tools whose alerts are understood

Generated from the adapters in [`flows/intake/adapters/`](../flows/intake/adapters) and the mappings in
[`flows/intake/mappings/`](../flows/intake/mappings) by `make sources`; do not edit this page. How to sign
and post: [alerts.md](alerts.md).

{count} kinds of source. A source has a kind (`seventytwo source add NAME --kind KIND`), or the kind
`auto`: then each body is recognised by itself. `seventytwo alert` with `--dry-run` shows what a body would
become, and which kind it is of.

From every alert are taken: title, severity on our scale with the tool's own word, state, time, what it is
about (category), the accounts, hosts, addresses, domains, links, files and hashes it names, the tool's
ids, hints of data and of clients, a link back, and what makes it the same alert when it comes again. All
else is kept sealed with the payload. A tool's title reaches neither Slack nor Prefect.

A time without an offset is completed by the zone of the source (`--zone`). Where a tool states none, the
time of arrival counts. A severity that nobody knows is medium."""

BY_CODE = """## Tools with an adapter

*Prove by* is the best way that the tool offers; `bearer` works with every tool that can send a header."""

BY_MAPPING = """## Tools with a mapping file

Read by a mapping as you can write one yourself (below); expressions name the tool's fields."""

OWN = """## Any tool that can be told what to send: `generic`

One object, or a list of them. `title` (or `name`) must be there; a field of the first table that is wrong
refuses the alert by name. What only hints is taken where it is text, a number or a list of these, and
passed over otherwise; the labels account, user, host and client count as well."""

OWN_FIELDS = (
    ("`title`, or `name`", "what happened, in a line"),
    ("`status`", "`firing` (the default) or `resolved`"),
    ("`severity`", "a word: critical, high, medium, low, info, warning, p1 and so on"),
    ("`fingerprint`", "what makes it the same alert; else title, service, environment and labels do"),
    ("`occurred_at`, or `lastReceived`", "an instant with its offset"),
    ("`service`, `environment`, `labels`", "texts, and an object of your choice"),
)
OWN_HINTS = (
    ("`account`, `accounts`, `user`", "accounts that it is about"),
    ("`host`, `hosts`", "machines"),
    ("`address`, `addresses`", "IP or mail addresses"),
    ("`client`, `clients`", "whose data it may be: a client's reference, or one of its hints"),
    ("`category`", "one of the categories below"),
    ("`data_hints`", "categories of data, as below"),
    ("`id`, `ids`, `link`", "the tool's own ids, and where it shows the alert"),
)

MAPPING = """## Write a mapping: an unknown tool without code

A mapping is a YAML file of [JMESPath](https://jmespath.org/tutorial.html) expressions.
`seventytwo source check-mapping FILE PAYLOAD` names every fault with its line, and shows what is read.
`seventytwo source add NAME --mapping FILE` adds the source; its mapping is pinned with it, so a changed
file changes nothing until the source is added anew. A whole example, with [its
payload](examples/mapping-payload.json):

```yaml
{example}```"""

KEYS = (
    (
        "`kind`, `product`, `docs`, `auth`",
        (
            "a name of your own (`a-z`, `0-9`, `-`), the tool in words, where its format is "
            "documented, how it proves itself: hmac, bearer, basic or api_key"
        ),
    ),
    (
        "`recognises`",
        "true for a body of this tool and of no other; only shipped mappings need it",
    ),
    (
        "`each`",
        "the list of alerts in a body that carries several; all below is then looked up in each",
    ),
    (
        "`title`",
        "required. The first expression that finds a text",
    ),
    (
        "`identity`",
        (
            "required. What makes it the same alert in every state; each part must be found, `x || "
            "''` where it may lack"
        ),
    ),
    (
        "`severity`",
        (
            "an expression; or `from` with `words` (the tool's word: ours) or `bounds` (ours: the "
            "least number); `otherwise` where none is found"
        ),
    ),
    (
        "`status`",
        "`from`, and the words that mean `resolved`; else every alert is firing",
    ),
    (
        "`occurred_at`, `zone`",
        (
            "the first expression that finds an instant (ISO 8601, RFC 2822, or seconds to "
            "nanoseconds since 1970); the zone of those without offset"
        ),
    ),
    (
        "`category`",
        (
            "an expression; or `from` with `words`, and `otherwise`; texts that no word settles are "
            "looked through for telling words"
        ),
    ),
    (
        "`data_hints`",
        "an expression; or `from` with `words`; texts are looked through as well",
    ),
    (
        "`accounts`, `hosts`, `addresses`, `domains`, `urls`, `files`, `hashes`",
        "all that the expressions find, where it can be one",
    ),
    (
        "`ids`, `client_hints`, `link`",
        "the tool's ids, what may tell whose data it is, where it shows the alert",
    ),
)

BOUNDS = """Every key but `each`, `recognises` and the names takes one expression or a list of them. An
expression has at most 500 characters; one body is read in at most 200,000 steps; more is refused, as is an
expression that cannot be computed on a payload (422, the expression is named, the body is kept in
quarantine). Beside [JMESPath's functions](https://jmespath.org/specification.html#built-in-functions) there
are `split(text, at)`, `lower(text)`, `parse_json(text)` for JSON within a text, and `prefix('aws:', id)`.
Lists and objects are compared with nothing but empty ones.

Categories: {categories}.

Data hints: {data_hints}."""

EXCEPTIONS = """## What cannot be read

Of 251 real payloads of 50 tools, against which the adapters are tested, {none} hold no alert that could be
read, and {timeless} state no time that could be one."""


def current() -> str:
    """The page as the registry makes it today."""
    mapped = {one.kind for one in shipped_mappings()}
    shown = list(ADAPTERS.values())
    coded = [one for one in shown if one.kind not in mapped and one.kind != "generic"]
    parts = [
        INTRODUCTION.format(count=len(shown)),
        BY_CODE,
        adapter_table(coded),
        BY_MAPPING,
        adapter_table(one for one in shown if one.kind in mapped),
        OWN,
        table(("Field", "Says"), iter(OWN_FIELDS)),
        table(("Hint", "Says"), iter(OWN_HINTS)),
        MAPPING.format(example=EXAMPLE.read_text("utf-8")),
        table(("Key", "Says"), iter(KEYS)),
        BOUNDS.format(categories=words_of(Category), data_hints=words_of(DataHint)),
        EXCEPTIONS.format(none=len(NO_ALERT), timeless=len(NO_TIME)),
        table(("Payload", "Why it is refused"), ((f"`{one}`", why) for one, (_, why) in NO_ALERT.items())),
        table(("Payload", "Why arrival counts"), timeless(NO_TIME)),
    ]
    return "\n\n".join(parts) + "\n"


def adapter_table(adapters: Iterable[Adapter]) -> str:
    """Each adapter in a row, by product."""
    head = ("Product", "Kind", "Prove by", "Severity", "Same alert if")
    return table(head, (cells(one) for one in sorted(adapters, key=lambda one: one.product.lower())))


def cells(one: Adapter) -> tuple[str, ...]:
    """One adapter in a row."""
    product = f"[{one.product}]({one.docs})" if one.docs else one.product
    return product, f"`{one.kind}`", one.auth, one.severity, one.same_alert


def timeless(files: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The payloads without a time, those of one reason together."""
    for why in dict.fromkeys(files.values()):
        yield ", ".join(f"`{name}`" for name, reason in files.items() if reason == why), why


def words_of(vocabulary: object) -> str:
    """The words of a vocabulary."""
    return ", ".join(f"`{word}`" for word in get_args(vocabulary))


def main() -> int:
    """Write the page, or say whether it is in date; 1 if it is not."""
    text = current()
    if "--write" in sys.argv[1:]:
        PAGE.write_text(text, "utf-8")
    in_date = PAGE.is_file() and PAGE.read_text("utf-8") == text
    told = "docs/sources.md is in date" if in_date else "docs/sources.md is stale: run `make sources`"
    print(told)  # noqa: T201
    return 0 if in_date else 1


if __name__ == "__main__":
    sys.exit(main())
