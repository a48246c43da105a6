"""A sealed stream proves by itself that it is whole, before anybody compares a hash."""

from __future__ import annotations

import io
import os

import pytest

from store.seal import Keyring, Unsealable
from store.sealed_stream import CHUNK, seal_stream, unseal_stream

KEYRING = Keyring([bytes(32)])
CONTENT = os.urandom(3 * CHUNK)
HEAD, *CHUNKS = list(seal_stream(KEYRING, io.BytesIO(CONTENT).read))
ANOTHER_HEAD, *OTHERS = list(seal_stream(KEYRING, io.BytesIO(CONTENT).read))


def opened(*pieces: bytes) -> bytes:
    return b"".join(unseal_stream(KEYRING, io.BytesIO(b"".join(pieces)).read))


def test_a_whole_stream_opens() -> None:
    assert opened(HEAD, *CHUNKS) == CONTENT


@pytest.mark.parametrize(
    "chunks",
    [
        CHUNKS[:2],
        CHUNKS[:1],
        [],
        CHUNKS[1:],
        [CHUNKS[0], CHUNKS[2]],
        [CHUNKS[1], CHUNKS[0], CHUNKS[2]],
        [*CHUNKS, CHUNKS[2]],
        [CHUNKS[0], OTHERS[1], CHUNKS[2]],
    ],
    ids=["end", "most", "all", "beginning", "middle", "order", "repeat", "another's"],
)
def test_whole_chunks_cut_moved_repeated_or_of_another_stream_do_not_open(chunks: list[bytes]) -> None:
    with pytest.raises(Unsealable):
        opened(HEAD, *chunks)


def test_the_same_content_never_looks_the_same() -> None:
    assert HEAD != ANOTHER_HEAD
    assert CHUNKS[0] != OTHERS[0]


def test_pieces_are_of_one_size_whatever_the_content() -> None:
    assert {len(chunk) for chunk in CHUNKS} == {CHUNK + 16}
