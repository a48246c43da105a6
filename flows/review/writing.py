"""Writing files that only their owner may read, each there whole or not at all; reports first of all."""

from __future__ import annotations

import errno
import os
import re
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from flows.clock import wall_now
from flows.house import House
from flows.review.building import build_report
from flows.review.gather import gather
from notify.report import render_html, render_markdown
from notify.report_view import ReportView
from playbooks.errors import SetupFault
from store.scope import Scope

WHOLE = Scope.whole()


def write_report(house: House, ref: str, folder: Path, scope: Scope = WHOLE) -> tuple[Path, Path]:
    """Write the report on incident `ref` as Markdown and as HTML into `folder`; returns their paths.

    Raises NotFound where there is no such incident in `scope`, SetupFault where nothing can be written.
    """
    with house.store.reading() as session:
        material = gather(session, ref, scope, wall_now(), house.settings.organisation)
    report = build_report(material)
    stem = _stem(report)
    texts = {f"{stem}.md": render_markdown(report), f"{stem}.html": render_html(report)}
    markdown, html = put_files(folder, texts)
    return markdown, html


def made_folder(folder: Path) -> Path:
    """The folder itself, made where there is none; raises SetupFault where it takes no file."""
    with _told(folder):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not os.access(folder, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    return folder


def put_files(folder: Path, texts: Mapping[str, str | bytes]) -> tuple[Path, ...]:
    """Write files, by name, into a folder; raises SetupFault where nothing can be written."""
    with _told(made_folder(folder)):
        return tuple(put_file(folder / name, text) for name, text in texts.items())


@contextmanager
def _told(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        mend = f"choose a folder that can be written: {error.strerror}"
        raise SetupFault("nothing can be written there", which=str(folder), mend=mend) from error


def _stem(report: ReportView) -> str:
    """A report for some clients has a name of its own, so that it never takes the whole one's place."""
    named = [re.sub(r"[^\w-]", "_", client) for client in report.clients] if report.is_limited else []
    return "-".join([report.ref, "report", *named])[:200]


def put_file(path: Path, content: str | bytes) -> Path:
    """Write beside the place, then move there: a reader sees the old file or the new one."""
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:  # noqa: PTH123
            file.write(content.encode() if isinstance(content, str) else content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
    return path
