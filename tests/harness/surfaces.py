"""Every surface on which somebody may meet an incident, as the words that it shows."""

from __future__ import annotations

import io
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pypdf import PdfReader
from sqlmodel import Session, select

from flows.briefs.reading import brief_view
from flows.clock import incident_now, wall_now
from flows.describing import describe
from flows.gathering import open_questions
from flows.house import House
from flows.incidents import find_incident
from flows.outgoing import with_threads
from flows.review.writing import write_report
from flows.roster.handover import handover_text
from flows.starting import run_name
from flows.wall.artifact import hang_wall
from flows.wall.sheets import write_sheet
from notify.brief import render_brief
from notify.render import render
from store.tables import Incident, Message, Notice, NoticeDocument, Question, StepRow


class Hung:
    """What is hung on runs in Prefect: the words above each table."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def hang_table(self, _run: str, _key: str, _table: Any, about: str) -> None:
        """Keep what stands above a table."""
        self.told.append(about)


def surfaces_of(house: House, ref: str, folder: Path) -> dict[str, str]:
    """What each surface says of an incident, by a name for it; pages, which want a login, are left out."""
    hung = Hung()
    house.__dict__["api"] = hung
    hang_wall(house, ref, "run")
    del house.__dict__["api"]
    markdown, html = write_report(house, ref, folder)
    write_sheet(house, folder / "sheet.html", ref)
    files = {path.name: path.read_text() for path in (markdown, html, folder / "sheet.html")}
    with house.store.reading() as session:
        incident = find_incident(session, ref)
        now = incident_now(session, incident, wall_now())
        brief = brief_view(house, session, incident, incident.channel, wall_now())
        return {
            **dict(_questions(house, session, incident)),
            **dict(_messages(session, incident)),
            **dict(_notices(session, incident)),
            **files,
            "artifact": hung.told[0],
            "hand-over": handover_text(session, incident, now),
            "brief": str(render_brief(brief)),
        }


def _questions(house: House, session: Session, incident: Incident) -> Iterator[tuple[str, str]]:
    for question in session.exec(select(Question).where(Question.incident_id == incident.id)):
        row = session.get(StepRow, question.step_row_id) if question.step_row_id else None
        yield f"run of {question.kind} {question.ref}", run_name(question, incident, row)
    for question in open_questions(session, incident.id or 0):
        if question.kind != "action":
            yield f"form of {question.kind} {question.ref}", describe(house, session, incident, question)


def _messages(session: Session, incident: Incident) -> Iterator[tuple[str, str]]:
    rows = session.exec(select(Message).where(Message.incident_id == incident.id)).all()
    for one in with_threads(session, rows):
        yield f"message {one.message.id} {one.message.kind}", render(one.message.kind, one.fields).text


def _notices(session: Session, incident: Incident) -> Iterator[tuple[str, str]]:
    for notice in session.exec(select(Notice).where(Notice.incident_id == incident.id)):
        yield f"notice {notice.id}", notice.text
        documents = select(NoticeDocument).where(NoticeDocument.notice_id == notice.id)
        for one in session.exec(documents):
            content = b64decode(one.content)
            pages = PdfReader(io.BytesIO(content)).pages if one.kind == "pdf" else ()
            told = " ".join(page.extract_text() for page in pages) if one.kind == "pdf" else content.decode()
            yield f"notice {notice.id} as {one.kind}", told
