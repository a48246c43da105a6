"""The vault gives back what it took, or says that it cannot: never a part, and never another's."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tracemalloc
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fsspec.implementations.local import LocalFileSystem

from playbooks.errors import Mend, SetupFault, Unreachable
from store.seal import Keyring, Unsealable
from store.sealed_stream import CHUNK
from store.vault import BytesMissing, Vault, open_vault

OLD, NEW = bytes(32), bytes(range(32))
TAG = 16


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return open_vault(str(tmp_path / "evidence"), Keyring([NEW]))


def put(vault: Vault, content: bytes) -> str:
    return vault.put(io.BytesIO(content).read).name


def read(vault: Vault, name: str) -> bytes:
    return b"".join(vault.read(name))


def files(vault: Vault) -> list[Path]:
    return sorted(path for path in Path(vault.root).rglob("*") if path.is_file())


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK + 7])
def test_what_was_put_comes_out_again(vault: Vault, size: int) -> None:
    content = os.urandom(size)
    kept = vault.put(io.BytesIO(content).read)
    assert (kept.size, kept.is_new) == (size, True)
    assert read(vault, kept.name) == content


def test_the_same_content_is_stored_once(vault: Vault) -> None:
    first, again = put(vault, b"same"), vault.put(io.BytesIO(b"same").read)
    assert (again.name, again.is_new) == (first, False)
    assert len(files(vault)) == 1


def test_neither_name_nor_bytes_tell_the_content(vault: Vault) -> None:
    kept = vault.put(io.BytesIO(b"a secret" * 100).read)
    (path,) = files(vault)
    assert kept.sha256 not in str(path)
    assert b"secret" not in path.read_bytes()
    assert put(Vault(LocalFileSystem(), vault.root + "2", Keyring([OLD])), b"a secret" * 100) != kept.name


def test_only_the_owner_may_read_the_folder_and_its_files(vault: Vault) -> None:
    put(vault, b"x")
    (path,) = files(vault)
    assert path.stat().st_mode & 0o777 == 0o600
    assert Path(vault.root).stat().st_mode & 0o777 == 0o700


class TestTampering:
    @pytest.fixture
    def content(self) -> bytes:
        return os.urandom(3 * CHUNK + 100)

    @pytest.fixture
    def path(self, vault: Vault, content: bytes) -> Path:
        put(vault, content)
        (path,) = files(vault)
        return path

    def given_out(self, vault: Vault, path: Path) -> bytes:
        """What a reader gets before the vault says that it is not all."""
        pieces: list[bytes] = []
        with pytest.raises(Unsealable):
            pieces.extend(vault.read(path.name))
        return b"".join(pieces)

    @pytest.mark.parametrize("place", [0, 8, 20, 76, 77, 100, CHUNK, 2 * CHUNK, -1])
    def test_any_changed_byte_is_found_and_no_changed_chunk_is_given_out(
        self, vault: Vault, path: Path, content: bytes, place: int
    ) -> None:
        sealed = bytearray(path.read_bytes())
        sealed[place] ^= 1
        path.write_bytes(sealed)
        assert content.startswith(self.given_out(vault, path))

    @pytest.mark.parametrize("cut", [1, 50, 100 + TAG, 100 + TAG + 1, CHUNK, 2 * (CHUNK + TAG)])
    def test_a_cut_end_is_found_even_between_two_chunks(
        self, vault: Vault, path: Path, content: bytes, cut: int
    ) -> None:
        path.write_bytes(path.read_bytes()[:-cut])
        got = self.given_out(vault, path)
        assert content.startswith(got)
        assert len(got) < len(content)

    @pytest.mark.parametrize("length", [0, 1, 76, 77])
    def test_a_file_that_ends_before_its_first_chunk_is_found(
        self, vault: Vault, path: Path, length: int
    ) -> None:
        path.write_bytes(path.read_bytes()[:length])
        assert self.given_out(vault, path) == b""

    def test_bytes_after_the_end_are_found(self, vault: Vault, path: Path) -> None:
        path.write_bytes(path.read_bytes() + b"x")
        self.given_out(vault, path)

    def test_two_chunks_exchanged_are_found(self, vault: Vault, path: Path) -> None:
        sealed, step = path.read_bytes(), CHUNK + TAG
        head = len(sealed) - 3 * step - 100 - TAG
        first, second = sealed[head : head + step], sealed[head + step : head + 2 * step]
        path.write_bytes(sealed[:head] + second + first + sealed[head + 2 * step :])
        assert self.given_out(vault, path) == b""

    def test_a_chunk_left_out_is_found(self, vault: Vault, path: Path) -> None:
        sealed, step = path.read_bytes(), CHUNK + TAG
        head = len(sealed) - 3 * step - 100 - TAG
        path.write_bytes(sealed[:head] + sealed[head + step :])
        self.given_out(vault, path)

    def test_another_content_of_ours_under_this_name_is_found(self, vault: Vault, path: Path) -> None:
        other = put(vault, b"another file, soundly sealed")
        path.write_bytes(next(one for one in files(vault) if one.name == other).read_bytes())
        self.given_out(vault, path)

    def test_a_file_that_is_gone_is_said_to_be_gone(self, vault: Vault, path: Path) -> None:
        path.unlink()
        with pytest.raises(BytesMissing, match="lacks"):
            read(vault, path.name)

    def test_putting_the_content_again_mends_it(self, vault: Vault, path: Path, content: bytes) -> None:
        path.write_bytes(b"rubbish")
        assert read(vault, put(vault, content)) == content


class TestRotation:
    def test_old_contents_still_open_and_are_not_stored_twice(self, tmp_path: Path) -> None:
        name = put(open_vault(str(tmp_path), Keyring([OLD])), b"before")
        rotated = open_vault(str(tmp_path), Keyring([NEW, OLD]))
        assert read(rotated, name) == b"before"
        assert put(rotated, b"before") == name
        assert read(rotated, put(rotated, b"after")) == b"after"

    def test_without_its_key_nothing_opens(self, tmp_path: Path) -> None:
        name = put(open_vault(str(tmp_path), Keyring([OLD])), b"before")
        with pytest.raises(Unsealable, match="no key of ours"):
            read(open_vault(str(tmp_path), Keyring([NEW])), name)


class TestFailing:
    def test_a_source_that_fails_halfway_leaves_nothing(self, vault: Vault) -> None:
        pieces = iter([b"x" * CHUNK])

        def failing(_: int) -> bytes:
            try:
                return next(pieces)
            except StopIteration:
                raise Mend("changed while it was read") from None

        with pytest.raises(Mend, match="changed"):
            vault.put(failing)
        assert files(vault) == []

    def test_a_full_disk_is_said_and_leaves_nothing(self, tmp_path: Path) -> None:
        """The limit on the size of files stands for the disk: the system refuses the write in earnest."""
        script = (
            "import io, resource, sys\n"
            "from store.seal import Keyring\n"
            "from store.vault import open_vault\n"
            "from playbooks.errors import SetupFault\n"
            "resource.setrlimit(resource.RLIMIT_FSIZE, (3_000_000, 3_000_000))\n"
            "try: open_vault(sys.argv[1], Keyring([bytes(32)])).put(io.BytesIO(bytes(9_000_000)).read)\n"
            "except SetupFault as fault: print(fault)\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", script, str(tmp_path)],
            capture_output=True, text=True, timeout=60, check=True,
            cwd=Path(__file__).parents[3],
        )  # fmt: skip
        assert "is full" in done.stdout
        assert "nothing was kept" in done.stdout
        assert [path for path in tmp_path.rglob("*") if path.is_file()] == []

    def test_a_folder_that_cannot_be_made_is_a_fault_of_setup(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("in the way")
        with pytest.raises(SetupFault, match="cannot be used"):
            put(open_vault(str(tmp_path / "file" / "evidence"), Keyring([NEW])), b"x")

    def test_what_a_dead_intake_left_is_swept_once_it_is_old_and_nothing_else(self, vault: Vault) -> None:
        name = put(vault, b"kept")
        left = Path(vault.root) / "incoming" / "dead"
        left.write_bytes(b"half a file")
        assert vault.sweep(datetime.now(UTC) - timedelta(days=1)) == 0
        assert vault.sweep(datetime.now(UTC) + timedelta(minutes=1)) == 1
        assert not left.exists()
        assert read(vault, name) == b"kept"

    def test_an_empty_vault_is_swept_without_ado(self, vault: Vault) -> None:
        assert vault.sweep(datetime.now(UTC)) == 0

    def test_what_is_set_aside_is_put_back_or_destroyed(self, vault: Vault) -> None:
        name = put(vault, b"x")
        vault.set_aside(name)
        assert not vault.holds(name)
        vault.put_back(name)
        assert read(vault, name) == b"x"
        vault.set_aside(name)
        vault.destroy(name)
        vault.put_back(name)
        assert files(vault) == []

    def test_memory_stays_constant(self, vault: Vault) -> None:
        """192 MiB go in and out, and never more than 16 are held."""
        left = [192]

        def endless(size: int) -> bytes:
            left[0] -= 1
            return bytes(size) if left[0] >= 0 else b""

        tracemalloc.start()
        try:
            name = vault.put(endless).name
            assert sum(len(piece) for piece in vault.read(name)) == 192 * CHUNK
            assert tracemalloc.get_traced_memory()[1] < 16 * CHUNK
        finally:
            tracemalloc.stop()


class TestAddresses:
    def test_a_folder_may_be_written_as_a_file_url(self, tmp_path: Path) -> None:
        assert open_vault(f"file://{tmp_path}", Keyring([NEW])).root == str(tmp_path)

    @pytest.mark.parametrize("url", ["ftp://host/x", "http://user:pa55word@host/x", "gs://bucket"])
    def test_another_kind_of_storage_is_refused_without_its_address(self, url: str) -> None:
        with pytest.raises(SetupFault, match="s3://bucket/prefix") as fault:
            open_vault(url, Keyring([NEW]))
        assert "pa55word" not in str(fault.value)

    @pytest.mark.parametrize("rest", ["key:pa55word@bucket/x", "", "bucket?secret=pa55word", "/x"])
    def test_an_address_with_a_secret_is_refused_without_repeating_it(self, rest: str) -> None:
        with pytest.raises(SetupFault, match="variables of AWS") as fault:
            open_vault(f"s3://{rest}", Keyring([NEW]))
        assert "pa55word" not in str(fault.value)

    def test_without_s3fs_it_says_what_to_install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "s3fs", None)
        with pytest.raises(SetupFault, match=r"pip install 'seventytwo\[s3\]'"):
            open_vault("s3://bucket/x", Keyring([NEW]))

    def test_a_storage_that_is_away_is_unreachable_and_keeps_its_words_to_itself(
        self, tmp_path: Path
    ) -> None:
        class Away(LocalFileSystem):  # type: ignore[misc]
            def open(self, *_: object, **__: object) -> object:
                raise ConnectionRefusedError("http://user:pa55word@host refused")

        with pytest.raises(Unreachable) as fault:
            put(Vault(Away(), str(tmp_path), Keyring([NEW])), b"x")
        assert "pa55word" not in str(fault.value)
