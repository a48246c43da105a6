"""Work done on several processes at once, with the same result as on one."""

from __future__ import annotations

import signal
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import active_children, get_context
from typing import Final, TypeVar

from playbooks.errors import Mend

_PATIENCE: Final = 5.0
"""Seconds to wait for a process that was told to end."""
Given = TypeVar("Given")
Found = TypeVar("Found")


def each(work: Callable[[Given], Found], given: Sequence[Given], processes: int) -> list[Found]:
    """What comes of each, in the order given; `Mend` where a process was killed, for want of memory say.

    Whatever ends it early, also Ctrl-C, ends every process that it started.
    """
    if processes <= 1 or len(given) <= 1:
        return [work(one) for one in given]
    others = set(active_children())
    pool = ProcessPoolExecutor(min(processes, len(given)), get_context("spawn"), _leave_ctrl_c_to_the_caller)
    try:
        found = [future.result() for future in [pool.submit(work, one) for one in given]]
    except BaseException as error:
        started = set(active_children()) - others
        for child in started:
            child.terminate()
        pool.shutdown(wait=False, cancel_futures=True)
        for child in started:
            child.join(_PATIENCE)
        if isinstance(error, BrokenProcessPool):
            mend = "ask for fewer runs or processes: most often there was too little memory"
            raise Mend("a process of the simulation was killed", mend=mend) from error
        raise
    pool.shutdown()
    return found


def _leave_ctrl_c_to_the_caller() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
