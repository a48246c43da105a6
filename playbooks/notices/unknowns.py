"""What a notice does not know yet: words that say nothing, and the contents that it tells as unknown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from playbooks.notices.models import Form

MAYBE_MORE: Final = "unknown"
"""Among categories: there may be more of them."""
_NOTHING: Final = frozenset(
    {
        *("n/a", "na", "n.a", "not applicable", "none given", "no data", "nil", "null", "x", "xx", "xxx"),
        *("tbc", "tbd", "tba", "to be confirmed", "to be determined", "to follow", "pending", "todo"),
        *("unknown", "not known", "not yet known", "not known yet", "still unknown", "unclear", "unsure"),
        *("unknown at this time", "not known at this time", "currently unknown", "unknown so far"),
        *("not yet determined", "not determined yet", "not yet established", "not yet clear"),
        *("i do not know", "i don't know", "we do not know", "we don't know", "don't know", "no idea"),
        *("unbekannt", "nicht bekannt", "noch nicht bekannt", "noch unbekannt", "k.a", "keine angabe"),
        *("unklar", "noch unklar", "derzeit unbekannt", "derzeit nicht bekannt", "wird nachgereicht"),
        *("no se sabe", "aún no se sabe", "aún desconocido", "por determinar", "se desconoce por ahora"),
        *("chưa có thông tin", "hiện chưa rõ", "chưa được xác định"),
        *("desconocido", "se desconoce", "por confirmar", "aún no se conoce", "pendiente"),
        *("không rõ", "chưa rõ", "chưa biết", "không biết", "chưa xác định"),
    }
)


def says_nothing(words: str) -> bool:
    """Whether words that were typed mean only that it is not known yet."""
    bare = " ".join(words.split()).strip(" .,;:!?-–—_*/\\()[]<>…'\"").casefold()  # noqa: RUF001 (people type it)
    return not bare or bare in _NOTHING


def is_open(value: object) -> bool:
    """Whether a value leaves something to be told later."""
    match value:
        case None | "":
            return True
        case frozenset() | set() | list() | tuple():
            return not value or MAYBE_MORE in value
        case _:
            return False


def unknown_in(form: Form, values: Mapping[str, object]) -> tuple[str, ...]:
    """The contents that a notice in this form says are not yet known, in its order."""
    return tuple(
        word
        for section in form.sections
        if section.required or any(values.get(one) not in (None, "") for one in section.content)
        for word in section.content
        if is_open(values.get(word))
    )
