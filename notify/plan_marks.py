"""The small marks on a plan: drawn, not letters, so that every machine and printer shows them alike."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from notify.plan_card import Mark
from notify.svg import QUIET

_LINE: Final = (
    f'fill="none" stroke="{QUIET}" stroke-width="1.3" stroke-linecap="round" stroke-linejoin="round"'
)
_SHAPES: Final[Mapping[Mark, str]] = MappingProxyType(
    {
        "if": f'<path d="M6 .8L11.2 6 6 11.2.8 6z" {_LINE}/>',
        "approval": (
            f'<g {_LINE}><circle cx="3.7" cy="3.4" r="2.1"/><path d="M.4 11c0-4.4 6.6-4.4 6.6 0"/>'
            '<circle cx="9" cy="3.8" r="1.8"/><path d="M9.2 7.6c1.9 0 3 1.3 3 3.4"/></g>'
        ),
        "client": f'<g {_LINE}><rect x="1" y="1" width="7.6" height="7.6"/><path d="M11 4v7H4"/></g>',
        "optional": f'<rect x="1" y="2.5" width="10.4" height="7" stroke-dasharray="2.4 2" {_LINE}/>',
        "repeat": f'<path d="M10.6 4.2A4.7 4.7 0 1 0 10.9 7.6M10.9 1.4v3h-3" {_LINE}/>',
        "automated": (
            f'<g {_LINE}><circle cx="6" cy="6" r="2.6"/>'
            '<path d="M6 .6v2M6 9.4v2M.6 6h2M9.4 6h2M2.2 2.2l1.4 1.4M8.4 8.4l1.4 1.4"/>'
            '<path d="M9.8 2.2L8.4 3.6M3.6 8.4L2.2 9.8"/></g>'
        ),
        "notice": f'<path d="M.8 2.2h10.6v7.8H.8zM.8 2.4l5.3 4.2 5.3-4.2" {_LINE}/>',
        "after": f'<path d="M1.5 1v5.6h8.6M7.4 3.9l2.7 2.7-2.7 2.7" {_LINE}/>',
    }
)


def mark_at(mark: Mark, x: float, y: float) -> str:
    """The mark, twelve pixels square, with its upper left corner at this place."""
    return f'<g transform="translate({x} {y})">{_SHAPES[mark]}</g>'
