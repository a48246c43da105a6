"""A process that raises one number again and again: `-m tests.harness.contention URL REF THREADS TIMES`."""

from __future__ import annotations

import sys
import time
from concurrent.futures import ThreadPoolExecutor

from store.database import Store
from tests.harness.databases import fixed_keyring


def raise_number(store: Store, ref: str, times: int) -> None:
    """Read the incident's number and write it back one higher, as a deciding transaction does."""
    for _ in range(times):
        with store.deciding(ref) as (_session, incident):
            seen = incident.message_sequence
            time.sleep(0.001)  # let the others in, if the lock lets them
            incident.message_sequence = seen + 1


def contend(url: str, ref: str, threads: int, times: int) -> None:
    """Raise the number from several threads at once."""
    store = Store.open(url, fixed_keyring())
    with ThreadPoolExecutor(threads) as pool:
        for done in [pool.submit(raise_number, store, ref, times) for _ in range(threads)]:
            done.result()
    store.close()


if __name__ == "__main__":
    contend(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
