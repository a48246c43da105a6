"""Leaving on a signal by way of every `finally`, so that neither a process nor a folder with a key stays."""

from __future__ import annotations

import signal
import sys
from typing import TYPE_CHECKING, Final, NoReturn

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

_SOON: Final = 0.1  # seconds


def leave_on_signals() -> None:
    """Let SIGTERM and SIGHUP end this process, with 128 and their number as its exit code.

    A signal may come where Python can raise nothing, as while an object is deleted: then it comes again.
    """
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _leave)
    sys.unraisablehook = _leave_soon


def _leave(number: int, _: object) -> NoReturn:
    raise SystemExit(128 + number)


def _leave_soon(swallowed: UnraisableHookArgs) -> None:
    leaving = swallowed.exc_value
    if not isinstance(leaving, SystemExit):
        sys.__unraisablehook__(swallowed)
        return

    def again(_: int, __: object) -> NoReturn:
        raise SystemExit(leaving.code)

    signal.signal(signal.SIGALRM, again)
    signal.setitimer(signal.ITIMER_REAL, _SOON)
