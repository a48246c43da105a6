"""An exercise drawn: the pictures of its incidents, with a lane of what was brought to those who played."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from sqlmodel import Session

from flows.house import House
from flows.review.gather import gather
from flows.review.picture import pictures
from notify.timeline_picture import Band, Clock, Dot, Picture
from playbooks.exercises.record import Happened, Record
from playbooks.exercises.scenario import ASKING
from store.scope import Scope
from store.tables import Incident

LANE: Final = "Injects"
MOST_CLOCKS: Final = 14
"""More would fill a page; those that ran out come first."""


def exercise_pictures(
    house: House, session: Session, incidents: Sequence[Incident], record: Record, wall: datetime
) -> tuple[Picture, ...]:
    """The pictures of every incident of an exercise, its injects in a lane above the first one's phases."""
    found = []
    for place, incident in enumerate(incidents):
        material = gather(session, incident.ref, Scope.whole(), wall, house.settings.organisation)
        for picture in pictures(material):
            title = picture.title if len(incidents) == 1 else f"{incident.ref}: {picture.title}"
            drawn = replace(picture, title=title, clocks=_fewer(picture.clocks))
            found.append(drawn if place else _with_injects(drawn, record))
    return tuple(found)


def _with_injects(picture: Picture, record: Record) -> Picture:
    came = [one for one in record.happened if one.delivered_at is not None]
    if not came:
        return picture
    band = Band(LANE, record.began_at, record.ended_at)
    return replace(
        picture,
        bands=(band, *picture.bands),
        dots=(*(dot for one in came if (dot := _dot(one))), *picture.dots),
    )


def _dot(one: Happened) -> Dot | None:
    if one.delivered_at is None:
        return None
    unanswered = one.kind in ASKING and one.handled_at is None
    return Dot(
        LANE, one.delivered_at, f"{one.title}{' (nobody handled it)' if unanswered else ''}", unanswered
    )


def _fewer(clocks: Sequence[Clock]) -> tuple[Clock, ...]:
    """Clocks that ran alike as one, and no more of them than a page holds: the late ones first."""
    alike: dict[tuple[object, ...], list[Clock]] = {}
    for clock in clocks:
        alike.setdefault((clock.label, clock.anchor, clock.due, clock.met, clock.end), []).append(clock)
    drawn = [
        group[0] if len(group) == 1 else replace(group[0], note=f"{len(group)} alike")
        for group in alike.values()
    ]
    kept = sorted(drawn, key=lambda one: (not one.is_late, one.due))[:MOST_CLOCKS]
    return tuple(one for one in drawn if one in kept)
