"""Files that a command writes for its caller: whole or not at all, and never over another file."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from playbooks.errors import SetupFault


def put_new(path: Path, text: str) -> None:
    """Write a text beside its place, then link it there; raises SetupFault, also where a file is there."""
    beside = path.with_name(f".{path.name[:100]}.{secrets.token_hex(4)}")
    try:
        with beside.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.link(beside, path)
    except FileExistsError as error:
        raise SetupFault("it is there already", which=str(path), mend="choose another name") from error
    except OSError as error:
        raise SetupFault("cannot be written", which=str(path), mend=f"{error.strerror}") from error
    finally:
        beside.unlink(missing_ok=True)
