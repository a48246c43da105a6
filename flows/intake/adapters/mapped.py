"""The adapter that a mapping makes: a payload read by expressions, and what they miss named."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import islice
from typing import Any, get_args

from flows.intake.adapters.adapter import Adapter
from flows.intake.adapters.hinting import category_of, data_hints
from flows.intake.adapters.picking import LONGEST, as_instant, seen
from flows.intake.adapters.reading import graded
from flows.intake.adapters.shapes import must_be_list, must_be_object, wrong_field
from flows.intake.claims import Claim, Status, claim, on_scale
from flows.intake.mapping import Mapping as Rules
from flows.intake.mapping import unpinned
from flows.intake.mapping_expressions import Reader, Unreadable, compiled, plain_keys
from flows.intake.mapping_keys import glance
from flows.intake.mapping_words import identity_in_words, severity_in_words
from playbooks.alerts.view import Category, DataHint, Severity
from playbooks.forensics.observable_kinds import Seen
from playbooks.zones import zone

Read = Callable[[Any], tuple[Claim, ...]]

_MOST_TEXTS = 200
_STEPS_TO_RECOGNISE = 20_000
_CATEGORIES = frozenset(get_args(Category))
_DATA_HINTS = frozenset(get_args(DataHint))


def adapter_of(rules: Rules) -> Adapter:
    """The adapter of a mapping's tool."""
    return Adapter(
        kind=rules.kind,
        product=rules.product,
        docs=rules.docs or "",
        recognises=_recogniser(rules),
        read=_reader(rules),
        severity=severity_in_words(rules),
        same_alert=identity_in_words(rules),
        auth=rules.auth,
    )


def reader_of(stored: Mapping[str, Any]) -> Read:
    """The reader of a mapping as a source keeps it, made once; raises Mend where it is none."""
    return _reader_of(json.dumps(stored, sort_keys=True))


@lru_cache(maxsize=512)
def _reader_of(stored: str) -> Read:
    return _reader(unpinned(json.loads(stored)))


def _recogniser(rules: Rules) -> Callable[[Any], bool]:
    if rules.recognises is None:
        return lambda _: False
    tree = compiled(rules.recognises)
    may_be = glance(tree)

    def recognises(body: Any) -> bool:
        try:
            return may_be(body) and bool(Reader(_STEPS_TO_RECOGNISE).value(tree, body))
        except Unreadable:
            return False

    return recognises


def _reader(rules: Rules) -> Read:
    def read(body: Any) -> tuple[Claim, ...]:
        reader = Reader()
        return tuple(_Alert(reader, item, path).claim(rules) for item, path in _alerts(rules, reader, body))

    return read


def _alerts(rules: Rules, reader: Reader, body: Any) -> Iterator[tuple[dict[str, Any], tuple[str, ...]]]:
    """Each alert of a body with its path: the body itself, or what `each` finds in it."""
    if rules.each is None:
        yield must_be_object(body), ()
        return
    name = "each" if rules.each == "@" else rules.each
    found = must_be_list(_Alert(reader, body, ()).value(rules.each), (name,))
    for index, item in enumerate(found):
        path = (name, str(index))
        yield must_be_object(item, path), path


