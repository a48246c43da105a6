"""What is done about a notice on its way in a shell: a portal's key, a report by pipe, sending again."""

from __future__ import annotations

from pathlib import Path

import pyotp
from click.testing import Result
from sqlmodel import select
from typer.testing import CliRunner

from flows.cli.main import app
from flows.clock import wall_now
from store.database import Store
from store.tables import Client, Responder
from tests.fakes.portal import FakePortal
from tests.fakes.smtp import FakeSmtp
from tests.harness.earnest import Earnest
from tests.harness.terminal import Terminal
from tests.integration.test_delivery import MAIL, mailed
from tests.integration.test_delivery_people import number_of, report


class Shell:
    """A shell beside a walk, with somebody who has used no code yet."""

    def __init__(self, walk: Earnest, folder: Path, smtp: FakeSmtp) -> None:
        self.terminal = Terminal(folder)
        self.terminal.env |= {"SEVENTYTWO_SMTP_URL": smtp.url, "SEVENTYTWO_MAIL_FROM": MAIL}
        self.secret = pyotp.random_base32()
        with walk.house.store.writing() as session:
            roles = ["commander", "approver"]
            session.add(
                Responder(handle="boss", name="", roles=roles, secret=self.secret, enrolled_at=wall_now())
            )

    def run(self, *arguments: str, piped: bytes | None = None) -> Result:
        return CliRunner().invoke(app, list(arguments), env=self.terminal.env, input=piped)

    def proved(self, *arguments: str) -> Result:
        """A command in the name of the one whose code is fresh."""
        code = pyotp.TOTP(self.secret).at(wall_now())
        return self.run(*arguments, "--as", "boss", "--code", code)


def test_a_report_comes_in_by_pipe_and_the_page_shows_its_proof(sqlite_store: Store, tmp_path: Path) -> None:
    with FakeSmtp() as smtp, FakePortal() as portal:
        walk = mailed(sqlite_store, tmp_path, smtp, portal)
        walk.carry()
        shell, number = Shell(walk, tmp_path, smtp), str(number_of(walk))
        said = shell.run("notice", "receipt", piped=report(walk, "delivered", "2.0.0"))
        assert f"notice {number}: delivered, now accepted" in said.output
        shown = shell.run("notice", "show", number).output
        assert "dpo@shop.example" in shown
        assert "accepted" in shown
        assert "message_id" in shell.run("notice", "show", number, "--json").output
        odd = shell.run("notice", "receipt", piped=b"Subject: \x1b[31mhello\n\nnothing\n")
        assert odd.exit_code
        assert "\x1b" not in odd.output


def test_sending_again_and_a_portals_key_want_a_code(sqlite_store: Store, tmp_path: Path) -> None:
    with FakeSmtp() as smtp, FakePortal() as portal:
        walk = mailed(sqlite_store, tmp_path, smtp, portal)
        walk.carry()
        shell, number = Shell(walk, tmp_path, smtp), str(number_of(walk))
        said = shell.proved("notice", "resend", number, "--way", "1").output
        assert "goes once more by email; it went this way before" in said
        assert len(walk.deliveries("A")) == 2
        wrong = shell.run("notice", "resend", number, "--way", "1", "--as", "boss", "--code", "000000")
        assert wrong.exit_code
        assert len(walk.deliveries("A")) == 2


def test_a_portals_key_is_shown_once(sqlite_store: Store, tmp_path: Path) -> None:
    with FakeSmtp() as smtp, FakePortal() as portal:
        walk = mailed(sqlite_store, tmp_path, smtp, portal)
        said = Shell(walk, tmp_path, smtp).proved("client", "portal-key", "shop")
        with sqlite_store.reading() as session:
            kept = session.exec(select(Client).where(Client.ref == "shop")).one().portal_secret
        assert said.output.strip() == kept
        listed = CliRunner().invoke(app, ["client", "list"], env=Terminal(tmp_path).env).output
        assert kept
        assert kept not in listed
