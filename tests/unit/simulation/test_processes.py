"""Work on several processes: in order, and never waited for in vain."""

from __future__ import annotations

import os
import signal
from multiprocessing import active_children

import pytest

from playbooks.errors import Mend
from playbooks.simulation.processes import each


def _doubled(number: int) -> int:
    return 2 * number


def _killed(number: int) -> int:
    if number == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def _refused(number: int) -> int:
    raise Mend("so it cannot be", which=str(number), mend="ask for less")


def test_what_comes_of_each_is_in_the_order_given() -> None:
    assert each(_doubled, range(9), 2) == each(_doubled, range(9), 1) == list(range(0, 18, 2))


def test_a_process_that_is_killed_ends_the_simulation_with_a_word_what_to_do() -> None:
    with pytest.raises(Mend, match="ask for fewer runs or processes"):
        each(_killed, range(3), 2)
    for child in active_children():  # the pool waits for it too, and whoever comes second may not know yet
        child.join(10)
    assert not active_children()


def test_a_fault_found_in_another_process_is_told_as_it_is() -> None:
    with pytest.raises(Mend, match="so it cannot be"):
        each(_refused, range(3), 2)