@dataclass(frozen=True, slots=True)
class _Alert:
    """One alert's object, looked at through the expressions of a mapping."""

    reader: Reader
    body: Any
    path: tuple[str, ...]

    def claim(self, rules: Rules) -> Claim:
        """What it claims; raises PayloadFault naming the expression that finds nothing where it must."""
        severity, original = self.severity(rules)
        return claim(
            [self.identity(part) for part in rules.identity],
            status=self.status(rules),
            severity=severity,
            title=self.title(rules),
            payload=self.body,
            original_severity=original,
            occurred_at=self.instant(rules),
            category=self.category(rules),
            observables=self.observables(rules),
            ids=self.texts(rules.ids),
            data_hints=self.data_hints(rules),
            client_hints=self.texts(rules.client_hints),
            link=self.first(rules.link),
        )

    def value(self, expression: str) -> Any:
        """What an expression finds."""
        if keys := plain_keys(expression):
            return _stepped(self.body, keys)
        try:
            return self.reader.value(compiled(expression), self.body)
        except Unreadable as fault:
            raise wrong_field((*self.path, expression), str(fault)) from fault

    def texts(self, expressions: tuple[str, ...]) -> tuple[str, ...]:
        """Every text and number that the expressions find, once each."""
        found = (text for one in expressions for text in _texts(self.value(one)))
        return tuple(dict.fromkeys(islice(found, _MOST_TEXTS)))

    def first(self, expressions: tuple[str, ...]) -> str:
        """The first text or number, empty where there is none."""
        return next((text for one in expressions for text in _texts(self.value(one))), "")

    def title(self, rules: Rules) -> str:
        """The title, which must be there."""
        if title := self.first(rules.title):
            return title
        raise wrong_field((*self.path, rules.title[0]), "text is wanted")

    def identity(self, expression: str) -> str | list[str]:
        """One part of what makes this alert this alert, which must be there; `x || ''` where it may lack."""
        value = self.value(expression)
        if value == "":
            return ""
        if found := list(_texts(value)):
            return found
        raise wrong_field((*self.path, expression), "text is wanted")

    def severity(self, rules: Rules) -> tuple[Severity, str]:
        """The severity on our scale, and in the tool's own word."""
        rule, word = rules.severity, self.first(rules.severity.from_)
        if not word:
            return rule.otherwise, ""
        if meant := rule.words.get(word.lower()):
            return meant, word
        if rule.bounds and (number := _number(word)) is not None:
            levels = tuple(sorted(((least, name) for name, least in rule.bounds.items()), reverse=True))
            return graded(number, levels), word
        return on_scale(word), word

    def status(self, rules: Rules) -> Status:
        """Resolved where the tool says one of the words for it."""
        if rules.status is None:
            return "firing"
        over = {word.lower() for word in rules.status.resolved}
        return "resolved" if self.first(rules.status.from_).lower() in over else "firing"

    def instant(self, rules: Rules) -> datetime | None:
        """When it happened: the first expression that tells an instant."""
        for expression in rules.occurred_at:
            value = self.value(expression)
            at = as_instant(value[0] if isinstance(value, list) and value else value)
            if at is not None:
                has_zone = at.tzinfo is not None or rules.zone is None
                return at if has_zone else at.replace(tzinfo=zone(rules.zone or "UTC"))
        return None

    def category(self, rules: Rules) -> Category:
        """What sort of event it is: by the tool's words, else by what its texts tell."""
        rule, texts = rules.category, self.texts(rules.category.from_)
        for text in texts:
            if meant := rule.words.get(text.lower()):
                return meant
            if text in _CATEGORIES:
                return text  # type: ignore[return-value]
        return category_of(*texts, otherwise=rule.otherwise)

    def data_hints(self, rules: Rules) -> tuple[DataHint, ...]:
        """Which categories of data it names."""
        texts = self.texts(rules.data_hints.from_)
        meant = [hint for text in texts for hint in rules.data_hints.words.get(text.lower(), ())]
        own: list[Any] = [text for text in texts if text in _DATA_HINTS]
        return (*meant, *own, *data_hints(*texts)) if texts else ()

    def observables(self, rules: Rules) -> tuple[Seen, ...]:
        """What it names under keys that say what they are."""
        by_kind = {
            "account": rules.accounts,
            "host": rules.hosts,
            "address": rules.addresses,
            "domain": rules.domains,
            "url": rules.urls,
            "file": rules.files,
            "hash": rules.hashes,
        }
        return tuple(one for kind, where in by_kind.items() if where for one in seen(kind, self.texts(where)))


def _stepped(value: Any, keys: tuple[str, ...]) -> Any:
    for key in keys:
        if not isinstance(value, dict):
            return None
        value = value.get(key)
    return value


def _texts(value: Any, depth: int = 2) -> Iterator[str]:
    """The texts and numbers that a value is or lists; lists in lists as deep as two."""
    if isinstance(value, str):
        if text := value.strip():
            yield text[:LONGEST]
    elif isinstance(value, int | float) and not isinstance(value, bool):
        if abs(value) < 1e300:
            yield repr(value)
    elif isinstance(value, list) and depth:
        for one in islice(value, _MOST_TEXTS):
            yield from _texts(one, depth - 1)


def _number(word: str) -> float | None:
    try:
        return float(word)
    except ValueError:
        return None
