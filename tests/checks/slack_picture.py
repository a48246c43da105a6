"""Draw docs/pictures/slack.png from Slack's blocks: `python -m tests.checks.slack_picture`."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html import escape
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from notify.brief import BriefClock, BriefQuestion, BriefView, render_brief
from notify.render import SlackMessage, render

PICTURE = Path(__file__).parent.parent.parent / "docs" / "pictures" / "slack.png"
NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
DESK = "https://desk.example"
STYLE = """
body { font: 15px/1.45 sans-serif; margin: 0; padding: 18px; width: 760px; background: #fff; color: #1d1c1d }
article { border-left: 4px solid #ddd; padding: 4px 0 4px 12px; margin-bottom: 18px }
p { margin: 4px 0; white-space: pre-line } small { color: #616061 } a { color: #1264a3 }
button { font: inherit; font-weight: 600; margin: 4px 6px 4px 0; padding: 4px 10px; border: 1px solid #bbb;
         border-radius: 4px; background: #fff } hr { border: 0; border-top: 1px solid #ddd }
"""


def main() -> None:
    """Write the picture."""
    body = "".join(f"<article>{''.join(_shown(one))}</article>" for one in (_brief(), _open(), _answered()))
    with sync_playwright() as playwright:
        found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 800, "height": 400})
        page.set_content(f"<style>{STYLE}</style>{body}")
        page.locator("body").screenshot(path=PICTURE)
        browser.close()


def _question(**more: str) -> SlackMessage:
    asked = {
        "ref": "INC-2026-0007",
        "exercise": False,
        "phase": "assess",
        "role": "privacy",
        "question": "1f",
    }
    asked |= {
        "title": "Assess the risk to the people concerned",
        "due_at": (NOW + timedelta(hours=4)).isoformat(),
    }
    return render("question_opened", {**asked, "link": f"{DESK}/q/1f", **more})


def _open() -> SlackMessage:
    return _question()


def _answered() -> SlackMessage:
    return _question(became="answered by", by="privacy-1")


def _brief() -> SlackMessage:
    hours = (("supervisory authority", "EU-GDPR-33", 50), ("client controller", "CONTRACT, case A", 11))
    return render_brief(
        BriefView(
            ref="INC-2026-0007",
            exercise=False,
            state="open",
            severity="high",
            phases=("assess", "contain"),
            commander="commander-1",
            now=NOW,
            link=f"{DESK}/i/INC-2026-0007",
            clocks=tuple(
                BriefClock(whom, rule, NOW + timedelta(hours=left), presumed=left > 20)
                for whom, rule, left in sorted(hours, key=lambda one: one[2])
            ),
            questions=(
                BriefQuestion("Assess the risk", "privacy", f"{DESK}/q/1f", NOW + timedelta(hours=4)),
                BriefQuestion("Close the way in", "it-1", f"{DESK}/q/2e", None),
            ),
        )
    )


def _shown(message: SlackMessage) -> Iterator[str]:
    for block in message.blocks:
        match block["type"]:
            case "section":
                yield f"<p>{_html(block['text']['text'])}</p>"
            case "context":
                yield "".join(f"<p><small>{_html(one['text'])}</small></p>" for one in block["elements"])
            case "actions":
                yield "".join(_button(one) for one in block["elements"])
            case _:
                yield "<hr>"


def _button(element: dict[str, Any]) -> str:
    return f"<button>{escape(element['text']['text'])}</button>"


def _html(mrkdwn: str) -> str:
    """Bold and links as HTML; the text between is escaped already, as Slack wants it."""
    linked = re.sub(r"<([^|>]+)\|([^>]*)>", r'<a href="\1">\2</a>', mrkdwn)
    return re.sub(r"\*([^*\n]+)\*", r"<b>\1</b>", linked)


if __name__ == "__main__":
    main()
