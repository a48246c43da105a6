"""The vault of a house."""

from __future__ import annotations

from functools import lru_cache

from flows.house import House
from store.seal import Keyring
from store.vault import Vault, open_vault


def vault_of(house: House) -> Vault:
    """The vault that the settings name, under the store's keys; raises SetupFault."""
    return _opened(house.settings.evidence_url, house.store.keyring)


@lru_cache(maxsize=2)
def _opened(where: str, keyring: Keyring) -> Vault:
    """Opened once: S3's library takes a second to read its own description."""
    return open_vault(where, keyring)
