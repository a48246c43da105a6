"""What every command needs: the house opened for it, and who asks for a change, proved by a code."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated
from uuid import uuid4

import typer
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlmodel import Session

from flows.clock import wall_now
from flows.house import House, open_house
from flows.settings import Settings
from flows.vouching import Vouched, Voucher, check_vouchers, spend_vouched
from playbooks.errors import SetupFault

As = Annotated[
    str, typer.Option("--as", metavar="HANDLE", envvar="SEVENTYTWO_AS", help="Who asks for this change.")
]
Code = Annotated[str, typer.Option("--code", metavar="CODE", help="That responder's one-time code.")]
Second = Annotated[
    str, typer.Option("--second", metavar="HANDLE", help="A second person, where two are needed.")
]
SecondCode = Annotated[
    str, typer.Option("--second-code", metavar="CODE", help="The second person's one-time code.")
]


@dataclass(frozen=True, slots=True)
class Change:
    """A changing transaction of the house, and in whose names it is made."""

    house: House
    session: Session
    at: datetime
    by: tuple[str, ...]

    @property
    def author(self) -> str:
        """The first of those who vouched."""
        return self.by[0]


@contextmanager
def database_faults() -> Iterator[None]:
    """Turn what a driver says of an address or a file into a SetupFault; the address may hold a password."""
    try:
        yield
    except (ArgumentError, DBAPIError) as error:
        why = str(getattr(error, "orig", None) or error)
        mend = f"mend SEVENTYTWO_DATABASE_URL or what it names: {why}"
        raise SetupFault("the database cannot be opened", mend=mend) from error


def has_store(settings: Settings) -> bool:
    """Whether there may be a store: of a file that is not there yet a command that only reads makes none."""
    file = settings.database_url.removeprefix("sqlite:///")
    return file == settings.database_url or Path(file).is_file()


@contextmanager
def opened() -> Iterator[House]:
    """The house for one command, closed after it."""
    with database_faults():
        house = open_house(Settings.from_env())
    try:
        yield house
    finally:
        house.store.close()


@contextmanager
def reading() -> Iterator[Session]:
    """One consistent view of the house's store."""
    with opened() as house, house.store.reading() as session:
        yield session


@contextmanager
def changing(house: House, vouchers: tuple[Voucher, ...]) -> Iterator[Change]:
    """A transaction that spends the vouchers' codes with the change itself: both count, or neither."""
    at = wall_now()
    vouched = check_vouchers(house.store, vouchers, at)
    with house.store.writing() as session:
        yield Change(house, session, at, spend_vouched(session, vouched, new_purpose(), at))


def proven(house: House, voucher: Voucher) -> tuple[Vouched, ...]:
    """Check a voucher whose code the deciding transaction of an incident will spend."""
    return check_vouchers(house.store, (voucher,), wall_now())


def new_purpose() -> str:
    """What a command's code is spent on: this one call, so that no second call can use it again."""
    return f"command:{uuid4()}"


def voucher(handle: str, code: str, *, handle_option: str = "--as", code_option: str = "--code") -> Voucher:
    """Who asks, from the options or, in a terminal, asked for."""
    handle = handle or _ask(handle_option, "Handle")
    return Voucher(handle, code or _ask(code_option, f"One-time code of {handle}"))


def vouchers(needed: int, first: tuple[str, str], second: tuple[str, str]) -> tuple[Voucher, ...]:
    """As many of the two as a change needs, each a handle and a code, from the options or asked for."""
    asked = []
    if needed > 0:
        asked.append(voucher(*first))
    if needed > 1:
        asked.append(voucher(*second, handle_option="--second", code_option="--second-code"))
    return tuple(asked)


def _ask(option: str, question: str) -> str:
    if not sys.stdin.isatty():
        raise typer.BadParameter("a change needs it: say who asks, with a one-time code", param_hint=option)
    return str(typer.prompt(question, err=True)).strip()
