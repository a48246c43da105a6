"""A shell before one data folder, as a person at the console has it."""

from __future__ import annotations

import base64
import re
import time
from pathlib import Path

import pyotp
from click.testing import Result
from typer.testing import CliRunner

from flows.cli.main import app
from store.database import Store
from tests.harness.databases import SECRET, fixed_keyring


class Terminal:
    """A shell before one data folder; each call is a command with its arguments."""

    def __init__(self, data: Path) -> None:
        self.env = {
            "SEVENTYTWO_DATA": str(data),
            "SEVENTYTWO_KEY": base64.b64encode(SECRET).decode(),
            "SEVENTYTWO_DATABASE_URL": f"sqlite:///{data / 'store.db'}",
            "PREFECT_API_URL": "http://127.0.0.1:9/api",
            "COLUMNS": "200",
        }
        self.secrets: dict[str, str] = {}
        self.spent: set[str] = set()

    def run(self, *arguments: str, **env: str | None) -> Result:
        result = CliRunner().invoke(app, list(arguments), env={**self.env, **env})
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result

    def store(self) -> Store:
        """The store behind the terminal, to be closed by the caller."""
        return Store.open(self.env["SEVENTYTWO_DATABASE_URL"], fixed_keyring())

    def ok(self, *arguments: str) -> str:
        result = self.run(*arguments)
        assert result.exit_code == 0, result.output
        return result.stdout

    def piped(self, *arguments: str, text: str) -> str:
        """Run a command that reads `text` from a pipe."""
        result = CliRunner().invoke(app, list(arguments), env=self.env, input=text)
        assert result.exit_code == 0, result.output
        return result.stdout

    def fails(self, *arguments: str, **env: str | None) -> str:
        """Run a command that must end with exit code 1 and one line on the error output, and return that."""
        result = self.run(*arguments, **env)
        assert result.exit_code == 1, result.output
        assert result.stderr.count("\n") == 1
        return result.stderr

    def code(self, handle: str) -> str:
        """A code of the responder that no command has spent; within one period before or after now."""
        otp = pyotp.TOTP(self.secrets[handle])
        now = int(time.time())
        fresh = [code for shift in (0, 30, -30) if (code := otp.at(now + shift)) not in self.spent]
        self.spent.add(fresh[0])
        return fresh[0]

    def by(self, handle: str) -> tuple[str, ...]:
        return "--as", handle, "--code", self.code(handle)

    def enrol(self, handle: str, *more: str) -> str:
        shown = self.ok("responder", "add", handle, "--name", f"Test {handle}", *more)
        found = re.search(r"otpauth://totp/\S*secret=([A-Z2-7]+)", shown)
        assert found
        self.secrets[handle] = found[1]
        return shown
